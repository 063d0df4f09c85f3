# SPDX-License-Identifier: GPL-3.0-or-later
"""Contour, detail and colour strokes become one list of features that a UNet adds to its down blocks.

Training and painting both call `stroke_features`, so that what the network learnt is what it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

NEUTRAL_GREY = 0.5
"""RGB of a colour raster where no stroke was drawn."""

INK_THRESHOLD = 1e-3
"""Below half a step of 8 bits a pixel holds no ink."""


class FeatureEncoder(Protocol):
    """What a T2IAdapter is here: a raster (B,C,H,W) becomes one feature map per UNet level, finest first."""

    def __call__(self, x: Tensor, /) -> list[Tensor]: ...


@dataclass(frozen=True)
class Strokes:
    """Drawn rasters of one batch, all (B,C,H,W) at picture size with values in [0, 1].

    Attributes:
        contour: 1 channel, ink 1 on 0.
        detail: 1 channel, ink 1 on 0.
        colour: 4 channels: RGB, then coverage; RGB is `NEUTRAL_GREY` where coverage is 0.
        mask: 1 channel, 1 = repaint.
    """

    contour: Tensor
    detail: Tensor
    colour: Tensor
    mask: Tensor

    def confined(self) -> "Strokes":
        """Return the same strokes with everything outside the mask undrawn."""
        coverage = self.colour[:, 3:] * self.mask
        drawn = coverage > INK_THRESHOLD
        rgb = torch.where(drawn, self.colour[:, :3], torch.full_like(self.colour[:, :3], NEUTRAL_GREY))
        colour = torch.cat([rgb, coverage], 1)
        return Strokes(self.contour * self.mask, self.detail * self.mask, colour, self.mask)


@dataclass(frozen=True)
class Strengths:
    """How strongly each kind of stroke is obeyed; 1 is as trained, 0 switches it off."""

    contour: float = 1.0
    detail: float = 1.0
    colour: float = 1.0


def ink_gate(raster: Tensor) -> Tensor:
    """Say which pictures of a batch hold any ink.

    Args:
        raster: (B,C,H,W) in [0, 1]; of several channels the last is coverage and decides.

    Returns:
        (B,1,1,1) bool.
    """
    return (raster[:, -1:] > INK_THRESHOLD).flatten(1).any(1).view(-1, 1, 1, 1)


def fuse(
    contour: Sequence[Tensor],
    detail: Sequence[Tensor],
    colour: Sequence[Tensor],
    mask: Tensor,
    strengths: Strengths,
    gates: tuple[Tensor, Tensor, Tensor],
) -> list[Tensor]:
    """Add the three feature pyramids: F_k = g_c w_c C_k + g_d w_d down_k(M) D_k + g_s w_s S_k.

    Args:
        contour, detail, colour: feature maps (B,C_k,H_k,W_k) per level, of equal shapes.
        mask: (B,1,H,W), 1 = repaint; averaged down to each level.
        strengths: the weights w.
        gates: (B,1,1,1) bool each, in the order contour, detail, colour; where false the part is exactly 0,
            because an encoder of an empty raster still answers with its biases.

    Returns:
        Fresh tensors, one per level.

    Raises:
        ValueError: the pyramids have different numbers of levels.

    Source: the masked detail branch after CustomSketching (Xiao and Fu, 2024); gates and colour are ours.
    """
    if not len(contour) == len(detail) == len(colour):
        raise ValueError(f"pyramids of {len(contour)}, {len(detail)}, {len(colour)} levels cannot be added")
    zero = torch.zeros((), dtype=contour[0].dtype, device=contour[0].device)
    fused: list[Tensor] = []
    for c, d, s in zip(contour, detail, colour, strict=True):
        local = adaptive_avg_pool2d(mask, (c.shape[-2], c.shape[-1])).to(c.dtype)
        fused.append(
            torch.where(gates[0], strengths.contour * c, zero)
            + torch.where(gates[1], strengths.detail * local * d, zero)
            + torch.where(gates[2], strengths.colour * s, zero)
        )
    return fused


def stroke_features(
    contour_encoder: FeatureEncoder,
    detail_encoder: FeatureEncoder,
    colour_encoder: FeatureEncoder,
    strokes: Strokes,
    strengths: Strengths | None = None,
) -> list[Tensor]:
    """Encode strokes, confined to the mask, as the UNet's `down_intrablock_additional_residuals`.

    The features depend on neither time nor latents: compute them once per picture and hand the UNet a new
    list of them at every step, because it empties the list.

    Returns:
        One (B,C_k,H_k,W_k) tensor per UNet level, finest first; exactly 0 for a picture without any ink.
    """
    inside = strokes.confined()
    rasters = (inside.contour, inside.detail, inside.colour)
    return fuse(
        contour_encoder(inside.contour),
        detail_encoder(inside.detail),
        colour_encoder(inside.colour),
        inside.mask,
        strengths or Strengths(),
        (ink_gate(rasters[0]), ink_gate(rasters[1]), ink_gate(rasters[2])),
    )
