# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Drawings by people as paintings to be done on plain grounds, with dabs by a simple rule."""

from __future__ import annotations

import colorsys

import numpy as np

from benchmarks.held_out import EDGE_PX, Image8, Task
from benchmarks.rulers.doodle_strokes import Drawing, fitted, inked
from benchmarks.rulers.enclosed import depth_px, enclosed_parts
from models.recipes.studio import Sample
from models.recipes.studio.lines import Lines

MARGIN_SHARE, WIDTH_SHARE = 0.08, 0.012
"""Of the picture's side: the free rim around a drawing, and the pen."""

DAB_SHARE, LEAST_ROOM = 0.03, 0.012
"""Of the side: half the width of a dab; and how far the middle of an area is from its lines to get one."""

GOLDEN_TURN = 0.618
"""Of the circle of hues, from one dab to the next: neighbours are never alike."""


def doodle_task(drawing: Drawing, number: int, *, dabs: bool, size: int = EDGE_PX) -> Task:
    """Paint a drawing on a plain light ground, inside its lines, without a word.

    Args:
        number: Seed of the ground, the dabs and the painting.
        dabs: With a dab in each of the two or three largest areas.
    """
    dice = np.random.default_rng([number, 11])
    strokes = fitted(drawing.strokes, size, MARGIN_SHARE * size)
    contour = inked(strokes, size, WIDTH_SHARE * size)
    ground = np.rint(255 * dice.uniform(0.72, 1, 3)).astype(np.uint8)
    colours = dabbed(contour, dice) if dabs else _undrawn(size)
    sample = Sample(
        image=np.broadcast_to(ground, (size, size, 3)).copy(),
        mask=np.zeros((size, size), np.uint8),
        contour=contour,
        detail=np.zeros((size, size), np.uint8),
        colours=colours,
        captions=("",),
        category=drawing.word,
        lines=Lines(tuple(strokes), (), size),
    )
    return Task(sample, np.full((size, size), 255, np.uint8), number, scope="lines")


def dabbed(contour: Image8, dice: np.random.Generator) -> Image8:
    """(H,W,4): a round dab in the middle of each of the two or three largest areas, each in another hue."""
    size = contour.shape[0]
    parts = enclosed_parts(contour)
    areas = np.bincount(parts.ravel())[1:]
    colours, hue = _undrawn(size), float(dice.random())
    for label in 1 + np.argsort(-areas, kind="stable")[: int(dice.integers(2, 4))]:
        hue = (hue + GOLDEN_TURN) % 1
        shade = colorsys.hsv_to_rgb(hue, float(dice.uniform(0.45, 0.85)), float(dice.uniform(0.55, 0.95)))
        depth = depth_px(parts == label)
        if depth.max() < LEAST_ROOM * size:
            continue
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        radius = min(0.6 * float(depth.max()), DAB_SHARE * size)
        spot = inked([np.array([[float(x) + 0.5, float(y) + 0.5]])], size, 2 * radius)
        colours[spot > 0, :3] = np.rint(np.array(shade) * 255).astype(np.uint8)
        colours[..., 3] = np.maximum(colours[..., 3], spot)
    return colours


def _undrawn(size: int) -> Image8:
    plane = np.full((size, size, 4), 128, np.uint8)
    plane[..., 3] = 0
    return plane
