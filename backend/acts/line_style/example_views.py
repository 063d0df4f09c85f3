# SPDX-License-Identifier: GPL-3.0-or-later
"""The few fixed views of an example that a generator learns from: their features are computed once."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from backend.imaging.tiles import cut, windows
from shared.geometry import Bounds, Extent

MOST_WINDOWS = 6
VIEWS = 12
"""A view costs a few calls of the UNet, once: half a second each with the family that ships."""

OVERLAP_SHARE = 8
LIGHTER = 0.15
"""How far the light of all but the first view of a window is changed, up or down."""

LARGER = 1.15
"""How much larger or smaller, at most, the third and later views of a window are."""


class Drawn(Protocol):
    """A picture and the artist's lines over it, in uint8."""

    @property
    def picture(self) -> NDArray[np.uint8]: ...

    @property
    def contour(self) -> NDArray[np.uint8]: ...

    @property
    def detail(self) -> NDArray[np.uint8]: ...


class View(NamedTuple):
    """A part of the example at its own scale, so that the line keeps its width.

    Args:
        picture: (3,h,w) in [0, 1].
        ink: (2,h,w) in [0, 1].
    """

    picture: Tensor
    ink: Tensor


def views_of(example: Drawn, edge_px: int, multiple: int, most: int = MOST_WINDOWS) -> tuple[View, ...]:
    """Windows over the example, the ones with most ink first, then the same mirrored in other light.

    Where there are few windows, more follow that are a little larger or smaller.

    Args:
        edge_px: Largest side of a view.
        multiple: Sides are multiples of it.
        most: Windows.

    Raises:
        ValueError: the example is smaller than the multiple.
    """
    picture = torch.as_tensor(np.ascontiguousarray(example.picture)).permute(2, 0, 1).float() / 255
    ink = torch.as_tensor(np.stack([example.contour, example.detail])).float() / 255
    height, width = ink.shape[-2:]
    if min(height, width) < multiple:
        raise ValueError(f"an example of {width} x {height} has no view of {multiple} px")
    windows = [
        View(cut(picture, place), cut(ink, place)) for place in _places(height, width, edge_px, multiple)
    ]
    windows.sort(key=lambda view: -float(view.ink.mean()))
    chosen = [view for k, view in enumerate(windows[:most]) if k == 0 or float(view.ink.mean()) > 0]
    each = max(2, VIEWS // len(chosen))
    return tuple(_varied(view, turn, k, multiple) for turn in range(each) for k, view in enumerate(chosen))


def _places(height: int, width: int, edge_px: int, multiple: int) -> list[Bounds]:
    """Overlapping windows, all of one size."""
    rows, columns = (min(edge_px, side) // multiple * multiple for side in (height, width))
    across = windows(Extent(width, 1), columns, columns // OVERLAP_SHARE)
    down = windows(Extent(1, height), rows, rows // OVERLAP_SHARE)
    return [Bounds(at.x, under.y, columns, rows) for under in down for at in across]


def _varied(view: View, turn: int, number: int, multiple: int) -> View:
    """The view itself, then mirrored in other light, then also in other sizes."""
    if turn == 0:
        return view
    rng = np.random.default_rng([turn, number, 3])
    gain = 1 + float(rng.uniform(-LIGHTER, LIGHTER))
    both = torch.cat([(view.picture * gain).clamp(0, 1), view.ink])
    both = both.flip(-1) if turn % 2 else both
    if turn > 1:
        both = _scaled(both, float(LARGER ** rng.uniform(-1, 1)), rng, multiple)
    return View(both[:3], both[3:])


def _scaled(both: Tensor, factor: float, rng: np.random.Generator, multiple: int) -> Tensor:
    """Enlarged or reduced, then cut to a part that is no larger than before."""
    before = both.shape[-2:]
    size = [max(multiple, round(side * factor)) for side in before]
    both = interpolate(both[None], size, mode="bilinear", antialias=True)[0]
    sides = [min(side, most) // multiple * multiple for side, most in zip(size, before, strict=True)]
    top, left = (int(rng.integers(whole - side + 1)) for whole, side in zip(size, sides, strict=True))
    return both[:, top : top + sides[0], left : left + sides[1]].clamp(0, 1)
