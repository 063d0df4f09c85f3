# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps: numbered, timed, skipped when done, gone on with after a fault."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from installer.steps import Say, Stamps, Step, fingerprint, fingerprint_files, run_steps
from shared.errors import Refusal


class Work:
    """A step that counts its runs and can be told to fail or to change."""

    def __init__(self, key: str) -> None:
        self.key, self.runs, self.state, self.there, self.fault = key, 0, "a", True, False

    def step(self) -> Step:
        return Step(self.key, self.key.title(), self._run, lambda: self.state, lambda: self.there)

    def _run(self, _: object) -> str:
        if self.fault:
            raise Refusal("No room.", "Make room.")
        self.runs += 1
        return f"{self.key} made"


def _run(stamps: Path, *works: Work) -> str:
    out = io.StringIO()
    run_steps([work.step() for work in works], lambda: Stamps(stamps), out)
    return out.getvalue()


def test_every_step_has_its_number_its_words_and_its_time(tmp_path: Path) -> None:
    lines = _run(tmp_path / "s.json", Work("one"), Work("two")).splitlines()
    assert re.fullmatch(r"\[1/2\] One +one made  \[\d+\.\d s\]", lines[0])
    assert re.fullmatch(r"\[2/2\] Two +two made  \[\d+\.\d s\]", lines[1])


def test_second_run_does_nothing_and_says_so(tmp_path: Path) -> None:
    work = Work("one")
    _run(tmp_path / "s.json", work)
    assert "one made (already done)" in _run(tmp_path / "s.json", work)
    assert work.runs == 1


@pytest.mark.parametrize("change", ["state", "there"])
def test_a_step_is_done_again_when_its_ground_or_its_outcome_is_gone(tmp_path: Path, change: str) -> None:
    work = Work("one")
    _run(tmp_path / "s.json", work)
    setattr(work, change, "b" if change == "state" else False)
    _run(tmp_path / "s.json", work)
    assert work.runs == 2


def test_after_a_fault_the_finished_steps_are_not_repeated(tmp_path: Path) -> None:
    first, second = Work("one"), Work("two")
    second.fault = True
    with pytest.raises(Refusal):
        _run(tmp_path / "s.json", first, second)
    second.fault = False
    _run(tmp_path / "s.json", first, second)
    assert (first.runs, second.runs) == (1, 1)


def test_a_damaged_stamp_file_only_costs_time(tmp_path: Path) -> None:
    stamps = tmp_path / "s.json"
    for damage in ("", "{", "[1]"):
        stamps.write_text(damage)
        work = Work("one")
        _run(stamps, work)
        assert work.runs == 1


def test_a_step_without_state_runs_every_time(tmp_path: Path) -> None:
    runs: list[int] = []
    step = Step("always", "Always", lambda _: str(runs.append(1)))
    for _ in range(2):
        run_steps([step], lambda: Stamps(tmp_path / "s.json"), io.StringIO())
    assert len(runs) == 2


def test_fingerprint_keeps_the_parts_apart() -> None:
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
    assert fingerprint(["ab", b"c"]) == fingerprint([b"ab", "c"])


def test_fingerprint_of_files_sees_a_new_a_changed_and_a_lost_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "a.txt"
    seen = {fingerprint_files([tmp_path])}
    for text in ("1", "12"):
        file.write_text(text)
        seen.add(fingerprint_files([tmp_path]))
    assert len(seen) == 3
    file.unlink()
    assert fingerprint_files([tmp_path]) in seen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_line_shows_what_happens_and_stays_within_its_width(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = Terminal()

    def work(say: Say) -> str:
        say("downloading torch 1 of 180 MiB, which is a long line")
        return "done"

    run_steps([Step("torch", "torch", work)], lambda: Stamps(tmp_path / "s.json"), out)
    shown = out.getvalue().split("\r\x1b[K")
    assert any(part.startswith("[1/1] torch") and "downl" in part for part in shown)
    assert all(len(part.rstrip("\n")) < 40 for part in shown[:-1])
    assert re.fullmatch(r"\[1/1\] torch +done  \[\d+\.\d s\]\n", shown[-1])
