# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples: same seed, same bytes; rasters that keep the contract; lines where the silhouette ends."""

import dataclasses

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, distance_transform_edt

from models.recipes.studio import CATEGORIES, Sample, render
from models.recipes.studio.hands import EXACT
from models.recipes.studio.subjects import SUBJECTS

OWN = tuple(SUBJECTS)


def arrays(sample: Sample) -> dict[str, np.ndarray]:
    return {k: v for k, v in vars(sample).items() if isinstance(v, np.ndarray)}


def test_a_seed_is_one_sample() -> None:
    first, again = render(3, 96), render(3, 96)
    assert dataclasses.asdict(first).keys() == dataclasses.asdict(again).keys()
    for name, raster in arrays(first).items():
        assert np.array_equal(raster, arrays(again)[name]), name
    assert (first.caption, first.category) == (again.caption, again.category)


def test_seeds_and_splits_differ() -> None:
    pictures = [
        render(seed, 64, split).image.tobytes() for seed in range(12) for split in ("train", "held_out")
    ]
    assert len(set(pictures)) == 24


@pytest.mark.parametrize("size", [64, 96, 256, 288])
def test_rasters_keep_the_contract(size: int) -> None:
    sample = render(5, size)
    shapes = {name: (raster.shape, raster.dtype) for name, raster in arrays(sample).items()}
    assert shapes == {
        "image": ((size, size, 3), np.uint8),
        "mask": ((size, size), np.uint8),
        "contour": ((size, size), np.uint8),
        "detail": ((size, size), np.uint8),
        "colours": ((size, size, 4), np.uint8),
    }
    assert set(np.unique(sample.mask)) <= {0, 255}
    undrawn = sample.colours[sample.colours[..., 3] == 0]
    assert (undrawn[:, :3] == 128).all()


@pytest.mark.parametrize("category", OWN)
def test_every_subject_can_be_painted(category: str) -> None:
    for seed in range(4):
        sample = render(seed, 128, category=category, hand=EXACT)
        assert sample.category == category
        assert category in sample.caption
        assert 0.01 < (sample.mask > 0).mean() < 0.98
        assert sample.contour.max() > 120
        assert sample.detail.max() > 120


@pytest.mark.parametrize("category", OWN)
def test_exact_contour_runs_along_the_silhouette(category: str) -> None:
    sample = render(1, 256, category=category, hand=EXACT)
    inside = sample.mask > 0
    edge_px = np.where(inside, distance_transform_edt(inside), distance_transform_edt(~inside))
    assert edge_px[sample.contour > 64].max() <= 4.0
    inner = inside[1:-1, 1:-1]
    boundary = np.zeros_like(inside)
    boundary[1:-1, 1:-1] = inner & ~(
        inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    )
    reached = binary_dilation(sample.contour > 64, iterations=2)
    assert reached[boundary].mean() > 0.97


def test_details_lie_where_the_picture_changes() -> None:
    """Detail ink sits on stronger gradients than the rest of the subject's inside."""
    ratios = []
    for seed in range(6):
        sample = render(seed, 256, category="cup", hand=EXACT)
        luma = sample.image.astype(np.float64).mean(axis=2)
        gradient = np.hypot(*np.gradient(luma))
        inside = sample.mask > 0
        ink = (sample.detail > 128) & inside
        away = inside & ~binary_dilation((sample.detail > 0) | (sample.contour > 0), iterations=3)
        ratios.append(gradient[ink].mean() / gradient[away].mean())
    assert min(ratios) > 3


def test_colour_strokes_carry_the_colour_below() -> None:
    differences = []
    for seed in range(12):
        sample = render(seed, 256)
        drawn = sample.colours[..., 3] > 0
        if drawn.any():
            gap = np.abs(sample.colours[drawn][:, :3].astype(float) - sample.image[drawn]).mean(axis=1)
            differences.append(float(np.median(gap)))
    assert len(differences) > 6
    assert np.median(differences) < 12


def test_bad_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        render(-1)
    with pytest.raises(ValueError, match="size"):
        render(0, 16)
    with pytest.raises(KeyError):
        render(0, 64, category="spoon")
    assert "spoon" not in CATEGORIES
