# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import normalize  # noqa: E402

from backend.bench.clip_figures import captioned, found_own, kernel_distance, kid_figure  # noqa: E402


def directions(count: int, seed: int, towards: int | None = None, width: int = 32) -> torch.Tensor:
    points = torch.randn(count, width, generator=torch.Generator().manual_seed(seed))
    if towards is not None:
        points[:, towards] += 4
    return normalize(points, dim=-1)


def test_two_draws_of_one_kind_are_at_no_distance() -> None:
    distances = [kernel_distance(directions(80, seed), directions(120, 1000 + seed)) for seed in range(20)]
    assert abs(np.mean(distances)) < 2 * np.std(distances) / np.sqrt(20) + 1e-4


def test_two_kinds_are_far_apart() -> None:
    same = kernel_distance(directions(80, 1, 0), directions(80, 2, 0))
    other = kernel_distance(directions(80, 1, 0), directions(80, 2, 1))
    assert other > 0.5 > abs(same)


def test_distance_of_two_points_each_by_hand() -> None:
    one, other = torch.eye(4)[:2], torch.eye(4)[2:]
    # within each set the one pair has cosine 0, as has every pair between them: 1 + 1 - 2
    assert kernel_distance(one, other) == 0
    # one set twice the same point: (1 + 1) ** 3 within, 1 between
    twice = torch.eye(4)[[3, 3]]
    assert kernel_distance(one, twice) == 1 + 8 - 2 * 1


def test_interval_holds_the_value() -> None:
    figure = kid_figure("kid", directions(40, 1, 0), directions(60, 2, 1), 0)
    assert figure.low < figure.value < figure.high
    assert figure.samples == 40


def test_retrieval_counts_captions_that_find_their_own_picture() -> None:
    points = directions(20, 3)
    assert found_own(points, points) == [1] * 20
    assert found_own(points, points.roll(1, 0)) == [0] * 20
    half = torch.cat([points[:10], points[10:].roll(1, 0)])
    assert found_own(points, half) == [1] * 10 + [0] * 10


def test_captions_are_distinct_and_may_leave_out_icons() -> None:
    pairs = captioned(5, icons=False)
    assert len(pairs) == 5
    assert all(picture.shape == (256, 256, 3) for picture in pairs.values())
