# SPDX-License-Identifier: GPL-3.0-or-later
"""What every Canvas must do. The same checks run on FakeCanvas and, inside Krita, on KritaCanvas.

A check is a generator: where it yields, the program's event loop has to turn for a while, for Krita does some
things only then. Nothing is imported from the plugin, whose package has another name inside Krita.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

RED, GREEN, BLACK = b"\x00\x00\xff\xff", b"\x00\xff\x00\xff", b"\x00\x00\x00\xff"
CLEAR = b"\x00\x00\x00\x00"

Steps = Iterator[None]


class Studio(Protocol):
    """What the checks do beside the Canvas: as the artist would."""

    def new(self, width: int, height: int) -> Any:
        """A canvas of one opaque white 8-bit RGBA layer called "Background", which is active."""
        ...

    def bounds(self, x: int, y: int, width: int, height: int) -> Any: ...

    def ink(self, canvas: Any, layer: str, bounds: Any, pixel: bytes) -> None:
        """Fill a rectangle of a layer with one BGRA pixel, and let the program compose the picture."""
        ...

    def select(self, canvas: Any, bounds: Any) -> None: ...

    def show(self, canvas: Any, layer: str, visible: bool) -> None: ...

    def undo(self, canvas: Any) -> None: ...


def joined(bands: Any, bounds: Any) -> bytes:
    """The bytes of all bands, which must follow each other and fill the bounds."""
    data, y = b"", bounds.y
    for band in bands:
        if band is not None:
            assert (band.bounds.x, band.bounds.width, band.bounds.y) == (bounds.x, bounds.width, y), (
                band.bounds
            )
            data += bytes(memoryview(band.data))
            y += band.bounds.height
    assert y == bounds.bottom, (y, bounds)
    return data


def pasted(studio: Studio, canvas: Any, name: str, rect: tuple[int, int, int, int], pixel: bytes) -> str:
    bounds = studio.bounds(*rect)
    return canvas.paste_layer(name, bounds, pixel * (rect[2] * rect[3]), "bgra_u8")


def check_a_new_document(studio: Studio) -> Steps:
    canvas = studio.new(37, 21)
    yield
    assert tuple(canvas.extent) == (37, 21)
    assert canvas.is_alive()
    assert not canvas.is_stroke_in_progress()
    assert canvas.format == "bgra_u8"
    assert [layer.name for layer in canvas.layers()] == ["Background"]
    assert canvas.active_layer() == canvas.layers()[0].id


def check_the_picture_is_read_in_bands(studio: Studio) -> Steps:
    canvas = studio.new(70, 50)
    yield
    pasted(studio, canvas, "square", (10, 20, 30, 10), RED)
    yield
    part = studio.bounds(5, 15, 41, 33)
    data = joined(canvas.read_picture(part, ()), part)
    white = b"\xff" * 4
    expected = [RED if 10 <= x < 40 and 20 <= y < 30 else white for y in range(15, 48) for x in range(5, 46)]
    assert data == b"".join(expected)


def check_the_picture_in_small(studio: Studio) -> Steps:
    canvas = studio.new(80, 40)
    yield
    pasted(studio, canvas, "half", (0, 0, 40, 40), BLACK)
    yield
    small = canvas.sample(20)
    assert len(small) == 20 * 10 * 4
    rows = [small[80 * y : 80 * y + 80] for y in range(10)]
    assert all(row[:32] == BLACK * 8 and row[48:] == b"\xff" * 32 for row in rows)
    assert len(canvas.sample(200)) == 80 * 40 * 4, "never enlarged"


def check_role_layers_lie_in_one_group_on_top(studio: Studio) -> Steps:
    canvas = studio.new(40, 40)
    yield
    first = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    yield
    assert canvas.active_layer() == first
    second = canvas.create_layer("Detail", colour_label=2, group="Underdrawing")
    yield
    assert canvas.active_layer() == second
    found = canvas.layers()
    assert [layer.name for layer in found] == ["Background", "Underdrawing", "Contour", "Detail"]
    assert [layer.kind for layer in found] == ["paint", "group", "paint", "paint"]
    assert [layer.colour_label for layer in found[2:]] == [1, 2]
    assert {layer.parent for layer in found[2:]} == {found[1].id}
    canvas.activate(found[0].id)
    yield
    assert canvas.active_layer() == found[0].id


def check_creating_a_role_layer_is_one_undo_step(studio: Studio) -> Steps:
    canvas = studio.new(40, 40)
    yield
    pasted(studio, canvas, "below", (0, 0, 5, 5), RED)
    yield
    canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    yield
    canvas.create_layer("Detail", colour_label=2, group="Underdrawing")
    yield
    for left in (["Background", "below", "Underdrawing", "Contour"], ["Background", "below"], ["Background"]):
        studio.undo(canvas)
        yield
        assert [layer.name for layer in canvas.layers()] == left


def check_a_blank_layer_has_no_bounds(studio: Studio) -> Steps:
    canvas = studio.new(64, 64)
    yield
    layer = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    assert canvas.layer_bounds(layer).is_empty
    studio.ink(canvas, layer, studio.bounds(-8, 10, 20, 6), BLACK)
    yield
    found = canvas.layer_bounds(layer)
    assert found.contains(studio.bounds(0, 10, 12, 6))
    assert studio.bounds(0, 0, 64, 64).contains(found)
    part = studio.bounds(0, 9, 14, 8)
    inked = [BLACK if x < 12 and 10 <= y < 16 else CLEAR for y in range(9, 17) for x in range(14)]
    assert joined(canvas.read_layer(layer, part), part) == b"".join(inked)


def check_the_picture_without_strokes(studio: Studio) -> Steps:
    """Whatever lies below: nothing else, one layer, several; strokes visible or not."""
    white = b"\xff" * 4
    canvas = studio.new(64, 48)
    yield
    whole = studio.bounds(0, 0, 64, 48)
    strokes = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    group = canvas.layers()[1].id
    studio.ink(canvas, strokes, studio.bounds(8, 8, 40, 12), BLACK)
    yield
    assert joined(canvas.read_picture(whole, ()), whole).count(BLACK) == 480
    assert joined(canvas.read_picture(whole, [group]), whole) == white * (64 * 48)
    assert joined(canvas.read_picture(whole, [strokes]), whole) == white * (64 * 48)
    pasted(studio, canvas, "below", (0, 0, 20, 48), GREEN)
    yield
    expected = b"".join(GREEN if x < 20 else white for _ in range(48) for x in range(64))
    assert joined(canvas.read_picture(whole, [group]), whole) == expected
    part = studio.bounds(3, 5, 50, 17)
    cut = b"".join(GREEN if x < 20 else white for _ in range(17) for x in range(3, 53))
    assert joined(canvas.read_picture(part, [group]), part) == cut
    studio.show(canvas, group, False)
    yield
    assert joined(canvas.read_picture(whole, [group]), whole) == expected


def check_the_selection(studio: Studio) -> Steps:
    canvas = studio.new(30, 20)
    yield
    assert canvas.selection_bounds() is None
    assert list(canvas.read_selection(studio.bounds(0, 0, 30, 20))) == []
    studio.select(canvas, studio.bounds(5, 4, 11, 7))
    yield
    assert tuple(canvas.selection_bounds()) == (5, 4, 11, 7)
    part = studio.bounds(3, 3, 10, 10)
    expected = bytes(255 if 5 <= x < 16 and 4 <= y < 11 else 0 for y in range(3, 13) for x in range(3, 13))
    assert joined(canvas.read_selection(part), part) == expected
    studio.select(canvas, studio.bounds(20, -5, 40, 10))
    yield
    assert tuple(canvas.selection_bounds()) == (20, 0, 10, 5)


def check_a_pasted_layer(studio: Studio) -> Steps:
    """On top, exact to the byte, one undo step; the artist's layer stays active."""
    canvas = studio.new(50, 40)
    yield
    strokes = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    yield
    before = [layer.name for layer in canvas.layers()]
    bounds = studio.bounds(7, 3, 20, 10)
    data = bytes(value for n in range(200) for value in (n % 251, 255 - n % 200, 7, (n * 5) % 256))
    made = canvas.paste_layer("Painted: a leaf", bounds, data, "bgra_u8")
    yield
    found = canvas.layers()
    assert (found[-1].id, found[-1].name, found[-1].parent) == (made, "Painted: a leaf", "")
    assert canvas.active_layer() == strokes
    assert joined(canvas.read_layer(made, bounds), bounds) == data
    studio.undo(canvas)
    yield
    assert [layer.name for layer in canvas.layers()] == before


def check_layers_pasted_below_another(studio: Studio) -> Steps:
    """Each new one directly below it; where it is gone or at the bottom, on top of all."""
    canvas = studio.new(30, 20)
    yield
    canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    yield
    bottom, group = (layer.id for layer in canvas.layers()[:2])
    bounds = studio.bounds(2, 3, 4, 5)
    for name, below in (("first", group), ("second", group), ("third", bottom), ("fourth", "gone")):
        canvas.paste_layer(name, bounds, GREEN * 20, "bgra_u8", below=below)
        yield
    tops = [layer.name for layer in canvas.layers() if not layer.parent]
    assert tops == ["Background", "first", "second", "Underdrawing", "third", "fourth"], tops
    for left in (5, 4, 3, 2):
        studio.undo(canvas)
        yield
        assert len([layer for layer in canvas.layers() if not layer.parent]) == left


def check_sheets_are_one_undo_step(studio: Studio) -> Steps:
    """Two layers at once, first in the group itself, then in groups within it; the active layer stays."""
    canvas = studio.new(40, 30)
    yield
    background, bounds = canvas.active_layer(), studio.bounds(5, 3, 20, 10)
    whole, before = studio.bounds(0, 0, 40, 30), [["Background"]]
    for title in ("first", "second", "third"):
        sheets = canvas.new_sheets((("Contour - a", 1), ("Detail - a", 2)), "bgra_u8")
        sheets.write(0, band_of(studio, 5, 3, 20, 4, BLACK))
        yield
        sheets.write(0, band_of(studio, 5, 7, 20, 6, RED))
        made = sheets.add("Underdrawing", title)
        sheets.drop()
        canvas.refresh(made)
        yield
        assert canvas.active_layer() == background
        assert joined(canvas.read_layer(made[0], bounds), bounds) == BLACK * 80 + RED * 120
        assert joined(canvas.read_own(made[0], bounds, "bgra_u8"), bounds) == BLACK * 80 + RED * 120
        assert canvas.layer_bounds(made[1]).is_empty
        found = canvas.layers()
        assert [(layer.id, layer.colour_label) for layer in found[-2:]] == [(made[0], 1), (made[1], 2)]
        assert pixel_count(joined(canvas.read_picture(whole, ()), whole), RED) == 120
        before.append([layer.name for layer in found])
    pair = ["Contour - a", "Detail - a"]
    assert before[1] == ["Background", "Underdrawing", *pair]
    assert before[3] == [*before[1], "second", *pair, "third", *pair]
    assert len({layer.parent for layer in canvas.layers() if layer.kind == "group"}) == 2
    for left in reversed(before[:-1]):
        studio.undo(canvas)
        yield
        assert [layer.name for layer in canvas.layers()] == left


def check_a_sheet_straight_in_the_group(studio: Studio) -> Steps:
    canvas = studio.new(20, 20)
    yield
    strokes = canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    yield
    sheets = canvas.new_sheets((("Mask", 6),), "bgra_u8")
    sheets.write(0, band_of(studio, 2, 3, 10, 10, RED))
    (made,) = sheets.add("Underdrawing", "")
    sheets.drop()
    yield
    assert [layer.name for layer in canvas.layers()] == ["Background", "Underdrawing", "Contour", "Mask"]
    assert canvas.active_layer() == strokes
    bounds = studio.bounds(2, 3, 10, 10)
    assert joined(canvas.read_layer(made, bounds), bounds) == RED * 100, "seen through, but whole"
    studio.undo(canvas)
    yield
    assert [layer.name for layer in canvas.layers()] == ["Background", "Underdrawing", "Contour"]


def check_layers_of_our_own_are_written_over(studio: Studio) -> Steps:
    canvas = studio.new(40, 30)
    yield
    sheets = canvas.new_sheets((("Contour - a", 1),), "bgra_u8")
    sheets.write(0, band_of(studio, 5, 3, 20, 10, RED))
    (made,) = sheets.add("Underdrawing", "a")
    sheets.drop()
    yield
    canvas.write_own(made, band_of(studio, 5, 3, 20, 5, GREEN))
    canvas.refresh((made,))
    yield
    yield
    bounds, whole = studio.bounds(5, 3, 20, 10), studio.bounds(0, 0, 40, 30)
    assert joined(canvas.read_own(made, bounds, "bgra_u8"), bounds) == GREEN * 100 + RED * 100
    seen = joined(canvas.read_picture(whole, ()), whole)
    assert (pixel_count(seen, GREEN), pixel_count(seen, RED)) == (100, 100)
    for act in (
        lambda: list(canvas.read_own(made, bounds, "bgra_u16")),
        lambda: list(canvas.read_own("gone", bounds, "bgra_u8")),
        lambda: canvas.write_own("gone", band_of(studio, 5, 3, 20, 5, GREEN)),
    ):
        try:
            act()
        except KeyError:
            continue
        raise AssertionError("a layer that is not there was read or written")
    studio.undo(canvas)
    yield
    assert [layer.name for layer in canvas.layers()] == ["Background"], "writing over is no step of its own"


def check_sheets_that_are_dropped_leave_nothing(studio: Studio) -> Steps:
    canvas = studio.new(20, 20)
    yield
    sheets = canvas.new_sheets((("Contour - a", 1), ("Detail - a", 2)), "bgra_u8")
    sheets.write(1, band_of(studio, 0, 0, 20, 20, RED))
    sheets.drop()
    yield
    assert [layer.name for layer in canvas.layers()] == ["Background"]
    whole = studio.bounds(0, 0, 20, 20)
    assert joined(canvas.read_picture(whole, ()), whole) == b"\xff" * 1600


def pixel_count(data: bytes, pixel: bytes) -> int:
    return [data[at : at + 4] for at in range(0, len(data), 4)].count(pixel)


class Rows:
    """A band for writing; the plugin's own class has another name inside Krita."""

    def __init__(self, bounds: Any, data: bytes) -> None:
        self.bounds, self.data = bounds, data


def band_of(studio: Studio, x: int, y: int, width: int, height: int, pixel: bytes) -> Rows:
    return Rows(studio.bounds(x, y, width, height), pixel * (width * height))


def check_pasted_pixels_must_fit(studio: Studio) -> Steps:
    canvas = studio.new(20, 20)
    yield
    try:
        canvas.paste_layer("wrong", studio.bounds(0, 0, 10, 10), b"\0" * 399, "bgra_u8")
    except ValueError:
        assert len(canvas.layers()) == 1
    else:
        raise AssertionError("399 bytes were taken for 10 x 10 pixels")


def check_a_layer_is_hidden_and_shown(studio: Studio) -> Steps:
    canvas = studio.new(20, 20)
    yield
    pasted(studio, canvas, "square", (0, 0, 20, 20), RED)
    yield
    whole, made = studio.bounds(0, 0, 20, 20), canvas.layers()[-1].id
    for visible, pixel in ((False, b"\xff" * 4), (True, RED)):
        canvas.show_layer(made, visible)
        yield
        assert canvas.layers()[-1].visible is visible
        assert joined(canvas.read_picture(whole, ()), whole) == pixel * 400
    studio.undo(canvas)
    yield
    assert [layer.name for layer in canvas.layers()] == ["Background"], "hiding is no step of its own"


def check_unknown_layers(studio: Studio) -> Steps:
    canvas = studio.new(20, 20)
    yield
    part = studio.bounds(0, 0, 5, 5)
    acts: tuple[Callable[[], object], ...] = (
        lambda: canvas.layer_bounds("gone"),
        lambda: list(canvas.read_layer("gone", part)),
        lambda: list(canvas.read_picture(part, ["gone"])),
        lambda: canvas.activate("gone"),
        lambda: canvas.show_layer("gone", False),
    )
    for act in acts:
        try:
            act()
        except KeyError:
            continue
        raise AssertionError("a layer that is not there was found")


def check_annotations(studio: Studio) -> Steps:
    canvas = studio.new(20, 20)
    yield
    assert canvas.annotation("underdrawing.test") == b""
    canvas.set_annotation("underdrawing.test", b'{"prompt": "Bl\xc3\xa4tter"}')
    assert canvas.annotation("underdrawing.test") == b'{"prompt": "Bl\xc3\xa4tter"}'


CHECKS: tuple[Callable[[Studio], Steps], ...] = tuple(
    check for name, check in list(globals().items()) if name.startswith("check_")
)
