# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
import struct

import pytest

from krita_plugin.underdrawing.model import ink_layers
from krita_plugin.underdrawing.model.ink_layers import drawn_bands, inked_bands, layer_format, pen
from shared.geometry import Bounds
from shared.ink import alpha_table

INK = bytes([0, 1, 128, 255])


def test_ink_becomes_a_colour_with_opacity_and_nothing_where_none_shows() -> None:
    pixels = pen("#102030", 1.0, 0.1, "bgra_u8").pixels(INK)
    alpha = alpha_table(1.0, 0.1)
    assert pixels == bytes(8) + bytes((0x30, 0x20, 0x10, alpha[128], 0x30, 0x20, 0x10, 255))


def test_sixteen_bits_span_the_whole_range() -> None:
    pixels = pen("#102030", 1.0, 0.0, "bgra_u16").pixels(INK)
    found = struct.unpack("<16H", pixels)
    assert found[:4] == (0, 0, 0, 0)
    assert found[8:] == (0x3030, 0x2020, 0x1010, 0x8080, 0x3030, 0x2020, 0x1010, 0xFFFF)


def test_bands_follow_each_other_and_blank_ones_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ink_layers, "BAND_PIXELS", 40)
    plane = bytes(70) + random.Random(1).randbytes(30) + bytes(30)
    bounds = Bounds(5, 7, 10, 13)
    found = list(inked_bands(plane, bounds))
    assert [place for place, _ in found] == [Bounds(5, 7 + 4 * n, 10, 4 if n < 3 else 1) for n in range(4)]
    assert [part is None for _, part in found] == [True, False, False, True]
    assert b"".join(part or b"" for _, part in found) == plane[40:120]
    used = pen("#000000", 1.0, 0.0, "bgra_u8")
    drawn = [band for band in drawn_bands(plane, bounds, used) if band is not None]
    assert b"".join(bytes(band.data) for band in drawn) == used.pixels(plane[40:120])


def test_layers_are_as_deep_as_their_document_needs() -> None:
    assert layer_format("graya_u8") == layer_format("bgra_u8") == "bgra_u8"
    assert layer_format("bgra_u16") == layer_format("rgba_f32") == layer_format("graya_u16") == "bgra_u16"
