# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import spsolve
from torch import Tensor

from backend.imaging.colour_strokes import _conjugate_gradient, _Grid, obeyed

RED = torch.tensor([0.8, 0.2, 0.1])


def scene(height: int = 96, width: int = 128, tone: float = 0.5) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A flat grey picture with nothing drawn: picture, colour, lines, mask."""
    picture = torch.full((1, 3, height, width), tone)
    return (
        picture,
        torch.zeros(1, 4, height, width),
        torch.zeros(1, 1, height, width),
        torch.ones(1, 1, height, width),
    )


def dab(colour: Tensor, top: int, left: int, edge: int = 10) -> None:
    colour[0, :3, top : top + edge, left : left + edge] = RED[:, None, None]
    colour[0, 3, top : top + edge, left : left + edge] = 1


def test_without_strokes_nothing_changes() -> None:
    picture, colour, lines, mask = scene()
    assert obeyed(picture, colour, lines, mask) is picture
    dab(colour, 20, 20)
    assert obeyed(picture, colour, lines, mask, strength=0) is picture
    assert obeyed(picture, colour, lines, torch.zeros_like(mask)) is picture


def test_a_dab_colours_its_surface_and_no_other() -> None:
    picture, colour, lines, mask = scene()
    lines[..., 63:65] = 1
    dab(colour, 43, 25)
    made = obeyed(picture, colour, lines, mask)
    assert (made[0, :, 48, 30] - RED).abs().max() < 0.08
    assert (made[0, :, 48, 50] - RED).abs().max() < 0.3, "near it, on the same side of the line"
    assert (made[0, :, :, 70:] - 0.5).abs().max() < 0.02, "nothing passes the line"


def test_an_edge_of_the_painting_holds_too() -> None:
    picture, colour, lines, mask = scene()
    picture[..., 64:] = 0.9
    dab(colour, 43, 25)
    made = obeyed(picture, colour, lines, mask)
    assert (made[0, :, 48, 55] - RED).abs().max() < 0.3
    assert (made[..., 72:] - 0.9).abs().max() < 0.03


def test_texture_under_a_stroke_stays() -> None:
    picture, colour, lines, mask = scene()
    grain = 0.03 * torch.randn(picture.shape[-2:], generator=torch.Generator().manual_seed(1))
    picture += grain
    dab(colour, 30, 40, edge=30)
    made = obeyed(picture, colour, lines, mask)
    inside = made[0, :, 32:58, 42:68]
    assert (inside.mean((-2, -1)) - RED).abs().max() < 0.01
    kept = np.corrcoef(inside[0].flatten(), grain[32:58, 42:68].flatten())[0, 1]
    assert kept > 0.9


def test_known_pixels_hold_the_border() -> None:
    picture, colour, lines, mask = scene()
    mask[..., :60] = 0
    dab(colour, 43, 70)
    made = obeyed(picture, colour, lines, mask)
    assert (made[0, :, 48, 75] - RED).abs().max() < 0.08
    assert (made[..., 58] - 0.5).abs().max() < 0.03, "so that no seam shows"


def test_half_the_strength_goes_half_the_way() -> None:
    picture, colour, lines, mask = scene(51, 37)
    dab(colour, 20, 10)
    full, half = (obeyed(picture, colour, lines, mask, strength) for strength in (1.0, 0.5))
    assert torch.allclose(half - picture, (full - picture) / 2, atol=1e-6)
    assert torch.equal(obeyed(picture, colour, lines, mask, 2.0), full)
    assert torch.equal(obeyed(picture, colour, lines, mask), full), "the same every time"


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (600, 3)])
def test_sizes_at_the_edge(size: tuple[int, int]) -> None:
    picture, colour, lines, mask = scene(*size)
    colour[0, :, 0, 0] = torch.tensor([*RED, 1.0])
    made = obeyed(picture, colour, lines, mask)
    assert made.shape == picture.shape and bool(torch.isfinite(made).all())


def test_the_solution_is_that_of_a_direct_solver() -> None:
    """scipy.sparse.linalg.spsolve on the same equations, to 1e-4."""
    height, width, fade = 12, 15, 0.02
    random = torch.Generator().manual_seed(3)
    demanded = torch.rand(1, 1, height, width, generator=random)
    across, down = (torch.rand(1, 1, height - n, width - 1 + n, generator=random) + 0.1 for n in (0, 1))
    wanted = torch.rand(1, 3, height, width, generator=random)
    number = np.arange(height * width).reshape(height, width)
    ways = [(number[:, :-1], number[:, 1:], across), (number[:-1], number[1:], down)]
    one, other, weight = (np.concatenate([np.asarray(way[n]).ravel() for way in ways]) for n in range(3))
    between = coo_matrix((weight, (one, other)), shape=(number.size,) * 2)
    between = between + between.T
    total = np.asarray(between.sum(1)).ravel() + demanded.numpy().ravel() + fade
    direct = spsolve((diags(total) - between).tocsc(), wanted[0].reshape(3, -1).T.numpy())
    found = _conjugate_gradient(_Grid(demanded, across, down, fade), wanted, torch.zeros_like(wanted))
    assert np.allclose(found[0].reshape(3, -1).T.numpy(), direct, atol=1e-4)
