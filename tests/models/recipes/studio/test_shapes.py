# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes: curves through their points, areas that add up, warps that keep what they should."""

import numpy as np
import pytest

from models.recipes.studio.raster import skia, surface_on
from models.recipes.studio.shapes import box, common, curve, ellipse, moved, ribbon, union, warped, without


def area(path: object) -> float:
    """Area in unit lengths squared, counted on a 400 px raster of [-1, 1]."""
    pixels = np.zeros((400, 400, 4), np.uint8)
    canvas = surface_on(pixels).getCanvas()
    canvas.translate(200, 200)
    canvas.scale(200, 200)
    canvas.drawPath(path, skia.Paint(Color=skia.ColorBLACK, AntiAlias=True))
    return float(pixels[..., 3].sum()) / 255 / 200**2


def test_a_curve_passes_through_its_points() -> None:
    points = np.array([(0.0, 0.0), (0.3, 0.4), (0.8, -0.1), (0.9, 0.5)])
    for closed in (False, True):
        line = curve(points, closed=closed)
        gaps = np.linalg.norm(line[None] - points[:, None], axis=2).min(axis=1)
        assert gaps.max() < 1e-9


def test_areas() -> None:
    disc = ellipse(0, 0, 0.5)
    assert area(disc) == pytest.approx(np.pi / 4, rel=0.01)
    assert area(moved(disc, 0.2, 0.1, turn_deg=30, sx=0.5)) == pytest.approx(np.pi / 8, rel=0.01)
    right = box(0, -1, 1, 1)
    assert area(common(disc, right)) == pytest.approx(np.pi / 8, rel=0.01)
    assert area(without(disc, right)) == pytest.approx(np.pi / 8, rel=0.01)
    assert area(union(disc, right)) == pytest.approx(2 + np.pi / 8, rel=0.01)


def test_a_ribbon_has_its_width() -> None:
    band = ribbon([(-0.5, 0), (0.5, 0)], 0.2, smooth=False)
    assert area(band) == pytest.approx(0.2, rel=0.02)


def test_a_still_warp_changes_nothing() -> None:
    still = np.zeros((2, 3)), np.ones((2, 3, 2)), np.zeros((2, 3))
    disc = without(ellipse(0.1, 0, 0.5, 0.3), box(0, 0, 1, 1))
    assert area(warped(disc, still)) == pytest.approx(area(disc), rel=0.002)


def test_a_warp_moves_points_by_its_waves() -> None:
    push = np.array([[0.1], [0.0]]), np.zeros((2, 1, 2)), np.full((2, 1), np.pi / 2)
    bounds = warped(box(-0.2, -0.2, 0.2, 0.2), push).getBounds()
    assert (bounds.left(), bounds.top()) == pytest.approx((-0.1, -0.2), abs=1e-6)
