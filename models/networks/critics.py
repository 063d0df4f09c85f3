# SPDX-License-Identifier: GPL-3.0-or-later
"""Two critics that tell painted regions from real ones: one sees the whole picture, one the region alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu

GLOBAL_WIDTHS, LOCAL_WIDTHS = (24, 48, 96, 128, 128), (24, 48, 96, 128)
GLOBAL_PX, LOCAL_PX = 128, 64
SEEN_CHANNELS = 8
"""RGB, lines, RGB of colours, mask: a critic judges whether a picture follows its strokes, too."""


class Critic(nn.Module):
    """A score per picture: the higher, the more real.

    Args:
        widths: channels of each level; each halves the picture.
        channels: of the picture with what it is judged by.
        side_px: pictures are brought to this size first.

    Source: the critics of Gulrajani et al. 2017 (no batch statistics); two of them, Iizuka et al. 2017.
    """

    def __init__(self, widths: Sequence[int], channels: int = SEEN_CHANNELS, *, side_px: int) -> None:
        super().__init__()
        self.side_px = side_px
        self.conv_in = nn.Conv2d(channels, widths[0], 5, 2, 2)
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 5, 2, 2) for a, b in pairwise(widths))
        self.conv_out = nn.Conv2d(widths[-1], 1, side_px >> len(widths))

    def forward(self, seen: Tensor) -> Tensor:
        """(B,) scores of (B,C,side,side)."""
        x = leaky_relu(self.conv_in(seen), 0.2)
        for shrink in self.shrink:
            x = leaky_relu(shrink(x), 0.2)
        return self.conv_out(x).flatten(1).mean(1)


class Critics(nn.Module):
    """The critic of the whole picture and the critic of a window around the region."""

    def __init__(
        self,
        global_widths: Sequence[int] = GLOBAL_WIDTHS,
        local_widths: Sequence[int] = LOCAL_WIDTHS,
        *,
        global_px: int = GLOBAL_PX,
        local_px: int = LOCAL_PX,
    ) -> None:
        super().__init__()
        self.whole = Critic(global_widths, side_px=global_px)
        self.near = Critic(local_widths, side_px=local_px)

    def scores(self, pictures: Tensor, given: Tensor, corners: Sequence[tuple[int, int]]) -> Tensor:
        """Sum of both critics' scores, (B,).

        Args:
            pictures: (B,3,H,W) in [-1, 1].
            given: (B,5,H,W), lines, colours and mask of `Wanted.packed`.
            corners: top left (row, column) of the local critic's window in each picture.
        """
        seen = torch.cat([pictures, given], 1)
        side = self.near.side_px
        windows = [one[:, y : y + side, x : x + side] for one, (y, x) in zip(seen, corners, strict=True)]
        size = (self.whole.side_px, self.whole.side_px)
        small = interpolate(seen, size, mode="area") if seen.shape[-2:] != torch.Size(size) else seen
        return self.whole(small) + self.near(torch.stack(windows))


def gradient_penalty(score: Callable[[Tensor], Tensor], real: Tensor, made: Tensor) -> Tensor:
    """How far the slope of a critic is from 1 between real and made pictures.

    Args:
        score: (B,3,H,W) to (B,).
        real, made: (B,3,H,W).

    Source: Gulrajani et al. 2017, equation 3.
    """
    share = torch.rand(len(real), 1, 1, 1, device=real.device, dtype=real.dtype)
    between = torch.lerp(made.detach(), real.detach(), share).requires_grad_()
    slope = torch.autograd.grad(score(between).sum(), between, create_graph=True)[0]
    return (slope.flatten(1).square().sum(1).add(1e-12).sqrt() - 1).square().mean()
