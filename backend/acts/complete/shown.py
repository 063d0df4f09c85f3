# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""The preview that the artist sees, of which a stroke changes only a part.

A network answers a little differently everywhere, though a stroke counts only near itself. What changed less
than an eye sees stays as it was, so it need not travel nor be written again; and what a pause has sharpened
stays sharp around the next stroke.
"""

from __future__ import annotations

from collections.abc import Hashable

import torch
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from backend.imaging import resize

VISIBLE = 2.5 / 255
"""Around a stroke a trained network changes by 1 or 2 of 255, far from it."""

MARGIN_PX = 2
"""Around what changed."""


class Shown:
    """The last preview."""

    def __init__(self) -> None:
        self._of: Hashable | None = None
        self._small = self._picture = torch.zeros(1, 3, 0, 0)

    def next(self, of: Hashable | None, small: Tensor, sharp: Tensor | None = None) -> Tensor:
        """Take in an answer.

        Args:
            of: What part of which size it is; another, or None, begins anew.
            small: (1,3,h,w) in [0, 1].
            sharp: (1,3,H,W), the same request's sharper answer.

        Returns:
            (1,3,H,W) to be shown; of the small size until there was a sharper one.
        """
        if of is None or of != self._of:
            self._of, self._small, self._picture = of, small, small if sharp is None else sharp
            return self._picture
        changed = _visible(small, self._small)
        self._small = torch.where(changed, small, self._small)
        size = (self._picture.shape[-2], self._picture.shape[-1])
        if sharp is not None:
            before = resize.picture_resized(self._picture, (sharp.shape[-2], sharp.shape[-1]))
            self._picture = torch.where(_visible(sharp, before), sharp, before)
        elif bool(changed.any()):
            near = max_pool2d(changed.float(), 2 * MARGIN_PX + 1, 1, MARGIN_PX)
            near = interpolate(near, size, mode="bilinear", align_corners=False)
            self._picture = torch.lerp(self._picture, resize.picture_resized(small, size), near)
        return self._picture


def _visible(new: Tensor, old: Tensor) -> Tensor:
    """(1,1,h,w) where an eye would see the difference."""
    return (new - old).abs().amax(1, keepdim=True) > VISIBLE
