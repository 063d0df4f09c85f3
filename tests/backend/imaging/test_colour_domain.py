# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours become flat areas, flat areas stay, and strokes take their colour from them."""

import numpy as np
import pytest

from backend.imaging.colour_domain import (
    colour_domain,
    flat_strokes,
    iris,
    mode_colour,
    random_strokes,
    undrawn,
)


def halves(noise: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    rgb = np.full((40, 48, 3), (0.2, 0.4, 0.7), np.float32)
    rgb[:, 24:] = (0.9, 0.6, 0.1)
    return (rgb + rng.normal(0, noise, rgb.shape).astype(np.float32)).clip(0, 1)


def test_flat_colours_are_fixed_points() -> None:
    one = np.full((12, 12, 3), 0.3, np.float32)
    assert np.abs(colour_domain(one) - one).max() < 1e-6
    assert np.abs(colour_domain(halves()) - halves()).max() < 1e-4


def test_a_second_time_changes_little() -> None:
    once = colour_domain(halves(0.05))
    again = np.abs(colour_domain(once) - once).mean()
    assert again < 0.3 * np.abs(once - halves(0.05)).mean()


def test_texture_goes_and_edges_stay() -> None:
    flat = colour_domain(halves(0.05))
    assert flat[8:-8, 4:18].std((0, 1)).max() < 0.02
    assert np.abs(flat[20, 22] - (0.2, 0.4, 0.7)).max() < 0.05
    assert np.abs(flat[20, 26] - (0.9, 0.6, 0.1)).max() < 0.05


def test_random_strokes_have_the_colours_below_them() -> None:
    strokes = random_strokes(np.random.default_rng(1), halves(), 12)
    drawn = strokes[..., 3] > 0
    assert 0 < drawn.mean() < 1
    colours = {tuple(np.round(c, 3)) for c in strokes[drawn][:, :3].tolist()}
    assert colours <= {(0.2, 0.4, 0.7), (0.9, 0.6, 0.1)}
    assert (strokes[~drawn] == (0.5, 0.5, 0.5, 0)).all()
    wrong = np.abs(strokes[..., :3] - halves()).max(-1)[drawn] > 0.01
    assert wrong.mean() < 0.2  # a broad stroke may reach over the border


def test_strokes_lose_their_bristles_and_bare_places_stay_bare() -> None:
    strokes = undrawn((30, 31))
    rng = np.random.default_rng(2)
    strokes[8:20, 5:25, :3] = rng.normal((0.6, 0.3, 0.2), 0.04, (12, 20, 3))
    strokes[8:20, 5:25, 3] = 1
    flat = flat_strokes(strokes)
    inside = flat[8:20, 5:25, :3]
    assert inside.std((0, 1)).max() < 0.5 * strokes[8:20, 5:25, :3].std((0, 1)).min()
    assert np.abs(inside.mean((0, 1)) - (0.6, 0.3, 0.2)).max() < 0.02
    assert (flat[..., 3] == strokes[..., 3]).all()
    assert (flat[strokes[..., 3] == 0, :3] == 0.5).all()


def test_flat_strokes_are_fixed_points() -> None:
    strokes = undrawn((20, 20))
    strokes[4:11, 3:15] = (0.1, 0.8, 0.4, 1)
    assert np.abs(flat_strokes(strokes) - strokes).max() < 1e-5


def test_the_soft_rim_of_a_stroke_keeps_its_colour() -> None:
    strokes = undrawn((20, 20))
    strokes[4:11, 3:15] = (0.1, 0.8, 0.4, 1)
    strokes[3, 3:15] = strokes[11, 3:15] = (0.1, 0.8, 0.4, 0.2)
    flat = flat_strokes(strokes)
    assert np.abs(flat[flat[..., 3] > 0, :3] - (0.1, 0.8, 0.4)).max() < 1e-4


def test_the_mode_is_the_most_frequent_colour() -> None:
    rgb = np.full((10, 10, 3), (0.3, 0.2, 0.1), np.float32)
    rgb[:3] = (0.9, 0.9, 0.9)
    rgb[3, :4] = (0.0, 0.0, 0.0)
    part = np.ones((10, 10), bool)
    assert mode_colour(rgb, part) == pytest.approx((0.3, 0.2, 0.1))
    with pytest.raises(ValueError, match="pixel"):
        mode_colour(rgb, np.zeros((10, 10), bool))


def test_an_iris_has_the_area_of_its_circle() -> None:
    laid = iris(undrawn((40, 40)), (20.0, 18.5), 7.0, np.array([0.1, 0.5, 0.3], np.float32))
    assert laid[..., 3].sum() == pytest.approx(np.pi * 49, rel=0.03)
    rows, columns = np.nonzero(laid[..., 3])
    assert columns.mean() + 0.5 == pytest.approx(20, abs=0.1)
    assert rows.mean() + 0.5 == pytest.approx(18.5, abs=0.1)
    assert (laid[laid[..., 3] > 0, :3] == np.array([0.1, 0.5, 0.3], np.float32)).all()
    with pytest.raises(ValueError, match="iris"):
        iris(undrawn((4, 4)), (1, 1), 0, np.zeros(3, np.float32))


def test_bad_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        colour_domain(np.full((4, 4, 3), np.nan, np.float32))
    with pytest.raises(ValueError, match="picture"):
        colour_domain(np.zeros((4, 4), np.float32))
