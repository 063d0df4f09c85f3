# SPDX-License-Identifier: GPL-3.0-or-later
"""What is copied, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from krita_plugin.underdrawing.model.clip import (
    Clip,
    Paste,
    Placing,
    clip_of_picture,
    fitted,
    plan_copy,
    read_clip,
)
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.light import lightness
from shared.surfaces import Surface

from ..canvas_contract import BLACK, GREEN
from ..fake_canvas import FakeCanvas


def copied(canvas: FakeCanvas, source: str = "picture") -> Clip:
    found: list[Clip] = []
    plan, title = plan_copy(canvas, source)
    for _ in read_clip(canvas, plan, title, found.append):
        pass
    return found[0]


def a_canvas() -> FakeCanvas:
    canvas = FakeCanvas(200, 150)
    canvas.ink("0", Bounds(60, 50, 20, 30), BLACK)
    canvas.selected = Bounds(50, 40, 40, 60)
    return canvas


def test_the_region_is_read_with_a_little_around_it() -> None:
    clip = copied(a_canvas())
    assert (clip.title, clip.region, clip.plan.area) == (
        "picture",
        Bounds(50, 40, 40, 60),
        Bounds(2, 0, 136, 148),
    )
    image = b"".join(band.data for source, band in clip.bands if source.name == "image")
    assert len(image) == 136 * 148 * 4 and image.count(BLACK) >= 600
    mask = b"".join(band.data for source, band in clip.bands if source.name == "mask")
    assert mask == b"\xff" * 2400


def test_of_a_layer_only_its_own_pixels_are_read() -> None:
    canvas = a_canvas()
    layer = canvas.create_layer("Sketch", colour_label=0, group="Mine")
    canvas.ink(layer, Bounds(55, 45, 10, 10), GREEN)
    clip = copied(canvas, "layer")
    assert clip.title == "Sketch"
    (image, _) = clip.plan.sources
    assert (image.layer, image.bounds) == (layer, Bounds(55, 45, 10, 10))


def test_a_closed_document_leaves_what_was_copied() -> None:
    canvas = a_canvas()
    clip = copied(canvas)
    canvas.alive, canvas.stack = False, []
    assert all(isinstance(band.data, bytes) for _, band in clip.bands)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"selected": None}, "Nothing is selected to copy"),
        ({"selected": Bounds(500, 0, 10, 10)}, "outside the picture"),
        ({"selected": Bounds(60, 50, 9, 15)}, "only 9 x 15 pixels"),
        ({"selected": Bounds(100, 100, 40, 40)}, "nothing but one colour"),
        ({"active": "gone"}, "No layer is active"),
    ],
)
def test_what_cannot_be_copied_is_told(change: dict[str, object], words: str) -> None:
    canvas = a_canvas()
    if "active" not in change:
        canvas.ink("0", Bounds(60, 100, 140, 50), GREEN)
    for name, value in change.items():
        setattr(canvas, name, value)
    with pytest.raises(BadRequest, match=words) as refused:
        copied(canvas, "layer" if "active" in change else "picture")
    assert refused.value.remedy


def test_a_blank_or_pixelless_layer_is_told() -> None:
    canvas = a_canvas()
    layer = canvas.create_layer("Empty", colour_label=0, group="Mine")
    with pytest.raises(BadRequest, match="nothing of the layer “Empty”"):
        copied(canvas, "layer")
    canvas.remove(layer)


def test_a_region_of_a_file() -> None:
    bgra = bytes(range(256)) * (100 * 80 * 4 // 256)
    clip = clip_of_picture("photo", Extent(100, 80), bgra, Bounds(40, 40, 20, 30))
    (image, rows), (mask, marks) = clip.bands
    assert image.bounds == rows.bounds == Bounds(0, 0, 100, 80) == clip.plan.area
    assert rows.data == bgra and marks.data == b"\xff" * 600 and mask.bounds == clip.region
    cut = clip_of_picture("photo", Extent(100, 80), bgra, Bounds(0, 0, 20, 20)).bands[0][1]
    assert cut.bounds == Bounds(0, 0, 68, 68) and cut.data[: 68 * 4] == bgra[: 68 * 4]
    assert cut.data[68 * 4 : 68 * 8] == bgra[400 : 400 + 68 * 4]
    with pytest.raises(BadRequest, match="one colour"):
        clip_of_picture("photo", Extent(100, 80), b"\xff" * 32000, Bounds(0, 0, 20, 20))
    with pytest.raises(BadRequest, match="at most"):
        clip_of_picture("photo", Extent(5000, 10), b"", Bounds(0, 0, 5000, 10))


@pytest.mark.parametrize(
    ("into", "placing"),
    [
        (None, Placing(100, 75, 1.0)),
        (Bounds(20, 10, 80, 120), Placing(60, 70, 2.0)),
        (Bounds(20, 10, 20, 120), Placing(30, 70, 0.5)),
    ],
)
def test_a_copy_is_fitted_into_the_selection(into: Bounds | None, placing: Placing) -> None:
    assert fitted(copied(a_canvas()), Extent(200, 150), into) == placing


def test_a_copy_takes_on_the_light_of_the_picture() -> None:
    clip = copied(a_canvas())
    dark = replace(clip, light=0.5)
    assert fitted(dark, Extent(200, 150), None, 0.75).light == 1.5
    assert fitted(dark, Extent(200, 150), None).light == 1
    assert fitted(replace(clip, light=0.01), Extent(200, 150), None, 0.9).light == 4
    assert fitted(replace(clip, light=0.9), Extent(200, 150), None, 0.01).light == 0.25


def test_a_copy_within_a_picture_keeps_its_light() -> None:
    canvas = a_canvas()
    clip = copied(canvas)
    assert fitted(clip, canvas.extent, None, lightness(canvas.sample(64))).light == 1


def test_a_copy_larger_than_the_canvas_is_made_smaller() -> None:
    assert fitted(copied(a_canvas()), Extent(100, 30), None) == Placing(50, 15, 0.5)


def test_the_request_says_where_it_lies() -> None:
    clip = copied(a_canvas())
    surface = Surface(clip.plan.area.extent, "grey_u8", (b"",))
    placing = Placing(5.5, -3, 2.0, 30.0, True, False, 1.5)
    request = Paste(Extent(640, 480), placing).request(clip.plan, {"image": surface, "mask": surface})
    assert (request.canvas, request.area) == (Extent(640, 480), clip.plan.area)
    assert (request.x, request.y, request.scale, request.turn_deg) == (5.5, -3, 2.0, 30.0)
    assert (request.flip, request.colours, request.light) == (True, False, 1.5)
