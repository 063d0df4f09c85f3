# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no steps of its own leaves room for others."""

from __future__ import annotations

import threading

import pytest

from backend.acts.report import Quiet, apart
from shared.errors import Cancelled


class Checked(Quiet):
    """Lets the work end once it was checked so often."""

    def __init__(self, times: int, *, cancels: bool = False) -> None:
        self.enough, self.ended = threading.Event(), False
        self._times, self._cancels = times, cancels

    def check(self) -> None:
        self._times -= 1
        if self._times == 0:
            self.enough.set()
        if self._cancels:
            raise Cancelled

    def work(self) -> str:
        assert self.enough.wait(10), "nobody checked meanwhile"
        self.ended = True
        return "loaded"


def test_others_have_their_turns_while_a_model_is_loaded() -> None:
    report = Checked(3)
    assert apart(report.work, report) == "loaded"


def test_a_cancel_is_told_once_the_work_is_done() -> None:
    report = Checked(2, cancels=True)
    with pytest.raises(Cancelled):
        apart(report.work, report)
    assert report.ended


def test_what_the_work_raises_is_raised() -> None:
    def fail() -> None:
        raise KeyError("unet")

    with pytest.raises(KeyError, match="unet"):
        apart(fail, Quiet())
