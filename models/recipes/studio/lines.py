# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact lines off the id-buffer: the silhouette's boundary and the visible boundaries between parts."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import boundaries, label_boxes, smooth_along
from models.recipes.studio.raster import Pixels
from models.recipes.studio.shapes import Points

_COLOUR_STEP = 10.0  # mean absolute 8-bit difference from which an edge counts as seen
_MIN_LENGTH_PX = 5.0


@dataclass(frozen=True)
class Lines:
    """The exact lines of a picture: polylines (n, 2) in x, y pixels. `size` is the picture's side."""

    contour: tuple[Points, ...]
    detail: tuple[Points, ...]
    size: int


def contour_lines(ids: Pixels) -> list[Points]:
    """Closed polylines (n, 2) in x, y pixels around and inside the silhouette, smoothed to sub-pixel."""
    padded = np.pad(ids > 0, 1)
    lines: list[Points] = []
    for trace in boundaries(padded):
        points = trace[:, ::-1] - 1 + 0.5
        margin_px = np.minimum(points, np.array(ids.shape[::-1]) - points).min(axis=1)
        lines += _runs(_smooth(points), margin_px > 0.1)
    return lines


def detail_lines(ids: Pixels, image: Pixels) -> list[Points]:
    """Polylines between parts inside the silhouette, where the picture's colours really differ."""
    lines: list[Points] = []
    for owner, place in enumerate(label_boxes(ids), start=1):
        if place is not None:
            lines += _part_lines(ids, image, owner, place)
    return lines


def _part_lines(ids: Pixels, image: Pixels, owner: int, place: tuple[slice, slice]) -> list[Points]:
    y0, x0 = place[0].start, place[1].start
    window = np.pad(ids[place] == owner, 1)
    lines: list[Points] = []
    for trace in boundaries(window):
        seen = _seen(ids, image, trace - 1 + (y0, x0), owner)
        whole = _smooth(trace[:, ::-1] - 1 + 0.5 + (x0, y0))
        lines += _runs(whole, seen)
    return lines


def _seen(ids: Pixels, image: Pixels, trace: Points, owner: int) -> NDArray[np.bool_]:
    """Which points of a part's trace (row, column) separate it from an earlier, unlike part."""
    height, width = ids.shape
    low, high = np.floor(trace).astype(int), np.ceil(trace).astype(int)
    inside = ((low >= 0) & (high < (height, width))).all(axis=1)
    low, high = low.clip(0, (height - 1, width - 1)), high.clip(0, (height - 1, width - 1))
    a, b = ids[low[:, 0], low[:, 1]], ids[high[:, 0], high[:, 1]]
    other = np.where(a == owner, b, a)
    step = high - low
    near = (low - step).clip(0, (height - 1, width - 1)), (high + step).clip(0, (height - 1, width - 1))
    far = [image[p[:, 0], p[:, 1]].astype(np.float64) for p in near]
    contrast = smooth_along(np.abs(far[0] - far[1]).mean(axis=1), 3.0, "nearest")
    return inside & (other > 0) & (other < owner) & (contrast > _COLOUR_STEP)


def _runs(points: Points, keep: NDArray[np.bool_]) -> list[Points]:
    """Split a closed trace into the pieces whose points are kept."""
    if keep.all():
        return [points]
    if not keep.any():
        return []
    start = int(np.argmin(keep))
    points, keep = np.roll(points[:-1], -start, axis=0), np.roll(keep[:-1], -start)
    return _pieces(points, keep)


def _pieces(points: Points, keep: NDArray[np.bool_]) -> list[Points]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], keep.astype(np.int8), [0]])))
    pieces = (points[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
    return [piece for piece in pieces if length_px(piece) >= _MIN_LENGTH_PX]


def where_free(line: Points, free: NDArray[np.bool_]) -> list[Points]:
    """The pieces of an open polyline (x, y) that run over free pixels."""
    height, width = free.shape
    columns, rows = (line[:, axis].astype(int).clip(0, (width, height)[axis] - 1) for axis in (0, 1))
    return _pieces(line, free[rows, columns])


def _smooth(trace: Points) -> Points:
    closed = bool(np.allclose(trace[0], trace[-1]))
    if not closed:
        return smooth_along(trace, 1.2, "nearest")
    ring = smooth_along(trace[:-1], 1.2, "wrap")
    return np.concatenate([ring, ring[:1]])


def length_px(points: Points) -> float:
    """Length along a polyline."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def swayed(rng: Generator, lines: Lines, most_px: float) -> Lines:
    """Lines moved together along smooth waves, by so many pixels of a 256 px picture at most."""
    size = lines.size
    most = most_px * size / 256 / np.sqrt(2)
    share = rng.uniform(0.3, 0.7, 2)
    waves = rng.uniform(2.0, 5.5, (2, 2, 2)) * rng.choice([-1.0, 1.0], (2, 2, 2))
    phases = rng.uniform(0, 2 * np.pi, (2, 2))

    def moved(line: Points) -> Points:
        turn: NDArray[np.float64] = np.einsum("nc,akc->nak", line / size, waves) + phases
        both = np.sin(turn) * np.stack([share, 1 - share], axis=1)
        return np.asarray(line + most * both.sum(axis=2), dtype=np.float64)

    outer, inner = (tuple(moved(line) for line in part) for part in (lines.contour, lines.detail))
    return Lines(outer, inner, size)
