# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import interpolate

from backend.imaging import tiles
from shared.geometry import Bounds, Extent


@given(st.integers(1, 90), st.integers(1, 90), st.integers(4, 40), st.integers(0, 3))
def test_windows_cover_and_overlap(width: int, height: int, edge: int, overlap: int) -> None:
    seen = torch.zeros(height, width)
    views = tiles.windows(Extent(width, height), edge, overlap)
    for view in views:
        assert Bounds(0, 0, width, height).contains(view)
        assert view.width == min(edge, width)
        seen[view.y : view.bottom, view.x : view.right] += 1
    assert seen.min() >= 1
    starts = sorted({view.x for view in views})
    assert all(b - a <= edge - overlap for a, b in itertools.pairwise(starts))


def test_blending_equal_parts_gives_them_back() -> None:
    picture = torch.rand(1, 2, 50, 70)
    extent = Extent(70, 50)
    views = tiles.windows(extent, 24, 8)
    whole = tiles.blended([tiles.cut(picture, view) for view in views], views, extent, 8)
    torch.testing.assert_close(whole, picture)


def test_one_view_is_untouched() -> None:
    part = torch.rand(1, 2, 5, 7)
    assert tiles.blended([part], [Bounds(0, 0, 7, 5)], Extent(7, 5), 2) is part


@pytest.mark.parametrize("scale", [2.0, 1.0, 0.5])
def test_a_pointwise_network_does_not_show_its_tiles(scale: float) -> None:
    picture = torch.rand(1, 3, 48, 80)

    def work(tile: torch.Tensor) -> torch.Tensor:
        return interpolate(tile, scale_factor=scale, mode="nearest")

    in_tiles = tiles.in_tiles(work, picture, edge=24, overlap=8, scale=scale)
    torch.testing.assert_close(in_tiles, work(picture))


def test_overlap_must_fit() -> None:
    with pytest.raises(ValueError, match="cannot overlap"):
        tiles.windows(Extent(9, 9), 4, 4)


@given(st.integers(1, 400), st.integers(5, 64), st.sampled_from([1, 2, 4]))
def test_the_least_edge_covers_with_no_more_windows(length: int, edge: int, multiple: int) -> None:
    overlap = edge // 4
    least = tiles.least_edge(length, edge, overlap, multiple)
    assert overlap < least <= edge
    extent = Extent(length, 1)
    assert len(tiles.windows(extent, least, overlap)) == len(tiles.windows(extent, edge, overlap))


def test_windows_are_no_larger_than_they_need_be() -> None:
    assert tiles.least_edge(64, 48, 12, 4) == 40
    assert tiles.least_edge(40, 48, 12, 4) == 40
    assert tiles.least_edge(4, 48, 12, 4) == 16, "and still more than the overlap"
