# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from backend.acts.line_style.clusters import (
    Curves,
    chosen_count,
    clustered,
    curves_of,
    elbow_of,
    medoids_of,
    representative,
    scores_of,
    silhouette_of,
    within_of,
)

LENGTHS = (3, 6, 7, 4)
LABELS = np.repeat(range(4), LENGTHS)


def planted(seed: int, noise: float = 1.0) -> np.ndarray:
    """(20, 400): four runs of steps that each lie around a place of their own."""
    centres = np.random.default_rng(0).normal(size=(4, 400)) * 3
    return centres[LABELS] + np.random.default_rng([1, seed]).normal(size=(20, 400)) * noise


def scores(seed: int) -> np.ndarray:
    features = planted(seed)
    return scores_of(features @ features.T)


def test_scores_are_those_of_pca_of_the_features() -> None:
    features = planted(0)
    centred = features - features.mean(0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    found = scores_of(features @ features.T, 5)
    np.testing.assert_allclose(np.abs(found), np.abs(left[:, :5] * values[:5]), rtol=1e-6, atol=1e-6)


def test_planted_clusters_are_found() -> None:
    pictures = [scores(seed) for seed in range(4)]
    curves = curves_of(pictures)
    assert elbow_of(curves) == chosen_count(curves) == 4
    for each in pictures:
        assert np.array_equal(clustered(each, 4), LABELS)
    chosen = representative(pictures, 4)
    assert len(chosen) == 4
    assert [LABELS[step] for step in chosen] == [0, 1, 2, 3]


def test_curves_begin_whole_and_fall() -> None:
    curves = curves_of([scores(0)])
    assert curves.counts == tuple(range(1, 16))
    assert curves.within[0] == pytest.approx(1)
    assert all(a >= b for a, b in zip(curves.within, curves.within[1:], strict=False))
    assert int(np.argmax(curves.silhouette)) == 3


def test_the_silhouette_moves_the_elbow_only_to_a_peak_near_by() -> None:
    within = (1.0, 0.4, 0.15, 0.1, 0.08, 0.06, 0.05, 0.04)
    counts = tuple(range(1, 9))
    falling = Curves(counts, within, (0.0, 0.5, 0.45, 0.4, 0.3, 0.2, 0.1, 0.05))
    assert chosen_count(falling) == elbow_of(falling) == 3
    peaked = Curves(counts, within, (0.0, 0.5, 0.45, 0.4, 0.6, 0.2, 0.1, 0.05))
    assert chosen_count(peaked) == 5
    far = Curves(counts, within, (0.0, 0.5, 0.45, 0.4, 0.3, 0.2, 0.9, 0.05))
    assert chosen_count(far) == 3


def test_numbers_that_are_known() -> None:
    points = np.array([[0.0], [1.0], [10.0], [11.0], [12.0]])
    labels = np.array([0, 0, 1, 1, 1])
    assert within_of(points, labels) == pytest.approx(0.5 + 2)
    assert medoids_of(points, labels)[1] == 3
    own = [1 - 1 / 11, 1 - 1 / 10, 1 - 1.5 / 9.5, 1 - 1 / 10.5, 1 - 1.5 / 11.5]
    assert silhouette_of(points, labels) == pytest.approx(np.mean(own))
    assert silhouette_of(points, np.zeros(5, np.int64)) == 0


def test_equal_steps_and_bad_numbers() -> None:
    assert not clustered(np.zeros((6, 2)), 3).any()
    with pytest.raises(ValueError, match="finite"):
        scores_of(np.full((3, 3), np.nan))
    with pytest.raises(ValueError, match="square"):
        scores_of(np.zeros((3, 4)))
