# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How well drawn boundaries agree with those that people drew: the protocol of BSDS500.

Source: Martin, Fowlkes and Malik 2004; Arbelaez et al. 2011, section 3.1. Held against the protocol's own
published answers by a test.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ndimage: Any = importlib.import_module("scipy.ndimage")
_sparse: Any = importlib.import_module("scipy.sparse")
_graphs: Any = importlib.import_module("scipy.sparse.csgraph")
_files: Any = importlib.import_module("scipy.io")
_morphology: Any = importlib.import_module("skimage.morphology")

Strength = NDArray[np.floating]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

TOLERANCE = 0.0075
"""How far two pixels may lie apart to be the same boundary, as a share of the picture's diagonal."""

THRESHOLDS = 99
_OUTLIER = 100.0
"""What a pixel without a partner costs, in tolerances: so much that every possible pair is made."""

_STEPS = 100
"""Points between two neighbouring thresholds at which the best F is sought."""


@dataclass(frozen=True)
class Counts:
    """Pixels of one picture at each threshold.

    Attributes:
        found, true: boundary pixels of all annotators that were found, and all of them.
        right, drawn: drawn pixels that at least one annotator drew too, and all of them.
    """

    found: Numbers
    true: Numbers
    right: Numbers
    drawn: Numbers

    @property
    def recall(self) -> Numbers:
        return self.found / np.maximum(self.true, 1)

    @property
    def precision(self) -> Numbers:
        return self.right / np.maximum(self.drawn, 1)


@dataclass(frozen=True)
class Scores:
    """F with one threshold for all pictures (ODS), with each picture's best (OIS), and mean precision.

    Attributes:
        threshold, recall, precision: where F is best for all.
        per_picture: best F of each.
    """

    ods: float
    ois: float
    average_precision: float
    threshold: float
    recall: float
    precision: float
    per_picture: tuple[float, ...]


def usual_thresholds(count: int = THRESHOLDS) -> Numbers:
    """So many, evenly between 0 and 1, without the ends."""
    return np.linspace(1 / (count + 1), 1 - 1 / (count + 1), count)


def read_annotators(path: Path) -> list[Flags]:
    """The boundaries (H,W) that each annotator drew, out of a file of BSDS500.

    Raises:
        ValueError: it is not such a file.
    """
    held = _files.loadmat(path)
    if "groundTruth" not in held:
        raise ValueError(f"{path.name} holds no groundTruth")
    return [np.asarray(cell["Boundaries"][0, 0]) > 0 for cell in held["groundTruth"].ravel()]


def non_maximum_suppressed(strength: Strength, reach_px: float = 1.0, smooth_px: float = 1.5) -> Strength:
    """Keep the crest of soft lines (H,W), 0 beside it: what has a stronger neighbour across the line goes.

    Source: Canny 1986; the direction is that of the strongest curvature of the smoothed strength, as is usual
    for learnt edges, which are ridges.
    """
    soft = _ndimage.gaussian_filter(strength, smooth_px, mode="nearest")
    yy, xx, yx = (
        _ndimage.gaussian_filter(soft, 1.0, order=o, mode="nearest") for o in ((2, 0), (0, 2), (1, 1))
    )
    angle = 0.5 * np.arctan2(2 * yx, xx - yy)  # of the eigenvector of the larger eigenvalue, from x
    other = 0.5 * (xx + yy) < 0  # a ridge curves down: take the other eigenvector, of the most negative
    angle = np.where(other, angle + np.pi / 2, angle)
    y, x = np.mgrid[: strength.shape[0], : strength.shape[1]]
    dy, dx = reach_px * np.sin(angle), reach_px * np.cos(angle)
    ahead = _ndimage.map_coordinates(strength, (y + dy, x + dx), order=1, mode="nearest")
    behind = _ndimage.map_coordinates(strength, (y - dy, x - dx), order=1, mode="nearest")
    return np.where(strength * 1.01 >= np.maximum(ahead, behind), strength, 0)


def correspond(drawn: Flags, true: Flags, tolerance_px: float) -> tuple[Flags, Flags]:
    """Pair boundary pixels one to one: as many pairs as possible, and of those the nearest.

    Returns:
        Which pixels of each found a partner, both (H,W).
    """
    here, there = np.argwhere(drawn), np.argwhere(true)
    matched, met = np.zeros_like(drawn), np.zeros_like(true)
    if not len(here) or not len(there):
        return matched, met
    rows, columns, far = _possible_pairs(here, there, true.shape, tolerance_px)
    if not len(rows):
        return matched, met
    used, rows = np.unique(rows, return_inverse=True)
    alone = np.arange(len(used))
    costs = np.concatenate([far + 1e-3, np.full(len(used), _OUTLIER * tolerance_px)])
    pairs = (np.concatenate([rows, alone]), np.concatenate([columns, len(there) + alone]))
    graph = _sparse.csr_array((costs, pairs), shape=(len(used), len(there) + len(used)))
    row, column = _graphs.min_weight_full_bipartite_matching(graph)
    real = column < len(there)
    matched[tuple(here[used[row[real]]].T)] = True
    met[tuple(there[column[real]].T)] = True
    return matched, met


def _possible_pairs(
    here: NDArray[np.int64], there: NDArray[np.int64], shape: tuple[int, ...], tolerance_px: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers]:
    """Rows, columns and distances of all pairs within the tolerance."""
    reach = int(np.ceil(tolerance_px))
    number = np.full((shape[0] + 2 * reach, shape[1] + 2 * reach), -1, np.int64)
    number[there[:, 0] + reach, there[:, 1] + reach] = np.arange(len(there))
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    far: list[Numbers] = []
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            distance = float(np.hypot(dy, dx))
            if distance > tolerance_px:
                continue
            partner = number[here[:, 0] + reach + dy, here[:, 1] + reach + dx]
            row = np.flatnonzero(partner >= 0)
            rows.append(row)
            columns.append(partner[row])
            far.append(np.full(len(row), distance))
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(far)


def count_boundaries(
    strength: Strength,
    annotators: Sequence[Flags],
    thresholds: Numbers,
    *,
    tolerance: float = TOLERANCE,
    thin: bool = True,
) -> Counts:
    """Compare one picture with all who annotated it, at every threshold.

    Args:
        strength: (H,W) in [0, 1] how sure a boundary is.
        annotators: (H,W) each; at least one.
        thin: whether to thin what lies above a threshold to lines of one pixel.

    Raises:
        ValueError: sizes differ, or nobody annotated.
    """
    if not annotators or any(true.shape != strength.shape for true in annotators):
        raise ValueError("every picture needs annotators of its own size")
    tolerance_px = tolerance * float(np.hypot(*strength.shape))
    rows: list[tuple[int, int, int, int]] = []
    for threshold in thresholds:
        drawn = strength >= threshold
        if thin:
            drawn = np.asarray(_morphology.thin(drawn), np.bool_)
        right, found = np.zeros_like(drawn), 0
        for true in annotators:
            matched, met = correspond(drawn, true, tolerance_px)
            right |= matched
            found += int(met.sum())
        rows.append((found, sum(int(true.sum()) for true in annotators), int(right.sum()), int(drawn.sum())))
    return Counts(*np.array(rows, np.float64).T)


def boundary_scores(counts: Sequence[Counts], thresholds: Numbers) -> Scores:
    """Sum up pictures, all counted at the same thresholds."""
    total = _summed(counts)
    threshold, recall, precision, ods = _best(thresholds, total)
    best = [int(np.flatnonzero(f == f.max())[-1]) for f in (_f(c.recall, c.precision) for c in counts)]
    single = [
        Counts(*(v[i : i + 1] for v in (c.found, c.true, c.right, c.drawn)))
        for c, i in zip(counts, best, strict=True)
    ]
    chosen = _summed(single)
    return Scores(
        ods=ods,
        ois=float(_f(chosen.recall, chosen.precision)[0]),
        average_precision=_area(total),
        threshold=threshold,
        recall=recall,
        precision=precision,
        per_picture=tuple(_best(thresholds, c)[3] for c in counts),
    )


def _summed(counts: Sequence[Counts]) -> Counts:
    names = ("found", "true", "right", "drawn")
    return Counts(*(np.sum([getattr(c, name) for c in counts], 0) for name in names))


def _f(recall: Numbers, precision: Numbers) -> Numbers:
    return 2 * recall * precision / np.maximum(recall + precision, 1e-12)


def _best(thresholds: Numbers, counts: Counts) -> tuple[float, float, float, float]:
    """Threshold, recall, precision and F where F is best, also between neighbouring thresholds."""
    at = np.linspace(0, len(thresholds) - 1, (len(thresholds) - 1) * (_STEPS - 1) + 1)
    t, r, p = (
        np.interp(at, np.arange(len(thresholds)), v) for v in (thresholds, counts.recall, counts.precision)
    )
    f = _f(r, p)
    i = int(f.argmax())
    return float(t[i]), float(r[i]), float(p[i]), float(f[i])


def _area(counts: Counts) -> float:
    """Precision over recall, in steps of a hundredth; 0 where no threshold reaches."""
    recall, first = np.unique(counts.recall, return_index=True)
    if len(recall) < 2:
        return 0.0
    at = np.arange(101) / 100
    return float(np.interp(at, recall, counts.precision[first], left=0, right=0).sum() / 100)
