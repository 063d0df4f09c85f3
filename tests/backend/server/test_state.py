# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from backend.server.state import STATE_FILE, AlreadyRunning, State, claim, new_token
from shared.errors import Refusal

HOLD = """
import sys
from pathlib import Path
from backend.server.state import State, claim
folder = Path(sys.argv[1])
held = claim(folder)
if len(sys.argv) > 2:
    State(4711, "t", 99).write(folder)
print("held", flush=True)
sys.stdin.read()
"""


def holder(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(folder), *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_what_is_written_is_read_and_for_the_user_only(tmp_path: Path) -> None:
    os.umask(old := os.umask(0))
    state = State(4711, new_token(), 99)
    os.umask(0)
    try:
        state.write(tmp_path)
    finally:
        os.umask(old)
    assert State.read(tmp_path) == state
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / STATE_FILE).stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [STATE_FILE]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}', '{"port": 1, "token": "", "pid": 1, "x": 1}'])
def test_a_damaged_state_file_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE_FILE).write_text(text)
    assert State.read(tmp_path) is None


def test_only_its_own_state_is_removed(tmp_path: Path) -> None:
    mine, other = State(1, "a", 1), State(2, "b", 2)
    other.write(tmp_path)
    mine.remove(tmp_path)
    assert State.read(tmp_path) == other
    other.remove(tmp_path)
    assert State.read(tmp_path) is None


def test_tokens_differ_and_are_long() -> None:
    assert len({new_token() for _ in range(100)}) == 100 and len(new_token()) >= 43


def test_the_second_learns_where_the_first_listens(tmp_path: Path) -> None:
    with holder(tmp_path, "write") as first:
        with pytest.raises(AlreadyRunning, match=r"process 99, port 4711") as caught:
            claim(tmp_path)
        assert caught.value.state.port == 4711
        first.kill()
        first.wait()
        claim(tmp_path).release()  # however it ended
        assert State.read(tmp_path) is None  # what the dead one wrote is gone


def test_one_that_never_gets_ready_is_told(tmp_path: Path) -> None:
    with holder(tmp_path) as first:
        with pytest.raises(Refusal) as caught:
            claim(tmp_path, starting_s=0.2)
        assert caught.value.code == "backend_stuck"
        first.communicate()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be written") as caught:
        claim(tmp_path / "none")
    assert caught.value.code == "disk"
