# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The lines of a picture as an eye sees them: one for a drawn stroke, and one for a border of two colours.

An edge filter answers twice to a stroke, once on each side. Local energy, the gradient and the curvature of
colour together, answers once, in the middle, to strokes and borders alike.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate, pad

READ_PX = 160
"""Side at which pictures are read."""

SIGMA_PX, REACH_PX = 1.2, 4
OPPONENT = ((0.30, 0.59, 0.11), (0.5, -0.5, 0.0), (-0.25, -0.25, 0.5))
"""Light, red against green, blue against yellow, each a mix of R, G and B."""

COMMON, HALF = 2.5, 0.05
"""Energy up to so many times the picture's median is its texture; and the energy that is half a line."""


def lines_of(pictures: Tensor) -> Tensor:
    """Read the lines.

    Args:
        pictures: (B,3,H,W) in [0, 1], square, of any size.

    Returns:
        (B,1,160,160) in [0, 1): 0 is none.

    Source: local energy, Morrone and Owens 1987; here of Gaussian derivatives of the first and second order.
    """
    seen = interpolate(pictures, (READ_PX, READ_PX), mode="bilinear", antialias=True)
    mixed = torch.einsum("oc,bchw->bohw", torch.tensor(OPPONENT), seen)
    wide = pad(mixed, (REACH_PX,) * 4, mode="replicate")  # (B,3,H,W) -> (B*3,1,H+8,W+8)
    answers = conv2d(wide.flatten(0, 1)[:, None], _kernels())
    energy = answers.square().sum(1).unflatten(0, (-1, 3)).sum(1, keepdim=True).sqrt()
    texture = energy.flatten(1).median(1).values[:, None, None, None]
    above = (energy - COMMON * texture).clamp(min=0)
    return above / (above + HALF)


@cache
def _kernels() -> Tensor:
    """(5,1,9,9): both first and all three second derivatives, each of the same scale."""
    x = torch.arange(-REACH_PX, REACH_PX + 1.0)
    blur = torch.exp(-x.square() / 2 / SIGMA_PX**2)
    blur = blur / blur.sum()
    slope = -x / SIGMA_PX * blur
    curve = (x.square() / SIGMA_PX**2 - 1) * blur
    curve = curve - curve.mean()
    planes = [(blur, slope), (slope, blur), (blur, curve), (curve, blur)]
    kernels = [torch.outer(down, across) for down, across in planes]
    return torch.stack([*kernels, 2**0.5 * torch.outer(slope, slope)])[:, None]
