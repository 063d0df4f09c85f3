# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines off an id-buffer whose boundaries are known."""

import numpy as np
import pytest

from models.recipes.studio.lines import contour_lines, detail_lines, length_px


def disc(size: int, x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] + 0.5
    return np.hypot(columns - x, rows - y) < radius


def test_contour_of_a_disc_is_its_circle() -> None:
    ids = disc(128, 60, 70, 40).astype(np.uint8)
    (line,) = contour_lines(ids)
    radius = np.hypot(line[:, 0] - 60, line[:, 1] - 70)
    assert radius.mean() == pytest.approx(40, abs=0.3)
    assert radius.std() < 0.4
    assert length_px(line) == pytest.approx(2 * np.pi * 40, rel=0.06)


def test_a_hole_has_a_contour() -> None:
    ids = (disc(128, 64, 64, 50) & ~disc(128, 64, 64, 20)).astype(np.uint8)
    assert len(contour_lines(ids)) == 2


def test_the_canvas_edge_is_no_contour() -> None:
    ids = disc(128, 64, 128, 40).astype(np.uint8)
    (line,) = contour_lines(ids)
    assert line[:, 1].max() < 128
    assert length_px(line) == pytest.approx(np.pi * 40, rel=0.08)


def two_parts(left: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """A square of two halves with the given grey values."""
    ids = np.zeros((64, 64), np.uint8)
    ids[12:52, 12:32], ids[12:52, 32:52] = 1, 2
    image = np.repeat(np.choose(ids, [250, left, right])[..., None], 3, axis=2).astype(np.uint8)
    return ids, image


def test_detail_is_the_border_between_unlike_parts() -> None:
    (line,) = detail_lines(*two_parts(60, 180))
    assert np.abs(line[:, 0] - 32).max() < 1.5
    assert length_px(line) == pytest.approx(40, abs=4)


def test_like_parts_have_no_line_between_them() -> None:
    assert detail_lines(*two_parts(100, 102)) == []


def test_nothing_has_no_lines() -> None:
    empty = np.zeros((64, 64), np.uint8)
    assert contour_lines(empty) == []
    assert detail_lines(empty, np.zeros((64, 64, 3), np.uint8)) == []
