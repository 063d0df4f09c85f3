# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed too little to be seen stays exactly; what changed is shown."""

import torch

from backend.acts.complete.shown import MARGIN_PX, VISIBLE, Shown


def test_only_what_changed_visibly_is_shown_anew() -> None:
    shown, first = Shown(), torch.rand(1, 3, 40, 60)
    assert torch.equal(shown.next("a", first), first)
    second = first + (torch.rand(1, 3, 40, 60) - 0.5) * VISIBLE
    second[..., 10:15, 20:30] = 1 - first[..., 10:15, 20:30]
    made = shown.next("a", second)
    assert torch.allclose(made[..., 10:15, 20:30], second[..., 10:15, 20:30])
    far = torch.ones(40, 60, dtype=torch.bool)
    far[10 - MARGIN_PX : 15 + MARGIN_PX, 20 - MARGIN_PX : 30 + MARGIN_PX] = False
    assert torch.equal(made[..., far], first[..., far])
    assert (made - second).abs().max() <= VISIBLE


def test_small_changes_do_not_add_up() -> None:
    shown, picture = Shown(), torch.full((1, 3, 8, 8), 0.2)
    for _ in range(40):
        made = shown.next("a", picture)
        assert (made - picture).abs().max() <= VISIBLE + 1e-6
        picture = picture + VISIBLE / 3


def test_what_is_sharp_stays_sharp_around_a_stroke() -> None:
    shown = Shown()
    small, sharp = torch.full((1, 3, 20, 20), 0.5), torch.rand(1, 3, 50, 50)
    shown.next("a", small)
    assert torch.equal(shown.next("a", small, sharp), sharp)
    after = small.clone()
    after[..., 2:8, 2:8] = 0.9
    made = shown.next("a", after)
    assert made.shape == sharp.shape
    assert torch.equal(made[..., 30:, :], sharp[..., 30:, :])
    assert (made[..., 12, 12] - 0.9).abs().max() < 0.02
    newer = sharp + VISIBLE / 2
    assert torch.equal(shown.next("a", after, newer)[..., 30:, :], sharp[..., 30:, :])


def test_another_part_or_one_without_a_name_begins_anew() -> None:
    shown, first, second = Shown(), torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), VISIBLE / 2)
    shown.next("a", first)
    assert torch.equal(shown.next("b", second), second)
    shown.next(None, first)
    assert torch.equal(shown.next(None, second), second)
