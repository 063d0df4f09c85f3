# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import pytest

from krita_plugin.underdrawing.model.events import Notice
from krita_plugin.underdrawing.model.slices import Slices
from shared.errors import Refusal

from ..fake_canvas import FakeCanvas


class Loop:
    """An event loop by hand, whose clock goes on by a millisecond each time it is looked at."""

    def __init__(self) -> None:
        self.canvas = FakeCanvas(4, 4)
        self.turns: deque[Callable[[], None]] = deque()
        self.waits: list[int] = []
        self.now, self.notices = 0.0, list[Notice]()

    def later(self, act: Callable[[], None], wait_ms: int) -> None:
        self.turns.append(act)
        self.waits.append(wait_ms)

    def clock(self) -> float:
        self.now += 0.001
        return self.now

    def run(self, steps: Iterator[object]) -> Slices:
        return Slices(
            steps, self.canvas, self.later, self.clock, again="Try again.", failed=self.notices.append
        )

    def turn(self, most: int = 5000) -> int:
        done = 0
        while self.turns and done < most:
            self.turns.popleft()()
            done += 1
        return done


def counting(found: list[int], most: int = 20) -> Iterator[None]:
    for number in range(most):
        found.append(number)
        yield


def test_work_is_spread_over_turns_and_ends() -> None:
    loop, found = Loop(), list[int]()
    work = loop.run(counting(found))
    assert work.is_running and not found, "nothing is done before the first turn"
    assert loop.turn() > 4
    assert found == list(range(20)) and not work.is_running and not loop.notices


def test_nothing_is_done_in_mid_stroke_nor_after_a_stop() -> None:
    loop, found = Loop(), list[int]()
    work = loop.run(counting(found))
    loop.canvas.drawing = True
    loop.turn(10)
    assert not found and set(loop.waits[1:]) == {50}
    loop.canvas.drawing = False
    loop.turn(2)
    assert found
    before = list(found)
    work.stop()
    loop.turn()
    assert found == before and not loop.notices


def test_a_stop_from_within_ends_the_work_there() -> None:
    loop, found, held = Loop(), list[int](), list[Slices]()

    def stopping() -> Iterator[None]:
        try:
            found.append(1)
            held[0].stop()
            yield
            found.append(2)
            yield
        finally:
            found.append(9)

    held.append(loop.run(stopping()))
    loop.turn()
    assert 2 not in found and not held[0].is_running


def test_what_is_held_is_let_go_by_a_stop() -> None:
    loop, found = Loop(), list[int]()

    def holding() -> Iterator[None]:
        try:
            while True:
                yield
        finally:
            found.append(9)

    work = loop.run(holding())
    loop.turn(2)
    work.stop()
    assert found == [9]


def failing(fault: Exception) -> Iterator[None]:
    yield
    raise fault


@pytest.mark.parametrize(
    ("fault", "message", "remedy"),
    [
        (KeyError("layer"), "A layer was removed", "Try again."),
        (Refusal("No.", "Do this."), "No.", "Do this."),
        (RuntimeError("wrapped C/C++ object has been deleted"), "could not be read", "Try again."),
    ],
)
def test_a_fault_is_told_and_goes_no_further(fault: Exception, message: str, remedy: str) -> None:
    loop = Loop()
    work = loop.run(failing(fault))
    loop.turn()
    (notice,) = loop.notices
    assert message in notice.message and notice.remedy == remedy
    assert not work.is_running


def test_a_closed_or_busy_document_is_told() -> None:
    loop = Loop()
    loop.run(counting([]))
    loop.canvas.alive = False
    loop.turn()
    assert "closed" in loop.notices[0].message
    busy = Loop()
    busy.run(counting([]))
    busy.canvas.drawing = True
    busy.turn()
    assert "busy" in busy.notices[0].message and sum(busy.waits) < 70_000
