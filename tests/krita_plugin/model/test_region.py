# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from krita_plugin.underdrawing.model.capture import Painting, Plan
from krita_plugin.underdrawing.model.region import Outlook, outlook, plan
from krita_plugin.underdrawing.model.roles import Role, assign
from krita_plugin.underdrawing.model.settings import Settings
from shared.errors import BadRequest
from shared.geometry import Bounds
from shared.messages import Surface

from ..canvas_contract import BLACK
from ..fake_canvas import FakeCanvas

HOUSE = Bounds(100, 90, 30, 20)
TIGHT = Settings(grow_px=0, feather_px=0)
WHOLE = TIGHT.changed(region="selection")


def house(canvas: FakeCanvas, bounds: Bounds = HOUSE) -> str:
    """Something drawn on the contour layer, which it gives."""
    layer, _ = assign(canvas, Role.CONTOUR)
    canvas.ink(layer, bounds, BLACK)
    return layer


def mask_of(made: Plan) -> Bounds:
    return next(source.bounds for source in made.sources if source.name == "mask")


def test_nothing_marked_is_refused_with_a_remedy() -> None:
    canvas = FakeCanvas(50, 50)
    with pytest.raises(BadRequest, match="drawn or marked") as refusal:
        plan(canvas, TIGHT)
    assert "draw" in refusal.value.remedy
    assign(canvas, Role.MASK)
    with pytest.raises(BadRequest, match="Nothing is marked") as refusal:
        plan(canvas, WHOLE)
    assert "Mask layer" in refusal.value.remedy
    house(canvas, Bounds(10, 10, 20, 20))
    with pytest.raises(BadRequest, match="Nothing is marked") as refusal:
        plan(canvas, WHOLE)
    assert "Inside lines" in refusal.value.remedy


def test_a_selection_outside_the_picture_is_refused() -> None:
    canvas = FakeCanvas(50, 50)
    canvas.selected = Bounds(60, 0, 10, 10)
    with pytest.raises(BadRequest, match="outside"):
        plan(canvas, TIGHT)


def test_the_mask_layer_marks_where_nothing_is_selected() -> None:
    canvas = FakeCanvas(400, 300)
    mask, _ = assign(canvas, Role.MASK)
    canvas.ink(mask, Bounds(100, 90, 30, 20), BLACK)
    made = plan(canvas, TIGHT)
    assert made.sources[0].name == "mask"
    assert (made.sources[0].layer, made.sources[0].alpha_only) == (mask, True)
    assert made.area == Bounds(36, 26, 158, 148)
    canvas.selected = Bounds(200, 200, 10, 10)
    assert plan(canvas, TIGHT).sources[0].layer == ""


def test_without_a_mark_only_what_is_drawn_is_painted() -> None:
    canvas = FakeCanvas(400, 300)
    hidden, _ = assign(canvas, Role.DETAIL)
    canvas.ink(hidden, Bounds(300, 200, 20, 20), BLACK)
    canvas.show(hidden, False)
    house(canvas)
    made = plan(canvas, TIGHT)
    assert made.region == "strokes"
    assert mask_of(made) == Bounds(52, 42, 126, 116), "a margin around what guides"
    assert made.sources[0].filled
    assert made.area.contains(mask_of(made))


@pytest.mark.parametrize(("chosen", "region"), [("lines", "lines"), ("selection", "selection")])
def test_a_selection_is_painted_as_chosen(chosen: str, region: str) -> None:
    canvas = FakeCanvas(400, 300)
    house(canvas)
    canvas.selected = Bounds(90, 80, 50, 40)
    assert plan(canvas, TIGHT.changed(region=chosen)).region == region


def test_the_mask_layer_means_all_of_it() -> None:
    canvas = FakeCanvas(400, 300)
    house(canvas)
    mask, _ = assign(canvas, Role.MASK)
    canvas.ink(mask, Bounds(90, 80, 50, 40), BLACK)
    assert plan(canvas, TIGHT).region == "selection"
    canvas.selected = Bounds(95, 85, 30, 30)
    assert plan(canvas, TIGHT).region == "lines", "a selection goes before the mask"


def test_a_region_with_nothing_drawn_in_it_is_asked_for_in_whole() -> None:
    """The lines near by are not its own; it is filled from its surroundings."""
    canvas = FakeCanvas(400, 300)
    house(canvas)
    canvas.selected = Bounds(140, 80, 50, 40)
    made = plan(canvas, TIGHT)
    assert made.region == "selection"
    assert "contour" in {source.name for source in made.sources}, "they are seen all the same"


def test_the_request_says_how_much_is_painted() -> None:
    canvas = FakeCanvas(100, 100)
    house(canvas, Bounds(20, 20, 30, 30))
    made = plan(canvas, TIGHT)
    mask = Surface(made.area.extent, "grey_u8", (b"",))
    for quick in (False, True):
        assert Painting(TIGHT.changed(quick=quick), 1).request(made, {"mask": mask}).region == "strokes"


def test_the_outlook_says_what_would_be_painted() -> None:
    canvas = FakeCanvas(400, 300)
    assert outlook(canvas) == Outlook("", is_drawn=False)
    contour = house(canvas)
    assert outlook(canvas) == Outlook("", is_drawn=True)
    canvas.selected = Bounds(140, 80, 50, 40)
    assert outlook(canvas) == Outlook("selection", is_drawn=False)
    canvas.selected = Bounds(120, 80, 50, 40)
    assert outlook(canvas) == Outlook("selection", is_drawn=True)
    canvas.show(contour, False)
    assert outlook(canvas) == Outlook("selection", is_drawn=False)
    canvas.selected = None
    mask, _ = assign(canvas, Role.MASK)
    assert outlook(canvas) == Outlook("", is_drawn=False), "a blank mask marks nothing"
    canvas.ink(mask, Bounds(90, 80, 50, 40), BLACK)
    canvas.show(contour, True)
    assert outlook(canvas) == Outlook("mask", is_drawn=True)
