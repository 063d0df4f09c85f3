# SPDX-License-Identifier: GPL-3.0-or-later
"""How a selection of any size is brought to sizes that a family can paint."""

from __future__ import annotations

from dataclasses import dataclass

from shared.geometry import Bounds, Extent

CONTEXT_SHARE = 3
LEAST_CONTEXT_PX = 32
"""The network sees a third of the selection's longer side around it, and at least this much."""

LARGEST_PIECE = 1.5
"""Longest side of a single piece over the family's resolution: beyond it a network repeats its subjects."""

LARGEST_ENLARGEMENT = 3
"""A painted piece enlarged further than this looks blurred: then tiles refine it."""

COARSER_ABOVE = 9
"""Crops longer than this many resolutions are refined at a third of the canvas' pixels instead of half."""


@dataclass(frozen=True)
class Plan:
    """Sizes of one paint act.

    Attributes:
        crop: The selection with its context, within the layers.
        factor: Canvas pixels per side of a pixel of the scene that is read.
        first: (height, width) of the first, undivided piece, before padding.
        refined: Whether tiles at the scene's own size follow.
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
    longest = max(selection.width, selection.height)
    context = max(LEAST_CONTEXT_PX, longest // CONTEXT_SHARE, (resolution // 2 - longest) // 2)
    crop = selection.grown(context).intersect(Bounds.of(extent))
    side = max(crop.width, crop.height)
    refined = side > LARGEST_PIECE * LARGEST_ENLARGEMENT * resolution
    factor = 1 if not refined else 2 if side <= COARSER_ABOVE * resolution else 3
    target = min(max(side, resolution), LARGEST_PIECE * resolution)
    if glance:
        refined, factor, target = False, -(-side // (GLANCE_SCENE * resolution)), resolution
    scale = target / side
    first = (max(1, round(crop.height * scale)), max(1, round(crop.width * scale)))
    return Plan(crop, factor, first, refined)
