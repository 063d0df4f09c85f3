# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting: ids in drawing order, tints without an id, strokes where they were drawn."""

import numpy as np
import pytest

from models.recipes.studio.painting import Light, paint_figure
from models.recipes.studio.palette import named
from models.recipes.studio.raster import skia
from models.recipes.studio.shapes import Figure, box

LIGHT = Light(-0.6, -0.8, 0.5)


def half_size(size: int) -> object:
    matrix = skia.Matrix()
    matrix.setScale(size / 2, size / 2)
    matrix.postTranslate(size / 2, size / 2)
    return matrix


def test_later_parts_own_their_pixels() -> None:
    figure = Figure("thing", "a thing")
    figure.fill(box(-0.5, -0.5, 0.5, 0.5), named("red"))
    figure.fill(box(0, -0.5, 0.5, 0.5), named("blue"))
    figure.fill(box(-1, -1, 1, 1), named("white"), solid=False, alpha=0.2)
    placed = paint_figure(figure, half_size(100), LIGHT, 100)
    assert np.bincount(placed.ids.ravel()).tolist() == [7500, 1250, 1250]
    left, right = placed.layer[50, 35], placed.layer[50, 65]
    assert left[0] > left[2] and right[2] > right[0]


def test_strokes_are_given_in_pixels() -> None:
    figure = Figure("thing", "a thing")
    figure.line([(-0.5, 0), (0, 0), (0.5, 0)], named("black"), 0.04)
    placed = paint_figure(figure, half_size(200), LIGHT, 200)
    (stroke,) = placed.strokes
    assert stroke[0] == pytest.approx((50, 100))
    assert stroke[-1] == pytest.approx((150, 100))
    assert placed.ids.max() == 0
    assert placed.layer[100, 100, 3] > 200


def test_too_many_parts_are_refused() -> None:
    figure = Figure("crowd", "a crowd")
    for _ in range(256):
        figure.fill(box(0, 0, 1, 1), named("red"))
    with pytest.raises(ValueError, match="crowd"):
        paint_figure(figure, half_size(32), LIGHT, 32)
