# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import torch

from backend.imaging import resize


def test_a_thin_line_survives_and_a_thick_one_does_not_swell() -> None:
    ink = torch.zeros(1, 1, 512, 512)
    ink[..., 100, :] = 1
    ink[..., 300:332, :] = 1
    small = resize.lines_resized(ink, (64, 64))
    assert small[..., 12, :].min() > 0.6
    assert (small[0, 0, 30:50, 5] > 0.5).sum() in (4, 5)
    blocks = resize.block_lines(ink[0].permute(1, 2, 0).numpy(), 8)
    assert blocks[12].min() > 0.6


def test_sizes_that_do_not_divide_repeat_the_edge() -> None:
    planes = np.ones((387, 513, 2), np.float32)
    for reduce in (resize.block_mean, resize.block_lines, resize.block_max):
        small = reduce(planes, 4)
        assert small.shape == (97, 129, 2)
        assert np.all(small == 1)


def test_mask_loses_nothing() -> None:
    mask = torch.zeros(1, 1, 513, 387)
    mask[..., 512, 386] = 1
    assert resize.mask_resized(mask, (33, 20)).sum() == 1
    grid = resize.mask_on_grid(mask[..., :512, :384], 8)
    assert grid.sum() == 0
    mask[..., 9, 9] = 1
    grid = resize.mask_on_grid(mask[..., :512, :384], 8)
    assert grid[..., 8:16, 8:16].sum() == 64 == grid.sum()


def test_flat_colour_stays_flat() -> None:
    flat = torch.full((1, 3, 50, 70), 0.3)
    for size in ((20, 30), (100, 140), (64, 64)):
        torch.testing.assert_close(resize.picture_resized(flat, size), torch.full((1, 3, *size), 0.3))
    assert resize.picture_resized(flat, (50, 70)) is flat


def test_colour_strokes_take_nothing_from_beside_them() -> None:
    strokes = torch.full((1, 4, 40, 40), 0.5)
    strokes[:, 3] = 0
    strokes[:, :, 9:25, 9:25] = torch.tensor([0.9, 0.1, 0.2, 1]).view(1, 4, 1, 1)
    for size in ((15, 15), (64, 64), (40, 40)):
        made = resize.strokes_resized(strokes, size)
        drawn = made[:, 3] > 1e-3
        assert 0 < drawn.float().mean() < 1
        inked = made[0, :3, drawn[0]]
        assert (inked - torch.tensor([0.9, 0.1, 0.2]).view(3, 1)).abs().max() < 2e-3
        assert (made[0, :3, made[0, 3] == 0] == 0.5).all()


def test_padding_mirrors() -> None:
    planes = torch.arange(30.0).view(1, 1, 5, 6)
    wide = resize.padded(planes, 8, 0)
    assert wide.shape[-2:] == (8, 8)
    assert torch.equal(wide[..., :5, :6], planes)
    assert torch.equal(wide[..., 5, :6], planes[..., 3, :])
    assert resize.padded(planes[..., :1, :1], 32, 64).shape[-2:] == (64, 64)
    assert resize.padded(wide, 8, 0) is wide
