# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Pieces copied into a hole are joined by their gradients, so that no seam shows."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

FAITH = 0.003
"""What a difference of colour from the copied one counts over one of gradient: colours drift no further."""

EDGE = 0.1
"""A step at the rim much larger than this is an edge of the picture, and spreads no colour inwards."""

LEAST_CHANGE = 1e-4
ROUNDS = 200
"""Conjugate gradients end when no colour changes by more than that, or after so many."""

NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0))


@dataclass(frozen=True)
class Copies:
    """What each pixel of a hole copies.

    Attributes:
        places: (N,) flat indices of the hole's pixels in the (height, width) plane.
        sources: (N,) of the known pixels that they copy.
        size: (height, width)
    """

    places: Tensor
    sources: Tensor
    size: tuple[int, int]


def joined(picture: Tensor, copies: Copies, known: Tensor) -> Tensor:
    """Copy into the hole what has the gradients of what is copied, and the colours of the rim.

    Args:
        picture: (1,3,H,W) in [0, 1].
        known: (H,W) bool; what borders on the hole there holds it.

    Returns:
        (3,N), not clipped.

    Source: Perez et al. 2003, equation 7, with the screen of Bhat et al. 2008, Fourier Analysis of the 2D
    Screened Poisson Equation. Where two pieces meet the mean of both gradients counts: Darabi et al. 2012,
    Image Melding, section 3.3. Ours: edges spread no colour, and a gradient that is not known, beside what
    was taken away, is that of the copies as they lie.
    """
    places, sources = copies.places, copies.sources
    flat, is_known = picture[0].flatten(1), known.flatten()
    copied = flat[:, sources]
    inside = torch.zeros(known.shape, dtype=torch.bool)
    inside.flatten()[places] = True
    laid = flat.clone()
    laid[:, places] = copied
    number = torch.zeros(known.numel(), dtype=torch.long)
    number[places] = torch.arange(len(places))
    target, pull = FAITH * copied, torch.full((len(places),), FAITH)
    for y, x in NEIGHBOURS:
        beside, exists = _beside(places, y, x, known)
        further, there = _beside(sources, y, x, known)
        there &= is_known[further]
        step = torch.where(there, flat[:, further], laid[:, beside]) - copied
        rim = (exists & is_known[beside]).nonzero()[:, 0]
        wanted = flat[:, beside[rim]] - step[:, rim]
        weight = 1 / (1 + ((wanted - copied[:, rim]).abs().amax(0) / EDGE).square())
        target[:, rim] += wanted * weight
        pull[rim] += weight
        rows = (exists & inside.flatten()[beside]).nonzero()[:, 0]
        pull[rows] += 1
        target[:, rows] -= step[:, rows] / 2
        target.index_add_(1, number[beside[rows]], step[:, rows] / 2)
    return _solved(target, pull, copied, copies, inside)


def _beside(places: Tensor, y: int, x: int, plane: Tensor) -> tuple[Tensor, Tensor]:
    """The places beside them; and which of these there are, the others stay where they were."""
    height, width = plane.shape
    row, column = places // width + y, places % width + x
    exists = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return torch.where(exists, row * width + column, places), exists


def _solved(target: Tensor, pull: Tensor, start: Tensor, copies: Copies, inside: Tensor) -> Tensor:
    """Conjugate gradients for pull * u less its neighbours = target, on the hole's window.

    Source: Hestenes and Stiefel 1952; with the diagonal as preconditioner.
    """
    width = copies.size[1]
    y, x = copies.places // width, copies.places % width
    y, x = y - y.min() + 1, x - x.min() + 1
    shape = (int(y.max()) + 2, int(x.max()) + 2)

    def spread(values: Tensor) -> Tensor:
        grid = torch.zeros(*values.shape[:-1], *shape)
        grid[..., y, x] = values
        return grid

    hole, weight = spread(torch.ones(len(y))), spread(pull)
    inverse = hole / weight.clamp(min=FAITH)

    def applied(values: Tensor) -> Tensor:
        made = values * weight
        made[..., 1:, :] -= values[..., :-1, :]
        made[..., :-1, :] -= values[..., 1:, :]
        made[..., 1:] -= values[..., :-1]
        made[..., :-1] -= values[..., 1:]
        return made * hole

    values = spread(start)
    residual = spread(target) - applied(values)
    direction = residual * inverse
    length = (residual * direction).sum((-2, -1), keepdim=True)
    for _ in range(ROUNDS):
        moved = applied(direction)
        change = direction * (length / (direction * moved).sum((-2, -1), keepdim=True).clamp(min=1e-12))
        values += change
        if float(change.abs().max()) < LEAST_CHANGE:
            break
        residual -= moved * (length / (direction * moved).sum((-2, -1), keepdim=True).clamp(min=1e-12))
        before, length = length, (residual.square() * inverse).sum((-2, -1), keepdim=True)
        direction = residual * inverse + direction * (length / before.clamp(min=1e-12))
    return values[..., y, x]
