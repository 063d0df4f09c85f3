# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours flow into what is missing, and stop at lines."""

import numpy as np
import pytest
import torch

from models.networks.line_fill import enclosed_areas, fill_to_lines

EVERYWHERE = torch.ones(1, 1, 64, 64)
"""All is known: no area has only its own dabs."""


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
    filled = fill_to_lines(*dabs(), ring(), EVERYWHERE)[0, 0]
    free = fill_to_lines(*dabs(), ring() * 0, EVERYWHERE)[0, 0]
    assert filled[32, 20:44].min() > 0.8
    assert filled[8, 8] < -0.4
    assert filled[32, 44] - filled[32, 52] > 3 * (free[32, 44] - free[32, 52]).abs()


def test_known_colours_stay_and_nothing_goes_beyond_them() -> None:
    colour, weight = dabs()
    filled = fill_to_lines(colour, weight, ring(), weight)
    assert torch.equal(filled[weight > 0], colour[weight > 0])
    assert filled.min() >= -1
    assert filled.max() <= 1


def test_one_colour_fills_everything() -> None:
    weight = torch.zeros(2, 1, 33, 17)
    weight[..., 2, 3] = 1
    filled = fill_to_lines(weight * 0.4, weight, torch.rand(2, 1, 33, 17), weight)
    assert filled.shape == (2, 1, 33, 17)
    assert torch.allclose(filled, torch.full_like(filled, 0.4), atol=1e-4)


def test_without_any_colour_there_is_none() -> None:
    nothing = torch.zeros(1, 1, 16, 16)
    assert not fill_to_lines(nothing.expand(1, 3, 16, 16), nothing, ring(16), nothing).any()


@pytest.mark.parametrize("dims", [-1, -2])
def test_a_mirrored_picture_is_filled_alike(dims: int) -> None:
    colour, weight = dabs()
    there = fill_to_lines(colour, weight, ring(), weight)
    back = fill_to_lines(colour.flip(dims), weight.flip(dims), ring().flip(dims), weight.flip(dims)).flip(
        dims
    )
    assert torch.allclose(there, back, atol=1e-5)


@pytest.mark.parametrize("gap", [0, 4, 9])
def test_one_dab_colours_all_that_a_line_encloses_over_its_gaps(gap: int) -> None:
    colour, weight = dabs()
    lines, known = ring(), torch.zeros(1, 1, 64, 64)
    known[..., :4, :] = 1  # a strip of the picture above, of the colour of the corner's dab
    lines[..., 32 - gap // 2 : 32 - gap // 2 + gap, 40:] = 0
    colour, weight = torch.where(known > 0, -1.0, colour), torch.maximum(weight, known)
    filled = fill_to_lines(colour, weight, lines, known)[0, 0]
    inside = filled[24:40, 22:42]
    assert inside.min() > 0.95
    assert filled[8, 8] < -0.5


def test_an_area_that_reaches_the_picture_takes_its_colours_from_there() -> None:
    colour, weight = dabs()
    known = torch.zeros(1, 1, 64, 64)
    known[..., 40:, :] = 1
    colour, weight = torch.where(known > 0, -1.0, colour), torch.maximum(weight, known)
    filled = fill_to_lines(colour, weight, ring() * 0, known)[0, 0]
    assert filled[38, 32] < -0.3 and filled[31, 34] > 0.3


def test_areas_are_where_a_ball_fits() -> None:
    walls = np.ones((20, 40), np.bool_)
    walls[4:16, 4:16] = False
    walls[4:16, 24:36] = False
    walls[9:11, 16:24] = False  # a corridor of 2 px
    wide, narrow = enclosed_areas(walls, 2), enclosed_areas(walls, 0)
    assert len(np.unique(wide)) == 3 and len(np.unique(narrow)) == 2
    assert (wide[3:17, 3:16] == wide[10, 10]).all() and wide[10, 20] == 0
    assert (enclosed_areas(walls, 9) == 0).all()
