# SPDX-License-Identifier: GPL-3.0-or-later
"""ControlNets guide the UNet: each sees the latents of the step and a picture, and its answer is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from backend.adapters.attached import BeforeCall
from backend.weights.runtime.controls import Control
from backend.weights.runtime.place import DevicePlacement
from models.networks.sketch_fusion import Strengths, Strokes, ink_gate

DOWN, MID = "down_block_additional_residuals", "mid_block_additional_residual"
MASKED = -1.0
"""What a ControlNet for inpainting sees in pixels that are to be painted."""


@dataclass(frozen=True)
class Hint:
    """What one ControlNet is shown of one tile.

    Args:
        picture: (1,3,H,W).
        weight: How strongly it guides.
    """

    control: Control
    picture: Tensor
    weight: float


def control_hints(
    controls: Mapping[str, Control], strokes: Strokes, picture: Tensor, strengths: Strengths
) -> list[Hint]:
    """Hints for one tile; ControlNets that have nothing to see, or strength 0, are left out.

    Args:
        picture: (1,3,H,W) in [0, 1].
    """
    inside = strokes.confined()
    hints: list[Hint] = []
    for control in controls.values():
        if control.sees == "known":
            seen, strength = torch.where(inside.mask > 0, MASKED, picture), 1.0
        else:
            seen, strength = _lines(inside, strengths)
        if control.weight * strength != 0:
            hints.append(Hint(control, seen, control.weight * strength))
    return hints


def _lines(inside: Strokes, strengths: Strengths) -> tuple[Tensor, float]:
    """White lines on black, (1,3,H,W), and how strongly the stronger kind counts."""
    drawn = [
        (raster, strength)
        for raster, strength in ((inside.contour, strengths.contour), (inside.detail, strengths.detail))
        if strength != 0 and bool(ink_gate(raster))
    ]
    if not drawn:
        return inside.contour.expand(-1, 3, -1, -1), 0.0
    ink = torch.stack([raster for raster, _ in drawn]).amax(0)
    return ink.expand(-1, 3, -1, -1), max(strength for _, strength in drawn)


class ControlGuidance(BeforeCall):
    """Hands the UNet what the ControlNets say of the tile at work.

    Attributes:
        hints: Of that tile.
        share: How much of the way from noise to picture is done, 0 to 1.
    """

    def __init__(self, place: DevicePlacement) -> None:
        self.hints: Sequence[Hint] = ()
        self.share = 0.0
        self._place = place

    def _add(
        self, network: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        acting = [hint for hint in self.hints if hint.control.start <= self.share < hint.control.end]
        if not acting:
            return args, kwargs
        answers = [self._answer(hint, args, kwargs) for hint in acting]
        self._place.on_device(network)
        down = [torch.stack(parts).sum(0) for parts in zip(*(each for each, _ in answers), strict=True)]
        middle = torch.stack([mid for _, mid in answers]).sum(0)
        return args, {**kwargs, DOWN: tuple(down), MID: middle}

    def _answer(
        self, hint: Hint, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Sequence[Tensor], Tensor]:
        """One ControlNet's residuals; of an inpainting UNet's channels it sees the latents only."""
        network = self._place.on_device(hint.control.network)
        latents = args[0][:, : int(network.config.in_channels)]
        picture = hint.picture.to(latents).expand(len(latents), -1, -1, -1)
        down, middle = network(
            latents,
            args[1],
            encoder_hidden_states=kwargs["encoder_hidden_states"],
            controlnet_cond=picture,
            conditioning_scale=hint.weight,
            added_cond_kwargs=kwargs.get("added_cond_kwargs"),
            return_dict=False,
        )
        return down, middle
