# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""The network's answer, computed anew only around what a stroke has changed of its input."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import torch
from torch import Tensor

from backend.imaging import tiles
from shared.geometry import Bounds

UNSEEN = 0.02
"""An input that changed less than this, of [-1, 1], counts as the same."""

REACH_PX, FADE_PX = 40, 16
"""So far around a change the answer changes with it, and over so much of that it passes into the old one."""

WORTH_IT = 0.6
"""A larger share of the picture is not cut out: all of it is computed."""


class LocalPass:
    """
    Args:
        run: (1,C,h,w) to (1,3,h,w), for every multiple of so many pixels.
        multiple: that number.
    """

    def __init__(self, run: Callable[[Tensor], Tensor], multiple: int) -> None:
        self._run, self._multiple = run, multiple
        self._of: Hashable | None = None
        self._given = self._made = torch.zeros(1, 3, 0, 0)

    def __call__(self, given: Tensor, of: Hashable | None) -> Tensor:
        """
        Args:
            given: (1,C,h,w), a multiple high and wide.
            of: What it is a picture of; another, or None, is computed whole.
        """
        whole = Bounds(0, 0, given.shape[-1], given.shape[-2])
        if of is None or of != self._of or given.shape != self._given.shape:
            changed = whole
        else:
            changed = _bounds((given - self._given).abs().amax((0, 1)) > UNSEEN)
            if changed.is_empty:
                return self._made
        self._of = of
        around = self._window(changed, whole)
        if around.extent.area > WORTH_IT * whole.extent.area:
            self._given, self._made = given, self._run(given)
            return self._made
        share = tiles.ramp(around, whole.extent, FADE_PX)
        here = slice(around.y, around.bottom), slice(around.x, around.right)
        made, before = self._run(tiles.cut(given, around)), tiles.cut(self._made, around)
        self._given, self._made = self._given.clone(), self._made.clone()
        self._given[(..., *here)] = tiles.cut(given, around)
        self._made[(..., *here)] = torch.lerp(before, made, share)
        return self._made

    def _window(self, changed: Bounds, whole: Bounds) -> Bounds:
        """As far around as it reaches, in whole cells of the network."""
        near, cell = changed.grown(REACH_PX).intersect(whole), self._multiple
        left, top = near.x // cell * cell, near.y // cell * cell
        right, bottom = -(-near.right // cell) * cell, -(-near.bottom // cell) * cell
        return Bounds(left, top, right - left, bottom - top)


def _bounds(marked: Tensor) -> Bounds:
    """Of what is marked in (h,w)."""
    rows, columns = (marked.any(axis).nonzero()[:, 0] for axis in (1, 0))
    if not len(rows):
        return Bounds(0, 0, 0, 0)
    left, top = int(columns[0]), int(rows[0])
    return Bounds(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)
