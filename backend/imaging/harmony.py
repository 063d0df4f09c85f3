# SPDX-License-Identifier: GPL-3.0-or-later
"""The painted crop takes on the colours of the picture around it, so that its border does not show."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate

LARGEST_SHIFT = 0.12
"""A known pixel that the network repainted with a larger error than this is no witness of a colour shift."""

LEVELS = 7
"""Halvings of the picture: the correction reaches 2 ** LEVELS pixels inwards, then fades to the mean."""


def matched(painted: Tensor, picture: Tensor, mask: Tensor) -> Tensor:
    """Correct the painted crop by the error that it shows on known pixels, carried smoothly into the mask.

    Args:
        painted: (1,3,H,W) in [0, 1], the decoded crop, known surroundings included.
        picture: (1,3,H,W) in [0, 1], what is really there.
        mask: (1,1,H,W); 1 was painted. Without any known pixel nothing is corrected.

    Returns:
        (1,3,H,W) in [0, 1].

    Source: pull-push interpolation, Gortler et al. 1996, of the error in place of the picture.
    """
    known = (mask < 0.5).to(painted)
    if not known.any():
        return painted
    error = picture - painted
    known = known * (error.abs().amax(1, keepdim=True) <= LARGEST_SHIFT)
    return (painted + _spread(error * known, known, LEVELS)).clamp(0, 1)


def _spread(weighted: Tensor, weight: Tensor, levels: int) -> Tensor:
    """Fill where the weight is 0 from ever coarser means of `weighted` / `weight`."""
    height, width = weight.shape[-2:]
    here = weighted / weight.clamp(min=1e-6)
    if levels == 0 or max(height, width) < 2:
        total = weight.sum((-2, -1), keepdim=True).clamp(min=1e-6)
        return torch.lerp(weighted.sum((-2, -1), keepdim=True) / total, here, weight.clamp(max=1))
    half = ((height + 1) // 2, (width + 1) // 2)
    smaller = [interpolate(plane, half, mode="area") for plane in (weighted, weight)]
    below = _spread(smaller[0], smaller[1], levels - 1)
    below = interpolate(below, (height, width), mode="bilinear", align_corners=False)
    return torch.lerp(below, here, weight.clamp(max=1))
