# SPDX-License-Identifier: GPL-3.0-or-later
"""The selection: its bounds, its border moved out, its border softened. Grey masks stay grey."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backend.imaging.pixels import Floats
from shared.geometry import Bounds

Mask = NDArray[np.uint8]
"""(height, width); 255 is selected."""


def bounds_of(mask: Mask) -> Bounds:
    """The smallest rectangle with every selected pixel; empty where there is none."""
    rows = np.flatnonzero(mask.any(1))
    if rows.size == 0:
        return Bounds(0, 0, 0, 0)
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(0))
    x, y = int(columns[0]), int(rows[0])
    return Bounds(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def grown(mask: Mask, radius_px: int) -> Mask:
    """Move the border out by an octagon of this radius; soft borders move as they are."""
    return _spread(mask, radius_px, np.maximum)


def feathered(mask: Mask, width_px: int) -> Floats:
    """Soften the border inwards: nothing outside is touched, and beyond `width_px` inside it is exactly 1.

    The picture's own edge is no border. A selection thinner than the ramp stays selected, only weaker.

    Returns:
        (height, width) in [0, 1]; exactly 0 where the mask is 0.
    """
    steps = max(width_px, 1)
    total = mask.astype(np.uint32)
    shrunk = mask
    for done in range(1, steps):
        shrunk = _step(shrunk, np.minimum, square=done % 2 == 0)
        total += shrunk
    return total.astype(np.float32) / np.float32(255 * steps)


def alpha(mask: Mask, bounds: Bounds, *, grow_px: int, feather_px: int) -> Floats:
    """What the painted layer covers of a rectangle: the mask, grown and then feathered inwards.

    Args:
        bounds: Rectangle within the mask; what lies around it counts as well.

    Returns:
        (height, width) of the rectangle, in [0, 1].
    """
    around = bounds.grown(grow_px + feather_px).intersect(Bounds(0, 0, mask.shape[1], mask.shape[0]))
    near = mask[around.y : around.bottom, around.x : around.right]
    soft = feathered(grown(near, grow_px), feather_px)
    y, x = bounds.y - around.y, bounds.x - around.x
    return soft[y : y + bounds.height, x : x + bounds.width]


def _spread(mask: Mask, radius_px: int, pick: Callable[..., Mask]) -> Mask:
    """Neighbourhood maximum or minimum; plus and square in turn make an octagon of the radius."""
    for done in range(radius_px):
        mask = _step(mask, pick, square=done % 2 == 1)
    return mask


def _step(mask: Mask, pick: Callable[..., Mask], *, square: bool) -> Mask:
    """One pixel further; beyond the picture's edge everything continues."""
    wide = np.pad(mask, 1, mode="edge")
    column = pick(pick(wide[:-2], wide[2:]), wide[1:-1])
    sides = column if square else wide[1:-1]
    return pick(column[:, 1:-1], pick(sides[:, :-2], sides[:, 2:]))
