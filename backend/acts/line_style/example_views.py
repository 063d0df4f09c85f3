# SPDX-License-Identifier: GPL-3.0-or-later
"""The few fixed views of an example that a generator learns from: their features are computed once."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.imaging.tiles import cut, windows
from shared.geometry import Bounds, Extent

MOST_WINDOWS = 6
OVERLAP_SHARE = 8
LIGHTER = 0.15
"""How far the light of mirrored views is changed, up or down."""


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
    """Windows over the example, the ones with most ink first, and each mirrored in other light.

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
    views = [
        View(cut(picture, place), cut(ink, place)) for place in _places(height, width, edge_px, multiple)
    ]
    views.sort(key=lambda view: -float(view.ink.mean()))
    chosen = [view for k, view in enumerate(views[:most]) if k == 0 or float(view.ink.mean()) > 0]
    return (*chosen, *(_mirrored(view, k) for k, view in enumerate(chosen)))


def _places(height: int, width: int, edge_px: int, multiple: int) -> list[Bounds]:
    """Overlapping windows, all of one size."""
    rows, columns = (min(edge_px, side) // multiple * multiple for side in (height, width))
    across = windows(Extent(width, 1), columns, columns // OVERLAP_SHARE)
    down = windows(Extent(1, height), rows, rows // OVERLAP_SHARE)
    return [Bounds(at.x, under.y, columns, rows) for under in down for at in across]


def _mirrored(view: View, seed: int) -> View:
    gain = 1 + float(np.random.default_rng([seed, 3]).uniform(-LIGHTER, LIGHTER))
    return View((view.picture.flip(-1) * gain).clamp(0, 1), view.ink.flip(-1))
