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


def figure_before_a_wall() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A wall, a figure on it within a mask that leaves a margin, its outline, and the painting of it all: the
    wall too light to the left of the figure and too dark to the right.
    """
    y, x = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="ij")
    away = torch.hypot(y - 64, x - 64)
    figure = (away < 24)[None, None]
    picture = torch.full((1, 3, 128, 128), 0.4)
    painted = picture + 0.1 * torch.tanh((64 - x) / 8)
    painted = torch.where(figure, torch.tensor([0.7, 0.2, 0.1]).view(1, 3, 1, 1), painted)
    outline = ((away - 24).abs() < 1.5)[None, None].float()
    return painted, picture, (away < 40)[None, None].float(), outline


def test_no_ring_stays_around_a_figure_and_the_figure_stays() -> None:
    painted, picture, mask, outline = figure_before_a_wall()
    figure = (painted[:, :1] > 0.6).expand(1, 3, -1, -1)
    margin = (mask > 0.5).expand(1, 3, -1, -1) & ~figure
    with_lines, without = (matched(painted, picture, mask, lines) for lines in (outline, None))
    ring, before = ((made - picture)[margin].abs().mean() for made in (with_lines, without))
    assert ring < 0.7 * before
    changed, changed_before = ((made - painted)[figure].abs().mean() for made in (with_lines, without))
    assert changed < 0.7 * changed_before
