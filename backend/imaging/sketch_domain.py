# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Lines made alike, whoever drew them: a hand's and an edge filter's become the same thin, smooth strokes.

A network that learns from edges of pictures expects edges. Here both, the edges it learns from and a hand's
strokes, lose what tells them apart: width, tone, tremble, specks and narrow gaps. Ink is thinned, freed of
small pieces, walked along and drawn again as smooth lines of one pixel, which go on over gaps.

Source: the sketch domain of Portenier et al. 2018, "FaceShop"; the steps are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import splev, splprep  # pyright: ignore[reportMissingTypeStubs]
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]
from skimage.feature import canny
from skimage.measure import label
from skimage.morphology import skeletonize

from backend.imaging.line_gaps import WIDEST_PX, bridges
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
    ink: Floats,
    *,
    smallest_px: int = SMALLEST_PX,
    smoothing_px: float = SMOOTHING_PX,
    widest_px: float = WIDEST_PX,
) -> list[Path]:
    """Turn ink into smooth strokes.

    Args:
        ink: (H,W) in [0, 1], of a hand or of an edge filter.
        smallest_px: Connected pieces smaller than this are left out, each as a whole.
        smoothing_px: Root mean square distance that a stroke may keep from the thinned ink; 0 follows it.
        widest_px: The widest gap that is closed; 0 leaves all as they are.

    Returns:
        Strokes, each with points about a pixel apart, closed ones end where they begin; and the bridges
        between them, of two points.

    Raises:
        ValueError: not (H,W), or a value that is no number.
    """
    if ink.ndim != 2 or not np.isfinite(ink).all():
        raise ValueError(f"ink is (H,W) of finite numbers, not {ink.shape}")
    thin = without_specks(skeletonize(ink > INK), smallest_px)
    strokes = walked(thin)
    return [*(smooth(stroke, smoothing_px) for stroke in strokes), *bridges(strokes, widest_px)]


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
    steps = _steps(thin, places)
    if not len(steps.start):
        return []
    first, rank = _ranked(steps)
    kept = np.flatnonzero(first <= first[steps.back])  # of the two ways along each line
    kept = kept[np.lexsort((rank[kept], first[kept]))]
    begins = np.flatnonzero(rank[kept] == 0)
    numbers = np.insert(steps.end[kept], begins, steps.start[kept[begins]])
    points: Path = places[numbers][:, ::-1].astype(np.float64) + 0.5
    return np.split(points, begins[1:] + np.arange(1, len(begins)))


class _Steps(NamedTuple):
    """Steps from pixel to pixel, each in both directions, in the order of where they start.

    Attributes:
        start, end: numbers of pixels.
        back: number of the step the other way.
        ahead: number of the step that goes on from here; its own at an end or a fork.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    back: NDArray[np.int64]
    ahead: NDArray[np.int64]


def _steps(thin: Marks, places: NDArray[np.int64]) -> _Steps:
    around = _neighbours(thin, places)
    count = len(places)
    pairs = np.sort(np.repeat(np.arange(count), (around >= 0).sum(1)) * count + around[around >= 0])
    start, end = np.divmod(pairs, max(count, 1))
    back = np.searchsorted(pairs, end * count + start)
    first_of = np.searchsorted(start, end)
    passes = np.bincount(start, minlength=count)[end] == 2
    onward = first_of + (first_of == back)
    return _Steps(start, end, back, np.where(passes, onward, np.arange(len(pairs))))


def _ranked(steps: _Steps) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first step of each step's line, and how many steps lie between.

    Lines without an end begin at their lowest step.

    Source: list ranking by pointer jumping, Wyllie 1979.
    """
    own = np.arange(len(steps.start))
    before = steps.back[steps.ahead[steps.back]]
    lowest, reached = own, before
    for _ in range(len(own).bit_length()):
        lowest, reached = np.minimum(lowest, lowest[reached]), reached[reached]
    around = before[reached] != reached
    before = np.where(around & (lowest == own), own, before)
    rank = (before != own).astype(np.int64)
    for _ in range(len(own).bit_length()):
        rank, before = rank + rank[before], before[before]
    return before, rank


def _neighbours(thin: Marks, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """(pixels, 8) numbers of the pixels beside each, -1 for none.

    A diagonal counts only where no pixel beside leads there as well.
    """
    numbers = np.full((thin.shape[0] + 2, thin.shape[1] + 2), -1, np.int64)
    rows, columns = places[:, 0] + 1, places[:, 1] + 1
    numbers[rows, columns] = np.arange(len(places))
    around = np.stack([numbers[rows + dy, columns + dx] for dy, dx in _AROUND], 1)
    for k, (dy, dx) in enumerate(_AROUND[4:], start=4):
        beside = (numbers[rows + dy, columns] >= 0) | (numbers[rows, columns + dx] >= 0)
        around[beside, k] = -1
    return around


def smooth(path: Path, smoothing_px: float) -> Path:
    """A cubic spline near the points of a path, with points about a pixel apart.

    Source: Dierckx 1982, smoothing splines, by scipy.
    """
    if len(path) < 5:
        return path
    return _smooth_from_start((path - path[0]).tobytes(), smoothing_px) + path[0]


@lru_cache(4096)
def _smooth_from_start(points: bytes, smoothing_px: float) -> Path:
    """From stroke to stroke of a drawing most lines stay as they were: they are found here."""
    path = np.frombuffer(points).reshape(-1, 2)
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
    strokes = [path for path in paths if len(path) > 1]
    if strokes:
        xy, length = _dense(strokes)
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


def _dense(paths: Sequence[Path]) -> tuple[Path, NDArray[np.float64]]:
    """Points `SPACING_PX` apart along paths, and the length that each stands for."""
    points = np.concatenate(paths)
    ends = np.cumsum([len(path) for path in paths])
    steps = np.hypot(*np.diff(points, axis=0).T)
    steps[ends[:-1] - 1] = 0  # from one path to the next
    along = np.concatenate([[0.0], np.cumsum(steps)])
    begins = along[np.concatenate([[0], ends[:-1]])]
    lengths = along[ends - 1] - begins
    counts = np.maximum(2, np.rint(lengths / SPACING_PX).astype(np.int64))
    share = np.repeat(lengths / counts, counts)
    order = np.arange(len(share)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = np.repeat(begins, counts) + (order + 0.5) * share
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], 1), share


def recall(wanted: Marks, got: Marks, within_px: float) -> float:
    """Share of the marks that have a mark of the other drawing within a distance; 1 where none is wanted."""
    if not wanted.any():
        return 1.0
    if not got.any():
        return 0.0
    away = np.asarray(distance_transform_edt(~got))
    return float((away[wanted] <= within_px).mean())
