# SPDX-License-Identifier: GPL-3.0-or-later
"""The walls between the rooms stand, and each of them is seen to fall when something is built through it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
ROOMS = ("shared", "backend", "benchmarks", "models", "installer", "krita_plugin")

BREACHES = {
    "No act knows another": ("backend/acts/paint/paint.py", "import backend.acts.extract.perform"),
    "Rooms point down": ("backend/jobs/queue.py", "import backend.server"),
    "shared speaks only the standard library": ("shared/geometry.py", "import numpy"),
    "No torch in server and jobs": ("backend/jobs/work.py", "import torch"),
    "The installer speaks only the standard library and shared": ("installer/steps.py", "import rich"),
    "The plugin knows nothing of the backend": ("krita_plugin/underdrawing/wire.py", "import backend"),
    "Only the recipes' command line knows the recipes": ("backend/cli/main.py", "import models.recipes"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for room in ROOMS:
        for file in (REPO / room).rglob("*.py"):
            target = tmp_path / file.relative_to(REPO)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    shutil.copyfile(REPO / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)


def test_the_walls_stand(copy: Path) -> None:
    answer = _lint(copy)
    assert answer.returncode == 0, answer.stdout
    assert f"Contracts: {len(BREACHES)} kept, 0 broken." in answer.stdout


def test_every_wall_is_seen_to_fall(copy: Path) -> None:
    for name, line in BREACHES.values():
        file = copy / name
        file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    answer = _lint(copy)
    assert answer.returncode == 1
    for contract in BREACHES:
        assert f"{contract} BROKEN" in answer.stdout, contract
