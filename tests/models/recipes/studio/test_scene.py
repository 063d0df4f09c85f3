# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes: the canvas before is the picture without its subjects; company joins picture, ids and words."""

import itertools

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from models.recipes.studio.scene import Scene, paint_scene


def scene(seed: int, **kwargs: object) -> Scene:
    return paint_scene(np.random.default_rng([seed, 1]), 128, "train", **kwargs)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def joined() -> list[Scene]:
    """Scenes whose caption names two subjects."""
    return [found for seed in range(150) if " and a" in (found := scene(seed)).caption]


def test_the_canvas_before_differs_only_where_subjects_and_shadows_fall() -> None:
    flying = scene(1, category="butterfly", backgrounds=("plain",))
    away = ~binary_dilation(flying.ids > 0, iterations=6)
    for line in flying.strokes:
        columns, rows = line.T.astype(int).clip(0, 127)
        away[rows, columns] = False
    away = ~binary_dilation(~away, iterations=3)
    assert np.array_equal(flying.image[away], flying.before[away])
    inside = flying.ids > 0
    assert np.abs(flying.image[inside].astype(int) - flying.before[inside]).mean() > 10


def test_one_category_comes_alone() -> None:
    assert all(" and a" not in scene(seed, category="teapot").caption for seed in range(20))


def test_company_comes_now_and_then(joined: list[Scene]) -> None:
    assert 3 < len(joined) < 60


def test_company_is_in_the_picture(joined: list[Scene]) -> None:
    for found in joined:
        assert (found.ids > 0).mean() > 0.02
        assert np.abs(found.image.astype(int) - found.before)[found.ids > 0].mean() > 5


def test_articles_fit_their_words() -> None:
    for seed in range(40):
        words = scene(seed).caption.split()
        for article, word in itertools.pairwise(words):
            if article in ("a", "an"):
                assert (article == "an") == (word[0] in "aeiou"), " ".join(words)
