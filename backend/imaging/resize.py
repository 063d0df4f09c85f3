# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing size: pictures by area, lines so that the thinnest survive, masks so that nothing of them is lost.

Tensors are (batch, channel, height, width) floats in [0, 1]; sizes are (height, width).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d, interpolate, max_pool2d, pad

from backend.imaging.pixels import Floats
from models.networks.sketch_fusion import NEUTRAL_GREY

LINE_GAIN = 1.25
"""A one-pixel line reduced eightfold still shows at 0.7 of full ink; a thick one stays as thick as it is."""


def picture_resized(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """Area-like antialiasing down, bicubic up."""
    if picture.shape[-2:] == torch.Size(size):
        return picture
    grows = size[0] * size[1] > picture.shape[-2] * picture.shape[-1]
    mode = "bicubic" if grows else "bilinear"
    return interpolate(picture, size, mode=mode, align_corners=False, antialias=True).clamp(0, 1)


def strokes_resized(strokes: Tensor, size: tuple[int, int]) -> Tensor:
    """Colour strokes (B,4,H,W): nothing of what lies where none is drawn comes into their colours."""
    if strokes.shape[-2:] == torch.Size(size):
        return strokes
    cover = strokes[:, 3:]
    weighted = torch.cat([strokes[:, :3] * cover, cover], 1)
    weighted = interpolate(weighted, size, mode="bilinear", align_corners=False, antialias=True)
    share = weighted[:, 3:]
    rgb = (weighted[:, :3] / share.clamp_min(1e-6)).clamp(0, 1)
    return torch.cat([torch.where(share > 0, rgb, NEUTRAL_GREY), share], 1)


def lines_resized(ink: Tensor, size: tuple[int, int]) -> Tensor:
    """Lines reduced as `line_mix` says; enlarged as pictures are."""
    mean = picture_resized(ink, size)
    if size[0] * size[1] >= ink.shape[-2] * ink.shape[-1]:
        return mean
    return line_mix(mean, adaptive_max_pool2d(ink, list(size)))


def mask_resized(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """A pixel is selected when anything under it is."""
    return mask if mask.shape[-2:] == torch.Size(size) else adaptive_max_pool2d(mask, list(size))


def mask_on_grid(mask: Tensor, cell: int) -> Tensor:
    """Widen the mask to whole cells, so that its latent-sized copy says the same."""
    return max_pool2d(mask, cell).repeat_interleave(cell, -1).repeat_interleave(cell, -2)


def padded(planes: Tensor, multiple: int, least: int) -> Tensor:
    """Mirror the right and bottom edge until both sides are multiples of `multiple` and at least `least`."""
    height, width = planes.shape[-2:]
    missing = [-(-max(side, least) // multiple) * multiple - side for side in (width, height)]
    if not any(missing):
        return planes
    mode = "reflect" if missing[0] < width and missing[1] < height else "replicate"
    return pad(planes, (0, missing[0], 0, missing[1]), mode=mode)


def block_mean(planes: Floats, factor: int) -> Floats:
    """(height, width, channel) averaged over blocks of `factor` pixels; the last ones repeat the edge."""
    return planes if factor == 1 else _blocks(planes, factor).mean((1, 3))


def block_lines(ink: Floats, factor: int) -> Floats:
    """As `block_mean`, but lines survive as in `lines_resized`."""
    if factor == 1:
        return ink
    blocks = _blocks(ink, factor)
    return line_mix(torch.as_tensor(blocks.mean((1, 3))), torch.as_tensor(blocks.max((1, 3)))).numpy()


def block_max(planes: NDArray[Any], factor: int) -> NDArray[Any]:
    """As `block_mean`, but the largest value wins."""
    return planes if factor == 1 else _blocks(planes, factor).max((1, 3))


def _blocks(planes: NDArray[Any], factor: int) -> NDArray[Any]:
    height, width, channels = planes.shape
    rows, columns = -(-height // factor), -(-width // factor)
    gap = ((0, rows * factor - height), (0, columns * factor - width), (0, 0))
    return np.pad(planes, gap, mode="edge").reshape(rows, factor, columns, factor, channels)


def line_mix(mean: Tensor, peak: Tensor) -> Tensor:
    """Between the mean, which loses thin lines, and the maximum, which swells thick ones."""
    return ((mean + peak) * (LINE_GAIN / 2)).clamp(max=1)
