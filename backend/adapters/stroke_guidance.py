# SPDX-License-Identifier: GPL-3.0-or-later
"""Contour, detail and colour strokes guide the UNet through its down blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from backend.adapters.attached import BeforeCall
from models.networks.sketch_fusion import Strengths, Strokes, fuse, ink_gate

Encode = Callable[[str, Tensor], list[Tensor]]
"""Kind of stroke and its raster (1,C,H,W) to one feature map per UNet level."""

RESIDUALS = "down_intrablock_additional_residuals"


def stroke_features(
    encode: Encode, kinds: Mapping[str, object], strokes: Strokes, strengths: Strengths
) -> list[Tensor] | None:
    """Features of one picture's strokes; None when they would add exactly nothing.

    The same as `models.networks.sketch_fusion.stroke_features`, but what is not drawn, or has strength 0, is
    not encoded either, and a family may lack an encoder.

    Args:
        encode: Runs the family's encoder of a kind.
        kinds: Kinds that the family has an encoder for.
    """
    inside = strokes.confined()
    rasters = {"contour": inside.contour, "detail": inside.detail, "colour": inside.colour}
    active = [
        kind
        for kind, raster in rasters.items()
        if kind in kinds and getattr(strengths, kind) != 0 and bool(ink_gate(raster))
    ]
    if not active:
        return None
    encoded = {kind: encode(kind, rasters[kind]) for kind in active}
    absent = [torch.zeros_like(level) for level in encoded[active[0]]]
    device = absent[0].device
    gates = tuple(torch.full((1, 1, 1, 1), kind in active, device=device) for kind in rasters)
    return fuse(
        encoded.get("contour", absent),
        encoded.get("detail", absent),
        encoded.get("colour", absent),
        inside.mask.to(device),
        strengths,
        (gates[0], gates[1], gates[2]),
    )


class StrokeGuidance(BeforeCall):
    """Hands the UNet the features of the tile at work: a new list every time, because the UNet empties it.

    Attributes:
        features: One map (N,C_k,H_k,W_k) a level, an entry for each picture of the batch. A batch of 2N is a
            guided pair.

    Args:
        against_none: Of a guided pair (negative first) only the second half gets them: guidance then leads
            away from a picture without strokes, as it leads away from one without words.
    """

    def __init__(self, *, against_none: bool = False) -> None:
        self.against_none = against_none
        self.features: list[Tensor] | None = None

    def _add(
        self, network: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if self.features is None:
            return args, kwargs
        features, batch, count = self.features, args[0].shape[0], len(self.features[0])
        if batch not in (count, 2 * count):
            raise ValueError(f"strokes of {count} pictures do not fit a batch of {batch}")
        if self.against_none and batch == 2 * count:
            features = [torch.cat([torch.zeros_like(level), level]) for level in features]
        # a UNet of three levels takes a fourth feature only where its shape is that of the whole batch
        each = [level.repeat(batch // len(level), 1, 1, 1) for level in features]
        return args, {**kwargs, RESIDUALS: each}
