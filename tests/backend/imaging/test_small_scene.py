# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers read small at once show what the slow way shows."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from backend.imaging import masks
from backend.imaging.pixels import Picture
from backend.imaging.scene import Layers, read_scene
from backend.imaging.small_scene import small_colours, small_ink, small_layer, small_mask, small_picture
from shared.geometry import Bounds

CROP, FACTOR, SIZE = Bounds(6, 11, 210, 150), 3, (50, 70)


def drawn(**background) -> Picture:
    """Strokes and a soft patch on transparency, or on what is given."""
    canvas = Image.new("RGBA", (240, 180), **background)
    pen = ImageDraw.Draw(canvas)
    pen.line((10, 20, 200, 150), fill=(40, 30, 20, 255), width=1)
    pen.ellipse((60, 40, 150, 110), outline=(200, 10, 60, 255), width=4)
    pen.rectangle((170, 30, 220, 90), fill=(10, 200, 90, 120))
    return Picture(np.asarray(canvas)[..., [2, 1, 0, 3]].copy(), "bgra_u8")


def mask() -> masks.Mask:
    made = np.zeros((180, 240), np.uint8)
    made[50:120, 70:71] = 255
    return made


def scene(layer: Picture, grow_px: int = 0):
    return read_scene(Layers(mask(), layer, layer, None, layer), CROP, FACTOR, grow_px=grow_px)


@pytest.mark.parametrize("color", [(0, 0, 0, 0), (250, 240, 230, 255)])
def test_bytes_are_reduced_as_floats_are(color: tuple[int, ...]) -> None:
    layer = drawn(color=color)
    slow = scene(layer)
    picture, clear = small_picture(layer, CROP, SIZE)
    assert (picture - slow.picture).abs().max() < 0.01
    assert torch.equal(clear > 0, slow.colours[:, 3:] < 0.5)
    assert np.abs(small_ink(layer, CROP, SIZE) - slow.contour[0, 0].numpy()).max() < 0.01
    colours = small_colours(layer, CROP, SIZE)
    away = (colours - slow.strokes().colour).abs() * (colours[:, 3:] > 0.2)
    assert away.max() < 0.03


def test_other_depths_are_read_the_same() -> None:
    layer = drawn(color=(0, 0, 0, 0))
    deep = Picture(layer.array.astype("<u2") * np.uint16(257), "bgra_u16")
    assert np.abs(small_ink(layer, CROP, SIZE) - small_ink(deep, CROP, SIZE)).max() < 0.01
    assert (small_picture(layer, CROP, SIZE)[0] - small_picture(deep, CROP, SIZE)[0]).abs().max() < 0.01


@pytest.mark.parametrize("grow_px", [0, 7])
def test_nothing_of_a_mask_is_lost(grow_px: int) -> None:
    opaque = Picture(np.full((180, 240, 4), 255, np.uint8), "bgra_u8")
    made = small_mask(mask(), CROP, SIZE, grow_px=grow_px)
    assert torch.equal(made, scene(opaque, grow_px).mask)
    assert made.sum() >= 70 / FACTOR


def test_odd_sizes_are_read_too() -> None:
    layer, size = drawn(color=(0, 0, 0, 0)), (41, 58)
    assert small_picture(layer, CROP, size)[0].shape == (1, 3, *size)
    assert small_ink(layer, CROP, size).shape == size
    assert small_mask(mask(), CROP, size, grow_px=2).shape == (1, 1, *size)
    assert small_picture(None, CROP, size)[1].all()


@pytest.mark.parametrize("format", ["bgra_u8", "rgba_f32", "graya_u8"])
def test_a_layer_is_enlarged_in_its_place(format) -> None:
    ramp = torch.linspace(0.2, 0.8, 70).expand(1, 3, 50, 70)
    bounds = Bounds(30, 20, 120, 90)
    cover = np.ones((90, 120), np.float32)
    cover[:10] = 0
    made = small_layer(ramp, CROP, bounds, cover, format)
    assert made.shape[:2] == (90, 120) and not made[:10].any()
    most = 255 if made.dtype.kind == "u" else 1
    assert (made[10:, :, -1] == most).all()
    wanted = 0.2 + 0.6 * ((np.arange(120) + 24.5) / 3 - 0.5) / 69
    assert np.abs(made[50, :, 0] / most - wanted).max() < 0.006
