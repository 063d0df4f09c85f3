# SPDX-License-Identifier: GPL-3.0-or-later
"""Critics score each picture by itself, look where they are told, and are kept to a slope of 1."""

import pytest
import torch

from models.networks.critics import Critics, gradient_penalty


def tiny() -> Critics:
    torch.manual_seed(0)
    return Critics((4, 8), (4, 8), global_px=16, local_px=8)


def test_each_picture_has_its_own_score() -> None:
    critics = tiny()
    pictures, given = torch.randn(3, 3, 32, 32), torch.randn(3, 5, 32, 32)
    corners = [(0, 0), (10, 12), (24, 24)]
    together = critics.scores(pictures, given, corners)
    alone = critics.scores(pictures[1:2], given[1:2], corners[1:2])
    assert together.shape == (3,)
    assert together[1].item() == pytest.approx(alone.item(), abs=1e-5)


def test_the_near_critic_sees_its_window_alone() -> None:
    critics = tiny()
    pictures, given = torch.randn(1, 3, 32, 32), torch.zeros(1, 5, 32, 32)
    changed = pictures.clone()
    changed[..., 20:, 20:] += 1

    def near(picture: torch.Tensor, corner: tuple[int, int]) -> float:
        y, x = corner
        return critics.near(torch.cat([picture, given], 1)[..., y : y + 8, x : x + 8]).item()

    assert near(pictures, (4, 4)) == near(changed, (4, 4))
    assert near(pictures, (22, 22)) != near(changed, (22, 22))
    assert critics.scores(pictures, given, [(4, 4)]) != critics.scores(changed, given, [(4, 4)])


def test_the_penalty_is_zero_at_slope_one_alone() -> None:
    real, made = torch.randn(4, 3, 8, 8), torch.randn(4, 3, 8, 8)

    def slope(of: float):
        return lambda x: x.flatten(1).sum(1) * of / (3 * 64) ** 0.5

    assert gradient_penalty(slope(1), real, made).item() == pytest.approx(0, abs=1e-6)
    assert gradient_penalty(slope(3), real, made).item() == pytest.approx(4, abs=1e-4)


def test_the_penalty_teaches_the_critic() -> None:
    critics = tiny()
    given = torch.zeros(2, 5, 16, 16)
    penalty = gradient_penalty(
        lambda x: critics.scores(x, given, [(0, 0), (4, 4)]),
        torch.randn(2, 3, 16, 16),
        torch.randn(2, 3, 16, 16),
    )
    penalty.backward()
    assert critics.whole.conv_in.weight.grad.any()
    assert critics.near.conv_in.weight.grad.any()
