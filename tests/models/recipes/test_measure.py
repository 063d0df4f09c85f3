# SPDX-License-Identifier: GPL-3.0-or-later
import math

import numpy as np
import pytest

from models.recipes.measure import boundary_f, interval, result_edges, stroke_delta_e


def square(offset: int = 0) -> np.ndarray:
    image = np.full((128, 128, 3), 230, np.uint8)
    image[40 + offset : 90 + offset, 30 + offset : 100 + offset] = (40, 60, 160)
    return image


def outline() -> np.ndarray:
    lines = np.zeros((128, 128), bool)
    lines[39:91, [29, 100]] = True
    lines[[39, 90], 29:101] = True
    return lines


NONE = np.zeros((128, 128), bool)


def test_followed_lines_score_high_and_shifted_ones_low() -> None:
    assert boundary_f(outline(), NONE, result_edges(square())) > 0.98
    assert boundary_f(outline(), NONE, result_edges(square(8))) < 0.3


def test_a_blank_result_scores_nothing() -> None:
    blank = np.full((128, 128, 3), 128, np.uint8)
    assert boundary_f(outline(), NONE, result_edges(blank)) == 0


def test_without_lines_there_is_no_score() -> None:
    assert math.isnan(boundary_f(NONE, NONE, result_edges(square())))


def test_edges_of_the_other_lines_are_not_held_against_these() -> None:
    image, inner = square(), np.zeros((128, 128), bool)
    image[48:82, 38:92] = (250, 220, 40)
    inner[47:83, [37, 92]] = True
    inner[[47, 82], 37:93] = True
    edges = result_edges(image)
    assert boundary_f(outline(), inner, edges) > boundary_f(outline(), NONE, edges) + 0.1


def test_delta_e_of_known_colours() -> None:
    image = np.full((8, 8, 3), (200, 30, 40), np.uint8)
    strokes = np.full((8, 8, 4), 128, np.uint8)
    strokes[..., 3] = 0
    assert math.isnan(stroke_delta_e(image, strokes))
    strokes[2:4] = (200, 30, 40, 255)
    assert stroke_delta_e(image, strokes) == pytest.approx(0, abs=1e-6)
    strokes[2:4] = (30, 30, 200, 255)
    assert stroke_delta_e(image, strokes) > 30


def test_interval_holds_the_mean_and_skips_nan() -> None:
    mean, low, high = interval(np.array([1.0, 2.0, 3.0, math.nan]), np.random.default_rng(0))
    assert mean == 2
    assert 1 <= low < 2 < high <= 3
