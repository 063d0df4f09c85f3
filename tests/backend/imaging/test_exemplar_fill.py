# SPDX-License-Identifier: GPL-3.0-or-later
"""What is around a hole goes on across it, and nothing but what is known is copied."""

import numpy as np
import pytest
import torch
from torch import Tensor

from backend.imaging import harmony
from backend.imaging.exemplar_fill import copies_for
from backend.imaging.gradient_join import Copies


def disc(height: int, width: int, y: float, x: float, radius: float) -> Tensor:
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return (rows - y) ** 2 + (columns - x) ** 2 < radius**2


def done(picture: Tensor, copies: Copies) -> Tensor:
    made = picture.clone()
    made[0].flatten(1)[:, copies.places] = picture[0].flatten(1)[:, copies.sources]
    return made


def error(made: Tensor, true: Tensor, hole: Tensor) -> float:
    return float((made - true)[0][:, hole].abs().mean())


def filled(picture: Tensor, hole: Tensor, known: Tensor | None = None, seed: int = 0) -> Copies:
    spoilt = torch.where(hole, 0.37, picture)
    copies = copies_for(spoilt, hole, ~hole if known is None else known, seed=seed)
    assert copies is not None
    return copies


@pytest.fixture(scope="module")
def bricks() -> Tensor:
    """(1,3,95,127): rows of bricks, 12 pixels high and 16 wide, each shifted by half a brick."""
    y, x = np.mgrid[:95, :127]
    shifted = x + 8 * (y // 12 % 2)
    mortar = (y % 12 < 2) | (shifted % 16 < 2)
    tone = np.where(mortar, 0.85, 0.35 + 0.01 * (y % 12))
    return torch.as_tensor(np.stack([tone, tone * 0.7, tone * 0.5])).float()[None]


def test_a_pattern_goes_on(bricks: Tensor) -> None:
    hole = disc(95, 127, 47, 60, 19)
    made = done(bricks, filled(bricks, hole))
    smooth = harmony.matched(torch.full_like(bricks, 0.5), bricks, hole.float()[None, None])
    assert error(made, bricks, hole) < 0.02
    assert error(smooth, bricks, hole) > 0.1


def test_an_edge_goes_straight_across() -> None:
    y, x = np.mgrid[:101, :140]
    above = (y - 50) * 2 < (x - 70)
    picture = torch.as_tensor(np.where(above, 0.8, 0.2)).float().expand(1, 3, -1, -1).clone()
    hole = disc(101, 140, 50, 70, 16)
    made = done(picture, filled(picture, hole))
    wrong = (made - picture)[0, 0][hole].abs() > 0.3
    assert float(wrong.float().mean()) < 0.03


def test_the_same_seed_copies_the_same(bricks: Tensor) -> None:
    hole = disc(95, 127, 40, 70, 15)
    noisy = bricks + torch.rand(bricks.shape, generator=torch.Generator().manual_seed(1)) / 5
    first, again, other = (filled(noisy, hole, seed=seed).sources for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_what_is_taken_away_plays_no_part(bricks: Tensor) -> None:
    hole = disc(95, 127, 50, 50, 14)
    a, b = (copies_for(torch.where(hole, tone, bricks), hole, ~hole, seed=0) for tone in (0.0, 1.0))
    assert a is not None and b is not None
    assert torch.equal(a.sources, b.sources)


@pytest.mark.parametrize(("height", "width"), [(51, 87), (64, 64), (33, 150)])
@pytest.mark.parametrize("corner", [True, False])
def test_only_what_is_known_is_copied(height: int, width: int, corner: bool) -> None:
    picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    hole = disc(height, width, 0, 0, 20) if corner else disc(height, width, height / 2, width / 2, 11)
    clear = disc(height, width, 0, width, 25)
    known = ~hole & ~clear
    copies = filled(picture, hole & ~clear, known)
    assert copies.size == (height, width)
    assert torch.equal(copies.places, (hole & ~clear).flatten().nonzero()[:, 0])
    assert bool(known.flatten()[copies.sources].all())


def test_a_hole_larger_than_what_is_around_it_is_filled(bricks: Tensor) -> None:
    known = torch.zeros(95, 127, dtype=torch.bool)
    known[:, :14] = True
    copies = filled(bricks, ~known, known)
    assert bool(known.flatten()[copies.sources].all())


def test_without_a_whole_known_patch_there_is_nothing_to_copy() -> None:
    hole = torch.ones(40, 40, dtype=torch.bool)
    hole[:6] = False
    assert copies_for(torch.rand(1, 3, 40, 40), hole, ~hole, seed=0) is None


def test_it_tells_how_far_it_is_and_can_be_stopped(bricks: Tensor) -> None:
    hole = disc(95, 127, 47, 60, 19)
    told: list[float] = []
    copies_for(bricks, hole, ~hole, seed=0, step=told.append)
    assert told == sorted(told) and told[0] == 0 and 0.8 < told[-1] < 1
    assert len(told) >= 10

    def stop(share: float) -> None:
        if share > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copies_for(bricks, hole, ~hole, seed=0, step=stop)
