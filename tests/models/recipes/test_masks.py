# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from models.recipes.masks import FIGURE_SHARE, lesson_mask, random_mask


@pytest.mark.parametrize("seed", range(20))
def test_masks_are_two_valued_and_never_empty(seed: int) -> None:
    silhouette = np.zeros((96, 128), np.uint8)
    silhouette[30:60, 40:80] = 255
    mask = random_mask(np.random.default_rng(seed), silhouette)
    assert mask.shape == (96, 128)
    assert set(np.unique(mask)) <= {0, 255}
    assert mask.any()


def test_the_kinds_differ() -> None:
    silhouette = np.zeros((64, 64), np.uint8)
    silhouette[20:40, 20:40] = 255
    masks = {random_mask(np.random.default_rng(seed), silhouette).tobytes() for seed in range(12)}
    assert len(masks) > 6


def test_without_an_object_something_is_still_marked() -> None:
    empty = np.zeros((64, 64), np.uint8)
    assert all(random_mask(np.random.default_rng(seed), empty).any() for seed in range(20))


def test_lessons_often_repaint_the_figure_with_what_its_lines_enclose_and_leave_nothing_of_it_outside() -> (
    None
):
    silhouette, ink = np.zeros((96, 96), np.uint8), np.zeros((96, 96), np.uint8)
    silhouette[30:60, 40:80] = 255
    ink[28:62, 38] = ink[28:62, 81] = ink[28, 38:82] = ink[61, 38:82] = 255
    masks = [lesson_mask(np.random.default_rng(seed), silhouette, ink) for seed in range(200)]
    fitting = [m for m in masks if m[29:61, 39:81].all() and not m[:25].any() and not m[:, 86:].any()]
    assert FIGURE_SHARE - 0.1 < len(fitting) / 200 < FIGURE_SHARE + 0.2
    assert min(m.sum() for m in fitting) < 1.1 * 255 * 34 * 44
    assert len({m.tobytes() for m in fitting}) > 1
