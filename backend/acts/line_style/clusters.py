# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
"""Which steps of painting differ: principal components, k-means, elbow, silhouette, medoids.

Everything works on the small matrix of inner products between steps, so that features of millions of numbers
need no more memory than a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import ClusterError, kmeans2
from scipy.spatial.distance import cdist

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

COMPONENTS = 25
"""Principal components that are clustered; the paper takes 25 to 30."""

MOST_CLUSTERS = 15
RESTARTS = 20
AROUND_ELBOW = 2
"""The silhouette chooses among so many numbers of clusters on either side of the elbow."""


@dataclass(frozen=True)
class Curves:
    """How well each number of clusters fits, averaged over pictures.

    Args:
        counts: Numbers of clusters tried.
        within: Sum of squared distances to the clusters' centres, as a share of that of one cluster.
        silhouette: Mean over the steps, in [-1, 1].
    """

    counts: tuple[int, ...]
    within: tuple[float, ...]
    silhouette: tuple[float, ...]


def scores_of(gram: Floats, components: int = COMPONENTS) -> Floats:
    """Principal component scores from inner products.

    Args:
        gram: (steps, steps), inner products of the steps' features, not centred.

    Returns:
        (steps, components or fewer): the same as PCA of the features themselves, up to signs.

    Raises:
        ValueError: not a square matrix of finite numbers.

    Source: Gower 1966, principal coordinates.
    """
    if gram.ndim != 2 or gram.shape[0] != gram.shape[1] or not np.isfinite(gram).all():
        raise ValueError(f"inner products are a square of finite numbers, not {gram.shape}")
    centred = gram - gram.mean(0) - gram.mean(1, keepdims=True) + gram.mean()
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    kept = min(components, len(gram) - 1)
    order = np.argsort(values)[::-1][:kept]
    return vectors[:, order] * np.sqrt(np.maximum(values[order], 0))


def clustered(scores: Floats, count: int, seed: int = 0) -> Labels:
    """Label (steps,) of each step; clusters are numbered in the order of their mean step."""
    best, least = np.zeros(len(scores), np.int64), np.inf
    if not np.ptp(scores, axis=0).any():
        return best
    for restart in range(RESTARTS):
        rng = np.random.default_rng([seed, restart])
        try:
            _, labels = kmeans2(scores, count, minit="++", rng=rng, missing="raise")
        except ClusterError:  # a centre lost all its steps; another beginning may keep them
            continue
        if (spread := within_of(scores, labels)) < least:
            best, least = labels, spread
    means = [np.flatnonzero(best == label).mean() for label in np.unique(best)]
    ranks = np.argsort(np.argsort(means))
    return ranks[np.searchsorted(np.unique(best), best)].astype(np.int64)


def within_of(scores: Floats, labels: Labels) -> float:
    """Sum of squared distances to the own cluster's centre."""
    groups = [scores[labels == label] for label in np.unique(labels)]
    return float(sum(((group - group.mean(0)) ** 2).sum() for group in groups))


def silhouette_of(scores: Floats, labels: Labels) -> float:
    """How much nearer each step is to its own cluster than to the next: mean in [-1, 1].

    Source: Rousseeuw 1987; a step alone in its cluster counts as 0.
    """
    apart, found = cdist(scores, scores), np.unique(labels)
    if len(found) < 2:
        return 0.0
    values: list[float] = []
    for k, label in enumerate(labels):
        own = (labels == label) & (np.arange(len(labels)) != k)
        if not own.any():
            values.append(0.0)
            continue
        inside = apart[k, own].mean()
        outside = min(apart[k, labels == other].mean() for other in found if other != label)
        values.append(float((outside - inside) / max(inside, outside, 1e-12)))
    return float(np.mean(values))


def curves_of(pictures: Sequence[Floats], seed: int = 0) -> Curves:
    """Both curves, averaged over pictures; each is given by its scores (steps, components)."""
    steps = len(pictures[0])
    counts = tuple(range(1, min(MOST_CLUSTERS, steps - 1) + 1))
    within, silhouette = np.zeros(len(counts)), np.zeros(len(counts))
    for scores in pictures:
        for place, count in enumerate(counts):
            labels = clustered(scores, count, seed)
            whole = max(within_of(scores, np.zeros_like(labels)), 1e-12)
            within[place] += within_of(scores, labels) / whole
            silhouette[place] += silhouette_of(scores, labels)
    mean = 1 / len(pictures)
    return Curves(counts, tuple((within * mean).tolist()), tuple((silhouette * mean).tolist()))


def elbow_of(curves: Curves) -> int:
    """The number of clusters where the within-cluster sum bends most: farthest below the chord of its ends.

    Source: Satopaa et al. 2011, Kneedle.
    """
    if len(curves.counts) < 3:
        return max(curves.counts)
    x = np.linspace(0, 1, len(curves.counts))
    y = np.asarray(curves.within)
    y = (y - y[-1]) / max(y[0] - y[-1], 1e-12)
    return curves.counts[int(np.argmax(1 - x - y))]


def chosen_count(curves: Curves) -> int:
    """The elbow, moved to the highest peak of the silhouette near by, if there is one.

    Steps lie on a smooth path, and there the silhouette may fall all the way: it then says nothing.
    """
    elbow, height = elbow_of(curves), curves.silhouette
    near = [k for k, count in enumerate(curves.counts) if count > 2 and abs(count - elbow) <= AROUND_ELBOW]
    peaks = [k for k in near if k + 1 < len(height) and height[k - 1] < height[k] > height[k + 1]]
    return curves.counts[max(peaks, key=lambda k: height[k])] if peaks else elbow


def medoids_of(scores: Floats, labels: Labels) -> list[int]:
    """Of each cluster the step with the least distance to all others in it."""
    apart = cdist(scores, scores)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return [int(each[apart[np.ix_(each, each)].sum(1).argmin()]) for each in members]


def representative(pictures: Sequence[Floats], count: int, seed: int = 0) -> list[int]:
    """Steps, ascending: for each cluster in order the medoid that most pictures agree on."""
    medoids = [medoids_of(scores, clustered(scores, count, seed)) for scores in pictures]
    ordered = zip(*(each for each in medoids if len(each) == count), strict=True)
    return sorted({Counter(sorted(place)).most_common(1)[0][0] for place in ordered})
