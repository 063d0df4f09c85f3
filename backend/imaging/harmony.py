# SPDX-License-Identifier: GPL-3.0-or-later
"""The painted crop takes on the colours of the picture around it, so that its border does not show."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from backend.imaging import colour_strokes

LARGEST_SHIFT = 0.5
"""A known pixel that the network repainted with a larger error than this is no witness of a colour shift."""

SMOOTHINGS = 4
"""Per level. On held-out pictures steps at the border were 1.22 times the true ones with 0, 1.03 with 4."""

LEVELS = 7
"""Halvings of the picture: the correction reaches 2 ** LEVELS pixels inwards, then fades to the mean."""


def matched(painted: Tensor, picture: Tensor, mask: Tensor, lines: Tensor | None = None) -> Tensor:
    """Correct the painted crop by the error that it shows on known pixels, carried smoothly into the mask.

    What belongs to a surface outside, such as the sky beside a figure, is corrected as a whole, up to the
    edges of the painting and the drawn lines; otherwise a ring of what the network painted would stay around
    the figure. What is left is carried on without regard to edges, and fades.

    Args:
        painted: (1,3,H,W) in [0, 1], the decoded crop, known surroundings included.
        picture: (1,3,H,W) in [0, 1], what is really there.
        mask: (1,1,H,W); 1 was painted. Without any known pixel nothing is corrected.
        lines: (1,1,H,W), ink; what lies on known pixels does not count. None leaves the surfaces out, which
            takes less time.

    Returns:
        (1,3,H,W) in [0, 1].

    Source: the membrane of Perez et al. 2003, section 2 (a seamless clone's correction is harmonic inside and
    the error at the border), solved from coarse to fine: Gortler et al. 1996, smoothed on every level. The
    surfaces: as of `colour_strokes`, the known pixels being the strokes.
    """
    known = (mask < 0.5).to(painted)
    if not known.any():
        return painted
    known = known * ((picture - painted).abs().amax(1, keepdim=True) <= LARGEST_SHIFT)
    if lines is not None:
        true = torch.cat([picture, known], 1)
        painted = colour_strokes.obeyed(painted, true, lines * (mask > 0.5), torch.ones_like(mask))
    error = picture - painted
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
    spread = torch.lerp(below, here, weight.clamp(max=1))
    for _ in range(SMOOTHINGS):
        spread = torch.lerp(_mean_of_neighbours(spread), here, weight.clamp(max=1))
    return spread


def _mean_of_neighbours(plane: Tensor) -> Tensor:
    """Mean of the four neighbours of every pixel; beyond the edge everything continues."""
    wide = pad(plane, (1, 1, 1, 1), mode="replicate")
    beside = wide[..., 1:-1, :-2] + wide[..., 1:-1, 2:]
    return (beside + wide[..., :-2, 1:-1] + wide[..., 2:, 1:-1]) / 4
