# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend import home


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "chosen"
    monkeypatch.setenv(home.HOME_VARIABLE, str(chosen))
    monkeypatch.delenv(home.OFFLINE_VARIABLE, raising=False)
    return chosen


def test_the_variable_moves_everything(folder: Path) -> None:
    assert home.home() == folder and not folder.exists()
    for ask in (home.run_dir, home.jobs_dir, home.logs_dir, home.weights_dir, home.caches_dir):
        assert ask().is_dir() and ask().parent == folder


def test_without_the_variable_it_is_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(home.HOME_VARIABLE)
    assert home.home().is_absolute() and home.home().name == "underdrawing"


def test_a_relative_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(home.HOME_VARIABLE, "here")
    assert home.home() == tmp_path / "here"


def test_the_offline_switch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not home.is_offline()
    home.set_offline(True)
    assert home.is_offline()
    home.set_offline(False)
    home.set_offline(False)
    assert not home.is_offline()
    for value, expected in (("1", True), ("0", False), ("", False)):
        monkeypatch.setenv(home.OFFLINE_VARIABLE, value)
        assert home.is_offline() is expected


def test_every_cache_lies_inside_and_libraries_stay_off_the_network(folder: Path) -> None:
    program = """
import json, os
from backend.home import enter_home
enter_home()
import huggingface_hub.constants as hub
import torch.hub
paths = [hub.HF_HOME, hub.HF_HUB_CACHE, torch.hub.get_dir(), os.environ["XDG_CACHE_HOME"]]
print(json.dumps([*paths, hub.HF_HUB_OFFLINE]))
"""
    environment = {**os.environ, "HF_HOME": "/elsewhere", "HF_HUB_OFFLINE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    *paths, offline = json.loads(done.stdout)
    assert offline is True
    assert all(Path(path).is_relative_to(folder / "caches") for path in paths)


def test_threads_wait_asleep_unless_the_person_says_otherwise(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    home.enter_home()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    home.enter_home()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
