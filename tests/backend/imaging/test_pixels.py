# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from backend.imaging.pixels import DEPTHS, Picture, from_rgba, luminance, to_array, to_bytes, to_rgba
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat

COLOURED: list[PixelFormat] = ["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32"]


@pytest.mark.parametrize("format", list(DEPTHS))
def test_bytes_come_back_as_they_were(format: PixelFormat) -> None:
    depth, channels = DEPTHS[format]
    data = np.random.default_rng(0).bytes(5 * 3 * channels * np.dtype(depth).itemsize)
    array = to_array(data, Extent(5, 3), format)
    assert array.shape == (3, 5, channels)
    assert to_bytes(array) == data


def test_wrong_number_of_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="60 bytes, not 59"):
        to_array(b"x" * 59, Extent(5, 3), "bgra_u8")


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16", "graya_u8", "graya_u16", "grey_u8"])
def test_every_value_survives_the_way_through_floats(format: PixelFormat) -> None:
    depth, channels = DEPTHS[format]
    top = np.iinfo(depth).max
    values = np.linspace(0, top, 4096).astype(depth)
    array = np.repeat(values.reshape(64, 64, 1), channels, -1)
    np.testing.assert_array_equal(from_rgba(to_rgba(array, format), format), array)


@pytest.mark.parametrize("format", COLOURED)
def test_red_is_red_in_every_layout(format: PixelFormat) -> None:
    rgba = np.array([[[1, 0, 0, 0.5]]], np.float32)
    array = from_rgba(rgba, format)
    assert array.dtype == np.dtype(DEPTHS[format][0])
    np.testing.assert_allclose(to_rgba(array, format), rgba, atol=1 / 400)
    assert array[0, 0, 2 if format.startswith("bgra") else 0] == array.max()


def test_light_beyond_white_and_no_numbers() -> None:
    array = np.array([[[4.0, -1.0, np.nan, 1.0]]], np.float32)
    assert to_rgba(array, "rgba_f32").tolist() == [[[1, 0, 0, 1]]]


def test_grey_layouts_take_the_luminance() -> None:
    rgba = np.array([[[0.0, 1.0, 0.0, 0.25]]], np.float32)
    assert from_rgba(rgba, "graya_u8").tolist() == [[[182, 64]]]
    assert luminance(rgba)[0, 0] == pytest.approx(0.7152)


def test_a_wrong_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="is not bgra_u16"):
        to_rgba(np.zeros((2, 2, 4), np.uint8), "bgra_u16")


def test_a_picture_reads_a_rectangle() -> None:
    array = np.arange(6 * 5 * 4, dtype=np.uint8).reshape(6, 5, 4)
    part = Picture(array, "bgra_u8").rgba(Bounds(1, 2, 3, 4))
    np.testing.assert_allclose(part[0, 0], array[2, 1, [2, 1, 0, 3]] / 255, rtol=1e-6)
    assert part.shape == (4, 3, 4)


def test_clear_is_without_any_alpha() -> None:
    array = np.full((4, 4, 4), 9, np.uint8)
    array[..., 3] = 0
    array[3, 3, 3] = 1
    picture = Picture(array, "bgra_u8")
    assert picture.is_clear(Bounds(0, 0, 4, 3))
    assert not picture.is_clear(Bounds(2, 2, 2, 2))
    assert not Picture(np.zeros((4, 4, 1), np.uint8), "grey_u8").is_clear(Bounds(0, 0, 4, 4))
