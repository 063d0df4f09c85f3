# SPDX-License-Identifier: GPL-3.0-or-later
"""How a selection of any size is brought to sizes that a family can paint."""

from __future__ import annotations

from dataclasses import dataclass

from shared.geometry import Bounds, Extent

CONTEXT_SHARE = 3
LEAST_CONTEXT_PX = 32
"""The network sees a third of the selection's longer side around it, and at least this much."""

LARGEST_PIECE = 1.25
"""Longest side of a single piece over the family's resolution: what is larger is painted at the resolution
first, then refined in tiles at its own size. See docs/decisions/larger-pictures-are-refined.md."""

LARGEST_TILE = 1.5
"""Likewise of a tile of the second pass: fewer of them are quicker."""

LARGEST_SCENE = 4.5, 9
"""Crops longer than so many resolutions are refined at half of the canvas' pixels, and at a third."""


@dataclass(frozen=True)
class Plan:
    """Sizes of one paint act.

    Attributes:
        crop: The selection with its context, within the layers.
        factor: Canvas pixels per side of a pixel of the scene that is read.
        first: (height, width) of the first, undivided piece, before padding.
        refined: Whether a pass over it at the scene's own size follows, in tiles.
    """

    crop: Bounds
    factor: int
    first: tuple[int, int]
    refined: bool

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the scene."""
        return -(-self.crop.height // self.factor), -(-self.crop.width // self.factor)


GLANCE_SCENE = 2
"""A live preview is read, and its colours are matched, at no more than so many resolutions."""


def plan_paint(selection: Bounds, extent: Extent, resolution: int, *, glance: bool = False) -> Plan:
    """Choose crop and sizes.

    Args:
        selection: Bounds of the grown mask.
        extent: Of the layers at hand; the crop stays within.
        resolution: The family's.
        glance: As soon as can be: one small piece, no detail.
    """
    selected = max(selection.width, selection.height)
    context = max(LEAST_CONTEXT_PX, selected // CONTEXT_SHARE, (resolution // 2 - selected) // 2)
    crop = selection.grown(context).intersect(Bounds.of(extent))
    side = max(crop.width, crop.height)
    refined = side > LARGEST_PIECE * resolution
    factor = 1 + sum(side > longest * resolution for longest in LARGEST_SCENE)
    target = resolution if refined else max(side, resolution)
    if glance:
        refined, factor, target = False, -(-side // (GLANCE_SCENE * resolution)), resolution
    scale = target / side
    first = (max(1, round(crop.height * scale)), max(1, round(crop.width * scale)))
    return Plan(crop, factor, first, refined)
