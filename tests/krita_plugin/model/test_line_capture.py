# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from krita_plugin.underdrawing.model import roles
from krita_plugin.underdrawing.model.canvas import LayerInfo
from krita_plugin.underdrawing.model.capture import read
from krita_plugin.underdrawing.model.line_capture import Extraction, Lesson, plan_extraction, plan_lesson
from krita_plugin.underdrawing.model.roles import Role
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.messages import Surface

from ..canvas_contract import BLACK, GREEN
from ..fake_canvas import FakeCanvas, FakeLayer


@pytest.fixture
def canvas() -> FakeCanvas:
    return FakeCanvas(150, 120)


def add(canvas: FakeCanvas, name: str, kind: str = "paint") -> str:
    canvas.stack.append(FakeLayer(LayerInfo(name, name, kind)))  # type: ignore[arg-type]
    canvas.active = name
    return name


def test_a_layer_is_read_where_it_has_pixels(canvas: FakeCanvas) -> None:
    photo = add(canvas, "Photo")
    canvas.ink(photo, Bounds(20, 30, 40, 50), GREEN)
    plan, source = plan_extraction(canvas, "layer")
    assert source == "Photo"
    (image,) = plan.sources
    assert (image.name, image.layer, image.bounds, plan.area) == ("image", photo, plan.area, plan.area)
    assert plan.area == Bounds(20, 30, 40, 50)
    bands = [step for step in read(canvas, plan) if step is not None]
    assert b"".join(bytes(band.data) for _, band in bands) == GREEN * 2000


def test_a_selection_is_a_mask_within_its_surroundings(canvas: FakeCanvas) -> None:
    canvas.selected = Bounds(100, 90, 100, 100)
    plan, _ = plan_extraction(canvas, "layer")
    image, mask = plan.sources
    assert plan.area == Bounds(52, 42, 98, 78) == image.bounds
    assert (mask.name, mask.bounds, mask.format) == ("mask", Bounds(100, 90, 50, 30), "grey_u8")
    surface = Surface(plan.area.extent, "grey_u8", (b"",))
    asked = Extraction("ink", True).request(plan, {"image": surface, "mask": surface})
    assert (asked.style, asked.clean, asked.area, asked.canvas) == ("ink", True, plan.area, Extent(150, 120))
    assert asked.mask == surface


def test_the_picture_is_read_without_its_strokes(canvas: FakeCanvas) -> None:
    roles.assign(canvas, Role.CONTOUR)
    canvas.ink(canvas.active, Bounds(0, 0, 150, 120), BLACK)
    plan, source = plan_extraction(canvas, "picture")
    assert (source, plan.area) == ("picture", Bounds(0, 0, 150, 120))
    bands = [step for step in read(canvas, plan) if step is not None]
    assert BLACK not in b"".join(bytes(band.data) for _, band in bands)


def test_strokes_blank_and_foreign_layers_are_refused(canvas: FakeCanvas) -> None:
    roles.assign(canvas, Role.CONTOUR)
    with pytest.raises(BadRequest, match="holds strokes"):
        plan_extraction(canvas, "layer")
    group = canvas.named("Underdrawing").id
    canvas.stack.append(FakeLayer(LayerInfo("sub", "Lines", "group", group)))
    canvas.stack.append(FakeLayer(LayerInfo("deep", "scribble", "paint", "sub")))
    canvas.active = "deep"
    with pytest.raises(BadRequest, match="holds strokes"):
        plan_extraction(canvas, "layer")
    add(canvas, "Blank")
    with pytest.raises(BadRequest, match="nothing on the layer “Blank”"):
        plan_extraction(canvas, "layer")
    add(canvas, "Filter", "other")
    with pytest.raises(BadRequest, match="no pixels of its own"):
        plan_extraction(canvas, "layer")
    canvas.active = "gone"
    with pytest.raises(BadRequest, match="No layer is active"):
        plan_extraction(canvas, "layer")
    canvas.active, canvas.selected = "0", Bounds(500, 500, 5, 5)
    with pytest.raises(BadRequest, match="in the selection"):
        plan_extraction(canvas, "layer")


def test_a_lesson_is_the_picture_and_the_lines_over_it(canvas: FakeCanvas) -> None:
    with pytest.raises(BadRequest, match="no lines to learn from"):
        plan_lesson(canvas)
    roles.assign(canvas, Role.DETAIL)
    with pytest.raises(BadRequest, match="no lines to learn from"):
        plan_lesson(canvas)
    canvas.ink(canvas.active, Bounds(30, 30, 20, 20), BLACK)
    plan = plan_lesson(canvas)
    assert [source.name for source in plan.sources] == ["picture", "detail"]
    assert plan.area == Bounds(0, 0, 150, 120) and plan.sources[1].bounds == Bounds(30, 30, 20, 20)
    found = {"picture": b"", "detail": b""}
    for step in read(canvas, plan):
        if step is not None:
            found[step[0].name] += bytes(step[1].data)
    assert BLACK not in found["picture"] and found["detail"] == BLACK * 400
    surface = Surface(plan.area.extent, "bgra_u8", (b"",))
    asked = Lesson("Ink", 7.5, "sd15").request(plan, {"picture": surface, "detail": surface})
    assert (asked.contour, asked.detail, asked.title, asked.minutes) == (None, surface, "Ink", 7.5)
    canvas.selected = Bounds(40, 40, 60, 60)
    assert plan_lesson(canvas).area == Bounds(40, 40, 60, 60)
    canvas.selected = Bounds(60, 60, 60, 60)
    with pytest.raises(BadRequest, match="no lines to learn from"):
        plan_lesson(canvas)
    canvas.selected = None
    canvas.show(canvas.active, False)
    with pytest.raises(BadRequest, match="no lines to learn from"):
        plan_lesson(canvas)
