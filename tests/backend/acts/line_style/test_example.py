# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from backend.acts.line_style.example import (
    Example,
    as_example,
    check_match,
    match_of,
    reduced,
    split_lines,
)
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest


def picture(side: int = 96) -> NDArray[np.uint8]:
    """Two flat areas and a disc."""
    made = np.full((side, side, 3), 200, np.uint8)
    made[:, side // 2 :] = (60, 120, 90)
    y, x = np.mgrid[:side, :side]
    made[(x - side // 3) ** 2 + (y - side // 3) ** 2 < (side // 6) ** 2] = (180, 40, 40)
    return made


def lines(side: int = 96) -> NDArray[np.uint8]:
    """The disc's outline."""
    y, x = np.mgrid[:side, :side]
    distance = np.hypot(x - side // 3, y - side // 3)
    return np.where(np.abs(distance - side // 6) < 1.2, 255, 0).astype(np.uint8)


def none(side: int = 96) -> NDArray[np.uint8]:
    return np.zeros((side, side), np.uint8)


class Edges(LineExtractor):
    """Sees every step of brightness as contour, and nothing as detail."""

    def __init__(self) -> None:
        super().__init__((16,), (1,))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        grey = pictures.mean(1, keepdim=True)
        steps = torch.zeros_like(grey)
        steps[..., 1:] = (grey[..., 1:] - grey[..., :-1]).abs()
        steps[..., 1:, :] = torch.maximum(steps[..., 1:, :], (grey[..., 1:, :] - grey[..., :-1, :]).abs())
        return torch.cat([60 * steps - 4, torch.full_like(grey, -4)], 1)


def test_a_drawing_over_a_picture_is_an_example() -> None:
    example = Example(picture(), lines(), none())
    assert np.array_equal(example.ink, lines())
    assert Example(picture(), none(), lines()).ink.any()


@pytest.mark.parametrize(
    ("what", "picture_", "contour", "detail", "word"),
    [
        ("no lines", picture(), none(), none(), "no lines"),
        ("a dot", picture(), np.pad(np.full((3, 3), 255, np.uint8), (0, 93)), none(), "no lines"),
        ("blank picture", np.full((96, 96, 3), 77, np.uint8), lines(), none(), "blank"),
        ("smaller lines", picture(), lines(90), none(90), "differ in size"),
        ("smaller detail", picture(), lines(), none(90), "differ in size"),
        ("tiny", picture(48), lines(48), none(48), "too small"),
        ("all black", picture(), np.full((96, 96), 255, np.uint8), none(), "cover"),
    ],
)
def test_what_is_no_example_is_refused_with_a_remedy(
    what: str, picture_: NDArray[np.uint8], contour: NDArray[np.uint8], detail: NDArray[np.uint8], word: str
) -> None:
    with pytest.raises(BadRequest, match=word) as caught:
        Example(picture_, contour, detail)
    assert caught.value.remedy


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_refused(bad: float) -> None:
    floats = picture().astype(np.float32) / 255
    assert np.array_equal(as_example(floats, lines(), none()).picture, picture())
    floats[3, 3, 0] = bad
    with pytest.raises(BadRequest, match="no numbers") as caught:
        as_example(floats, lines(), none())
    assert caught.value.remedy


def test_lines_that_follow_the_picture_match() -> None:
    assert check_match(Example(picture(), lines(), none()), Edges()) > 0.5


def test_a_sparse_drawing_matches_as_well() -> None:
    few = lines()
    few[:, 32:] = 0  # the left half of the disc's outline, of all that is in the picture
    assert check_match(Example(picture(), few, none()), Edges()) > 0.5


@pytest.mark.parametrize("moved", [(25, 40), (50, 10)])
def test_lines_that_lie_elsewhere_are_refused(moved: tuple[int, int]) -> None:
    with pytest.raises(BadRequest, match="do not match") as caught:
        check_match(Example(picture(), np.roll(lines(), moved, (0, 1)), none()), Edges())
    assert caught.value.remedy


def test_the_match_is_1_at_best_and_0_for_noise() -> None:
    assert match_of(lines(), lines() / 255.0) > 0.9
    noise = np.random.default_rng(0).random((96, 96))
    assert abs(match_of(lines(), noise)) < 0.15


def test_a_large_example_is_reduced_and_keeps_its_lines() -> None:
    large = Example(picture(512), lines(512), none(512))
    small = reduced(large, 128)
    assert small.picture.shape == (128, 128, 3) and small.ink.max() > 150
    assert reduced(small, 128) is small


def test_lines_on_one_layer_are_told_apart() -> None:
    class Halves(Edges):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            logits = torch.full((1, 2, *pictures.shape[-2:]), -4.0)
            logits[:, 0, :, :32] = 4
            logits[:, 1, :, 32:] = 4
            return logits

    contour, detail = split_lines(picture(), lines(), Halves())
    assert np.array_equal(contour[:, :30], lines()[:, :30]) and not contour[:, 34:].any()
    assert np.array_equal(np.maximum(contour, detail), lines())
    assert not (np.minimum(contour, detail) > 0).any()
