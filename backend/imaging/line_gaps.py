# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Gaps that an eye closes by itself: a loose end is led on to the line ahead of it.

Colours would leak through them, for a hand lifts the pen now and then, and an edge filter loses an edge where
both sides are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # pyright: ignore[reportMissingTypeStubs, reportAttributeAccessIssue]

Path = NDArray[np.float64]
"""(points, 2): x, y of one stroke in pixels."""

WIDEST_PX = 12.0
"""The widest gap that is closed. Found on held-out pictures: up to here completions of quick sketches become
better, at 20 px those of careful lines become worse."""

AHEAD = 0.7
"""Cosine of the widest turn from an end to what it is led to."""

HEADING_PX, LEAST_PX = 6, 3
"""Length of the last part of a stroke that tells where it is heading, and the least that tells anything."""

TOUCHING_PX = 1.5
"""What is nearer than this is no gap."""


class Ends(NamedTuple):
    """Loose ends.

    Attributes:
        at, heading: (n,2) where, and in which direction, of unit length.
        stroke, point: (n,) number of the stroke, and of the point among all.
    """

    at: Path
    heading: Path
    stroke: NDArray[np.int64]
    point: NDArray[np.int64]


def bridges(strokes: Sequence[Path], widest_px: float = WIDEST_PX) -> list[Path]:
    """Straight strokes, each from a loose end to the nearest point of a line ahead.

    Args:
        strokes: with points about a pixel apart; strokes that meet share a point.
        widest_px: Longest bridge; 0 builds none.
    """
    if widest_px <= 0 or not strokes:
        return []
    points, lengths = np.concatenate(strokes), np.array([len(stroke) for stroke in strokes])
    stroke = np.repeat(np.arange(len(strokes)), lengths)
    ends = loose_ends(points, lengths)
    if not len(ends.at):
        return []
    pairs: Any = cKDTree(ends.at).sparse_distance_matrix(cKDTree(points), widest_px, output_type="ndarray")
    end, other, away = pairs["i"], pairs["j"], pairs["v"]
    own = (stroke[other] == ends.stroke[end]) & (np.abs(other - ends.point[end]) <= 3 * widest_px)
    end, other, away = end[~own], other[~own], away[~own]
    touching = np.zeros(len(ends.at), np.bool_)
    touching[end[away <= TOUCHING_PX]] = True
    way = points[other] - ends.at[end]
    ahead = ((way * ends.heading[end]).sum(1) > AHEAD * away) & ~touching[end]
    end, other, away = end[ahead], other[ahead], away[ahead]
    order = np.lexsort((other, away, end))
    built, nearest = np.unique(end[order], return_index=True)
    return list(np.stack([ends.at[built], points[other[order[nearest]]]], 1))


def loose_ends(points: Path, lengths: NDArray[np.int64]) -> Ends:
    """Of strokes whose points stand one after the other."""
    last = np.cumsum(lengths) - 1
    first = last - lengths + 1
    tips = np.concatenate([first, last])
    _, place, count = np.unique(points[tips], axis=0, return_inverse=True, return_counts=True)
    back = np.minimum(HEADING_PX, lengths - 1)
    inner = np.concatenate([first + back, last - back])
    way = points[tips] - points[inner]
    length = np.hypot(*way.T)
    loose = (count[place.ravel()] == 1) & (np.tile(back, 2) >= LEAST_PX) & (length > 0)
    stroke = np.tile(np.arange(len(lengths)), 2)
    return Ends(points[tips[loose]], way[loose] / length[loose, None], stroke[loose], tips[loose])
