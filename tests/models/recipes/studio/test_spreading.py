# SPDX-License-Identifier: GPL-3.0-or-later
"""Dabs spread to the lines around them and no further; single strokes become paint."""

import numpy as np
import pytest

from models.recipes.studio import render
from models.recipes.studio import sample as sampling
from models.recipes.studio.hands import EXACT
from models.recipes.studio.spreading import figure_areas, paint_single_strokes, spread

SIZE, RED, BLUE = 96, (200, 30, 30), (30, 30, 200)


def drawing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ink of a box with a wall in the middle, the box's silhouette, and colours with nothing laid."""
    ink = np.zeros((SIZE, SIZE), np.uint8)
    ink[20:76, 20] = ink[20:76, 75] = ink[20:76, 48] = 255
    ink[20, 20:76] = ink[75, 20:76] = 255
    silhouette = np.zeros((SIZE, SIZE), np.bool_)
    silhouette[20:76, 20:76] = True
    return ink, silhouette, np.full((SIZE, SIZE, 4), (128, 128, 128, 0), np.uint8)


def picture() -> np.ndarray:
    """Red above, blue below."""
    image = np.full((SIZE, SIZE, 3), RED, np.uint8)
    image[SIZE // 2 :] = BLUE
    return image


def lay(colours: np.ndarray, y: int, x: int, colour: tuple[int, int, int]) -> None:
    colours[y : y + 6, x : x + 6] = (*colour, 255)


def test_a_dab_fills_its_area_to_the_lines_and_no_other() -> None:
    ink, silhouette, colours = drawing()
    lay(colours, 40, 30, RED)
    made, _ = spread(colours, picture(), ink, silhouette)
    assert (made[22:74, 22:47] == (*RED, 255)).all()
    assert (made[22:74, 50:74, 3] == 0).all()
    assert (made[:19, :, 3] == 0).all()


def test_the_nearest_of_two_dabs_counts() -> None:
    ink, silhouette, colours = drawing()
    lay(colours, 26, 30, RED)
    lay(colours, 64, 30, BLUE)
    made, _ = spread(colours, picture(), ink, silhouette)
    assert tuple(made[24, 40, :3]) == RED
    assert tuple(made[72, 40, :3]) == BLUE


def test_a_dab_in_the_wrong_place_does_not_belie_the_picture() -> None:
    ink, silhouette, colours = drawing()
    lay(colours, 24, 24, BLUE)
    lay(colours, 60, 40, RED)
    made, _ = spread(colours, np.full((SIZE, SIZE, 3), RED, np.uint8), ink, silhouette)
    assert (made[22:74, 22:47] == (*RED, 255)).all()


def test_the_ground_keeps_its_dabs_and_is_never_filled() -> None:
    ink, silhouette, colours = drawing()
    lay(colours, 4, 4, RED)
    made, _ = spread(colours, picture(), ink, silhouette)
    assert np.array_equal(made, colours)


def test_what_spills_over_a_line_does_not_fill_the_next_area() -> None:
    ink, silhouette, colours = drawing()
    colours[30:50, 30:50] = (*RED, 255)
    made, _ = spread(colours, picture(), ink, silhouette)
    assert (made[22:74, 51:74, 3] == 0).all()


def test_gaps_do_not_open_an_area() -> None:
    ink, silhouette, _ = drawing()
    ink[45:51, 20] = 0
    areas = figure_areas(ink, silhouette)
    assert areas[40, 34] > 0
    assert areas[10, 10] == 0


def test_a_single_stroke_is_painted_as_wide_as_the_pen() -> None:
    ink, silhouette, colours = drawing()
    image = np.full((SIZE, SIZE, 3), BLUE, np.uint8)
    _, areas = spread(colours, picture(), ink, silhouette)
    lines = [np.array([[5.0, y], [90.0, y]]) for y in (8.0, 88.0)]
    for seed in range(4):
        paint_single_strokes(np.random.default_rng(seed), colours, image, lines, areas, 4.0)
    assert colours[6:10, 20:80, 3].all()
    assert tuple(colours[8, 50, :3]) == BLUE
    assert not colours[14:80, :, 3].any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_samples_are_spread_as_often_as_they_should(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "SPREAD_SHARE", share)
    covered = [
        (s.colours[..., 3] > 0)[s.mask > 0].mean()
        for s in (render(seed, 128, category="teapot", hand=EXACT) for seed in range(8))
    ]
    assert (np.mean(covered) > 0.45) == bool(share)
