# SPDX-License-Identifier: GPL-3.0-or-later
"""Known figures: what they enclose, where their rim lies, what stands alone and what is closed."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from backend.imaging.areas import read_areas

SIDE = 160


def drawing(*strokes: list[tuple[float, float]], width: int = 3, side: int = SIDE) -> np.ndarray:
    image = Image.new("L", (4 * side, 4 * side))
    for stroke in strokes:
        ImageDraw.Draw(image).line([(4 * x, 4 * y) for x, y in stroke], 255, 4 * width, joint="curve")
    return np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float32) / 255


def ring(x: float, y: float, radius: float, start: float = 0, end: float = 360) -> list[tuple[float, float]]:
    angles = np.radians(np.linspace(start, end, 120))
    return [(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles]


@pytest.mark.parametrize("width", [1, 3, 9])
def test_the_figure_ends_in_the_middle_of_its_outline_whatever_the_pen(width: int) -> None:
    areas = read_areas(drawing(ring(80, 80, 50), width=width))
    assert areas.cover().sum() == pytest.approx(np.pi * 50**2, rel=0.02)
    assert areas.numbers.max() == 1
    assert not areas.single.any()
    assert not areas.closed


def test_outside_nothing_is_covered() -> None:
    cover = read_areas(drawing(ring(80, 80, 40), width=5)).cover()
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.hypot(x + 0.5 - 80, y + 0.5 - 80)
    assert (cover[away > 41] == 0).all()
    assert (cover[away < 39] == 1).all()


def test_areas_are_told_apart_by_inner_lines() -> None:
    areas = read_areas(drawing(ring(80, 80, 50), [(30, 80), (130, 80)]))
    assert areas.numbers[60, 80] != areas.numbers[100, 80]
    assert areas.numbers.max() == 2
    assert areas.cover()[80, 80] == 1


def test_stems_and_whiskers_stand_alone() -> None:
    areas = read_areas(drawing(ring(80, 60, 40), [(80, 100), (80, 150)]))
    assert areas.single[110:148, 80].all()
    assert not areas.single[20:96].any()
    assert (areas.cover()[110:] == 0).all()


@pytest.mark.parametrize("gap_deg", [6, 12])
def test_narrow_gaps_are_closed(gap_deg: float) -> None:
    areas = read_areas(drawing(ring(80, 80, 50, 0, 360 - gap_deg)))
    assert areas.cover().sum() == pytest.approx(np.pi * 50**2, rel=0.05)


def test_a_cup_without_its_rim_is_closed_with_a_straight_line() -> None:
    cup = [(50, 40), (55, 120), (105, 120), (110, 40)]
    areas = read_areas(drawing(cup))
    assert areas.numbers[80, 80] == 1
    (line,) = areas.closed
    assert sorted(line[:, 0].tolist()) == pytest.approx([50, 110], abs=3)
    assert areas.numbers[30, 80] == 0


def test_legs_of_a_table_are_not_joined() -> None:
    top = [(30, 40), (130, 40), (130, 60), (30, 60), (30, 40)]
    areas = read_areas(drawing(top, [(45, 60), (45, 140)], [(115, 60), (115, 140)]))
    assert areas.numbers[100, 80] == 0
    assert areas.single[100, 45]
    assert not areas.closed


def test_a_single_line_encloses_nothing() -> None:
    areas = read_areas(drawing([(20, 80), (60, 70), (100, 90), (140, 80)]))
    assert not areas.encloses
    assert areas.single.any()


def test_the_canvas_edge_closes_a_corner_but_not_a_landscape() -> None:
    sun = drawing(ring(0, 0, 50, 0, 90))
    assert read_areas(sun).numbers[10, 10] == 1
    assert not read_areas(sun, rim=(False, False, True, True)).encloses
    assert not read_areas(drawing([(0, 90), (159, 90)])).encloses


def test_an_empty_drawing_and_odd_sizes() -> None:
    assert not read_areas(np.zeros((37, 53), np.float32)).encloses
    odd = read_areas(drawing(ring(20, 18, 12), side=53)[:37])
    assert odd.numbers.shape == (37, 53)
    assert odd.encloses


def test_turned_drawings_enclose_the_same() -> None:
    ink = drawing(ring(70, 80, 30), [(70, 80), (120, 140)])
    straight, turned = read_areas(ink), read_areas(np.ascontiguousarray(np.rot90(ink)))
    np.testing.assert_allclose(np.rot90(straight.cover()), turned.cover(), atol=0.51)
    assert abs(straight.cover().sum() - turned.cover().sum()) < 20


def test_a_smile_is_inner_and_a_line_that_parts_areas_is_not() -> None:
    smile = read_areas(drawing(ring(80, 80, 50), ring(80, 80, 25, 30, 150)))
    assert smile.inner[(80 + 25) - 1 : (80 + 25) + 2, 80].any()
    assert smile.numbers.max() == 1
    assert not smile.inner[:90].any()
    assert not read_areas(drawing(ring(80, 80, 50), [(30, 80), (130, 80)])).inner.any()


def test_a_tree_on_wide_feet_is_closed_as_a_last_resort() -> None:
    left, right = [(40, 150), (66, 138), (70, 90)], [(120, 150), (94, 138), (90, 90)]
    crown = ring(80, 62, 30, 110, 430)
    areas = read_areas(drawing(left, right, crown))
    assert areas.numbers[60, 80] > 0
    assert areas.numbers[120, 80] > 0


def test_a_pupil_is_inner_and_what_overshoots_a_joint_is_not() -> None:
    pupil = read_areas(drawing(ring(80, 80, 50), [(70, 70), (71, 70)], width=4))
    assert pupil.inner[68:73, 68:74].any()
    overshot = read_areas(drawing(ring(80, 80, 50), [(30, 80), (130, 80)], [(80, 130), (80, 76)], width=4))
    assert not overshot.inner.any()
