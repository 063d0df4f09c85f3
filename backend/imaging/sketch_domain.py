# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Lines made alike, whoever drew them: a hand's and an edge filter's become the same thin, smooth strokes.

A network that learns from edges of pictures expects edges. Here both, the edges it learns from and a hand's
strokes, lose what tells them apart: width, tone, tremble and specks. Ink is thinned, freed of small pieces,
walked along and drawn again as smooth lines of one pixel.

Source: the sketch domain of Portenier et al. 2018, "FaceShop"; the steps are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import splev, splprep  # pyright: ignore[reportMissingTypeStubs]
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]
from skimage.feature import canny
from skimage.measure import label
from skimage.morphology import skeletonize

from backend.imaging.pixels import Floats, luminance

Path = NDArray[np.float64]
"""(points, 2): x, y of one stroke in pixels; the middle of the first pixel is (0.5, 0.5)."""

Marks = NDArray[np.bool_]

INK = 0.3
"""Ink from which a pixel belongs to a stroke: the soft rim of a pen does not."""

SMALLEST_PX = 8
"""Connected pieces with fewer thinned pixels than this are specks."""

SMOOTHING_PX = 0.6
"""How far a smooth stroke may pass from its pixels, root mean square: no more than their staircase."""

SPACING_PX = 0.25
"""Between the points of which a line is drawn."""

EDGE_SIGMA_PX, EDGE_LOW, EDGE_HIGH = 1.5, 0.04, 0.1
"""Canny's own terms, for lightness in [0, 1]."""

_AROUND = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))
"""Steps (row, column) to the neighbours of a pixel, those beside it first."""


def sketch_paths(
    ink: Floats, *, smallest_px: int = SMALLEST_PX, smoothing_px: float = SMOOTHING_PX
) -> list[Path]:
    """Turn ink into smooth strokes.

    Args:
        ink: (H,W) in [0, 1], of a hand or of an edge filter.
        smallest_px: Connected pieces smaller than this are left out, each as a whole.
        smoothing_px: Root mean square distance that a stroke may keep from the thinned ink; 0 follows it.

    Returns:
        Strokes, each with points about a pixel apart; closed ones end where they begin.

    Raises:
        ValueError: not (H,W), or a value that is no number.
    """
    if ink.ndim != 2 or not np.isfinite(ink).all():
        raise ValueError(f"ink is (H,W) of finite numbers, not {ink.shape}")
    thin = without_specks(skeletonize(ink > INK), smallest_px)
    return [smooth(path, smoothing_px) for path in walked(thin)]


def sketch_domain(ink: Floats, *, smoothing_px: float = SMOOTHING_PX) -> Floats:
    """The strokes of `sketch_paths` as a raster of the same size, in [0, 1]."""
    return drawn(sketch_paths(ink, smoothing_px=smoothing_px), (ink.shape[0], ink.shape[1]))


def picture_edges(rgb: Floats) -> Floats:
    """Edges of a picture (H,W,3) in [0, 1]: (H,W), 0 or 1.

    Source: Canny 1986, by scikit-image.
    """
    return canny(luminance(rgb), EDGE_SIGMA_PX, EDGE_LOW, EDGE_HIGH).astype(np.float32)


def without_specks(thin: Marks, smallest_px: int) -> Marks:
    """Leave out small connected pieces: a fork is one piece with its branches, so no line loses a part."""
    pieces = np.asarray(label(thin, connectivity=2), np.int64)
    large = np.bincount(pieces.ravel()) >= smallest_px
    return np.asarray(large[pieces] & thin)


def walked(thin: Marks) -> list[Path]:
    """Follow thin lines from end to end and from fork to fork, then around those that have neither.

    Args:
        thin: (H,W), lines one pixel wide.

    Returns:
        Every step between neighbouring pixels once, in paths of pixel middles.
    """
    places = np.argwhere(thin)
    ways = _neighbours(thin, places)
    left = [set(around) for around in ways]
    ends = [i for i, around in enumerate(ways) if len(around) != 2]
    chains = [_follow(i, left, ways) for i in ends for _ in range(len(left[i]))]
    chains += [_follow(i, left, ways) for i in range(len(ways)) if left[i]]
    return [np.asarray(places[chain][:, ::-1] + 0.5, np.float64) for chain in chains if len(chain) > 1]


def _neighbours(thin: Marks, places: NDArray[np.int64]) -> list[list[int]]:
    """Numbers of the pixels beside each; a diagonal counts only where no pixel beside leads there as well."""
    numbers = np.full((thin.shape[0] + 2, thin.shape[1] + 2), -1, np.int64)
    rows, columns = places[:, 0] + 1, places[:, 1] + 1
    numbers[rows, columns] = np.arange(len(places))
    around = np.stack([numbers[rows + dy, columns + dx] for dy, dx in _AROUND], 1)
    for k, (dy, dx) in enumerate(_AROUND[4:], start=4):
        beside = (numbers[rows + dy, columns] >= 0) | (numbers[rows, columns + dx] >= 0)
        around[beside, k] = -1
    return [[n for n in row if n >= 0] for row in around.tolist()]


def _follow(start: int, left: list[set[int]], ways: Sequence[Sequence[int]]) -> list[int]:
    """Walk on until an end or a fork, taking away each step that was walked; [start] if none is left."""
    chain = [start]
    here = start
    while left[here]:
        there = min(left[here])
        left[here].discard(there)
        left[there].discard(here)
        chain.append(there)
        here = there
        if len(ways[here]) != 2 or here == start:
            break
    return chain


def smooth(path: Path, smoothing_px: float) -> Path:
    """A cubic spline near the points of a path, with points about a pixel apart.

    Source: Dierckx 1982, smoothing splines, by scipy.
    """
    if len(path) < 5:
        return path
    closed = len(path) > 8 and bool((path[0] == path[-1]).all())
    weights = np.ones(len(path))
    if not closed:
        weights[[0, -1]] = 20.0  # strokes that meet keep meeting
    allowed = len(path) * smoothing_px**2
    spline: Any = splprep(path.T, w=weights, s=allowed, per=closed, quiet=2)
    return np.stack(splev(np.linspace(0, 1, len(path)), spline[0]), 1)


def drawn(paths: Sequence[Path], size: tuple[int, int]) -> Floats:
    """Draw strokes as lines one pixel wide: each pixel takes its share of the line's length.

    Args:
        paths: Strokes; what lies outside is not drawn.
        size: (height, width).

    Returns:
        (height, width) ink in [0, 1].
    """
    height, width = size
    wide = np.zeros((height + 2) * (width + 2))
    dense = [_dense(path) for path in paths if len(path) > 1]
    if dense:
        xy, length = (np.concatenate([pair[k] for pair in dense]) for k in (0, 1))
        inside = ((xy > 0) & (xy < (width, height))).all(1)
        xy, length = xy[inside] + 0.5, length[inside]
        low = np.floor(xy).astype(np.int64)
        right, down = (xy - low).T
        for dy, share_y in ((0, 1 - down), (1, down)):
            for dx, share_x in ((0, 1 - right), (1, right)):
                at = (low[:, 1] + dy) * (width + 2) + low[:, 0] + dx
                wide += np.bincount(at, share_y * share_x * length, len(wide))
    inner = wide.reshape(height + 2, width + 2)[1:-1, 1:-1]
    return np.minimum(inner, 1).astype(np.float32)


def _dense(path: Path) -> tuple[Path, NDArray[np.float64]]:
    """Points `SPACING_PX` apart along a path, and the length that each stands for."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(2, round(along[-1] / SPACING_PX))
    at = (np.arange(count) + 0.5) * (along[-1] / count)
    points = np.stack([np.interp(at, along, path[:, axis]) for axis in (0, 1)], 1)
    return points, np.full(count, along[-1] / count)


def recall(wanted: Marks, got: Marks, within_px: float) -> float:
    """Share of the marks that have a mark of the other drawing within a distance; 1 where none is wanted."""
    if not wanted.any():
        return 1.0
    if not got.any():
        return 0.0
    away = np.asarray(distance_transform_edt(~got))
    return float((away[wanted] <= within_px).mean())
