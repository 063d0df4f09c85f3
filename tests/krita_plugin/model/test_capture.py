# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from krita_plugin.underdrawing.model.capture import Painting, read, with_context
from krita_plugin.underdrawing.model.region import plan
from krita_plugin.underdrawing.model.roles import Role, assign
from krita_plugin.underdrawing.model.settings import Settings
from shared.geometry import Bounds, Extent
from shared.messages import Surface

from ..canvas_contract import BLACK
from ..fake_canvas import FakeCanvas

TIGHT = Settings(grow_px=0, feather_px=0)


@pytest.mark.parametrize(
    ("marked", "canvas", "margin_px", "area"),
    [
        (Bounds(300, 300, 60, 30), Extent(1000, 1000), 0, Bounds(236, 236, 188, 158)),
        (Bounds(300, 300, 300, 30), Extent(1000, 1000), 5, Bounds(195, 195, 510, 240)),
        (Bounds(0, 0, 1, 1), Extent(1, 1), 12, Bounds(0, 0, 1, 1)),
        (Bounds(0, 0, 8192, 8192), Extent(8192, 8192), 12, Bounds(0, 0, 8192, 8192)),
        (Bounds(490, 2, 23, 40), Extent(513, 387), 0, Bounds(426, 0, 87, 106)),
    ],
)
def test_context(marked: Bounds, canvas: Extent, margin_px: int, area: Bounds) -> None:
    assert with_context(marked, canvas, margin_px) == area


def test_only_visible_strokes_near_the_mask_are_read() -> None:
    canvas = FakeCanvas(500, 300)
    canvas.selected = Bounds(100, 100, 40, 40)
    layers = {role: assign(canvas, role)[0] for role in (Role.CONTOUR, Role.DETAIL, Role.COLOURS)}
    canvas.ink(layers[Role.CONTOUR], Bounds(20, 120, 60, 5), BLACK)
    canvas.ink(layers[Role.DETAIL], Bounds(120, 120, 5, 5), BLACK)
    canvas.ink(layers[Role.COLOURS], Bounds(450, 250, 20, 20), BLACK)
    canvas.show(layers[Role.DETAIL], False)
    made = plan(canvas, TIGHT)
    read_of = {source.name: source.bounds for source in made.sources}
    assert read_of == {
        "mask": Bounds(100, 100, 40, 40),
        "image": Bounds(36, 36, 168, 168),
        "contour": Bounds(36, 120, 44, 5),
    }
    group = canvas.layers()[1].id
    assert made.without == (group,)
    canvas.show(group, False)
    assert "contour" in {source.name for source in plan(canvas, TIGHT).sources}


def test_a_role_layer_outside_the_group_is_not_part_of_the_picture() -> None:
    canvas = FakeCanvas(100, 100)
    canvas.selected = Bounds(10, 10, 10, 10)
    canvas.create_layer("Contour", colour_label=1, group="sketches")
    sketches, contour = canvas.layers()[1].id, canvas.active
    made = plan(canvas, TIGHT)
    assert made.without == (contour,)
    assert sketches not in made.without


def test_all_sources_are_read_in_slices() -> None:
    canvas = FakeCanvas(120, 110)
    canvas.selected = Bounds(30, 30, 20, 20)
    contour, _ = assign(canvas, Role.CONTOUR)
    canvas.ink(contour, Bounds(35, 35, 4, 12), BLACK)
    steps = list(read(canvas, plan(canvas, TIGHT)))
    rows: dict[str, int] = {}
    for step in steps:
        if step is not None:
            source, band = step
            assert len(band.data) == band.bounds.extent.area * (1 if source.name == "mask" else 4)
            rows[source.name] = rows.get(source.name, 0) + band.bounds.height
    assert rows == {"mask": 20, "image": 110, "contour": 12}
    assert None in steps


def test_the_request_carries_every_setting() -> None:
    canvas = FakeCanvas(100, 100)
    canvas.selected = Bounds(10, 10, 10, 10)
    set_to = Settings("a fern", "blur", 0.5, 0.25, 1.5, 12, 3.0, 9, False, "other", 2, 3)
    set_to = set_to.changed(match_grain=False, shadow=True, quick=True)
    made = plan(canvas, set_to)
    mask = Surface(made.area.extent, "grey_u8", (b"x" * 16,))
    asked = Painting(set_to, 77).request(made, {"mask": mask, "detail": mask})
    assert (asked.prompt, asked.negative_prompt, asked.family) == ("a fern", "blur", "other")
    assert (asked.strengths.contour, asked.strengths.detail, asked.strengths.colour) == (0.5, 0.25, 1.5)
    assert (asked.steps, asked.guidance, asked.seed, asked.grow_px, asked.feather_px) == (12, 3.0, 77, 2, 3)
    assert (asked.match_grain, asked.shadow, asked.quick) == (False, True, True)
    assert (asked.canvas, asked.area) == (Extent(100, 100), made.area)
    assert asked.contour is None
    assert asked.detail == asked.mask == mask
