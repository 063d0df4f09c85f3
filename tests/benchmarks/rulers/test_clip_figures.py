# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import normalize  # noqa: E402

from benchmarks.rulers.clip_figures import captioned, found_own, kid_figure  # noqa: E402


def directions(count: int, seed: int, towards: int | None = None, width: int = 32) -> torch.Tensor:
    points = torch.randn(count, width, generator=torch.Generator().manual_seed(seed))
    if towards is not None:
        points[:, towards] += 4
    return normalize(points, dim=-1)


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
