# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from array import array

import numpy as np
import pytest

from krita_plugin.underdrawing.link.rows import alpha_as_grey, ink_thumbnail, place, thumbnail
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat

LEVELS = np.array([[0.0, 1.0, 0.5, 0.2, 1.5, -0.3]])


@pytest.mark.parametrize("bounds", [Bounds(10, 20, 13, 9), Bounds(12, 22, 5, 3), Bounds(10, 25, 13, 1)])
def test_rows_are_placed(bounds: Bounds) -> None:
    area = Bounds(10, 20, 13, 9)
    buffer = bytearray(area.extent.area * 4)
    rows = np.random.default_rng(0).integers(0, 256, (bounds.height, bounds.width, 4), np.uint8)
    place(buffer, area, memoryview(rows.tobytes()), bounds, 4)
    expected = np.zeros((9, 13, 4), np.uint8)
    y, x = bounds.y - area.y, bounds.x - area.x
    expected[y : y + bounds.height, x : x + bounds.width] = rows
    assert buffer == expected.tobytes()


@pytest.mark.parametrize("bounds", [Bounds(9, 20, 2, 2), Bounds(10, 20, 2, 3)])
def test_rows_that_do_not_fit_are_refused(bounds: Bounds) -> None:
    with pytest.raises(ValueError, match="are not"):
        place(bytearray(100), Bounds(10, 20, 5, 5), memoryview(bytes(16)), bounds, 4)


@pytest.mark.parametrize(
    ("format", "dtype", "channels", "one"),
    [
        ("bgra_u8", np.uint8, 4, 255),
        ("bgra_u16", np.uint16, 4, 65535),
        ("rgba_f16", np.float16, 4, 1),
        ("rgba_f32", np.float32, 4, 1),
        ("graya_u8", np.uint8, 2, 255),
        ("graya_u16", np.uint16, 2, 65535),
        ("grey_u8", np.uint8, 1, 255),
    ],
)
def test_alpha_of_every_format(format: PixelFormat, dtype: type, channels: int, one: int) -> None:
    levels = LEVELS if one == 1 else LEVELS.clip(0, 1)
    pixels = np.full((1, 6, channels), one // 3, dtype)
    pixels[..., -1] = levels * one
    found = np.frombuffer(alpha_as_grey(pixels.tobytes(), format), np.uint8)
    assert np.abs(found - LEVELS.clip(0, 1)[0] * 255).max() <= 1
    assert (found[0], found[1]) == (0, 255)


def test_alpha_that_is_no_number_is_clear() -> None:
    pixel = array("f", [1.0, 1.0, 1.0, float("nan")]).tobytes()
    assert alpha_as_grey(pixel, "rgba_f32") == b"\0"


@pytest.mark.parametrize(
    ("format", "dtype", "pixel", "shown_as"),
    [
        ("bgra_u8", np.uint8, (255, 0, 128, 255), (255, 0, 128, 255)),
        ("bgra_u16", np.uint16, (65535, 0, 128 * 257, 65535), (255, 0, 128, 255)),
        ("rgba_f16", np.float16, (0.5, -0.1, 1.7, 1.0), (255, 0, 128, 255)),
        ("rgba_f32", np.float32, (0.5, 0.0, 1.0, 1.0), (255, 0, 128, 255)),
        ("graya_u8", np.uint8, (128, 255), (128, 128, 128, 255)),
        ("graya_u16", np.uint16, (128 * 257, 65535), (128, 128, 128, 255)),
    ],
)
def test_thumbnails(
    format: PixelFormat, dtype: type, pixel: tuple[float, ...], shown_as: tuple[int, ...]
) -> None:
    pixels = np.zeros((300, 600, len(pixel)), dtype)
    pixels[:, 300:] = pixel
    small = thumbnail(pixels.tobytes(), Extent(600, 300), format)
    assert (small.width, small.height) == (128, 64)
    shown = np.frombuffer(small.bgra, np.uint8).reshape(64, 128, 4)
    assert not shown[:, :64].any()
    assert (shown[:, 64:] == shown_as).all()


@pytest.mark.parametrize("extent", [Extent(1, 1), Extent(3, 2), Extent(8192, 1)])
def test_thumbnails_of_odd_sizes(extent: Extent) -> None:
    small = thumbnail(bytes(extent.area * 4), extent, "bgra_u8")
    assert 1 <= small.width <= 128
    assert 1 <= small.height <= 128
    assert len(small.bgra) == small.width * small.height * 4


def test_no_thumbnail_of_other_formats() -> None:
    with pytest.raises(ValueError, match="grey_u8"):
        thumbnail(b"\0", Extent(1, 1), "grey_u8")


def test_thin_lines_show_in_a_thumbnail() -> None:
    extent = Extent(1000, 700)
    lines = np.zeros((2, 700, 1000), np.uint8)
    lines[0, 333] = 200
    lines[1, :, 555] = 255
    small = ink_thumbnail([plane.tobytes() for plane in lines], extent)
    assert (small.width, small.height) == (128, 90)
    shown = np.frombuffer(small.bgra, np.uint8).reshape(90, 128, 4)
    assert (shown[..., 3] == 255).all() and (shown[0, :40, :3] == 255).all()
    assert (shown[..., 0].min(axis=0) <= 55).all(), "the line across"
    assert (shown[..., 0].min(axis=1) == 0).all(), "the line down"
