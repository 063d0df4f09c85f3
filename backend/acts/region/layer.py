# SPDX-License-Identifier: GPL-3.0-or-later
"""From a painted scene to the layer that an artist gets: its alpha, its grain, its shadow."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from backend.acts.region.inside_lines import Inside
from backend.acts.region.paint_input import Painted, PaintInput, result_format
from backend.acts.region.paint_plan import Plan
from backend.imaging import composite, grain, shadow
from backend.imaging.pixels import Picture
from backend.imaging.scene import Layers
from shared.acts import PaintRequest
from shared.geometry import Bounds


def as_layer(
    picture: Tensor, layers: Layers, plan: Plan, request: PaintRequest, area: Bounds, note: str = ""
) -> Painted:
    """Cut the painted scene out with the selection's alpha, at canvas size and in the document's depth, with
    the grain of the picture around it where that is wanted.
    """
    format = result_format(layers)
    bounds, pixels = composite.layer_of(
        picture,
        plan.crop,
        plan.factor,
        layers.mask,
        format,
        grow_px=request.grow_px,
        feather_px=request.feather_px,
    )
    if layers.image is not None and request.match_grain and not request.live:
        pixels = grain.with_grain(Picture(pixels, format), bounds, layers.image, request.seed)
    return Painted(bounds.shifted(area.x, area.y), pixels, format, request.seed, note)


def with_shadow(painted: Painted, input: PaintInput, inside: Inside | None, area: Bounds) -> Painted:
    """With a contact shadow, where one is asked for and a figure was painted inside lines."""
    if inside is None or not (input.request.shadow and inside.areas.encloses):
        return painted
    bounds = painted.bounds.shifted(-area.x, -area.y)
    visible = area.shifted(-input.request.area.x, -input.request.area.y)
    mask = input.mask[visible.y : visible.bottom, visible.x : visible.right, 0]
    layer, around = shadow.on_ground(Picture(painted.pixels, painted.format), bounds, mask)
    return replace(painted, bounds=around.shifted(area.x, area.y), pixels=layer.array)
