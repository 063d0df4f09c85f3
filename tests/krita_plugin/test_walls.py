# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin as install.py lays it out, in a bare Python: no Qt, no numpy, nothing of the environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from installer.krita import install_plugin, named_place

from .rig import REPO

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
"""Of Python, as seen inside Krita."""

BARE = """
import sys
sys.path.insert(0, sys.argv[1])
import underdrawing.link.link, underdrawing.model.session
from underdrawing import wire
from underdrawing.link.launcher import Launcher
assert wire.INSTALLED
foreign = {"PyQt5", "PyQt6", "krita", "numpy", "torch", "backend", "shared", "msgpack", "websockets"}
assert not foreign & set(sys.modules), foreign & set(sys.modules)
outside = [m for m in sys.modules.values() if "site-packages" in str(getattr(m, "__file__", ""))]
assert not outside, outside
assert wire.unpackb(wire.packb({"a": [1, b"x", None, 2.5]})) == {"a": [1, b"x", None, 2.5]}
"""

PAINT = """
import pathlib, queue, time
from underdrawing.link.launcher import Launcher
from underdrawing.link.link import BackendLink
from underdrawing.model import canvas, capture, events, settings
from underdrawing.wire import geometry
heard = queue.Queue()
launcher = Launcher(pathlib.Path(sys.argv[2]), ("-m", "tests.backend.server.program", sys.argv[3], "--owned"))
link = BackendLink(launcher, heard.put, "walls")
area = geometry.Bounds(0, 0, 300, 200)
mask = capture.Source("mask", "", area, "grey_u8")
picture = capture.Source("image", "", area, "bgra_u8")
link.open()
link.begin("job", capture.Plan(area.extent, area, (mask, picture), ()))
link.feed("job", mask, canvas.Band(area, bytes([255]) * 60000))
link.feed("job", picture, canvas.Band(area, bytes(range(240)) * 1000))
link.submit("job", capture.Painting(settings.Settings(steps=1), 3))
until = time.monotonic() + 60
while not isinstance(event := heard.get(timeout=60), events.Painted):
    assert time.monotonic() < until and getattr(event, "kind", "") != "failed", event
assert event.data == bytes(255 - n for n in range(240)) * 1000
link.close(stop_backend=True)
link.join(20)
launcher.stop()
print("painted")
"""


def interpreter(version: str) -> str:
    """A Python of this version that runs, or skip."""
    if version == f"3.{sys.version_info.minor}":
        return sys.executable
    for found in (
        shutil.which(f"python{version}"),
        *Path.home().glob(f".pyenv/versions/{version}.*/bin/python"),
    ):
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return str(found)
    pytest.skip(f"there is no Python {version} here")


@pytest.fixture(scope="module")
def pykrita(tmp_path_factory: pytest.TempPathFactory) -> Path:
    resources = tmp_path_factory.mktemp("resources")
    install_plugin(named_place(resources), REPO, Path(sys.prefix), resources / "home")
    return resources / "pykrita"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_installed_plugin_needs_nothing_else(pykrita: Path, version: str) -> None:
    command = [interpreter(version), "-S", "-I", "-W", "error", "-c", BARE, str(pykrita)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_the_installed_plugin_paints(pykrita: Path, version: str, tmp_path: Path) -> None:
    install = tmp_path / "install.json"
    home = tmp_path / "home"
    install.write_text(json.dumps({"python": sys.executable, "root": str(REPO), "home": str(home)}))
    arguments = [str(pykrita), str(install), str(home)]
    command = [interpreter(version), "-S", "-I", "-c", BARE + PAINT, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ran.returncode, ran.stdout) == (0, "painted\n"), ran.stderr


def test_only_the_adapter_imports_krita_and_only_qt_imports_pyqt() -> None:
    plugin = REPO / "krita_plugin" / "underdrawing"
    for path in plugin.rglob("*.py"):
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        imports = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]
        name = path.relative_to(plugin).as_posix()
        assert ("krita" in imports) == (name == "krita_adapter.py"), name
        assert any(i.startswith("PyQt") for i in imports) == (name == "qt.py"), name
        if path.parent.name in ("model", "link"):
            assert not {"..qt", "..krita_adapter", "..ui"} & set(imports), name
