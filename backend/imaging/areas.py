# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What lines enclose: the figure that is painted inside them, its areas, and the strokes that stand alone.

Free space is cut up by ink. What can be reached from the rim of the picture is outside, all else is enclosed.
An enclosed area reaches to the middle of the lines around it: a figure ends where its outline was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (  # pyright: ignore[reportMissingTypeStubs]
    binary_dilation,
    distance_transform_edt,
    maximum_filter,
)
from skimage.draw import line
from skimage.measure import label
from skimage.morphology import skeletonize

from backend.imaging.line_gaps import WIDEST_PX, Path, bridges
from backend.imaging.outline_closing import REACH, closures
from backend.imaging.pixels import Floats
from backend.imaging.sketch_domain import SMALLEST_PX, walked, without_specks

Marks = NDArray[np.bool_]
Numbers = NDArray[np.int32]

INK = 1 / 3
"""Ink from which a pixel parts two areas."""

CORNER_SHARE = 0.3
"""A part of the picture that lines cut off is enclosed by the picture's own edge where it has no larger share
of the rim: a sun in the corner, shoulders at the bottom. Sky and ground are not."""

SCRAP_SIDE = 3.0
"""A stroke within an area is at least so many times as long as wide."""

LAST_RESORT = 0.5
"""Where nothing is enclosed otherwise, this share of what a closure should enclose will do, and it may be
longer: a tree on wide feet."""

RIM_PX = 3
"""Free space that is left around a drawing."""

SMALLEST_AREA_PX = 12
"""Where strokes cross, specks are enclosed that mean nothing."""


@dataclass(frozen=True)
class Areas:
    """
    Attributes:
        numbers: (H,W) int32, from 1 on for each enclosed area; 0 elsewhere. Areas reach to the middle of the
            lines around them.
        depth: (H,W) float32, pixels to the figure's rim, positive inside; half a pixel is half covered.
        single: (H,W) ink of strokes that border no area: stems, whiskers, strings.
        inner: (H,W) ink within an area that parts it from no other: a smile, a crease, the hands of a clock.
        closed: straight lines (2,2) of x, y that were added to close an open outline.
    """

    numbers: Numbers
    depth: Floats
    single: Marks
    inner: Marks
    closed: tuple[Path, ...] = ()

    @property
    def encloses(self) -> bool:
        return bool(self.numbers.any())

    def cover(self) -> Floats:
        """(H,W) in [0, 1]: how much of each pixel is the figure, without the strokes that stand alone."""
        return np.clip(self.depth + np.float32(0.5), 0, 1)


def read_areas(ink: Floats, *, widest_px: float = WIDEST_PX, rim: tuple[bool, ...] = (True,) * 4) -> Areas:
    """Find what lines enclose.

    Args:
        ink: (H,W) in [0, 1], of all lines together.
        widest_px: Gaps that are closed as a matter of course; wider ones only where much is enclosed by it.
        rim: Whether the left, top, right and bottom side is the canvas' own edge, which may close an area.
    """
    marks = ink > INK
    box = _around(marks)
    numbers, depth = np.zeros(ink.shape, np.int32), np.full(ink.shape, -np.inf, np.float32)
    single, inner = np.zeros(ink.shape, np.bool_), np.zeros(ink.shape, np.bool_)
    if box is None:
        return Areas(numbers, depth, single, inner)
    rows, columns = box
    sides = (columns.start == 0, rows.start == 0, columns.stop == ink.shape[1], rows.stop == ink.shape[0])
    closing = tuple(own and edge for own, edge in zip(sides, rim, strict=True))
    found = _read(marks[box], widest_px, _Rim(closing, CORNER_SHARE * 2 * sum(ink.shape)))
    numbers[box], depth[box] = found.numbers, found.depth
    single[box], inner[box] = found.single, found.inner
    corner = np.array([columns.start, rows.start])
    return Areas(numbers, depth, single, inner, tuple(path + corner for path in found.closed))


class _Rim(NamedTuple):
    """Which sides (left, top, right, bottom) may close an area, and how much of them one may take."""

    closing: tuple[bool, ...]
    most_px: float


def _around(marks: Marks) -> tuple[slice, slice] | None:
    """Rows and columns of all marks with a free rim; None where there are none."""
    if not marks.any():
        return None
    height, width = marks.shape
    rows, columns = (np.flatnonzero(marks.any(axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - RIM_PX), min(height, int(rows[-1]) + 1 + RIM_PX)),
        slice(max(0, int(columns[0]) - RIM_PX), min(width, int(columns[-1]) + 1 + RIM_PX)),
    )


def _read(marks: Marks, widest_px: float, rim: _Rim) -> Areas:
    strokes = walked(without_specks(skeletonize(marks), SMALLEST_PX))
    walls = drawn_over(marks, bridges(strokes, widest_px))
    free, outside = _parted(walls, rim)
    closed: list[Path] = []
    for share in (1.0, LAST_RESORT):
        reach = REACH / share
        for closure in closures(strokes, outside, _bare(walls, outside), widest_px, reach):
            nearer = drawn_over(walls, [closure.line])
            parted = _parted(nearer, rim)
            if (outside & ~parted[1] & ~nearer).sum() >= share * closure.least_px:
                walls, (free, outside) = nearer, parted
                closed.append(closure.line)
        if _without_small(~walls & ~outside).any():
            break
    return _measured(free, outside, marks, tuple(closed))


def drawn_over(marks: Marks, lines: Sequence[Path]) -> Marks:
    """The marks, and lines between the first and last point of each path, one pixel wide."""
    made = marks.copy()
    height, width = marks.shape
    for ends in lines:
        (x0, y0), (x1, y1) = np.floor(ends[[0, -1]]).astype(int).tolist()
        rows, columns = line(y0, x0, y1, x1)
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        made[rows[inside], columns[inside]] = True
    return made


def _parted(walls: Marks, rim: _Rim) -> tuple[Numbers, Marks]:
    """Numbers (H,W) of the free space between walls, 0 on walls; and what of it is outside."""
    free: Numbers = np.asarray(label(~walls, connectivity=1), np.int32)
    count = int(free.max()) + 1
    sides = (free[:, 0], free[0], free[:, -1], free[-1])
    seen = np.stack([np.bincount(side, minlength=count) for side in sides])
    enclosed_by_rim = (seen.sum(0) <= rim.most_px) & (seen[~np.array(rim.closing)].sum(0) == 0)
    is_outside = (seen.sum(0) > 0) & ~enclosed_by_rim
    is_outside[0] = False
    return free, is_outside[free]


def _bare(walls: Marks, outside: Marks) -> Marks:
    """Lines that border nothing enclosed."""
    pieces: Numbers = np.asarray(label(walls, connectivity=2), np.int32)
    beside = _spread(_without_small(~walls & ~outside), 1)
    bordering = np.bincount(pieces[beside], minlength=int(pieces.max()) + 1) > 0
    return walls & ~bordering[pieces]


def _without_small(marks: Marks) -> Marks:
    parts: Numbers = np.asarray(label(marks, connectivity=1), np.int32)
    return (np.bincount(parts.ravel()) >= SMALLEST_AREA_PX)[parts] & marks


def _measured(free: Numbers, outside: Marks, marks: Marks, closed: tuple[Path, ...]) -> Areas:
    """Areas without specks, grown to the middle of their lines."""
    large = np.bincount(free.ravel()) >= SMALLEST_AREA_PX
    large[0] = False
    within = large[free] & ~outside
    if not within.any():
        nothing = np.full(free.shape, -np.inf, np.float32)
        return Areas(np.zeros(free.shape, np.int32), nothing, marks, np.zeros_like(marks), closed)
    to_area, nearest = _distance(~within, indices=True)
    to_outside = _distance(~outside) if outside.any() else np.full(free.shape, np.inf, np.float32)
    depth = ((to_outside - to_area) / 2).astype(np.float32)
    numbers = np.zeros(free.shape, np.int32)
    numbers[within] = np.unique(free[within], return_inverse=True)[1] + 1
    width = _widths(marks)
    single, inner = _alone(marks, to_area, depth, width), _inner(marks, numbers, to_outside, width)
    grown = np.where(depth > -0.5, numbers[nearest[0], nearest[1]], 0).astype(np.int32)
    return Areas(grown, depth, single, inner, closed)


def _widths(marks: Marks) -> Floats:
    """(H,W) pixels: how wide the strokes here are, at their widest nearby."""
    half = _distance(marks)
    return 2 * np.asarray(maximum_filter(half, 2 * int(np.ceil(float(half.max()))) + 1), np.float32)


def _alone(marks: Marks, to_area: Floats, depth: Floats, width: Floats) -> Marks:
    """Ink that is further from every area than a line's width; grown back along it to the figure."""
    far = marks & (to_area > width + 1.5) & (depth < 0)
    if not far.any():
        return far
    return _spread(far, int(np.ceil(float(width[far].max()))) + 2) & marks & (depth < 0.5)


def _inner(marks: Marks, numbers: Numbers, to_outside: Floats, width: Floats) -> Marks:
    """Ink with one area alone around it."""
    within = marks & (to_outside > width + 1.5)
    if not within.any():
        return within
    window = 2 * int(np.ceil(float(np.median(width[within])))) + 3
    largest = maximum_filter(numbers, window)
    smallest = -maximum_filter(-np.where(numbers > 0, numbers, np.iinfo(np.int32).max), window)
    return _strokes_of(within & (largest > 0) & (largest == smallest), marks, width)


def _strokes_of(found: Marks, marks: Marks, width: Floats) -> Marks:
    """Without scraps: what is left of a stroke where it meets others; a dot drawn by itself is none."""
    pieces: Numbers = np.asarray(label(found, connectivity=2), np.int32)
    if not pieces.any():
        return found
    whole: Numbers = np.asarray(label(marks, connectivity=2), np.int32)
    sizes, count = np.bincount(pieces.ravel()), int(pieces.max()) + 1
    of = np.zeros(count, np.int64)
    of[pieces[found]] = np.bincount(whole.ravel())[whole[found]]
    across = np.zeros(count)
    np.maximum.at(across, pieces[found], width[found])
    kept = (sizes >= SCRAP_SIDE * across**2) | (sizes >= 0.5 * of)
    return kept[pieces] & found


def _spread(marks: Marks, steps: int) -> Marks:
    """So many pixels further out, diagonals too."""
    return np.asarray(binary_dilation(marks, np.ones((3, 3), np.bool_), iterations=steps), np.bool_)


def _distance(marks: Marks, *, indices: bool = False) -> Any:
    """Pixels to the nearest unmarked one, float32; with `indices` also which that is, (2,H,W)."""
    if not indices:
        return np.asarray(distance_transform_edt(marks), np.float32)
    away, place = distance_transform_edt(marks, return_indices=True)  # pyright: ignore[reportGeneralTypeIssues]
    return np.asarray(away, np.float32), place
