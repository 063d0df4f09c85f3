# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour strokes: inside one region, in its colour, as many as asked."""

import numpy as np
import pytest

from models.recipes.studio.colouring import colour_strokes


def flag() -> tuple[np.ndarray, np.ndarray]:
    """Three bands: ids 0, 1, 2 in grey, red and blue."""
    ids = np.repeat(np.array([0, 1, 2], np.uint8), 64)[None].repeat(192, axis=0)
    colours = np.array([(150, 150, 150), (200, 40, 40), (30, 60, 190)], np.uint8)
    return ids, colours[ids]


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(8))
def test_strokes_take_their_regions_colour(seed: int) -> None:
    ids, image = flag()
    strokes = colour_strokes(rng(seed), image, ids, 12)
    drawn = strokes[..., 3] > 0
    assert drawn.any()
    wrong = np.abs(strokes[drawn][:, :3].astype(int) - image[drawn]).max(axis=1) > 12
    assert wrong.mean() < 0.04  # a round brush may lap over a border by a pixel


def test_none_leaves_the_layer_empty() -> None:
    ids, image = flag()
    strokes = colour_strokes(rng(0), image, ids, 0)
    assert (strokes == (128, 128, 128, 0)).all()


def test_more_strokes_cover_more() -> None:
    ids, image = flag()
    few, many = (np.mean([colour_strokes(rng(s), image, ids, n)[..., 3] for s in range(10)]) for n in (2, 20))
    assert many > 3 * few


def test_some_pictures_have_no_strokes_and_most_do() -> None:
    ids, image = flag()
    empty = [not colour_strokes(rng(seed), image, ids)[..., 3].any() for seed in range(120)]
    assert 0.05 < np.mean(empty) < 0.3
