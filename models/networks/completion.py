# SPDX-License-Identifier: GPL-3.0-or-later
"""The missing part of a picture from what is around it, lines and colours, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, interpolate, pad, pixel_shuffle, pixel_unshuffle

from models.networks.line_extractor import Block, ChannelNorm
from models.networks.line_fill import fill_to_lines
from models.networks.sketch_fusion import NEUTRAL_GREY

CHANNELS = 9
"""RGB of what is known, lines, RGB of colours, mask, noise."""

WIDTHS = (32, 64, 96, 128, 192)
DEPTHS = (1, 1, 2, 3, 1)
CELL_PX = 2
"""Side of the finest cells."""

FIRST_CHANGE = 0.1
"""An untrained network changes little. With no change at all the layers before would be driven by noise."""


@dataclass(frozen=True)
class Wanted:
    """What is to be completed; one batch, (B,C,H,W).

    Attributes:
        picture: RGB in [-1, 1]; what it shows inside the mask does not matter.
        mask: 1 is missing, 0 is known.
        lines: ink in [0, 1], in the sketch domain.
        colours: RGB in [0, 1] and coverage; only what is covered counts.
        noise: of unit variance; which of several answers.
    """

    picture: Tensor
    mask: Tensor
    lines: Tensor
    colours: Tensor
    noise: Tensor

    def packed(self, *, filled: bool = True) -> Tensor:
        """The nine channels (B,9,H,W), about [-1, 1]; nothing of the picture, the lines and colours leaks.

        Undrawn colour is neutral grey, which is 0 here. Lines and colours count inside the mask only.

        Args:
            filled: what is missing begins as a mixture of what is known and of the strokes, smooth up to the
                lines, not as 0.
        """
        drawn = (self.colours[:, :3] - NEUTRAL_GREY) * 2 * self.colours[:, 3:]
        known = self.picture * (1 - self.mask)
        if filled:
            known = known + self._filling() * self.mask
        inside = [self.lines * self.mask, drawn * self.mask, self.mask, self.noise * self.mask]
        return torch.cat([known, *inside], 1)

    def _filling(self) -> Tensor:
        laid = self.mask * self.colours[:, 3:]
        weight = 1 - self.mask + laid
        colour = self.picture * (1 - self.mask) + (self.colours[:, :3] * 2 - 1) * laid
        return fill_to_lines(colour / weight.clamp_min(1e-6), weight, self.lines * self.mask, 1 - self.mask)


class CompletionNet(nn.Module):
    """A U-Net over cells of 2 x 2 pixels, down to cells of 32 x 32 pixels and back.

    Args:
        widths: channels of each level, from the finest.
        depths: blocks of each level on the way down; on the way up each has one.
        filled: what it is given begins with a hole that is filled up to the lines, on which it paints.

    Raises:
        ValueError: widths and depths do not fit together.

    Source: the completion network of Portenier et al. 2018, "FaceShop" (nine channels, fully convolutional,
    skips); residual blocks and the lossless way in and out as in our line extractor. The filling up
    to the lines, which brings far colours near before the network begins, is ours.
    """

    def __init__(
        self, widths: Sequence[int] = WIDTHS, depths: Sequence[int] = DEPTHS, *, filled: bool = True
    ) -> None:
        super().__init__()
        if not widths or len(widths) != len(depths):
            raise ValueError(f"{len(widths)} widths do not fit {len(depths)} depths")
        self.config: dict[str, Any] = {"widths": list(widths), "depths": list(depths), "filled": filled}
        steps = list(pairwise(widths))
        cells = CHANNELS * CELL_PX**2
        self.conv_in = nn.Conv2d(cells, widths[0], 3, padding=1)
        self.down = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(depth)))
            for width, depth in zip(widths, depths, strict=True)
        )
        self.shrink = nn.ModuleList(nn.Conv2d(fine, coarse, 2, 2) for fine, coarse in steps)
        self.grow = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in steps)
        self.up = nn.ModuleList(Block(width) for width in widths[:-1])
        self.norm = ChannelNorm(widths[0])
        self.meet = nn.Conv2d(widths[0] + cells, 2 * widths[0], 1)
        self.conv_out = nn.Conv2d(2 * widths[0], 3 * CELL_PX**2, 3, padding=1)
        with torch.no_grad():
            self.conv_out.weight.mul_(FIRST_CHANGE)

    @property
    def filled(self) -> bool:
        """Whether it learnt with the hole filled smoothly; see `Wanted.packed`."""
        return bool(self.config["filled"])

    @property
    def multiple(self) -> int:
        """Side of the coarsest cell; other sizes are continued at the right and below, and cut again."""
        return CELL_PX * 2 ** (len(self.config["widths"]) - 1)

    def forward(self, wanted: Tensor) -> Tensor:
        """Complete.

        Args:
            wanted: (B,9,H,W) of `Wanted.packed`, any H and W.

        Returns:
            (B,3,H,W) RGB in about [-1, 1]: what was given, changed; the known part as well as it can.

        Raises:
            ValueError: not nine channels.
        """
        if wanted.ndim != 4 or wanted.shape[1] != CHANNELS:
            raise ValueError(f"expected (B,{CHANNELS},H,W), not {tuple(wanted.shape)}")
        height, width = wanted.shape[-2:]
        right, below = -width % self.multiple, -height % self.multiple
        whole = pad(wanted, (0, right, 0, below), mode="replicate")
        cells = pixel_unshuffle(whole.to(self.conv_in.weight.dtype), CELL_PX)  # (B,36,H/2,W/2)
        fine = self.norm(self._levels(cells))
        met = gelu(self.meet(torch.cat([fine, cells.to(fine.dtype)], 1)), approximate="tanh")
        change = pixel_shuffle(self.conv_out(met), CELL_PX)[..., :height, :width]
        return wanted[:, :3] + change

    def _levels(self, cells: Tensor) -> Tensor:
        """Down to the coarsest cells and back to (B,C,H/2,W/2)."""
        x = self.conv_in(cells)
        skips: list[Tensor] = []
        for blocks, shrink in zip(self.down[:-1], self.shrink, strict=True):
            x = blocks(x)
            skips.append(x)
            x = shrink(x)
        x = self.down[-1](x)
        for skip, grow, up in reversed(list(zip(skips, self.grow, self.up, strict=True))):
            x = up(skip + interpolate(grow(x), scale_factor=2, mode="bilinear"))
        return x
