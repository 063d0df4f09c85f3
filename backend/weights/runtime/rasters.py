# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes in the form that a stroke encoder was trained on.

Our own encoders take one channel of ink, or four of colour with its coverage. Public ones take ink as one
channel or as three equal ones, white on black, and colours as a picture of coarse blocks.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

COLOUR_CHANNELS = 4
BLOCK_PX = 64
"""Side of a block in the pictures that public colour encoders were trained on."""

LEAST_COVERAGE = 1e-3
NO_STROKE = 0.5


def encoder_input(raster: Tensor, channels: int) -> Tensor:
    """One raster as an encoder of so many channels wants it.

    Args:
        raster: (1,1,H,W) of ink, 1 on 0, or (1,4,H,W) of colour and coverage, as of `sketch_fusion.Strokes`.

    Returns:
        (1,channels,H,W) in [0, 1].

    Raises:
        ValueError: no convention is known for so many channels.
    """
    given = raster.shape[1]
    if given == channels:
        return raster
    if given == 1 and channels == 3:
        return raster.expand(-1, 3, -1, -1)
    if given == COLOUR_CHANNELS and channels == 3:
        return colour_blocks(raster)
    raise ValueError(f"an encoder of {channels} channels cannot take a raster of {given}")


def colour_blocks(raster: Tensor) -> Tensor:
    """(1,4,H,W) to a picture (1,3,H,W) of flat blocks, each the mean of the strokes in it.

    A block without a stroke takes the mean of all strokes, because this form knows no "nothing here".
    """
    height, width = raster.shape[-2:]
    rows, columns = (max(1, round(side / BLOCK_PX)) for side in (height, width))
    coverage = raster[:, 3:]
    weight = adaptive_avg_pool2d(coverage, (rows, columns))
    blocks = adaptive_avg_pool2d(raster[:, :3] * coverage, (rows, columns)) / weight.clamp(min=LEAST_COVERAGE)
    total = coverage.sum((-2, -1), keepdim=True)
    mean = (raster[:, :3] * coverage).sum((-2, -1), keepdim=True) / total.clamp(min=LEAST_COVERAGE)
    mean = torch.where(total > LEAST_COVERAGE, mean, torch.full_like(mean, NO_STROKE))
    filled = torch.where(weight > LEAST_COVERAGE, blocks, mean)
    return interpolate(filled, (height, width), mode="nearest")
