# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from backend.imaging import masks
from shared.geometry import Bounds


def square(side: int = 101, margin: int = 30) -> masks.Mask:
    mask = np.zeros((side, side), np.uint8)
    mask[margin : side - margin, margin : side - margin] = 255
    return mask


def test_bounds() -> None:
    mask = np.zeros((9, 7), np.uint8)
    assert masks.bounds_of(mask).is_empty
    mask[2, 3] = mask[5, 1] = 1
    assert masks.bounds_of(mask) == Bounds(1, 2, 3, 4)


def test_growing_is_about_a_disc() -> None:
    mask = np.zeros((81, 81), np.uint8)
    mask[40, 40] = 200
    grown = masks.grown(mask, 20)
    y, x = np.nonzero(grown)
    reach = np.hypot(y - 40, x - 40)
    assert grown.max() == 200
    assert reach.max() <= 23
    assert grown[40, 20] == grown[20, 40] == 200
    assert grown[40, 19] == 0
    assert masks.grown(mask, 0) is mask


def test_feathering_goes_inwards() -> None:
    mask = square()
    soft = masks.feathered(mask, 8)
    assert np.all(soft[mask == 0] == 0)
    assert np.all(soft[mask > 0] > 0)
    assert soft[50, 30:38].tolist() == pytest.approx([i / 8 for i in range(1, 9)])
    assert np.all(soft[38:63, 38:63] == 1)


def test_no_feather_keeps_the_mask_as_it_is() -> None:
    mask = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(masks.feathered(mask, 0), mask.astype(np.float32) / 255)


def test_a_thin_selection_stays_selected() -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[10] = 255
    assert np.all(masks.feathered(mask, 16)[10] > 0)


def test_the_edge_of_the_picture_is_no_border() -> None:
    assert np.all(masks.feathered(np.full((30, 20), 255, np.uint8), 9) == 1)


def test_a_part_is_the_same_as_the_part_of_the_whole() -> None:
    mask = square()
    mask[20:40, 60:] = 120
    whole = masks.alpha(mask, Bounds(0, 0, 101, 101), grow_px=5, feather_px=7)
    part = masks.alpha(mask, Bounds(22, 31, 40, 13), grow_px=5, feather_px=7)
    np.testing.assert_array_equal(part, whole[31:44, 22:62])
    assert np.all(whole[masks.grown(mask, 5) == 0] == 0)
