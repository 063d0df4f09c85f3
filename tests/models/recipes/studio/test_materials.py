# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials and patterns: the word in the caption, what it means in the picture, lines around patterns."""

import numpy as np
import pytest

from models.recipes.studio.materials import USUAL_SHARE, decorate, make
from models.recipes.studio.painting import Light, Placed, paint_figure
from models.recipes.studio.raster import skia
from models.recipes.studio.shapes import Figure, Part
from models.recipes.studio.subjects import SUBJECTS
from models.recipes.studio.traits import Drawn

SIZE = 128


def cup(seed: int = 1) -> Figure:
    return SUBJECTS["cup"](Drawn(np.random.default_rng(seed)))


def painted(figure: Figure) -> Placed:
    matrix = skia.Matrix()
    matrix.setScale(0.45 * SIZE, 0.45 * SIZE)
    matrix.postTranslate(SIZE / 2, SIZE / 2)
    return paint_figure(figure, matrix, Light(-0.6, -0.8, 0.6), SIZE)


def made(word: str, seed: int = 1) -> Figure:
    figure = cup(seed)
    make(np.random.default_rng(seed), figure, word)
    return figure


@pytest.mark.parametrize("word", ["striped", "spotted"])
def test_patterns_are_parts_of_their_own_with_lines_around_them(word: str) -> None:
    plain, patterned = painted(cup()), painted(made(word))
    assert patterned.ids.max() > plain.ids.max()
    assert np.array_equal(plain.ids > 0, patterned.ids > 0)
    assert made(word).caption == f"a {word} " + cup().caption.removeprefix("a ")


@pytest.mark.parametrize("word", ["wooden", "metal", "golden", "glass"])
def test_a_material_takes_the_place_of_the_colour(word: str) -> None:
    figure = made(word)
    assert figure.caption.startswith(f"a {word} cup")
    assert np.array_equal(painted(cup()).ids, painted(figure).ids)
    assert np.abs(painted(cup()).layer.astype(int) - painted(figure).layer).mean() > 3


def test_glass_lets_the_ground_through_and_nothing_else_does() -> None:
    alpha = {
        word: np.median(painted(made(word)).layer[..., 3][painted(cup()).ids > 0])
        for word in ("wooden", "metal", "shiny", "furry", "glass")
    }
    assert alpha.pop("glass") < 220
    assert set(alpha.values()) == {255}


def test_wood_is_brown_and_metal_bright_and_dark() -> None:
    inside = painted(cup()).ids > 0
    wood, metal = (painted(made(word)).layer[inside][:, :3].astype(float) for word in ("wooden", "metal"))
    red, _, blue = np.median(wood, axis=0)
    assert red > 1.3 * blue
    assert np.ptp(np.percentile(metal.mean(axis=1), [5, 95])) > 90


def test_fur_reaches_over_the_edge() -> None:
    plain, furry = painted(cup()), painted(made("furry"))
    outside = plain.layer[..., 3] == 0
    assert 10 < np.count_nonzero(furry.layer[..., 3][outside]) < 0.2 * np.count_nonzero(~outside)


def test_so_many_things_are_decorated_and_faces_never() -> None:
    changed = 0
    for seed in range(200):
        rng, figure = np.random.default_rng(seed), cup(seed)
        decorate(rng, figure)
        changed += figure.caption != cup(seed).caption
    assert abs(changed / 200 - USUAL_SHARE) < 0.1
    face = Figure("face", "a face", [Part(skia.Path(), cup().marks[0].colour)])
    for seed in range(20):
        decorate(np.random.default_rng(seed), face)
    assert face.caption == "a face"
