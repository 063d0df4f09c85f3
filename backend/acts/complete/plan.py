# SPDX-License-Identifier: GPL-3.0-or-later
"""How a selection of any size is brought to sizes that the completion network knows."""

from __future__ import annotations

from backend.acts.region.paint_plan import Plan
from shared.geometry import Bounds, Extent

KNOWN_PX = 256
"""Side of the pictures that the network learnt from."""

LEAST_CONTEXT_PX = 24
CONTEXT_SHARE = 3
"""The network sees a third of the selection's longer side around it, and at least so much."""

LARGEST_PX = 384
"""Longest side of a crop that is completed in one piece. Further inside a hole than the network can see from
its rim, nothing would hold the answer together."""

LIVE_PX = 320
"""Longest side of a crop that answers a stroke at full size: 60 ms of network on one core. A larger one is
reduced to KNOWN_PX: 40 ms."""

SHARP_PX = 640
"""Longest side of the sharper answer, when the pen rests."""

LIVE_CONTEXT_SHARE = 8
"""Live, where nearness to the stroke counts more than what is far, an eighth is seen around the selection."""

LARGEST_SCENE_PX = 1536
"""Longest side in which the detail is painted; what is larger is enlarged from there."""


def plan_completion(selection: Bounds, extent: Extent) -> Plan:
    """Choose crop and sizes.

    Args:
        selection: Bounds of the grown mask.
        extent: Of the layers at hand; the crop stays within.

    Returns:
        As for painting. Small selections are seen at full size with more around them, never enlarged.
    """
    longest = max(selection.width, selection.height)
    context = max(LEAST_CONTEXT_PX, longest // CONTEXT_SHARE, (KNOWN_PX - longest) // 2)
    crop = selection.grown(context).intersect(Bounds.of(extent))
    side = max(crop.width, crop.height)
    factor = -(-side // LARGEST_SCENE_PX)
    refined = side > LARGEST_PX
    scale = min(1.0, LARGEST_PX / side)
    first = (max(1, round(crop.height * scale)), max(1, round(crop.width * scale)))
    return Plan(crop, factor, first, refined)


def plan_live(selection: Bounds, extent: Extent) -> Plan:
    """Choose crop and size for an answer to a stroke: less around the selection, and one smaller piece."""
    longest = max(selection.width, selection.height)
    context = max(LEAST_CONTEXT_PX, longest // LIVE_CONTEXT_SHARE, (KNOWN_PX - longest) // 2)
    crop = selection.grown(context).intersect(Bounds.of(extent))
    side = max(crop.width, crop.height)
    return Plan(crop, 1, sized(crop, LIVE_PX if side <= LIVE_PX else KNOWN_PX), False)


def sized(crop: Bounds, longest_px: int) -> tuple[int, int]:
    """(height, width) of the crop with a longest side of so much, never enlarged."""
    scale = min(1.0, longest_px / max(crop.width, crop.height))
    return max(1, round(crop.height * scale)), max(1, round(crop.width * scale))
