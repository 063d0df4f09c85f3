# SPDX-License-Identifier: GPL-3.0-or-later
"""The search finds patches that look alike."""

import pytest
import torch
from torch import Tensor

from backend.imaging.patch_match import NEARNESS, Descriptors, Field, exhaustive, improved, patches_at

RADIUS = 3
HEIGHT, WIDTH = 48, 60


@pytest.fixture(scope="module")
def planes() -> Tensor:
    """(3,H,W): smooth noise."""
    noise = torch.rand(1, 3, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(5))
    return torch.nn.functional.avg_pool2d(noise, 9, 1, 4)[0]


@pytest.fixture(scope="module")
def inner() -> Tensor:
    """(H * W,) bool: whole patches lie in the picture."""
    marked = torch.zeros(HEIGHT, WIDTH, dtype=torch.bool)
    marked[RADIUS:-RADIUS, RADIUS:-RADIUS] = True
    return marked.flatten()


def test_components_tell_patches_apart_as_their_pixels_do(planes: Tensor, inner: Tensor) -> None:
    sources = inner.nonzero()[:, 0]
    table = Descriptors(planes, sources, RADIUS, torch.Generator().manual_seed(0))(planes)
    one, other = sources[::7], sources.flip(0)[::7]
    exact = (patches_at(planes, one, RADIUS) - patches_at(planes, other, RADIUS)).square().sum(1)
    moved = torch.stack([one // WIDTH - other // WIDTH, one % WIDTH - other % WIDTH]) / WIDTH
    far = NEARNESS**2 * moved.square().sum(0)
    share = ((table[one] - table[other]).square().sum(1) - far) / exact
    assert float(share[exact > 0.1].min()) > 0.7
    assert float(share[exact > 0.1].max()) < 1.01


def test_every_pair_is_compared(planes: Tensor, inner: Tensor) -> None:
    sources = inner.nonzero()[:, 0]
    table = Descriptors(planes, sources, RADIUS, torch.Generator().manual_seed(0))(planes)
    places, others = sources[:50], sources[200:]
    found = exhaustive(table[places], table, places, others)
    apart = (table[places][:, None] - table[others]).square().sum(-1)
    torch.testing.assert_close(found.errors, apart.amin(1), rtol=1e-3, atol=1e-4)


def test_random_steps_and_neighbours_find_nearly_the_best(planes: Tensor, inner: Tensor) -> None:
    dice = torch.Generator().manual_seed(0)
    row = torch.arange(HEIGHT * WIDTH) // WIDTH
    places, is_source = (inner & (row < 20)).nonzero()[:, 0], inner & (row >= 27)
    sources = is_source.nonzero()[:, 0]
    table = Descriptors(planes, sources, RADIUS, dice)(planes)
    best = exhaustive(table[places], table, places, sources).errors
    start = sources[torch.randint(len(sources), (len(places),), generator=dice)]
    field = Field(places, start, torch.zeros(len(places)))
    found = improved(field, table[places], table, is_source, width=WIDTH, dice=dice, sweeps=6)
    by_chance = (table[places] - table[start]).square().sum(1)
    assert bool(is_source[found.matches].all())
    assert float(found.errors.mean()) < 1.2 * float(best.mean())
    assert float(by_chance.mean()) > 2 * float(best.mean())
