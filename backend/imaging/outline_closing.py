# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The smallest sensible closure of an open outline: a straight line from a loose end.

A cup without its rim, a cap without its brim: quick drawings leave a side open, and everybody sees which.
A closure is sensible where a short line encloses much. Legs, hairs and rays end side by side: they enclose
little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # pyright: ignore[reportMissingTypeStubs, reportAttributeAccessIssue]

from backend.imaging.line_gaps import Path, loose_ends

SAME_STROKE = 0.45
"""Of one stroke's length, the widest opening between its own ends that is closed whatever it encloses. A U as
deep as wide has 0.33, half a circle 0.64."""

WORTH, WORTH_BESIDE = 3.0, 12.0
"""Squares of its own length that a closure must enclose; and one between ends that run side by side."""

BARE_WORTH = 1.2
"""The same where the lines enclose nothing so far: a tree open at its foot, but no chair's legs."""

BESIDE = 0.5
"""Cosine from which two ends run side by side."""

REACH = 0.3
"""The longest closure, of the drawing's diagonal."""

TRIED = 16
"""Closures that are tried, the shortest first."""

Marks = NDArray[np.bool_]


class Closure(NamedTuple):
    """A line (2,2) of x, y, and the area in pixels that it must enclose to be sensible."""

    line: Path
    least_px: float


def closures(
    strokes: Sequence[Path], outside: Marks, bare: Marks, narrow_px: float, reach: float = REACH
) -> list[Closure]:
    """Lines that may close an open outline, the shortest first.

    Args:
        strokes: with points about a pixel apart.
        outside: (H,W), what is not enclosed yet: an end that lies inside something stays loose.
        bare: (H,W), lines that border nothing enclosed.
        narrow_px: Gaps up to this were looked at before; near a loose end its own stroke is no goal.
        reach: The longest line, of the drawing's diagonal.
    """
    if not strokes:
        return []
    points, lengths = np.concatenate(strokes), np.array([len(stroke) for stroke in strokes])
    ends = loose_ends(points, lengths)
    free = np.flatnonzero(_faces(ends.at, ends.heading, outside))
    if not len(free):
        return []
    owner = np.repeat(np.arange(len(strokes)), lengths)
    tree, reach_px = cKDTree(points), reach * float(np.hypot(*np.ptp(points, axis=0)))
    found: list[Closure] = []
    for k in free.tolist():
        near = np.asarray(tree.query_ball_point(ends.at[k], reach_px), np.int64)
        own = (owner[near] == ends.stroke[k]) & (np.abs(near - ends.point[k]) <= 3 * narrow_px)
        near = near[~own]
        if len(near):
            goal = near[np.argmin(((points[near] - ends.at[k]) ** 2).sum(1))]
            found.append(_to(ends.at[k], points[goal], WORTH, bare))
        for j in free[free > k].tolist():
            beside = float(ends.heading[k] @ ends.heading[j]) > BESIDE
            closure = _to(ends.at[k], ends.at[j], WORTH_BESIDE if beside else WORTH, bare)
            length = float(np.hypot(*(ends.at[j] - ends.at[k])))
            if ends.stroke[k] == ends.stroke[j] and length <= SAME_STROKE * lengths[ends.stroke[k]]:
                closure = Closure(closure.line, 1.0)
            elif length > reach_px:
                continue
            found.append(closure)
    return sorted(found, key=lambda each: float(np.hypot(*np.ptp(each.line, axis=0))))[:TRIED]


def _to(start: Path, end: Path, worth: float, bare: Marks) -> Closure:
    (x0, y0), (x1, y1) = start.astype(int).tolist(), end.astype(int).tolist()
    worth = BARE_WORTH if bare[y0, x0] and bare[y1, x1] else worth
    return Closure(np.stack([start, end]), worth * float(((end - start) ** 2).sum()))


def _faces(at: Path, heading: Path, outside: Marks) -> Marks:
    """Whether an end, a little further on, lies outside."""
    height, width = outside.shape
    ahead = np.floor(at + 3 * heading).astype(int)
    x, y = np.clip(ahead[:, 0], 0, width - 1), np.clip(ahead[:, 1], 0, height - 1)
    return outside[y, x]
