# SPDX-License-Identifier: GPL-3.0-or-later
"""Dabs fill the areas they were meant for, and nothing else."""

import numpy as np
import pytest

from backend.imaging.area_colours import coloured_rest, spread, standing_alone, stroke_colours
from backend.imaging.areas import read_areas
from tests.backend.imaging.test_areas import SIDE, drawing, ring

RED, BLUE = (0.8, 0.1, 0.1), (0.1, 0.2, 0.9)


def dab(colour: tuple[float, float, float], x: int, y: int, radius: int = 6, on: np.ndarray | None = None):
    made = (
        np.concatenate([np.full((SIDE, SIDE, 3), 0.5), np.zeros((SIDE, SIDE, 1))], -1) if on is None else on
    )
    rows, columns = np.mgrid[:SIDE, :SIDE]
    made[np.hypot(columns - x, rows - y) <= radius] = (*colour, 1)
    return made.astype(np.float32)


HALVES = read_areas(drawing(ring(80, 80, 50), [(30, 80), (130, 80)]))


def test_a_dab_fills_its_area_and_no_other() -> None:
    filled = spread(dab(RED, 80, 60), HALVES)
    upper = (HALVES.numbers == HALVES.numbers[60, 80]) & (HALVES.depth > 1)
    assert (filled[upper, 3] == 1).all()
    np.testing.assert_allclose(filled[upper, :3], np.broadcast_to(RED, (upper.sum(), 3)), atol=1e-6)
    assert (filled[HALVES.numbers == HALVES.numbers[100, 80], 3] == 0).all()
    assert (filled[HALVES.depth < 0, 3] == 0).all()


def test_what_a_dab_spills_over_a_line_does_not_colour_the_neighbour() -> None:
    filled = spread(dab(RED, 80, 70, radius=12), HALVES)
    assert (filled[HALVES.numbers == HALVES.numbers[100, 80], 3] == 0).all()


def test_a_dab_across_two_areas_colours_both() -> None:
    assert (spread(dab(RED, 80, 80, radius=12), HALVES)[HALVES.depth > 2, 3] == 1).all()


def test_two_dabs_in_one_area_share_it_by_nearness() -> None:
    whole = read_areas(drawing(ring(80, 80, 50)))
    filled = spread(dab(BLUE, 110, 80, on=dab(RED, 50, 80)), whole)
    assert tuple(filled[80, 60, :3]) == pytest.approx(RED)
    assert tuple(filled[80, 100, :3]) == pytest.approx(BLUE)


def test_a_dab_on_nothing_stands_alone_and_one_on_a_stem_does_not() -> None:
    areas = read_areas(drawing(ring(80, 50, 30), [(80, 80), (80, 150)]))
    alone = standing_alone(dab(BLUE, 80, 120, on=dab(RED, 20, 140)), areas)
    assert alone[140, 20]
    assert not alone[120, 80]


def test_a_stem_has_its_own_colour_or_its_dabs() -> None:
    areas = read_areas(drawing(ring(80, 50, 30), [(80, 80), (80, 150)]))
    ink = np.concatenate([np.zeros((SIDE, SIDE, 3)), np.ones((SIDE, SIDE, 1))], -1).astype(np.float32)
    assert tuple(stroke_colours(ink, dab(RED, 20, 140), areas.single)[120, 80]) == (0, 0, 0)
    dabbed = stroke_colours(ink, dab(BLUE, 80, 120, radius=8), areas.single)
    assert tuple(dabbed[140, 80]) == pytest.approx(BLUE)
    assert tuple(dabbed[100, 80]) == pytest.approx(BLUE)


def test_areas_without_a_dab_are_pale_but_never_empty() -> None:
    lower = HALVES.numbers == HALVES.numbers[100, 80]
    tinted = coloured_rest(spread(dab(RED, 80, 60), HALVES), HALVES)
    assert (tinted[HALVES.depth > 1, 3] == 1).all()
    pale = tinted[lower & (HALVES.depth > 1), :3].mean(0)
    assert pale[0] > pale[1] > 0.6
    assert tuple(tinted[60, 80, :3]) == pytest.approx(RED)
    assert (tinted[HALVES.depth < 0, 3] == 0).all()
