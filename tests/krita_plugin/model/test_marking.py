# SPDX-License-Identifier: GPL-3.0-or-later
"""The selection becomes the mask."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count

import pytest

from krita_plugin.underdrawing.model.canvas import Canvas
from krita_plugin.underdrawing.model.events import Notice
from krita_plugin.underdrawing.model.marking import Marking
from krita_plugin.underdrawing.model.roles import Role, assign, find_roles
from shared.geometry import Bounds

from ..canvas_contract import joined
from ..fake_canvas import FakeCanvas
from .test_tools import NotingHand

SELECTED = Bounds(5, 6, 8, 4)
RED = bytes((0x3A, 0x40, 0xE0, 255))


class Desk:
    def __init__(self) -> None:
        self.canvas, self.hand = FakeCanvas(40, 30), NotingHand()
        self.turns: deque[Callable[[], None]] = deque()
        self.notices: list[Notice] = []
        self.marked: list[Canvas] = []
        ticks = count()
        self.marking = Marking(
            self.hand,
            lambda act, _ms: self.turns.append(act),
            lambda: next(ticks) / 1000,
            say=self.notices.append,
            marked=self.marked.append,
        )

    def mark(self) -> None:
        self.marking.mark(self.canvas)
        while self.turns:
            self.turns.popleft()()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("role", [None, Role.CONTOUR])
def test_a_new_mask_is_one_step(desk: Desk, role: Role | None) -> None:
    if role is not None:
        assign(desk.canvas, role)
    active, names = desk.canvas.active, [layer.name for layer in desk.canvas.layers()]
    desk.canvas.selected = SELECTED
    desk.mark()
    mask = find_roles(desk.canvas.layers())[Role.MASK]
    assert (mask.name, desk.canvas.active) == ("Mask", active)
    assert joined(desk.canvas.read_own(mask.id, SELECTED, "bgra_u8"), SELECTED) == RED * 32
    assert desk.canvas.layer_bounds(mask.id) == SELECTED
    assert desk.hand.done == [("drop", desk.canvas.id)] and desk.marked == [desk.canvas]
    desk.canvas.undo()
    assert [layer.name for layer in desk.canvas.layers()] == names


def test_a_mask_that_is_there_is_filled(desk: Desk) -> None:
    mask, _ = assign(desk.canvas, Role.MASK)
    desk.canvas.selected = SELECTED
    desk.mark()
    assert desk.hand.done == [("fill", mask, "#e0403a")] and desk.marked == [desk.canvas]
    assert len(desk.canvas.undos) == 1, "that of the layer"


def test_without_a_selection_nothing_is_marked(desk: Desk) -> None:
    desk.mark()
    assert desk.notices[0].message == "Nothing is selected." and desk.notices[0].remedy
    assert [layer.name for layer in desk.canvas.layers()] == ["Background"]


def test_a_document_that_is_closed_meanwhile(desk: Desk) -> None:
    desk.canvas.selected = SELECTED
    desk.marking.mark(desk.canvas)
    desk.canvas.alive = False
    desk.turns.popleft()()
    assert desk.notices[0].remedy == "Open it again. Press To mask again." and not desk.marked
