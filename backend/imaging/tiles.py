# SPDX-License-Identifier: GPL-3.0-or-later
"""Overlapping windows over a picture that is too large for one piece, and their blending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from shared.geometry import Bounds, Extent


def windows(extent: Extent, edge: int, overlap: int) -> tuple[Bounds, ...]:
    """Windows of at most edge x edge that cover the extent and overlap by at least `overlap`.

    Raises:
        ValueError: the overlap is not smaller than the edge.
    """
    if not 0 <= overlap < edge:
        raise ValueError(f"windows of {edge} cannot overlap by {overlap}")
    width, height = min(edge, extent.width), min(edge, extent.height)
    return tuple(
        Bounds(x, y, width, height)
        for y in _starts(extent.height, edge, overlap)
        for x in _starts(extent.width, edge, overlap)
    )


def least_edge(length: int, edge: int, overlap: int, multiple: int) -> int:
    """The smallest edge with which no more windows cover a length than with `edge`, the largest allowed.

    Returns:
        A multiple of `multiple`, or `edge` itself; always more than the overlap.
    """
    count = len(_starts(length, edge, overlap))
    least = -(-(length + (count - 1) * overlap) // count)
    return min(edge, -(-max(least, overlap + 1) // multiple) * multiple)


def cut(planes: Tensor, window: Bounds) -> Tensor:
    """The window of (..., height, width)."""
    return planes[..., window.y : window.bottom, window.x : window.right]


def ramp(window: Bounds, extent: Extent, overlap: int) -> Tensor:
    """Blend weights (height, width): 1 in the middle, falling towards edges shared with a neighbour."""
    across = _side(window.x, window.width, extent.width, overlap)
    down = _side(window.y, window.height, extent.height, overlap)
    return down[:, None] * across[None, :]


def blended(
    parts: Iterable[Tensor], views: Sequence[Bounds], extent: Extent, overlap: int, scale: int = 1
) -> Tensor:
    """Weighted mean of overlapping parts.

    Args:
        parts: (B,C,h,w) of each view, taken one at a time.
        views, extent, overlap: As of `windows`, in units of which a part has `scale` pixels.

    Returns:
        (B,C,H,W) of the whole; a single view comes back as it is, bit for bit.

    Source: Bar-Tal et al. 2023, MultiDiffusion, equation 5, with a ramp for the weights.
    """
    total = weights = None
    for part, view in zip(parts, views, strict=True):
        if len(views) == 1:
            return part
        if total is None or weights is None:
            shape = (extent.height * scale, extent.width * scale)
            total = part.new_zeros((*part.shape[:2], *shape))
            weights = part.new_zeros(shape)
        place = Bounds(*(scale * side for side in view))
        weight = ramp(place, Extent(extent.width * scale, extent.height * scale), overlap * scale)
        weight = weight.to(part)
        cut(total, place).add_(part * weight)
        cut(weights, place).add_(weight)
    if total is None or weights is None:
        raise ValueError("nothing to blend")
    return total / weights


def in_tiles(
    work: Callable[[Tensor], Tensor], planes: Tensor, *, edge: int, overlap: int, scale: float
) -> Tensor:
    """Apply a size-changing network tile by tile, where the picture is larger than `edge`.

    Args:
        scale: Output pixels per input pixel, also below 1. Edges must be multiples of 1 / scale.
    """
    extent = Extent(planes.shape[-1], planes.shape[-2])
    grain = max(1, round(1 / scale))
    grains = Extent(extent.width // grain, extent.height // grain)
    views = windows(grains, edge // grain, overlap // grain)
    parts = (work(cut(planes, Bounds(*(grain * side for side in view)))) for view in views)
    return blended(parts, views, grains, overlap // grain, max(1, round(scale)))


def _starts(length: int, edge: int, overlap: int) -> list[int]:
    if length <= edge:
        return [0]
    count = -(-(length - overlap) // (edge - overlap))
    return [round(i * (length - edge) / (count - 1)) for i in range(count)]


def _side(start: int, length: int, whole: int, overlap: int) -> Tensor:
    """Linear ramp over `overlap` at both ends, except where the end is the picture's."""
    place = torch.arange(length, dtype=torch.float32) + 0.5
    rise = torch.ones(length) if start == 0 else place / (overlap or 1)
    fall = torch.ones(length) if start + length == whole else (length - place) / (overlap or 1)
    return torch.minimum(rise, fall).clamp(max=1)
