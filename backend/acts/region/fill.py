# SPDX-License-Identifier: GPL-3.0-or-later
"""Take away what is selected: nothing is drawn and nothing is said, so its surroundings go on across it.

1. Cut out the selection with as much around it as it is large.
2. Reduce that to a size at which the search takes seconds, and find for each pixel the one to copy.
3. Copy the pixels of the picture itself, and join the pieces by their gradients.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from backend.acts.region.paint_input import Painted, is_drawn, result_format
from backend.acts.report import Report
from backend.imaging import composite, harmony, masks
from backend.imaging.carried_copies import carried, reduced
from backend.imaging.exemplar_fill import copies_for
from backend.imaging.gradient_join import joined
from backend.imaging.scene import Layers, Scene, read_scene
from shared.acts import PaintRequest
from shared.geometry import Bounds, Extent

NOTE = "Filled from the surroundings."
LEAST_CONTEXT_PX = 48
"""As much is seen around the selection as it is large, and at least so much."""

LARGEST_PX, LARGEST_HOLE_PX = 768, 256
"""Longest side, and root of the hole's area, of the picture in which is searched."""

STEPS = 20
"""In which progress is told."""


def nothing_asked(scene: Scene, request: PaintRequest) -> bool:
    """Whether the request says only where: no words, no strokes, and a picture around the selection."""
    is_known = bool((scene.mask < 0.5).any())
    return is_known and not request.prompt.strip() and not is_drawn(scene.strokes())


def filled(layers: Layers, request: PaintRequest, area: Bounds, report: Report) -> Painted:
    """Fill the selection from its surroundings. The same request gives the same pixels again.

    The border is not feathered: it would let through what is to be taken away.

    Args:
        layers: Only mask and image count.
        area: Where the layers lie on the canvas.

    Raises:
        shared.errors.Cancelled: the report's `check` said so.
    """
    selection = masks.bounds_of(layers.mask).grown(request.grow_px)
    crop = _seen(selection, layers)
    picture_alone = Layers(layers.mask, layers.image, None, None, None)
    scene = read_scene(picture_alone, crop, 1, grow_px=request.grow_px)
    hole = torch.as_tensor(masks.alpha(layers.mask, crop, grow_px=request.grow_px, feather_px=0) > 0)
    picture = completed(scene.picture, hole, scene.mask[0, 0] < 0.5, request.seed, report)
    format = result_format(layers)
    bounds, pixels = composite.layer_of(
        picture, crop, 1, layers.mask, format, grow_px=request.grow_px, feather_px=0
    )
    return Painted(bounds.shifted(area.x, area.y), pixels, format, request.seed, NOTE)


def _seen(selection: Bounds, layers: Layers) -> Bounds:
    height, width = layers.mask.shape
    around = max(LEAST_CONTEXT_PX, selection.width, selection.height)
    return selection.grown(around).intersect(Bounds.of(Extent(width, height)))


def completed(picture: Tensor, hole: Tensor, known: Tensor, seed: int, report: Report) -> Tensor:
    """The picture with its hole filled; nothing else of it changes.

    Args:
        picture: (1,3,H,W) in [0, 1].
        hole, known: (H,W) bool, disjoint; what is neither is neither filled nor copied.
    """

    def step(share: float) -> None:
        report.check()
        report.progress(int(share * STEPS), STEPS, "filling from the surroundings")

    factor = _factor(hole)
    small, small_hole, small_known = reduced(picture, hole, known, factor)
    copies = copies_for(small, small_hole, small_known, seed=seed, step=step)
    if copies is None:
        smooth = harmony.matched(torch.full_like(picture, 0.5), picture, (~known).float()[None, None])
        return torch.where(hole, smooth, picture)
    colours = joined(small, copies, small_known)
    if factor > 1:
        shift = colours - small[0].flatten(1)[:, copies.sources]
        colours = carried(picture, hole, known, copies, shift, factor)
    made = picture.clone()
    made[0][:, hole] = colours.clamp(0, 1)
    step(1.0)
    return made


def _factor(hole: Tensor) -> int:
    side = max(hole.shape) / LARGEST_PX
    return math.ceil(max(1.0, side, math.sqrt(int(hole.sum())) / LARGEST_HOLE_PX))
