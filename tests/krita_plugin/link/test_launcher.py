# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from krita_plugin.underdrawing.link import launcher
from krita_plugin.underdrawing.link.launcher import Endpoint, Launcher, clean_environment, find, read_install
from shared.errors import Refusal


def installed(folder: Path, python: str = sys.executable) -> Path:
    path = folder / "install.json"
    path.write_text(json.dumps({"python": python, "root": str(folder), "home": str(folder / "home")}))
    return path


def test_install_json(tmp_path: Path) -> None:
    found = read_install(installed(tmp_path))
    assert (found.python, found.root, found.home) == (Path(sys.executable), tmp_path, tmp_path / "home")


@pytest.mark.parametrize("text", ["", "[]", '{"python": "x"}', '{"python": 1, "root": 2, "home": 3}'])
def test_a_damaged_install_json_names_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "install.json").write_text(text)
    with pytest.raises(Refusal) as refusal:
        read_install(tmp_path / "install.json")
    assert "python3 install.py" in refusal.value.remedy


def test_kritas_own_variables_do_not_reach_the_backend(tmp_path: Path) -> None:
    own = {"PYTHONPATH": "/krita", "PYTHONHOME": "/krita", "QT_PLUGIN_PATH": "/krita"}
    kept = {"HOME": "/home/me", "LD_LIBRARY_PATH": "/opt/cuda", "HSA_OVERRIDE_GFX_VERSION": "10.3.0"}
    cleaned = clean_environment(own | kept, tmp_path)
    assert cleaned == kept | {"UNDERDRAWING_HOME": str(tmp_path)}


def test_an_appimages_libraries_do_not_reach_the_backend(tmp_path: Path) -> None:
    bundle = "/tmp/.mount_krita"
    environment = {
        "APPDIR": bundle,
        "LD_LIBRARY_PATH": os.pathsep.join([f"{bundle}/usr/lib", "/opt/cuda"]),
        "PATH": os.pathsep.join([f"{bundle}/usr/bin", "/usr/bin"]),
    }
    cleaned = clean_environment(environment, tmp_path)
    assert (cleaned["LD_LIBRARY_PATH"], cleaned["PATH"]) == ("/opt/cuda", "/usr/bin")
    only = clean_environment({"APPDIR": bundle, "LD_LIBRARY_PATH": f"{bundle}/usr/lib"}, tmp_path)
    assert "LD_LIBRARY_PATH" not in only


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": "1", "token": "x"}', '{"port": 1}'])
def test_an_unreadable_state_is_none(tmp_path: Path, text: str) -> None:
    assert find(tmp_path) is None
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "backend.json").write_text(text)
    assert find(tmp_path) is None


def script(folder: Path, body: str) -> Launcher:
    """A launcher of a small program instead of the backend."""
    state = folder / "home" / "run" / "backend.json"
    head = f"import json, pathlib, sys, time; state = pathlib.Path({str(state)!r})\n"
    return Launcher(installed(folder), ("-c", head + body))


WRITE = "state.parent.mkdir(parents=True); state.write_text(json.dumps({'port': 1, 'token': 't'}))\n"


def test_start_waits_for_the_state_and_stop_closes_stdin(tmp_path: Path) -> None:
    started = script(
        tmp_path, "time.sleep(0.3)\n" + WRITE + "sys.stdin.read(); state.with_name('bye').touch()"
    )
    assert started.start(threading.Event()) == Endpoint(1, "t")
    assert started.is_running
    started.stop()
    assert not started.is_running
    assert (tmp_path / "home" / "run" / "bye").exists(), "it ended by itself"


def test_a_backend_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "STOP_TIMEOUT_S", 0.3)
    started = script(tmp_path, WRITE + "time.sleep(600)")
    started.start(threading.Event())
    began = time.monotonic()
    started.stop()
    assert time.monotonic() - began < 5
    assert not started.is_running


def test_one_that_finds_another_running_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "home" / "run").mkdir(parents=True)
    (tmp_path / "home" / "run" / "backend.json").write_text('{"port": 7, "token": "other"}')
    started = script(tmp_path, "print('One runs already.')")
    assert started.start(threading.Event()) == Endpoint(7, "other")


def test_failures_are_told_with_the_last_lines(tmp_path: Path) -> None:
    started = script(tmp_path, "print('one'); sys.exit('no torch')")
    with pytest.raises(Refusal, match="exit code 1") as refusal:
        started.start(threading.Event())
    assert "doctor" in refusal.value.remedy
    assert set(started.last_lines()) == {"one", "no torch"}


def test_one_that_is_never_ready_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "START_TIMEOUT_S", 0.5)
    started = script(tmp_path, "sys.stdin.read()")
    with pytest.raises(Refusal, match="not ready"):
        started.start(threading.Event())
    assert not started.is_running


def test_a_start_can_be_given_up(tmp_path: Path) -> None:
    started, give_up = script(tmp_path, "sys.stdin.read()"), threading.Event()
    threading.Timer(0.3, give_up.set).start()
    with pytest.raises(Refusal) as refusal:
        started.start(give_up)
    assert refusal.value.code == "given_up"


def test_in_a_sandbox_the_artist_starts_the_backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAP", "/snap/krita/1")
    with pytest.raises(Refusal) as refusal:
        script(tmp_path, WRITE).start(threading.Event())
    assert "backend.cli serve" in refusal.value.remedy


def test_a_python_that_is_gone(tmp_path: Path) -> None:
    started = Launcher(installed(tmp_path, str(tmp_path / "gone" / "python")))
    with pytest.raises(Refusal, match="could not be started") as refusal:
        started.start(threading.Event())
    assert "install.py" in refusal.value.remedy
