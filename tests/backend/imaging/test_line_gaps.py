# SPDX-License-Identifier: GPL-3.0-or-later
"""Loose ends are led on to what lies ahead of them, and to nothing else."""

import numpy as np
import pytest
from skimage.measure import label

from backend.imaging.line_gaps import WIDEST_PX, Path, bridges
from backend.imaging.sketch_domain import drawn, sketch_domain


def along(x: float, y: float, to_x: float, to_y: float) -> Path:
    """Points a pixel apart."""
    count = int(max(abs(to_x - x), abs(to_y - y))) + 1
    return np.stack([np.linspace(x, to_x, count), np.linspace(y, to_y, count)], 1)


def ring(gap_px: float, radius: float = 30) -> Path:
    """A circle that is not closed."""
    gap = gap_px / radius
    turn = np.linspace(gap / 2, 2 * np.pi - gap / 2, int(2 * np.pi * radius))
    return 50 + radius * np.stack([np.cos(turn), np.sin(turn)], 1)


@pytest.mark.parametrize("gap_px", [3, 8, WIDEST_PX - 0.5])
def test_a_gap_in_a_line_is_closed(gap_px: float) -> None:
    left, right = along(5, 20, 25, 20), along(25 + gap_px, 20, 60, 20)
    made = bridges([left, right])
    assert len(made) == 2  # from either side
    for bridge in made:
        assert {tuple(point) for point in bridge} == {tuple(left[-1]), tuple(right[0])}


def test_a_wide_gap_stays() -> None:
    assert bridges([along(5, 20, 25, 20), along(26 + WIDEST_PX, 20, 60, 20)]) == []
    assert bridges([along(5, 20, 25, 20), along(30, 20, 60, 20)], 0) == []


def test_a_ring_with_a_gap_is_closed() -> None:
    (first, second) = bridges([ring(8)])
    assert np.allclose(np.sort(first, 0), np.sort(second, 0))


def test_an_end_goes_on_to_a_line_across() -> None:
    """A T whose stem ends short."""
    stem, bar = along(30, 40, 30, 12), along(10, 5, 50, 5)
    (bridge,) = bridges([stem, bar])
    assert np.array_equal(bridge, [[30, 12], [30, 5]])


def test_what_lies_beside_an_end_is_left_alone() -> None:
    assert bridges([along(10, 10, 50, 10), along(10, 16, 50, 16)]) == []  # side by side
    assert bridges([along(10, 10, 50, 10), along(50, 20, 10, 20)]) == []


def test_strokes_that_meet_have_no_loose_ends_there() -> None:
    corner = [along(10, 10, 30, 10), along(30, 10, 30, 40), along(30, 48, 30, 60)]
    made = bridges(corner)
    assert all(tuple(bridge[0]) != (30, 10) for bridge in made)
    assert len(made) == 2


def test_dots_and_nothing_have_no_heading() -> None:
    assert bridges([]) == []
    assert bridges([np.array([[3.0, 3.0]]), np.array([[9.0, 3.0]])]) == []
    assert bridges([along(3, 3, 5, 3), along(9, 3, 11, 3)]) == []


def test_in_the_sketch_domain_no_way_leads_out_of_an_open_ring() -> None:
    ink = drawn([ring(8)], (100, 100))
    for lines, is_closed in ((ink, False), (sketch_domain(ink), True)):
        areas = label(lines < 0.2, connectivity=1)
        assert bool(areas[50, 50] != areas[0, 0]) is is_closed
