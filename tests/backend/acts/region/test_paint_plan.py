# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.acts.region.paint_plan import LARGEST_PIECE, LARGEST_SCENE, plan_paint
from shared.geometry import Bounds, Extent

SIDES = st.integers(1, 8192)


@given(
    SIDES, SIDES, st.integers(0, 8191), st.integers(0, 8191), SIDES, SIDES, st.sampled_from([64, 256, 512])
)
def test_every_selection_has_a_plan(
    width: int, height: int, x: int, y: int, w: int, h: int, resolution: int
) -> None:
    extent = Extent(width, height)
    selection = Bounds(x % width, y % height, w, h).intersect(Bounds.of(extent))
    plan = plan_paint(selection, extent, resolution)
    assert Bounds.of(extent).contains(plan.crop)
    assert plan.crop.contains(selection)
    assert max(plan.first) <= LARGEST_PIECE * resolution
    assert min(plan.first) >= 1
    assert plan.refined == (max(plan.crop.width, plan.crop.height) > LARGEST_PIECE * resolution)
    assert plan.refined or plan.factor == 1
    assert plan.factor == 3 or max(plan.size) <= LARGEST_SCENE[0] * resolution


@pytest.mark.parametrize(
    ("canvas", "selection", "crop", "first"),
    [
        (Extent(1, 1), Bounds(0, 0, 1, 1), Bounds(0, 0, 1, 1), (256, 256)),
        (Extent(512, 512), Bounds(206, 206, 100, 100), Bounds(173, 173, 166, 166), (256, 256)),
        (Extent(320, 300), Bounds(0, 0, 320, 300), Bounds(0, 0, 320, 300), (300, 320)),
        (Extent(8192, 8192), Bounds(4000, 4000, 10, 10), Bounds(3941, 3941, 128, 128), (256, 256)),
    ],
)
def test_sizes(canvas: Extent, selection: Bounds, crop: Bounds, first: tuple[int, int]) -> None:
    plan = plan_paint(selection, canvas, 256)
    assert (plan.crop, plan.first, plan.refined) == (crop, first, False)


@pytest.mark.parametrize("side", [321, 512, 1024, 1152])
def test_what_is_larger_than_the_family_knows_is_painted_small_and_refined_at_its_own_size(side: int) -> None:
    plan = plan_paint(Bounds(0, 0, side, side), Extent(side, side), 256)
    assert (plan.first, plan.refined, plan.factor, plan.size) == ((256, 256), True, 1, (side, side))


def test_large_selections_are_refined_at_a_part_of_their_pixels() -> None:
    plan = plan_paint(Bounds(0, 0, 2048, 2048), Extent(2048, 2048), 256)
    assert (plan.refined, plan.factor, plan.size) == (True, 2, (1024, 1024))
    plan = plan_paint(Bounds(0, 0, 8192, 8192), Extent(8192, 8192), 256)
    assert (plan.refined, plan.factor, plan.size) == (True, 3, (2731, 2731))


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([256, 512, 1024]))
def test_a_glance_is_one_small_piece(width: int, height: int, w: int, h: int, resolution: int) -> None:
    extent = Extent(width, height)
    plan = plan_paint(Bounds(0, 0, min(w, width), min(h, height)), extent, resolution, glance=True)
    usual = plan_paint(Bounds(0, 0, min(w, width), min(h, height)), extent, resolution)
    assert not plan.refined and plan.crop == usual.crop
    assert max(plan.first) <= resolution
    assert max(plan.size) <= 2 * resolution
