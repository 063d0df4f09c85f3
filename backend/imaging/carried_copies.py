# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Copies found in a reduced picture, carried over to the picture itself, so that its texture stays sharp."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d, pad

from backend.imaging.gradient_join import Copies


def reduced(picture: Tensor, hole: Tensor, known: Tensor, factor: int) -> tuple[Tensor, Tensor, Tensor]:
    """Means of what is known in blocks of `factor` pixels a side; the last ones repeat the edge.

    Args:
        picture: (1,C,H,W)
        hole, known: (H,W) bool.

    Returns:
        The same three; known is what is wholly known, hole what is partly in it.
    """
    if factor == 1:
        return picture, hole, known
    height, width = hole.shape
    gap = (0, -width % factor, 0, -height % factor)
    hole4, known4 = (pad(each[None, None].float(), gap, mode="replicate") for each in (hole, known))
    total = avg_pool2d(pad(picture * known, gap, mode="replicate"), factor)
    share = avg_pool2d(known4, factor)
    means = total / share.clamp(min=1 / factor**2)
    return means, max_pool2d(hole4, factor)[0, 0] > 0.5, share[0, 0] > 1 - 0.5 / factor**2


def carried(
    picture: Tensor, hole: Tensor, known: Tensor, copies: Copies, colours: Tensor, factor: int
) -> Tensor:
    """Copy whole pixels by steps found in the reduced picture; where these differ, one passes into the other.

    Args:
        picture: (1,3,H,W); hole, known: (H,W) bool. What `reduced` was given.
        copies: Of the reduced picture.
        colours: (3,N) change of colour of each of the copies.

    Returns:
        (3,M) of the hole's pixels, row by row.
    """
    height, width = hole.shape
    rows, columns = copies.size
    flat, is_known = picture[0].flatten(1), known.flatten()
    number = torch.full((rows * columns,), -1)
    number[copies.places] = torch.arange(len(copies.places))
    down = (copies.sources // columns - copies.places // columns) * factor
    across = (copies.sources % columns - copies.places % columns) * factor
    y, x = hole.nonzero().unbind(1)
    total, weight = torch.zeros(len(flat), len(y)), torch.zeros(len(y))
    for row, row_weight in _nearest_two(y, rows, factor):
        for column, column_weight in _nearest_two(x, columns, factor):
            over = number[row * columns + column]
            from_y = (y + down[over]).clamp(0, height - 1)
            source = from_y * width + (x + across[over]).clamp(0, width - 1)
            share = row_weight * column_weight * ((over >= 0) & is_known[source])
            total += (flat[:, source] + colours[:, over]) * share
            weight += share
    return total / weight.clamp(min=1e-6)


def _nearest_two(at: Tensor, count: int, factor: int) -> list[tuple[Tensor, Tensor]]:
    """The two nearest blocks along an axis and their linear weights."""
    place = (at + 0.5) / factor - 0.5
    below = place.floor()
    share = place - below
    first, second = (each.long().clamp(0, count - 1) for each in (below, below + 1))
    return [(first, 1 - share), (second, share)]
