# SPDX-License-Identifier: GPL-3.0-or-later
"""The painting takes on the colours of the strokes, up to the lines and edges around them.

The network paints a stroke's colour nearly, not exactly. What it missed is measured under the strokes and
carried smoothly over the surface that each lies on: it passes easily where the painting is smooth, hardly
across an edge of the painting or a drawn line, and fades with the distance. Texture and shading stay, as only
a smooth difference is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate

SMALLEST_EDGE, LARGEST_EDGE = 48, 256
"""The difference is found on a coarse grid first, then on ever finer ones; beyond this it is enlarged."""

EDGE_TONE = 0.04
"""Neighbours that differ by this in colour (0 to 1) are half parted."""

OBEYED = 0.1
"""Weight of a stroke pixel, against 1 for being like its neighbours: so low that a stroke's own shape and the
painting's texture under it stay out of the difference."""

HELD = 10.0
"""Weight of a known pixel's wish to stay, against 1 for a stroke's."""

FADE = 0.00005
"""Weight of no change at all, per pixel of a 256 px picture: the reach is about 1 / sqrt(FADE) pixels."""

THINNEST = 1e-3
"""What passes even across a line: without it some pixels would belong to nothing."""

STEPS = 24


@dataclass(frozen=True)
class _Grid:
    """Weights of one grid: (1,1,h,w) of what is demanded, (1,1,h,w-1) and (1,1,h-1,w) between neighbours."""

    demanded: Tensor
    across: Tensor
    down: Tensor
    fade: float

    def apply(self, u: Tensor) -> Tensor:
        """The normal equations' left side for u (1,3,h,w)."""
        made = u * (self.demanded + self.fade)
        right, below = (u[..., 1:] - u[..., :-1]) * self.across, (u[..., 1:, :] - u[..., :-1, :]) * self.down
        made[..., 1:] += right
        made[..., :-1] -= right
        made[..., 1:, :] += below
        made[..., :-1, :] -= below
        return made

    def diagonal(self) -> Tensor:
        made = self.demanded + self.fade
        made[..., 1:] += self.across
        made[..., :-1] += self.across
        made[..., 1:, :] += self.down
        made[..., :-1, :] += self.down
        return made


def obeyed(
    picture: Tensor,
    colour: Tensor,
    lines: Tensor,
    mask: Tensor,
    strength: float = 1.0,
    *,
    largest_px: int = LARGEST_EDGE,
    steps: int = STEPS,
) -> Tensor:
    """Correct a painted picture towards its colour strokes.

    Args:
        picture: (1,3,H,W) in [0, 1].
        colour: (1,4,H,W), RGB and coverage of the strokes.
        lines: (1,1,H,W) ink of all drawn lines.
        mask: (1,1,H,W), 1 is painted; strokes elsewhere do not count, and known pixels demand no change.
        strength: Share of the difference that is made up, 0 to 1.
        largest_px: Longest side of the finest grid; the difference is enlarged from there.
        steps: Conjugate gradient steps on each grid.

    Returns:
        (1,3,H,W) in [0, 1]; the same picture where nothing is drawn.

    Source: Lischinski et al. 2006, "Interactive local adjustment of tonal values", equation 2. Ours: drawn
    lines count as edges, and the change fades.
    """
    painted = mask > 0.5
    covered = painted & (colour[:, 3:] > 0.5)
    if strength <= 0 or not bool(covered.any()):
        return picture
    demanded = covered + HELD * (~painted).to(picture)
    missed = (colour[:, :3] - picture) * covered
    change: Tensor | None = None
    sizes = _sizes(picture.shape[-2], picture.shape[-1], largest_px)
    finest = interpolate(torch.cat([picture, missed, demanded, lines], 1), sizes[-1], mode="area")
    for size in sizes:
        planes = interpolate(finest, size, mode="area")
        small, here, share, inked = planes[:, :3], planes[:, 3:6], planes[:, 6:7], planes[:, 7:]
        change = _solved(small, here, share, inked, start=change, steps=steps)
    change = interpolate(change, picture.shape[-2:], mode="bilinear", align_corners=False)  # pyright: ignore
    return (picture + change * min(strength, 1.0)).clamp(0, 1)


def _sizes(height: int, width: int, largest_px: int) -> list[tuple[int, int]]:
    """From the coarsest grid to the finest."""
    scale = min(1.0, largest_px / max(height, width))
    sizes = [(max(1, round(height * scale)), max(1, round(width * scale)))]
    while max(sizes[0]) > SMALLEST_EDGE:
        sizes.insert(0, ((sizes[0][0] + 1) // 2, (sizes[0][1] + 1) // 2))
    return sizes


def _solved(
    picture: Tensor, missed: Tensor, share: Tensor, lines: Tensor, start: Tensor | None, steps: int
) -> Tensor:
    """The smooth change (1,3,h,w) on one grid, from that of the grid before.

    Args:
        missed: (1,3,h,w) what the strokes' colours lack, 0 elsewhere, averaged over each cell.
        share: (1,1,h,w) how much of each cell demands anything.
    """
    size = picture.shape[-2:]
    open_way = (1 - 2 * lines).clamp(0, 1)
    grid = _Grid(
        OBEYED * share,
        _way(picture[..., 1:] - picture[..., :-1], open_way[..., 1:] * open_way[..., :-1]),
        _way(picture[..., 1:, :] - picture[..., :-1, :], open_way[..., 1:, :] * open_way[..., :-1, :]),
        FADE * (256 / max(size)) ** 2,
    )
    if start is None:
        u = torch.zeros_like(picture)
    else:
        u = interpolate(start, size, mode="bilinear", align_corners=False)
    return _conjugate_gradient(grid, OBEYED * missed, u, steps)


def _way(difference: Tensor, open_way: Tensor) -> Tensor:
    """How easily a difference passes between neighbours, `THINNEST` to 1."""
    alike = 1 / (1 + difference.square().sum(1, keepdim=True) / EDGE_TONE**2)
    return (alike.square() * open_way).clamp(min=THINNEST)


def _conjugate_gradient(grid: _Grid, wanted: Tensor, u: Tensor, steps: int = STEPS) -> Tensor:
    """Solve for each colour channel by itself.

    Source: Hestenes and Stiefel 1952, preconditioned by the diagonal.
    """
    scale = 1 / grid.diagonal()
    rest = wanted - grid.apply(u)
    ahead = scale * rest
    towards, size = ahead, _dot(rest, ahead)
    for _ in range(steps):
        made = grid.apply(towards)
        length = size / _dot(towards, made).clamp(min=1e-20)
        u, rest = u + length * towards, rest - length * made
        ahead = scale * rest
        size, before = _dot(rest, ahead), size
        towards = ahead + size / before.clamp(min=1e-20) * towards
    return u


def _dot(one: Tensor, other: Tensor) -> Tensor:
    return (one * other).sum((-2, -1), keepdim=True)
