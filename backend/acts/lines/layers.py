# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of a request as pictures and as ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.acts.work import RawPixels
from backend.imaging.pixels import Picture, bytes_over_white
from backend.imaging.strokes import ink, paper_tone
from shared.geometry import Bounds

Plane = NDArray[np.uint8]

ROWS = 256
"""Floats are made of so many rows at a time."""


def picture_of(pixels: RawPixels) -> Picture:
    return Picture(pixels.array, pixels.format)


def over_white(pixels: RawPixels) -> NDArray[np.uint8]:
    """(height, width, 3) in sRGB, laid over white."""
    picture = picture_of(pixels)
    return bytes_over_white(picture.array, picture.format)


def ink_of(pixels: RawPixels) -> Plane:
    """(height, width): how much of each pixel the artist's lines cover, 0 to 255."""
    layer, plane = picture_of(pixels), np.empty((pixels.extent.height, pixels.extent.width), np.uint8)
    paper = paper_tone(layer)
    for y in range(0, len(plane), ROWS):
        rows = min(ROWS, len(plane) - y)
        rgba = layer.rgba(Bounds(0, y, pixels.extent.width, rows))
        plane[y : y + rows] = np.rint(255 * ink(rgba, paper))
    return plane


def masked(plane: Plane, mask: RawPixels) -> Plane:
    """Ink where the mask is, softly at a soft border."""
    weights = mask.array[..., 0].astype(np.uint16)
    return ((plane.astype(np.uint16) * weights + 127) // 255).astype(np.uint8)
