# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours flow into what is missing, and stop at lines."""

import pytest
import torch

from models.networks.line_fill import fill_to_lines


def ring(size: int = 64) -> torch.Tensor:
    """A closed line around the middle, (1,1,size,size)."""
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    away = torch.hypot(rows - size / 2 + 0.5, columns - size / 2 + 0.5)
    return ((away - size / 4).abs() < 0.8).float()[None, None]


def dabs(size: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """One dab of -1 in a corner and one of 1 in the middle; their weight."""
    weight = torch.zeros(1, 1, size, size)
    weight[..., :4, :4] = 1
    weight[..., 30:33, 30:33] = 1
    colour = torch.where(torch.arange(size) < 16, -1.0, 1.0) * weight
    return colour, weight


def test_a_closed_line_parts_two_colours() -> None:
    filled = fill_to_lines(*dabs(), ring())[0, 0]
    free = fill_to_lines(*dabs(), ring() * 0)[0, 0]
    assert filled[32, 20:44].min() > 0.8
    assert filled[8, 8] < -0.4
    assert filled[32, 44] - filled[32, 52] > 3 * (free[32, 44] - free[32, 52]).abs()


def test_known_colours_stay_and_nothing_goes_beyond_them() -> None:
    colour, weight = dabs()
    filled = fill_to_lines(colour, weight, ring())
    assert torch.equal(filled[weight > 0], colour[weight > 0])
    assert filled.min() >= -1
    assert filled.max() <= 1


def test_one_colour_fills_everything() -> None:
    weight = torch.zeros(2, 1, 33, 17)
    weight[..., 2, 3] = 1
    filled = fill_to_lines(weight * 0.4, weight, torch.rand(2, 1, 33, 17))
    assert filled.shape == (2, 1, 33, 17)
    assert torch.allclose(filled, torch.full_like(filled, 0.4), atol=1e-4)


def test_without_any_colour_there_is_none() -> None:
    nothing = torch.zeros(1, 1, 16, 16)
    assert not fill_to_lines(nothing.expand(1, 3, 16, 16), nothing, ring(16)).any()


@pytest.mark.parametrize("dims", [-1, -2])
def test_a_mirrored_picture_is_filled_alike(dims: int) -> None:
    colour, weight = dabs()
    there = fill_to_lines(colour, weight, ring())
    back = fill_to_lines(colour.flip(dims), weight.flip(dims), ring().flip(dims)).flip(dims)
    assert torch.allclose(there, back, atol=1e-5)
