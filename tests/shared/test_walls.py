# SPDX-License-Identifier: GPL-3.0-or-later
"""shared/ works copied into another package, without site-packages, on every Python that Krita brings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from underdrawing.shared import codec, errors, geometry, messages, pixels, version
message = messages.Release("job-1")
plain = codec.Codec(lambda value: repr(value).encode(), lambda data: eval(data))
assert plain.decode(plain.encode(message), "client") == message
extent = geometry.Extent(300, 300)
made = pixels.cut(bytes(range(256)) * 300 + bytes(300 * 44), extent, "grey_u8")
store = pixels.TileStore(1 << 20)
for tile in made.changes:
    store.put(tile)
assert pixels.assemble(made.surface, store.get) == made.buffer
known = {*sys.stdlib_module_names, "underdrawing", "__main__"}
foreign = {name.split(".")[0] for name in sys.modules} - known
assert not foreign, foreign
print("alone")
"""


def pythons() -> list[str]:
    found = {sys.executable}
    for minor in range(10, 14):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            found.add(path)
    return sorted(found)


@pytest.mark.parametrize("python", pythons())
def test_shared_stands_alone(python: str, tmp_path: Path) -> None:
    package = tmp_path / "underdrawing"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copytree(SHARED, package / "shared", ignore=shutil.ignore_patterns("__pycache__"))
    command = [python, "-S", "-I", "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "alone\n"), done.stderr
