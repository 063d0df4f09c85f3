# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines out of a picture: a small U-Net that is local, so that tiles of a picture fit without seams."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, pixel_shuffle, pixel_unshuffle, relu, rms_norm

KINDS = ("contour", "detail")
"""What the channels of the answer hold."""

WIDTHS = (24, 48, 96, 144)
DEPTHS = (1, 1, 2, 3)


class ChannelNorm(nn.Module):
    """Root-mean-square norm over the channels of each pixel: no pixel learns of those far away."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        last = x.permute(0, 2, 3, 1)
        return rms_norm(last, (last.shape[-1],), self.weight.to(x.dtype), 1e-5).permute(0, 3, 1, 2)


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut; begins as the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(relu(self.first(self.norm(x))))


class LineExtractor(nn.Module):
    """Ink of contour and detail for every pixel of a picture.

    The picture enters with 2 x 2 pixels as one cell, goes down to cells of 16 x 16 pixels and back, and meets
    its own pixels again at the end, for sharpness.

    Args:
        widths: channels of each level, from cells of 2 px on, each level with cells twice as large.
        depths: blocks of each level on the way down; on the way up each has one.

    Raises:
        ValueError: widths and depths do not fit together.

    Source: ours; the shape is the U-Net of Ronneberger et al. 2015, the lossless way in and out the
    sub-pixel convolution of Shi et al. 2016.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS, depths: Sequence[int] = DEPTHS) -> None:
        super().__init__()
        if not widths or len(widths) != len(depths):
            raise ValueError(f"{len(widths)} widths do not fit {len(depths)} depths")
        self.config: dict[str, Any] = {"widths": list(widths), "depths": list(depths)}
        steps = list(pairwise(widths))
        self.conv_in = nn.Conv2d(12, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(depth)))
            for width, depth in zip(widths, depths, strict=True)
        )
        self.shrink = nn.ModuleList(nn.Conv2d(fine, coarse, 2, 2) for fine, coarse in steps)
        self.grow = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in steps)
        self.up = nn.ModuleList(Block(width) for width in widths[:-1])
        self.meet = nn.Conv2d(widths[0] + 12, 2 * widths[0], 1)
        self.conv_out = nn.Conv2d(2 * widths[0], 4 * len(KINDS), 3, padding=1)

    @property
    def cell_px(self) -> int:
        """Side of the coarsest cell: sides of tiles and their places are multiples of it."""
        return 2 ** len(self.config["widths"])

    def forward(self, pictures: Tensor) -> Tensor:
        """Draw.

        Args:
            pictures: (B,3,H,W) sRGB in [-1, 1], H and W at least 16.

        Returns:
            (B,2,H,W) logits of the ink of contour and detail.

        Raises:
            ValueError: not three channels, or smaller than 16 px.
        """
        if pictures.ndim != 4 or pictures.shape[1] != 3 or min(pictures.shape[-2:]) < 16:
            raise ValueError(f"pictures are (B,3,H,W) of at least 16 px, not {tuple(pictures.shape)}")
        height, width = pictures.shape[-2:]
        right, below = -width % self.cell_px, -height % self.cell_px
        cells = pixel_unshuffle(pad(pictures, (0, right, 0, below), mode="replicate"), 2)  # (B,12,H/2,W/2)
        fine = self.levels(cells)[-1]
        met = relu(self.meet(torch.cat([fine, cells.to(fine.dtype)], 1)))
        return pixel_shuffle(self.conv_out(met), 2)[..., :height, :width]

    def levels(self, cells: Tensor) -> list[Tensor]:
        """What each level knows on the way up, from (B,C,H/16,W/16) at the coarsest to (B,C,H/2,W/2)."""
        x = self.conv_in(cells)
        skips: list[Tensor] = []
        for blocks, shrink in zip(self.down[:-1], self.shrink, strict=True):
            x = blocks(x)
            skips.append(x)
            x = shrink(x)
        made = [self.down[-1](x)]
        for skip, grow, up in reversed(list(zip(skips, self.grow, self.up, strict=True))):
            larger = interpolate(grow(made[-1]), scale_factor=2, mode="bilinear")
            made.append(up(skip + larger))
        return made
