# SPDX-License-Identifier: GPL-3.0-or-later
"""The brush is lent and given back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from krita_plugin.underdrawing.model.canvas import Canvas
from krita_plugin.underdrawing.model.events import Notice
from krita_plugin.underdrawing.model.roles import Role, assign
from krita_plugin.underdrawing.model.tools import Tools, iris_px
from shared.geometry import Bounds

from ..canvas_contract import BLACK
from ..fake_canvas import FakeCanvas

OWN = ("own brush", 40.0, "#123456")


class NotingHand:
    def __init__(self) -> None:
        self.brush: tuple[object, ...] = OWN
        self.done: list[tuple[object, ...]] = []

    def held(self) -> object:
        return self.brush

    def take_back(self, held: object) -> None:
        assert isinstance(held, tuple)
        self.brush = held

    def take_eraser(self, size_px: float) -> None:
        self.brush = ("eraser", size_px)

    def take_dab(self, size_px: float, colour: str) -> None:
        self.brush = ("dab", size_px, colour)

    def fill_selection(self, canvas: Canvas, layer: str, colour: str, done: Callable[[], None]) -> None:
        self.done.append(("fill", layer, colour))
        done()

    def drop_selection(self, canvas: str) -> None:
        self.done.append(("drop", canvas))


class Desk:
    def __init__(self) -> None:
        self.canvas, self.hand = FakeCanvas(400, 300), NotingHand()
        self.notices: list[Notice] = []
        self.told = 0
        self.tools = Tools(self.hand, tell=self._tell, say=self.notices.append)

    def _tell(self) -> None:
        self.told += 1

    def layer(self, role: Role) -> str:
        return assign(self.canvas, role)[0]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_eraser_goes_to_the_topmost_lines_and_back(desk: Desk) -> None:
    desk.layer(Role.CONTOUR)
    detail = desk.layer(Role.DETAIL)
    desk.canvas.activate("0")
    desk.tools.toggle_eraser(desk.canvas)
    assert (desk.tools.active, desk.canvas.active) == ("eraser", detail)
    assert desk.hand.brush == ("eraser", 8.0)
    desk.tools.toggle_eraser(desk.canvas)
    assert (desk.tools.active, desk.hand.brush) == ("", OWN)


def test_the_eraser_stays_on_the_lines_under_work_and_follows_to_others(desk: Desk) -> None:
    contour, detail = desk.layer(Role.CONTOUR), desk.layer(Role.DETAIL)
    desk.canvas.activate(contour)
    desk.tools.toggle_eraser(desk.canvas)
    assert desk.canvas.active == contour
    desk.canvas.activate(detail)
    desk.tools.follow(desk.canvas)
    assert desk.tools.active == "eraser"
    desk.canvas.activate("0")
    desk.tools.follow(desk.canvas)
    assert (desk.tools.active, desk.hand.brush) == ("", OWN)


def test_without_lines_the_eraser_says_how_to_get_some(desk: Desk) -> None:
    desk.tools.toggle_eraser(desk.canvas)
    assert (desk.tools.active, desk.hand.brush) == ("", OWN)
    assert "no lines to erase" in desk.notices[0].message and "To lines" in desk.notices[0].remedy
    desk.canvas.show(desk.layer(Role.CONTOUR), False)
    desk.tools.toggle_eraser(desk.canvas)
    assert len(desk.notices) == 2, "hidden lines do not guide"


def test_a_new_layer_may_become_active_later(desk: Desk) -> None:
    desk.tools.toggle_iris(desk.canvas)
    layer = desk.canvas.active
    for active, tool in (("0", "iris"), (layer, "iris"), ("0", "")):
        desk.canvas.activate(active)
        desk.tools.follow(desk.canvas)
        assert desk.tools.active == tool


def test_two_dabs_are_two_irises(desk: Desk) -> None:
    desk.canvas.selected = Bounds(10, 10, 120, 150)
    desk.tools.change_iris(colour="#336699")
    desk.tools.toggle_iris(desk.canvas)
    assert desk.canvas.active == desk.canvas.named("Colours").id
    assert desk.hand.brush == ("dab", 10.0, "#336699")
    desk.tools.dabbed()
    assert (desk.tools.active, desk.tools.left) == ("iris", 1)
    desk.tools.change_iris(size=2.0)
    assert desk.hand.brush == ("dab", 20.0, "#336699")
    desk.tools.dabbed()
    assert (desk.tools.active, desk.hand.brush) == ("", OWN)
    desk.tools.dabbed()
    assert desk.tools.left == 0


def test_the_colour_in_use_can_be_the_iris(desk: Desk) -> None:
    desk.tools.change_iris(colour="#336699")
    desk.tools.toggle_iris(desk.canvas)
    desk.tools.change_iris(colour="")
    assert desk.hand.brush == ("dab", 10.0, "")
    desk.tools.follow(None)
    assert (desk.tools.active, desk.hand.brush) == ("", OWN)


def test_another_tool_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.layer(Role.CONTOUR)
    desk.tools.toggle_iris(desk.canvas)
    desk.tools.toggle_eraser(desk.canvas)
    assert (desk.tools.active, desk.hand.brush) == ("eraser", ("eraser", 8.0))
    desk.tools.end()
    assert desk.hand.brush == OWN


@pytest.mark.parametrize(
    ("selected", "size"),
    [(None, 10.0), (Bounds(0, 0, 240, 300), 20.0), (Bounds(0, 0, 140, 40), 20.0), (Bounds(0, 0, 5, 5), 3.0)],
)
def test_an_iris_fits_the_face_or_the_eyes_that_are_marked(selected: Bounds | None, size: float) -> None:
    canvas = FakeCanvas(400, 300)
    canvas.selected = selected
    assert iris_px(canvas) == size


def test_an_iris_fits_the_mask(desk: Desk) -> None:
    desk.canvas.ink(desk.layer(Role.MASK), Bounds(20, 20, 96, 100), BLACK)
    assert iris_px(desk.canvas) == 8.0
