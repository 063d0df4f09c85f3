# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Lines as if drawn with one stroke: specks go, small gaps close, wavering and ragged edges become even."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ndimage: Any = importlib.import_module("scipy.ndimage")
_spatial: Any = importlib.import_module("scipy.spatial")
_morphology: Any = importlib.import_module("skimage.morphology")

Ink = NDArray[np.uint8]
Points = NDArray[np.float64]

SURE, POSSIBLE = 0.45, 0.3
"""A line is where ink is possible and, somewhere along it, sure (hysteresis as of Canny 1986)."""

SPECK = 0.012
"""Lines shorter than this share of the picture's diagonal are specks, as are branches half as long."""

USUAL, WIDEST = 0.8, 1.5
"""This share of all lines is no wider than the usual width, and none is wider than so many times that."""

GAP_PX = 6.0
EVEN_PX = 2.5
"""Ends closer than the gap are joined if they point at each other; lines are smoothed over so many pixels."""

_NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)


@dataclass(frozen=True)
class Stroke:
    """A line as an artist would pull it: points (n,2) in y, x, one width in px, one strength in [0, 1]."""

    points: Points
    width_px: float
    strength: float
    closed: bool


def cleaned(ink: Ink) -> Ink:
    """Draw the lines of an ink picture (H,W) again, cleanly; width and strength are kept stroke by stroke."""
    share = ink.astype(np.float32) / np.float32(255)
    possible = share > POSSIBLE
    labels, count = _ndimage.label(possible, np.ones((3, 3)))
    if not count:
        return np.zeros_like(ink)
    sure = np.zeros(count + 1, np.bool_)
    sure[np.unique(labels[share > SURE])] = True
    sure[0] = False
    lines = sure[labels]
    speck_px = max(4.0, SPECK * float(np.hypot(*ink.shape)))
    strokes = _without_specks(_strokes(share, lines), speck_px)
    return _drawn(_joined(strokes), ink.shape)


def _strokes(share: NDArray[np.float32], lines: NDArray[np.bool_]) -> list[Stroke]:
    """Skeleton, followed from crossing to crossing; width from the ink beside it."""
    skeleton = np.asarray(_morphology.skeletonize(lines), np.bool_)
    depth = _ndimage.distance_transform_edt(share > SURE)
    strokes: list[Stroke] = []
    for path in _paths(skeleton):
        at = np.array(path)
        y, x = at[:, 0], at[:, 1]
        strength = float(np.percentile(_peak(share, y, x), 60))
        width = float(2 * np.median(depth[y, x]) - 1)
        strokes.append(
            Stroke(at.astype(np.float64), max(1.0, width), min(1.0, strength), closed=path[0] == path[-1])
        )
    return _not_wider(strokes)


def _not_wider(strokes: list[Stroke]) -> list[Stroke]:
    """Where lines run into each other they look like one broad stroke: none stays so broad."""
    if not strokes:
        return strokes
    widths, lengths = np.array([(stroke.width_px, len(stroke.points)) for stroke in strokes]).T
    order = np.argsort(widths)
    usual = np.searchsorted(np.cumsum(lengths[order]), USUAL * lengths.sum())
    most = WIDEST * float(widths[order][usual])
    return [replace(stroke, width_px=min(stroke.width_px, most)) for stroke in strokes]


def _peak(share: NDArray[np.float32], y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.float32]:
    """The strongest ink within one pixel: the skeleton runs half a pixel beside the middle now and then."""
    height, width = share.shape
    around = [
        share[(y + dy).clip(0, height - 1), (x + dx).clip(0, width - 1)] for dy, dx in (*_NEIGHBOURS, (0, 0))
    ]
    return np.max(around, 0)


def _paths(skeleton: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Pixels of a skeleton in order, cut at its crossings; closed ones end where they begin."""
    rows, columns = np.nonzero(skeleton)
    free = set(zip(rows.tolist(), columns.tolist(), strict=True))
    degree = {p: len(_near(p, free)) for p in free}
    nodes = [p for p in free if degree[p] != 2]
    links: set[frozenset[tuple[int, int]]] = set()
    paths: list[list[tuple[int, int]]] = []
    seen: set[tuple[int, int]] = set()
    for start in nodes:
        seen.add(start)
        for following in _near(start, free):
            if frozenset((start, following)) in links:
                continue
            path = _follow(start, following, free, degree)
            links |= {frozenset(path[:2]), frozenset(path[-2:])}
            seen.update(path)
            paths.append(path)
    for start in free - seen:
        if start not in seen:
            ring = _follow(start, _near(start, free)[0], free, {**degree, start: 0})
            seen.update(ring)
            paths.append(ring)
    return paths


def _near(pixel: tuple[int, int], free: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbours; a diagonal one only where no straight way leads to it, so that corners are no crossings."""
    y, x = pixel
    return [
        (y + dy, x + dx)
        for dy, dx in _NEIGHBOURS
        if (y + dy, x + dx) in free and not (dy and dx and ((y + dy, x) in free or (y, x + dx) in free))
    ]


def _follow(
    start: tuple[int, int],
    following: tuple[int, int],
    free: set[tuple[int, int]],
    degree: dict[tuple[int, int], int],
) -> list[tuple[int, int]]:
    path = [start, following]
    while degree[path[-1]] == 2:
        ahead = [p for p in _near(path[-1], free) if p != path[-2]]
        if not ahead:
            break
        path.append(ahead[0])
    return path


def _without_specks(strokes: list[Stroke], speck_px: float) -> list[Stroke]:
    """Short lines that hang nowhere go, and short ends of branches; what joins two crossings stays."""
    ends: dict[tuple[int, int], int] = {}
    for stroke in strokes:
        for end in _ends(stroke):
            ends[end] = ends.get(end, 0) + 1
    kept: list[Stroke] = []
    for stroke in strokes:
        hanging = sum(ends[end] > 1 for end in _ends(stroke))
        least = speck_px if stroke.closed or hanging == 0 else speck_px / 2 if hanging == 1 else 0.0
        if _length(stroke.points) >= least:
            kept.append(stroke)
    return kept


def _ends(stroke: Stroke) -> tuple[tuple[int, int], tuple[int, int]]:
    first, last = stroke.points[0], stroke.points[-1]
    return (int(first[0]), int(first[1])), (int(last[0]), int(last[1]))


def _length(points: Points) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _joined(strokes: list[Stroke]) -> list[Stroke]:
    """Bridges between free ends that lie near and point at each other, as strokes of their own."""
    open_strokes = [stroke for stroke in strokes if not stroke.closed]
    counted = Counter(end for stroke in open_strokes for end in _ends(stroke))
    loose = [
        (np.array(end, np.float64), _heading(stroke.points if side else stroke.points[::-1]), stroke)
        for stroke in open_strokes
        for side, end in enumerate(_ends(stroke))
        if counted[end] == 1
    ]
    if not loose:
        return strokes
    pairs: set[tuple[int, int]] = _spatial.cKDTree([here for here, _, _ in loose]).query_pairs(GAP_PX)
    return strokes + [bridge for i, j in sorted(pairs) if (bridge := _bridge(loose[i], loose[j]))]


def _bridge(one: tuple[Points, Points, Stroke], other: tuple[Points, Points, Stroke]) -> Stroke | None:
    """The straight way between two ends (place, heading, stroke), if both head for it."""
    way = other[0] - one[0]
    far = float(np.linalg.norm(way))
    if far == 0 or way @ one[1] <= 0.5 * far or -way @ other[1] <= 0.5 * far:
        return None
    width, strength = (one[2].width_px + other[2].width_px) / 2, min(one[2].strength, other[2].strength)
    return Stroke(np.stack([one[0], one[0] + way / 2, other[0]]), width, strength, closed=False)


def _heading(points: Points) -> Points:
    """Unit vector in which a stroke leaves at its last point."""
    way = points[-1] - points[max(0, len(points) - 8)]
    return way / (np.linalg.norm(way) + 1e-9)


def _drawn(strokes: list[Stroke], shape: tuple[int, ...]) -> Ink:
    """Even round strokes, anti-aliased."""
    share = np.zeros(shape, np.float32)
    for stroke in strokes:
        _stamp(share, _evened(stroke), stroke.width_px / 2, stroke.strength)
    return np.rint(255 * share).astype(np.uint8)


def _evened(stroke: Stroke) -> Points:
    """Points smoothed along the stroke, a quarter of a pixel apart; its ends stay where they are."""
    points = stroke.points
    if len(points) > 4:
        mode = "wrap" if stroke.closed else "nearest"
        ring = points[:-1] if stroke.closed else points
        smooth = _ndimage.gaussian_filter1d(ring, EVEN_PX, axis=0, mode=mode)
        if stroke.closed:
            points = np.concatenate([smooth, smooth[:1]])
        else:
            points = np.concatenate([points[:1], smooth[1:-1], points[-1:]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.arange(0, along[-1] + 0.25, 0.25)
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], 1)


def _stamp(share: NDArray[np.float32], points: Points, radius: float, strength: float) -> None:
    """Round dabs of that radius, the strongest of all that cover a pixel."""
    reach = int(np.ceil(radius + 0.5))
    steps = np.arange(-reach, reach + 1)
    dy, dx = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    near = np.rint(points).astype(int)
    y, x = near[:, :1] + dy, near[:, 1:] + dx
    cover = strength * (radius + 0.5 - np.hypot(y - points[:, :1], x - points[:, 1:])).clip(0, 1)
    inside = (y >= 0) & (x >= 0) & (y < share.shape[0]) & (x < share.shape[1]) & (cover > 0)
    np.maximum.at(share, (y[inside], x[inside]), cover[inside].astype(np.float32))
