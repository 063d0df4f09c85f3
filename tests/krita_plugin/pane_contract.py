# SPDX-License-Identifier: GPL-3.0-or-later
"""What the layer that Live shows its picture on must do, on FakeCanvas and on KritaCanvas.

Sent to Krita as text after canvas_contract.py, whose names are there already.
"""

from __future__ import annotations

from collections.abc import Callable

if "joined" not in globals():
    from .canvas_contract import BLACK, CLEAR, GREEN, RED, Steps, Studio, band_of, joined, pixel_count


def check_a_pane_comes_and_goes_without_a_step(studio: Studio) -> Steps:
    """Below the strokes, never active, and the undo history knows only what the artist did."""
    canvas = studio.new(40, 30)
    yield
    strokes = canvas.create_layer("Contour", colour_label=1, group="Underdrawing", holder="Live preview")
    yield
    names = [layer.name for layer in canvas.layers()]
    assert names == ["Background", "Underdrawing", "Live preview", "Contour"]
    studio.ink(canvas, strokes, studio.bounds(5, 3, 20, 2), BLACK)
    yield
    for _ in range(2):
        pane = canvas.open_pane("Underdrawing", "Live preview", "Preview", "bgra_u8")
        yield
        assert pane.is_there()
        assert canvas.active_layer() == strokes
        found = canvas.layers()
        assert [layer.name for layer in found] == [*names[:3], "Preview", "Contour"]
        assert found[3].parent == found[2].id and found[2].parent == found[1].id
        for pixel in (RED, GREEN):
            pane.write(band_of(studio, 5, 3, 20, 10, pixel))
            pane.show()
            yield
            whole = studio.bounds(0, 0, 40, 30)
            seen = joined(canvas.read_picture(whole, ()), whole)
            assert (pixel_count(seen, pixel), pixel_count(seen, BLACK)) == (160, 40), "strokes lie on top"
            bare = joined(canvas.read_picture(whole, [found[1].id]), whole)
            assert bare == b"\xff" * 4800, "what is shown is no part of the picture"
        pane.write(band_of(studio, 5, 3, 20, 10, CLEAR))
        pane.show()
        yield
        pane.drop()
        yield
        assert not pane.is_there()
        assert [layer.name for layer in canvas.layers()] == names
    studio.undo(canvas)
    yield
    assert [layer.name for layer in canvas.layers()] == ["Background"], "it left no step"


def check_a_pane_with_its_group_at_once(studio: Studio) -> Steps:
    """Krita activates what was added some turns later; the layer to draw on is active in the end."""
    canvas = studio.new(40, 30)
    yield
    strokes = canvas.create_layer("Contour", colour_label=1, group="Underdrawing", holder="Live preview")
    pane = canvas.open_pane("Underdrawing", "Live preview", "Preview", "bgra_u8", strokes)
    yield
    yield
    assert canvas.active_layer() == strokes
    pane.drop()
    yield
    assert canvas.active_layer() == strokes


def check_a_pane_in_a_group_without_a_place(studio: Studio) -> Steps:
    """Its place is made at the bottom, one step; what an earlier run left there is taken away."""
    canvas = studio.new(40, 30)
    yield
    try:
        canvas.open_pane("Underdrawing", "Live preview", "Preview", "bgra_u8")
    except KeyError:
        pass
    else:
        raise AssertionError("a pane was laid into no group")
    first = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    yield
    canvas.create_layer("Detail", colour_label=2, group="Underdrawing")
    yield
    canvas.activate(first)
    yield
    canvas.open_pane("Underdrawing", "Live preview", "left behind", "bgra_u8")
    yield
    pane = canvas.open_pane("Underdrawing", "Live preview", "Preview", "bgra_u8")
    yield
    assert canvas.active_layer() == first
    tops = ["Background", "Underdrawing"]
    names = [layer.name for layer in canvas.layers()]
    assert names == [*tops, "Live preview", "Preview", "Contour", "Detail"], names
    studio.undo(canvas)
    yield
    assert not pane.is_there()
    pane.drop()
    yield
    assert [layer.name for layer in canvas.layers()] == [*tops, "Contour", "Detail"]


def check_sheets_bring_the_place_along(studio: Studio) -> Steps:
    canvas = studio.new(40, 30)
    yield
    for names in (["Live preview", "Mask"], ["Live preview", "Mask", "Lines", "Mask"]):
        sheets = canvas.new_sheets((("Mask", 6),), "bgra_u8")
        sheets.add("Underdrawing", "Lines", "Live preview")
        sheets.drop()
        yield
        assert [layer.name for layer in canvas.layers()] == ["Background", "Underdrawing", *names]
    for left in (4, 1):
        studio.undo(canvas)
        yield
        assert len(canvas.layers()) == left


PANE_CHECKS: tuple[Callable[[Studio], Steps], ...] = (
    check_a_pane_comes_and_goes_without_a_step,
    check_a_pane_in_a_group_without_a_place,
    check_sheets_bring_the_place_along,
)
