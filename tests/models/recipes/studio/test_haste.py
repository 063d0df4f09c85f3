# SPDX-License-Identifier: GPL-3.0-or-later
"""Hasty drawings: plainer than the truth, open at corners, thin parts in one stroke, and near the truth."""

import numpy as np
from scipy.ndimage import distance_transform_edt

from models.recipes.studio import render
from models.recipes.studio.hands import EXACT, hasty_hand, random_hand
from models.recipes.studio.haste import hastily
from models.recipes.studio.lines import Lines, contour_lines, length_px

SIZE = 256


def lollipop() -> np.ndarray:
    """A disc on a thin stick, as a silhouette."""
    y, x = np.mgrid[:SIZE, :SIZE]
    stick = (abs(x - 128) <= 2) & (y >= 120) & (y < 230)
    return (np.hypot(x - 128, y - 80) < 50) | stick


def drawn(seed: int, silhouette: np.ndarray) -> Lines:
    exact = Lines(tuple(contour_lines(silhouette.astype(np.uint8))), (), SIZE)
    return hastily(np.random.default_rng(seed), silhouette, exact, 1.0)


def test_a_thin_part_is_one_stroke_now_and_then() -> None:
    sticks = [line for seed in range(30) for line in drawn(seed, lollipop()).detail]
    assert 8 <= len(sticks) <= 30
    assert all(60 < length_px(line) < 140 for line in sticks)
    assert all(np.abs(line[:, 0] - 128).max() < 16 for line in sticks)


def test_lines_stay_near_what_they_mean() -> None:
    silhouette = lollipop()
    edge_px = np.where(silhouette, distance_transform_edt(silhouette), distance_transform_edt(~silhouette))
    for seed in range(20):
        for line in drawn(seed, silhouette).contour:
            at = line.astype(int).clip(0, SIZE - 1)
            assert np.median(edge_px[at[:, 1], at[:, 0]]) < 10


def test_strokes_seldom_end_where_they_began() -> None:
    y, x = np.mgrid[:SIZE, :SIZE]
    square = (abs(x - 128) < 70) & (abs(y - 128) < 70)
    strokes = [line for seed in range(20) for line in drawn(seed, square).contour]
    assert len(strokes) > 30
    assert np.mean([np.hypot(*(line[0] - line[-1])) > 1 for line in strokes]) > 0.8


def test_details_are_left_out() -> None:
    exact = render(2, SIZE, category="house", hand=EXACT)
    hasty = [hastily(np.random.default_rng(s), exact.mask > 0, exact.lines, 1.0) for s in range(12)]
    lengths = [sum(map(length_px, lines.detail)) for lines in hasty]
    assert np.median(lengths) < 0.75 * sum(map(length_px, exact.lines.detail))


def test_a_third_of_all_hands_are_hasty_with_pens_of_all_widths() -> None:
    rng = np.random.default_rng(0)
    assert 0.28 < np.mean([random_hand(rng).haste > 0 for _ in range(600)]) < 0.42
    widths = [hasty_hand(rng).width for _ in range(100)]
    assert 1 <= min(widths) < 1.4
    assert 4.5 < max(widths) <= 6


def test_the_exact_lines_stay_with_a_sample() -> None:
    exact = render(5, 128, category="cat", hand=EXACT)
    hasty = render(5, 128, category="cat", hand=hasty_hand(np.random.default_rng(1)))
    assert len(exact.lines.contour) == len(hasty.lines.contour)
    assert np.array_equal(exact.lines.contour[0], hasty.lines.contour[0])
    assert not np.array_equal(exact.contour, hasty.contour)
