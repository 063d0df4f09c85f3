# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from backend.imaging.pixels import Picture, to_rgba
from backend.imaging.strokes import colour_raster, ink, paper_tone, weighted_colours


def on_transparency(colour: tuple[int, int, int]) -> np.ndarray:
    layer = np.zeros((40, 40, 4), np.uint8)
    layer[10, 5:30] = (*colour, 255)
    return layer


def on_paper(paper: int, line: int) -> np.ndarray:
    layer = np.full((40, 40, 4), paper, np.uint8)
    layer[10, 5:30, :3] = line
    layer[..., 3] = 255
    return layer


@pytest.mark.parametrize(
    "layer",
    [
        on_transparency((0, 0, 0)),
        on_transparency((40, 90, 200)),
        on_transparency((255, 255, 255)),
        on_paper(255, 0),
        on_paper(0, 255),
    ],
)
def test_lines_are_ink_whatever_they_are_drawn_with(layer: np.ndarray) -> None:
    picture = Picture(layer, "bgra_u8")
    drawn = ink(to_rgba(layer, "bgra_u8"), paper_tone(picture))
    wanted = np.zeros((40, 40))
    wanted[10, 5:30] = 1
    np.testing.assert_allclose(drawn, wanted, atol=1e-6)


def test_empty_and_blank_layers_hold_no_ink() -> None:
    for layer in (np.zeros((8, 8, 4), np.uint8), np.full((8, 8, 4), 255, np.uint8)):
        assert ink(to_rgba(layer, "bgra_u8"), paper_tone(Picture(layer, "bgra_u8"))).max() < 1e-6


def test_transparency_has_no_paper() -> None:
    assert paper_tone(Picture(on_transparency((0, 0, 0)), "bgra_u8")) is None
    assert paper_tone(Picture(on_paper(250, 0), "bgra_u8")) == pytest.approx(250 / 255)
    assert paper_tone(Picture(np.zeros((1, 1, 4), np.uint8), "bgra_u8")) is None


def test_undrawn_colour_is_grey_and_thin_strokes_count() -> None:
    rgba = np.zeros((1, 3, 4), np.float32)
    rgba[0, 0] = (0.9, 0.1, 0.2, 0.5)
    rgba[0, 1] = (0.9, 0.1, 0.2, 1)
    raster = colour_raster(weighted_colours(rgba))
    np.testing.assert_allclose(raster[0, 0], (0.9, 0.1, 0.2, 1), atol=1e-6)
    np.testing.assert_allclose(raster[0, 1], (0.9, 0.1, 0.2, 1), atol=1e-6)
    assert raster[0, 2].tolist() == [0.5, 0.5, 0.5, 0]


def test_the_soft_rim_of_a_stroke_has_its_own_colour() -> None:
    rgba = np.zeros((1, 3, 4), np.float32)
    rgba[0, :2] = [(0.9, 0.1, 0.2, 0.3), (0.9, 0.1, 0.2, 0.01)]
    raster = colour_raster(weighted_colours(rgba))
    np.testing.assert_allclose(raster[0, :2, :3], [(0.9, 0.1, 0.2)] * 2, atol=1e-5)
    np.testing.assert_allclose(raster[0, :, 3], (0.6, 0.02, 0), atol=1e-6)
