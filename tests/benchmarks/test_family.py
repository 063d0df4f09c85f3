# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from backend import home
from backend.weights.downloads.model_folders import scan
from benchmarks import family


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "models"


def test_a_hundred_files_that_take_no_room_seven_of_them_odd(folder: Path) -> None:
    tensors = family.write_folder(folder, 0)
    found = scan([folder])
    assert len(found) == family.FILES and 90_000 < tensors < 120_000
    told = Counter(entry.kind for entry in found if entry.usable)
    assert told["checkpoint"] == 23 and told["lora"] == 40 and told["textual_inversion"] == 13
    assert sum(not entry.usable for entry in found) == 9
    status = [entry.path.stat() for entry in found]
    assert sum(s.st_size for s in status) > 80e9 > 1e9 > sum(s.st_blocks * 512 for s in status)


def test_the_figures_and_a_home_that_is_put_back(folder: Path) -> None:
    before = os.environ[home.HOME_VARIABLE]
    notes: list[str] = []
    figures = {figure.name: figure for figure in family.scanning(2, 0, notes.append)}
    assert figures["scan_100_files_ms"].value > figures["scan_100_files_again_ms"].value > 0
    assert figures["scan_100_files_ms"].samples == 2 and notes
    assert os.environ[home.HOME_VARIABLE] == before
