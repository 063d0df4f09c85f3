# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulers against answers that are known: a ruler that errs here measures nothing."""

from __future__ import annotations

import importlib.util
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, normalize

from benchmarks.held_out import whole
from benchmarks.rulers import networks as rulers
from benchmarks.shared_data import shared_data
from shared.errors import MissingWeights

PACKAGES = (rulers.PERCEPTUAL[0], rulers.FEATURES[0])
ABSENT = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
needs_rulers = pytest.mark.skipif(bool(ABSENT), reason=f"the bench extra is not installed: {ABSENT}")

PUBLISHED = (0.01177, 0.23932)
"""What the published code of stlpips-pytorch 0.0.2 says of `_pattern` against itself noisy, and rolled."""


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return rulers.planes([whole(number).sample.image for number in range(8)])


def softened(pictures: Tensor, times: int) -> Tensor:
    small = avg_pool2d(pictures, times)
    return interpolate(small, pictures.shape[-2:], mode="bilinear")


def noisy(pictures: Tensor, spread: float) -> Tensor:
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(0))
    return (pictures + spread * noise).clamp(0, 1)


def _pattern() -> Tensor:
    y, x = torch.meshgrid(torch.arange(96.0), torch.arange(128.0), indexing="ij")
    waves = [torch.sin(x / 5 + y / 9), torch.sin(x * y / 700), torch.cos(x / 3)]
    return torch.stack(waves)[None] / 2 + 0.5


@needs_rulers
def test_perceptual_says_what_the_published_code_says() -> None:
    pattern = _pattern()
    other = torch.cat([(pattern + 0.2 * _pattern().flip(-1)).clamp(0, 1), pattern.flip(-2)])
    found = rulers.perceptual(pattern.expand(2, -1, -1, -1), other)
    assert found.tolist() == pytest.approx(PUBLISHED, abs=1e-4)


@needs_rulers
def test_perceptual_is_nothing_for_the_same_and_grows_with_blur_and_noise(pictures: Tensor) -> None:
    assert (rulers.perceptual(pictures, pictures) == 0).all()
    soft = [rulers.perceptual(pictures, softened(pictures, times)) for times in (2, 4, 8, 16)]
    rough = [rulers.perceptual(pictures, noisy(pictures, spread)) for spread in (0.05, 0.1, 0.2, 0.4)]
    for steps in (soft, rough):
        assert all((more > less).all() for less, more in pairwise(steps))


@needs_rulers
def test_perceptual_forgives_a_shift_but_not_another_picture(pictures: Tensor) -> None:
    moved = rulers.perceptual(pictures[..., :-2, :-2], pictures[..., 2:, 2:])
    other = rulers.perceptual(pictures, pictures.roll(1, 0))
    assert (moved < other / 5).all()
    assert (moved < rulers.perceptual(pictures, softened(pictures, 4))).all()


@needs_rulers
def test_perceptual_takes_many_pictures_and_odd_sizes() -> None:
    one, other = torch.rand(2, 9, 3, 65, 97)
    together = rulers.perceptual(one, other)
    alone = torch.cat([rulers.perceptual(a[None], b[None]) for a, b in zip(one, other, strict=True)])
    assert together.shape == (9,)
    assert torch.allclose(together, alone, atol=1e-6)


@needs_rulers
@pytest.mark.parametrize(
    ("photo", "classes"),
    [("chelsea.png", range(281, 286)), ("parrot.jpg", (88,)), ("coffee.png", (967, 968, 504))],
)
def test_features_know_what_a_photograph_shows(photo: str, classes: tuple[int, ...]) -> None:
    """ImageNet's classes: cats, a macaw, a cup of coffee."""
    file = shared_data() / "photos" / photo
    if not file.is_file():
        pytest.skip("the photographs are not here")
    picture = rulers.planes([np.array(Image.open(file).convert("RGB"))])
    side = min(picture.shape[-2:])
    top, left = ((size - side) // 2 for size in picture.shape[-2:])
    square = picture[..., top : top + side, left : left + side]
    with torch.inference_mode():
        logits = rulers.feature_network()(rulers.as_seen(square))
    assert int(logits.argmax()) in classes


@needs_rulers
def test_identity_is_one_for_the_same_and_less_for_another(pictures: Tensor) -> None:
    same, near = rulers.identity(pictures, pictures), rulers.identity(pictures, noisy(pictures, 0.02))
    other = rulers.identity(pictures, pictures.roll(1, 0))
    assert same.tolist() == pytest.approx([1] * 8)
    assert (near < 1).all() and (near > other).all()


@needs_rulers
def test_kid_is_about_nothing_within_one_kind_and_grows_as_pictures_grow_worse() -> None:
    pictures = rulers.planes([whole(number).sample.image for number in range(48)])
    one, other = pictures[:24], pictures[24:]
    true = rulers.features(other)
    steps = [rulers.kid(rulers.features(made), true) for made in (one, noisy(one, 0.1), noisy(one, 0.3))]
    assert steps[0] < steps[1] < steps[2]
    assert abs(steps[0]) < steps[2] / 10


def test_a_ruler_that_is_not_there_says_what_to_install() -> None:
    with pytest.raises(MissingWeights) as told:
        rulers.published("no_such_ruler", "weights.pth")
    assert "no_such_ruler" in told.value.message
    assert "[bench]" in told.value.remedy


def directions(count: int, seed: int, towards: int | None = None, width: int = 32) -> Tensor:
    """Of the length that the cubic kernel is made for."""
    points = torch.randn(count, width, generator=torch.Generator().manual_seed(seed))
    if towards is not None:
        points[:, towards] += 4
    return normalize(points, dim=-1) * width**0.5


def test_two_draws_of_one_kind_are_at_no_distance() -> None:
    distances = [rulers.kid(directions(80, seed), directions(120, 1000 + seed)) for seed in range(20)]
    assert abs(np.mean(distances)) < 2 * np.std(distances) / np.sqrt(20) + 1e-4


def test_two_kinds_are_far_apart() -> None:
    same = rulers.kid(directions(80, 1, 0), directions(80, 2, 0))
    other = rulers.kid(directions(80, 1, 0), directions(80, 2, 1))
    assert other > 0.5 > abs(same)


def test_distance_of_two_points_each_by_hand() -> None:
    one, other = 2 * torch.eye(4)[:2], 2 * torch.eye(4)[2:]
    # within each set the one pair has cosine 0, as has every pair between them: 1 + 1 - 2
    assert rulers.kid(one, other) == 0
    # one set twice the same point: (1 + 1) ** 3 within, 1 between
    twice = 2 * torch.eye(4)[[3, 3]]
    assert rulers.kid(one, twice) == 1 + 8 - 2 * 1
