# SPDX-License-Identifier: GPL-3.0-or-later
"""Many views of one example: cut, mirrored, scaled, its picture recoloured and noisy, its ink kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn.functional import interpolate

LEAST_INK = 0.002
TRIES = 6
"""A cut without lines teaches little: a few others are tried first."""


@dataclass(frozen=True)
class Views:
    """How an example is varied.

    Args:
        side_px: Of a cut; smaller where the picture is.
        scale: The picture and its ink are made larger or smaller by up to this factor.
        mirror: Share of views that are mirrored left to right.
        colour: How far each channel's gain and offset go.
        noise: Spread of the noisiest view, in [0, 1].
        grey: Share of views without colours.
    """

    side_px: int = 192
    scale: float = 1.15
    mirror: float = 0.5
    colour: float = 0.25
    noise: float = 0.04
    grey: float = 0.1


def cut(
    rng: Generator, picture: Tensor, ink: Tensor, views: Views, side: int | None = None
) -> tuple[Tensor, Tensor]:
    """One view of an example.

    Args:
        picture: (3,H,W) in [0, 1].
        ink: (2,H,W) in [0, 1].
        side: S, at most what `side_of` says; None for that.

    Returns:
        (3,S,S) and (2,S,S).
    """
    both = torch.cat([picture, ink])
    scaled = _scaled(rng, both, views)
    side = side or side_of(both, views)
    view = scaled[:, :side, :side]
    for _ in range(TRIES):
        top = int(rng.integers(scaled.shape[1] - side + 1))
        left = int(rng.integers(scaled.shape[2] - side + 1))
        view = scaled[:, top : top + side, left : left + side]
        if float(view[3:].mean()) >= LEAST_INK:
            break
    view = view.flip(-1) if rng.random() < views.mirror else view
    return photographed(rng, view[:3], views), view[3:].clamp(0, 1)


def side_of(picture: Tensor, views: Views) -> int:
    """Side of a view of a (C,H,W) picture: what fits at every scale, a multiple of 16 px."""
    least = int(min(picture.shape[-2:]) / views.scale)
    return max(16, min(views.side_px, least) // 16 * 16)


def photographed(rng: Generator, picture: Tensor, views: Views) -> Tensor:
    """The same (3,H,W) picture in other light, with other colours and with noise."""
    gain = (
        1 + rng.uniform(-views.colour, views.colour) + rng.uniform(-views.colour, views.colour, (3, 1, 1)) / 2
    )
    offset = rng.uniform(-views.colour, views.colour) / 2
    seen = (picture - 0.5) * torch.as_tensor(gain, dtype=torch.float32) + 0.5 + offset
    if rng.random() < views.grey:
        seen = seen.mean(0, keepdim=True).expand(3, -1, -1)
    grain = rng.normal(0, rng.uniform(0, views.noise), tuple(seen.shape)).astype(np.float32)
    return (seen + torch.as_tensor(grain)).clamp(0, 1)


def _scaled(rng: Generator, both: Tensor, views: Views) -> Tensor:
    factor = float(views.scale ** rng.uniform(-1, 1))
    size = [max(side_of(both, views), round(edge * factor)) for edge in both.shape[-2:]]
    if size == list(both.shape[-2:]):
        return both
    return interpolate(both[None], size, mode="bilinear", antialias=True)[0]
