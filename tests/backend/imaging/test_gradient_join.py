# SPDX-License-Identifier: GPL-3.0-or-later
"""Copied pieces take on the colours of the rim, and edges spread no colour."""

import torch
from torch import Tensor

from backend.imaging.gradient_join import Copies, joined


def shifted(hole: Tensor, step: int) -> Copies:
    places = hole.flatten().nonzero()[:, 0]
    return Copies(places, places + step, (hole.shape[0], hole.shape[1]))


def filled(picture: Tensor, copies: Copies, hole: Tensor) -> Tensor:
    made = picture.clone()
    made[0].flatten(1)[:, copies.places] = joined(picture, copies, ~hole)
    return made


def test_a_piece_out_of_the_shade_is_lifted_into_the_light() -> None:
    dice = torch.Generator().manual_seed(0)
    tiled = torch.rand(1, 3, 40, 30, generator=dice).repeat(1, 1, 1, 2) * 0.3
    light = torch.linspace(0.1, 0.5, 60).expand(1, 3, 40, 60)
    picture = tiled + light
    hole = torch.zeros(40, 60, dtype=torch.bool)
    hole[12:28, 36:52] = True
    copies = shifted(hole, -30)
    copied = picture[0].flatten(1)[:, copies.sources]
    true = picture[0][:, hole]
    made = joined(picture, copies, ~hole)
    assert float((copied - true).abs().mean()) > 0.15
    assert float((made - true).abs().mean()) < 0.02


def test_a_true_copy_stays_as_it_is() -> None:
    tiled = torch.rand(1, 3, 40, 30, generator=torch.Generator().manual_seed(1)).repeat(1, 1, 1, 2)
    hole = torch.zeros(40, 60, dtype=torch.bool)
    hole[0:17, 45:60] = True
    made = filled(tiled, shifted(hole, -30), hole)
    torch.testing.assert_close(made, tiled, rtol=0, atol=2e-3)


def test_a_thing_that_ends_at_the_rim_spreads_no_colour() -> None:
    picture = torch.full((1, 3, 40, 60), 0.4)
    picture[..., 14:20, 46:] = 1.0
    hole = torch.zeros(40, 60, dtype=torch.bool)
    hole[8:30, 30:46] = True
    made = filled(picture, shifted(hole, -22), hole)
    assert float((made[0][:, hole] - 0.4).abs().max()) < 0.05


def test_what_is_copied_from_beside_the_hole_keeps_its_edges() -> None:
    stripes = (torch.arange(60) % 8 < 4).float().expand(1, 3, 40, 60) * 0.6 + 0.2
    hole = torch.zeros(40, 60, dtype=torch.bool)
    hole[10:30, 24:32] = True
    made = filled(torch.where(hole, 0.0, stripes), shifted(hole, -8), hole)
    torch.testing.assert_close(made, stripes, rtol=0, atol=2e-3)
