# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from models.recipes.masks import random_mask


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
