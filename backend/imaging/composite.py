# SPDX-License-Identifier: GPL-3.0-or-later
"""The painted crop at canvas size, as a layer in the document's own depth."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from backend.imaging import masks
from backend.imaging.pixels import DEPTHS, Floats, Pixels, from_rgba
from shared.geometry import Bounds
from shared.messages import PixelFormat

BAND_ROWS = 256
MARGIN = 4
"""Pixels around a band that bicubic filtering looks at, and one to spare."""


def layer_of(
    painted: Tensor,
    crop: Bounds,
    factor: int,
    mask: masks.Mask,
    format: PixelFormat,
    *,
    grow_px: int,
    feather_px: int,
) -> tuple[Bounds, Pixels]:
    """Enlarge by `factor` and give it the mask's alpha, band by band.

    Args:
        painted: (1,3,h,w) in [0, 1]; h and w are the crop's sides over `factor`, rounded up.
        mask: Of the whole area, in which the crop lies.

    Returns:
        Where the layer lies in the area, and its pixels; alpha is exactly 0 outside the grown mask.
    """
    bounds = masks.bounds_of(mask).grown(grow_px).intersect(crop)
    depth, channels = DEPTHS[format]
    pixels = np.empty((bounds.height, bounds.width, channels), depth)
    for band in bands(bounds, BAND_ROWS):
        cover = masks.alpha(mask, band, grow_px=grow_px, feather_px=feather_px)
        rgb = enlarged(painted, band.shifted(-crop.x, -crop.y), factor)
        rgba = np.concatenate([rgb * (cover[..., None] > 0), cover[..., None]], -1)
        pixels[band.y - bounds.y : band.bottom - bounds.y] = from_rgba(rgba, format)
    return bounds, pixels


def bands(bounds: Bounds, rows: int) -> list[Bounds]:
    return [
        Bounds(bounds.x, y, bounds.width, min(rows, bounds.bottom - y))
        for y in range(bounds.y, bounds.bottom, rows)
    ]


def enlarged(painted: Tensor, window: Bounds, factor: int) -> Floats:
    """A window of the picture at `factor` times its size, as if the whole had been enlarged bicubically.

    Args:
        painted: (1,3,h,w).
        window: In enlarged pixels.

    Returns:
        (height, width, 3) in [0, 1].
    """
    first = Bounds(window.x // factor, window.y // factor, 0, 0)
    height = -(-window.bottom // factor) - first.y
    width = -(-window.right // factor) - first.x
    near = pad(painted, (MARGIN,) * 4, mode="replicate") if factor > 1 else painted
    if factor > 1:
        near = near[..., first.y : first.y + height + 2 * MARGIN, first.x : first.x + width + 2 * MARGIN]
        near = interpolate(near, scale_factor=float(factor), mode="bicubic", align_corners=False)
        y, x = (window.y - (first.y - MARGIN) * factor), (window.x - (first.x - MARGIN) * factor)
    else:
        y, x = window.y, window.x
    cut = near[0, :, y : y + window.height, x : x + window.width].clamp(0, 1)
    return torch.permute(cut, (1, 2, 0)).numpy()
