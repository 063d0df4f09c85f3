# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from krita_plugin.underdrawing.model import ink_layers, rasters
from krita_plugin.underdrawing.model.ink_layers import pen
from krita_plugin.underdrawing.model.rasters import Raster, bands_of, drawn, is_untouched, write_over
from shared.geometry import Bounds

from ..canvas_contract import BLACK, CLEAR, GREEN, joined
from ..fake_canvas import FakeCanvas

INK = pen("#000000", 1.0, 0.0, "bgra_u8")
BOX = Bounds(4, 3, 6, 5)
OLD = Raster(BOX, b"\xff" * 30, "bgra_u8", INK)


@pytest.fixture(autouse=True)
def small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, "BAND_PIXELS", 20)


def ended(steps) -> bool:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def laid(raster: Raster = OLD) -> tuple[FakeCanvas, str]:
    canvas = FakeCanvas(20, 16)
    sheets = canvas.new_sheets((("Contour – a", 1),), "bgra_u8")
    for band in drawn(raster):
        if band is not None:
            sheets.write(0, band)
    (layer,) = sheets.add("Underdrawing", "a")
    return canvas, layer


def shown(canvas: FakeCanvas, layer: str) -> bytes:
    whole = Bounds(0, 0, 20, 16)
    return joined(canvas.read_own(layer, whole, "bgra_u8"), whole)


def test_the_pixels_of_a_band_wherever_it_lies() -> None:
    assert OLD.pixels(Bounds(0, 0, 20, 3)) == CLEAR * 60
    assert OLD.pixels(Bounds(4, 3, 6, 1)) == BLACK * 6
    assert OLD.pixels(Bounds(2, 7, 4, 2)) == CLEAR * 2 + BLACK * 2 + CLEAR * 4
    assert Raster(BOX, b"", "bgra_u8").pixels(Bounds(4, 3, 2, 1)) == CLEAR * 2
    colours = Raster(Bounds(0, 0, 2, 2), GREEN + CLEAR + CLEAR + BLACK, "bgra_u8")
    assert colours.pixels(Bounds(1, 0, 2, 2)) == CLEAR * 2 + BLACK + CLEAR
    deep = Raster(Bounds(0, 0, 1, 1), b"\x01\x80\xff\xff", "bgra_u16")
    assert deep.pixels(Bounds(0, 0, 1, 1)) == b"\x01\x01\x80\x80\xff\xff\xff\xff"


def test_bands_are_small_and_cover_all() -> None:
    found = list(bands_of(BOX))
    assert [band.height for band in found] == [3, 2]
    assert sum(band.extent.area for band in found) == 30
    assert ink_layers.BAND_PIXELS > 20, "that of others stays"


@pytest.mark.parametrize("there", [Bounds(6, 4, 6, 5), Bounds(0, 0, 3, 3), Bounds(4, 3, 2, 9)])
def test_a_layer_is_written_over_wherever_it_moves(there: Bounds) -> None:
    canvas, layer = laid()
    assert ended(is_untouched(canvas, layer, OLD))
    new = Raster(there, b"\xff" * there.extent.area, "bgra_u8", INK)
    ended(write_over(canvas, layer, OLD, new))
    assert shown(canvas, layer) == new.pixels(Bounds(0, 0, 20, 16))
    assert ended(is_untouched(canvas, layer, new)) and not ended(is_untouched(canvas, layer, OLD))


@pytest.mark.parametrize("place", [Bounds(5, 5, 1, 1), Bounds(15, 2, 2, 2)])
def test_a_stroke_of_the_artist_is_noticed(place: Bounds) -> None:
    canvas, layer = laid()
    canvas.ink(layer, place, GREEN)
    assert not ended(is_untouched(canvas, layer, OLD))
    erased, other = laid()
    erased.find(other).pixels.pop((5, 5))
    assert not ended(is_untouched(erased, other, OLD))


def test_a_blank_raster_has_nothing_to_draw() -> None:
    assert [band for band in drawn(Raster(BOX, bytes(30), "bgra_u8", INK)) if band is not None] == []
