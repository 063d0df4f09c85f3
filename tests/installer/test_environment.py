# SPDX-License-Identifier: GPL-3.0-or-later
"""Python, room and the virtual environment, with the remedy for each fault."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from installer import environment
from shared.errors import Refusal


def test_this_python_will_do() -> None:
    assert environment.check_python().startswith("3.")


def test_an_old_python_is_told_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(Refusal, match=r"Python 3\.10\.4.*3\.11 or newer"):
        environment.check_python()


def test_a_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
    with pytest.raises(Refusal, match=r"no ensurepip.*apt install python3\.\d+-venv"):
        environment.check_python()


def test_room_is_measured_where_the_folder_will_be(tmp_path: Path) -> None:
    assert "GiB free, 0.0 needed" in environment.check_room(tmp_path / "not" / "yet", 0.0)


def test_too_little_room_is_refused_with_both_numbers(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"GiB free, and installing takes 90000000\.0 GiB") as caught:
        environment.check_room(tmp_path, 9e7)
    assert caught.value.code == "disk_full"


def test_a_venv_is_made_once_and_kept(tmp_path: Path) -> None:
    venv = tmp_path / "a b" / ".venv"
    venv.parent.mkdir()
    words = environment.make_venv(venv)
    assert words.startswith("Python 3.")
    assert environment.works(venv)
    assert environment.site_packages(venv).is_dir()
    born = environment.venv_python(venv).lstat().st_ctime_ns
    assert environment.make_venv(venv) == words
    assert environment.venv_python(venv).lstat().st_ctime_ns == born


def test_a_broken_venv_is_made_again(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("version = 3.11.0\n")
    environment.venv_python(venv).symlink_to(tmp_path / "gone")
    assert not environment.works(venv)
    environment.make_venv(venv)
    assert environment.works(venv)


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    venv.mkdir()
    (venv / "letters.txt").write_text("mine")
    with pytest.raises(Refusal, match="not a virtual environment"):
        environment.make_venv(venv)
    assert (venv / "letters.txt").read_text() == "mine"


def test_a_read_only_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Refusal, match="cannot be written") as caught:
        environment.make_venv(tmp_path / ".venv")
    assert caught.value.code == "read_only"


def test_what_venv_itself_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "ensurepip is not available\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(Refusal, match=r"ensurepip is not available.*apt install"):
        environment.make_venv(tmp_path / ".venv")


def test_home_is_the_one_that_the_backend_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", "~/elsewhere")
    assert environment.default_home() == Path.home() / "elsewhere"
    monkeypatch.delenv("UNDERDRAWING_HOME")
    assert environment.default_home() == Path(platformdirs.user_data_dir("underdrawing", appauthor=False))
