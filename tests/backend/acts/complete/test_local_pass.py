# SPDX-License-Identifier: GPL-3.0-or-later
"""Around a change the answer is that of the whole picture; elsewhere it is the one before."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from backend.acts.complete.local_pass import FADE_PX, REACH_PX, LocalPass

CELL = 8


class Blur:
    """Sees 4 pixels around each, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, planes: Tensor) -> Tensor:
        self.asked.append(tuple(planes.shape[-2:]))
        assert all(side % CELL == 0 for side in planes.shape[-2:])
        return avg_pool2d(planes[:, :3], 9, 1, 4, count_include_pad=False)


def picture() -> Tensor:
    return torch.rand(1, 9, 240, 320, generator=torch.Generator().manual_seed(0))


def drawn_on(before: Tensor, x: int, y: int, change: float = 0.5) -> Tensor:
    after = before.clone()
    after[:, 3, y : y + 6, x : x + 9] += change
    after[:, 0, y : y + 6, x : x + 9] += change
    return after


def test_only_what_is_near_a_stroke_is_computed() -> None:
    blur = Blur()
    local = LocalPass(blur, CELL)
    before = picture()
    local(before, "a")
    for x, y in ((150, 100), (0, 0), (311, 234)):
        before = drawn_on(before, x, y)
        away = (local(before, "a") - Blur()(before)).abs()
        near = REACH_PX - FADE_PX
        assert away[..., max(0, y - near) : y + near, max(0, x - near) : x + near].max() < 1e-6
        assert away.max() < 0.1, "where the part that is computed ends, it sees no further"
    most = 9 + 2 * REACH_PX + 2 * CELL
    assert blur.asked[0] == (240, 320)
    assert all(max(size) <= most for size in blur.asked[1:])
    assert REACH_PX > FADE_PX + 4


def test_what_stayed_is_not_computed_and_what_is_new_is_computed_whole() -> None:
    blur = Blur()
    local = LocalPass(blur, CELL)
    first = picture()
    kept = local(first, "a")
    assert local(first.clone(), "a") is kept and len(blur.asked) == 1
    assert local(drawn_on(first, 50, 50, 0.01), "a") is kept, "too little to be seen"
    for given, of in (
        (first, "b"),
        (first, None),
        (first, None),
        (first[..., :160], None),
        (1 - first, None),
    ):
        assert torch.equal(local(given, of), Blur()(given))
        assert blur.asked[-1] == tuple(given.shape[-2:])
    local(first, "c")
    local(1 - first, "c")
    assert blur.asked[-2:] == [(240, 320)] * 2, "where nearly all changed all is computed"


def test_small_changes_add_up() -> None:
    blur = Blur()
    local = LocalPass(blur, CELL)
    planes = picture()
    made = local(planes, "a")
    for _ in range(10):
        planes = drawn_on(planes, 100, 100, 0.015)
        made = local(planes, "a")
    away = (made - Blur()(planes)).abs()[..., 80:120, 80:120]
    assert away.max() < 0.02
