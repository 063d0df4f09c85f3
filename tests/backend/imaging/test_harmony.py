# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import torch

from backend.imaging.harmony import matched


def scene(width: int = 131, height: int = 97) -> tuple[torch.Tensor, torch.Tensor]:
    picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.25
    mask = torch.zeros(1, 1, height, width)
    mask[..., 30:60, 40:90] = 1
    return picture, mask


def test_a_constant_shift_is_undone_inside_as_well() -> None:
    picture, mask = scene()
    shift = torch.tensor([0.05, -0.04, 0.02]).view(1, 3, 1, 1)
    torch.testing.assert_close(matched(picture + shift, picture, mask), picture, atol=1e-5, rtol=0)


def test_a_perfect_painting_is_left_alone() -> None:
    picture, mask = scene()
    torch.testing.assert_close(matched(picture, picture, mask), picture)


def test_nothing_known_nothing_done() -> None:
    picture, mask = scene()
    assert matched(picture, torch.zeros_like(picture), torch.ones_like(mask)) is picture


def test_a_gross_error_is_no_witness() -> None:
    picture, mask = scene()
    painted = picture.clone()
    painted[..., 0:20, 0:20] = 0
    inside = matched(painted, picture, mask)[..., 30:60, 40:90]
    torch.testing.assert_close(inside, picture[..., 30:60, 40:90], atol=0.02, rtol=0)


def test_the_correction_follows_a_slope() -> None:
    picture, mask = scene()
    slope = torch.linspace(-0.08, 0.08, 131).view(1, 1, 1, 131)
    left = (matched(picture + slope, picture, mask) - picture)[..., 30:60, 40:90].abs()
    assert left.mean() < 0.02


def test_there_is_no_step_at_the_border_however_the_error_changes_along_it() -> None:
    picture, mask = scene()
    across = 0.2 * torch.sin(torch.arange(131) / 9).view(1, 1, 1, 131)
    down = torch.cos(torch.arange(97) / 7).view(1, 1, 97, 1)
    error = (across * down).expand(1, 3, 97, 131)
    left = (matched(picture + error, picture, mask) - picture).abs()
    ring = torch.cat([left[..., 30, 40:90], left[..., 59, 40:90]], -1)
    assert ring.mean() < 0.25 * error[..., [30, 59], 40:90].abs().mean()


def test_an_odd_picture_with_a_mask_to_its_edge() -> None:
    picture, _ = scene(width=1, height=7)
    mask = torch.zeros(1, 1, 7, 1)
    mask[..., 3:, :] = 1
    torch.testing.assert_close(matched(picture + 0.1, picture, mask), picture, atol=1e-5, rtol=0)
