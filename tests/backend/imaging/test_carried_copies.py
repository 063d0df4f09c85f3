# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in a reduced picture is carried to the picture itself, pixel by pixel."""

import torch

from backend.imaging.carried_copies import carried, reduced
from backend.imaging.gradient_join import Copies


def test_nothing_of_the_hole_comes_into_the_reduced_picture() -> None:
    picture = torch.full((1, 3, 11, 17), 0.25)
    hole = torch.zeros(11, 17, dtype=torch.bool)
    hole[4:8, 5:10] = True
    clear = torch.zeros_like(hole)
    clear[:2] = True
    picture[..., hole | clear] = 1.0
    small, small_hole, known = reduced(picture, hole, ~hole & ~clear, 3)
    assert small.shape[-2:] == small_hole.shape == known.shape == (4, 6)
    assert not bool((small_hole & known).any())
    assert bool(small_hole[1:3, 1:4].all()) and int(small_hole.sum()) == 6
    assert not bool(known[0].any())
    assert bool((small[0][:, known] == 0.25).all())


def test_pieces_keep_their_sharpness_and_take_the_change_of_colour() -> None:
    picture = torch.rand(1, 3, 30, 64, generator=torch.Generator().manual_seed(0))
    hole = torch.zeros(30, 64, dtype=torch.bool)
    hole[9:22, 41:54] = True
    _, small_hole, _ = reduced(picture, hole, ~hole, 2)
    places = small_hole.flatten().nonzero()[:, 0]
    copies = Copies(places, places - 16, (15, 32))
    made = carried(picture, hole, ~hole, copies, torch.full((3, len(places)), 0.125), 2)
    expected = picture.roll(32, -1)[0][:, hole] + 0.125
    torch.testing.assert_close(made, expected)


def test_one_piece_passes_into_the_other() -> None:
    picture = torch.zeros(1, 1, 24, 48)
    picture[..., 12:24] = 1.0
    hole = torch.zeros(24, 48, dtype=torch.bool)
    hole[8:16, 32:48] = True
    known = ~hole
    places = reduced(picture, hole, known, 4)[1].flatten().nonzero()[:, 0]
    sources = torch.where(places % 12 < 10, places - 8, places - 6)
    made = carried(picture, hole, known, Copies(places, sources, (6, 12)), torch.zeros(1, len(places)), 4)
    row = made.reshape(8, 16)[0]
    assert float(row[0]) == 0 and float(row[-1]) == 1
    assert bool((row.diff() >= 0).all()) and float(row.diff().max()) <= 0.25
