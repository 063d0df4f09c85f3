# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions are as large, as turned and as frequent as they are said to be."""

import numpy as np
import pytest

from models.recipes.completion_masks import (
    FIRST_AREA,
    LAST_AREA,
    SHARES,
    completion_mask,
    draw_kind,
)

BLANK = np.zeros((64, 64), np.uint8)


def areas(kind, progress: float, count: int = 120) -> np.ndarray:
    rng = np.random.default_rng(4)
    return np.array([(completion_mask(rng, kind, BLANK, progress) > 0).mean() for _ in range(count)])


def test_rectangles_grow_with_the_training() -> None:
    early, late = areas("rectangle", 0.0), areas("rectangle", 1.0)
    assert early.max() <= FIRST_AREA * 1.15
    assert late.max() <= LAST_AREA * 1.05
    assert late.mean() > 2 * early.mean()


def test_rectangles_stand_at_every_angle() -> None:
    rng = np.random.default_rng(5)
    angles = []
    for _ in range(80):
        rows, columns = np.nonzero(completion_mask(rng, "rectangle", np.zeros((128, 128), np.uint8), 0.5))
        spread = np.cov(rows, columns)
        angles.append(0.5 * np.arctan2(2 * spread[0, 1], spread[1, 1] - spread[0, 0]))
    assert np.histogram(angles, 4, (-np.pi / 2, np.pi / 2))[0].min() > 5


def test_free_hand_regions_are_no_rectangles() -> None:
    rng = np.random.default_rng(6)
    filled = []
    for _ in range(40):
        rows, columns = np.nonzero(completion_mask(rng, "free", BLANK, 1.0))
        filled.append(len(rows) / ((np.ptp(rows) + 1) * (np.ptp(columns) + 1)))
    assert np.mean(filled) < 0.75


def test_an_object_is_covered_with_its_rim() -> None:
    thing = BLANK.copy()
    thing[20:40, 25:45] = 255
    mask = completion_mask(np.random.default_rng(0), "object", thing, 0.0)
    assert mask[thing > 0].all()
    assert (mask > 0).sum() > (thing > 0).sum()
    assert (completion_mask(np.random.default_rng(0), "object", BLANK, 0.0) > 0).any()


def test_the_whole_is_the_whole() -> None:
    assert (completion_mask(np.random.default_rng(0), "whole", BLANK, 0.0) == 255).all()


@pytest.mark.parametrize("kind", ["rectangle", "free", "object", "whole"])
def test_masks_are_never_empty_and_have_two_values(kind) -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        mask = completion_mask(rng, kind, BLANK, 0.0)
        assert mask.any()
        assert set(np.unique(mask)) <= {0, 255}


def test_kinds_come_as_often_as_they_should() -> None:
    rng = np.random.default_rng(2)
    drawn = [draw_kind(rng) for _ in range(1500)]
    for kind, share in SHARES.items():
        assert drawn.count(kind) / 1500 == pytest.approx(share, abs=0.05)
    assert {draw_kind(rng, {"whole": 1.0}) for _ in range(5)} == {"whole"}
