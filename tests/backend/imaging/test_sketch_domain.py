# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever drew a line, it comes out thin, smooth and in its place."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from backend.imaging.sketch_domain import (
    drawn,
    picture_edges,
    recall,
    sketch_domain,
    sketch_paths,
    walked,
    without_specks,
)


def ink(width: int = 3, size: int = 160) -> np.ndarray:
    """A circle, a wavy line, and a cross whose lines meet."""
    canvas = Image.new("L", (size, size))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse((20, 20, 90, 90), outline=255, width=width)
    x = np.arange(10, 150)
    draw.line(
        [(int(a), int(b)) for a, b in zip(x, 120 + 8 * np.sin(x / 9), strict=True)], fill=255, width=width
    )
    draw.line((110, 20, 110, 100), fill=255, width=width)
    draw.line((95, 60, 150, 60), fill=255, width=width)
    return np.asarray(canvas, np.float32) / 255


def near(wanted: np.ndarray, got: np.ndarray, within_px: float) -> float:
    return recall(wanted > 0.3, got > 0.3, within_px)


@pytest.mark.parametrize(("smoothing_px", "share"), [(0.0, 0.995), (1.0, 0.99), (2.0, 0.95)])
def test_lines_stay_in_their_place(smoothing_px: float, share: float) -> None:
    edges = picture_edges(np.repeat(1 - ink(9)[..., None], 3, 2))
    strokes = sketch_domain(edges, smoothing_px=smoothing_px)
    assert near(edges, strokes, 3) >= share
    assert near(strokes, edges, 3) >= share


def test_thick_and_thin_pens_give_the_same_lines() -> None:
    thin, thick = sketch_domain(ink(1)), sketch_domain(ink(5))
    assert near(thin, thick, 2.5) > 0.97
    assert abs(thin.sum() / thick.sum() - 1) < 0.08


def test_what_is_in_the_domain_stays() -> None:
    once = sketch_domain(ink())
    twice = sketch_domain(once)
    assert near(once, twice, 1.5) > 0.99
    assert near(twice, once, 1.5) > 0.99


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirrored_drawing_gives_mirrored_lines(axis: int) -> None:
    there = sketch_domain(ink())
    back = np.flip(sketch_domain(np.flip(ink(), axis).copy()), axis)
    assert near(there, back, 1.5) > 0.98  # thinning goes one way around; it may shift an end by a pixel
    assert near(back, there, 1.5) > 0.98


def test_small_pieces_go_whole_and_no_piece_loses_a_branch() -> None:
    marks = np.zeros((60, 60), bool)
    marks[10, 5:50] = True
    marks[6:10, 20] = True  # a branch that is shorter than the smallest piece
    marks[40:44, 40] = True  # a speck
    kept = without_specks(marks, 8)
    assert kept[6:11, 20].all()
    assert not kept[40:44, 40].any()
    assert kept.sum() == marks.sum() - 4


def test_every_step_is_walked_once() -> None:
    marks = np.zeros((20, 20), bool)
    marks[5, 2:18] = True
    marks[2:14, 10] = True
    paths = walked(marks)
    steps = [tuple(sorted((tuple(a), tuple(b)))) for path in paths for a, b in pairwise(path)]
    assert len(steps) == len(set(steps)) == marks.sum() - 1
    assert len(paths) == 4


def test_a_ring_ends_where_it_begins() -> None:
    canvas = Image.new("L", (64, 64))
    ImageDraw.Draw(canvas).ellipse((10, 10, 50, 50), outline=255, width=2)
    (path,) = sketch_paths(np.asarray(canvas, np.float32) / 255)
    assert np.hypot(*(path[0] - path[-1])) < 0.5
    assert np.abs(np.hypot(*(path - 30.5).T) - 19.5).max() < 1.5


def test_a_line_is_one_pixel_wide() -> None:
    path = np.array([[4.5, 8.5], [24.5, 8.5]])
    raster = drawn([path], (16, 32))
    assert raster.sum() == pytest.approx(20, rel=0.02)
    assert raster[8, 6:23].min() > 0.99
    assert raster[7].max() == raster[9].max() == 0
    slanted = drawn([np.array([[3.0, 2.0], [23.0, 12.0]])], (16, 32))
    assert slanted.sum() == pytest.approx(np.hypot(20, 10), rel=0.05)


def test_what_lies_outside_is_not_drawn() -> None:
    inside = drawn([np.array([[-20.0, 5.0], [10.0, 5.0]])], (10, 10))
    assert inside.sum() == pytest.approx(10, rel=0.05)
    assert drawn([np.array([[-20.0, 5.0], [-10.0, 5.0]])], (10, 10)).sum() == 0


def test_empty_full_and_odd_ink() -> None:
    assert sketch_domain(np.zeros((33, 17), np.float32)).shape == (33, 17)
    assert sketch_domain(np.zeros((33, 17), np.float32)).sum() == 0
    assert np.isfinite(sketch_domain(np.ones((33, 17), np.float32))).all()
    with pytest.raises(ValueError, match="finite"):
        sketch_domain(np.full((8, 8), np.nan, np.float32))
    with pytest.raises(ValueError, match="ink"):
        sketch_domain(np.zeros((8, 8, 1), np.float32))
