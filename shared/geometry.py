# SPDX-License-Identifier: GPL-3.0-or-later
"""Rectangles in canvas pixels: (x, y, width, height), y down, x and y may be negative."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from .fields import FAR, Range

MAX_EDGE = 16384
"""No canvas is wider or higher."""

Edge = Annotated[int, Range(1, MAX_EDGE)]
Place = Annotated[int, Range(-FAR, FAR)]


class Extent(NamedTuple):
    width: Edge
    height: Edge

    @property
    def area(self) -> int:
        return self.width * self.height


class Bounds(NamedTuple):
    x: Place
    y: Place
    width: Edge
    height: Edge

    @classmethod
    def of(cls, extent: Extent) -> Bounds:
        return cls(0, 0, extent.width, extent.height)

    @property
    def extent(self) -> Extent:
        return Extent(self.width, self.height)

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    def intersect(self, other: Bounds) -> Bounds:
        """The common rectangle; width and height are 0 where there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Bounds(x, y, max(0, right - x), max(0, bottom - y))

    def union(self, other: Bounds) -> Bounds:
        if self.is_empty:
            return other
        if other.is_empty:
            return self
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Bounds(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def grown(self, pixels: int) -> Bounds:
        return Bounds(self.x - pixels, self.y - pixels, self.width + 2 * pixels, self.height + 2 * pixels)

    def shifted(self, dx: int, dy: int) -> Bounds:
        return Bounds(self.x + dx, self.y + dy, self.width, self.height)

    def contains(self, other: Bounds) -> bool:
        return self.intersect(other) == other

    def tiles(self, edge: int) -> Iterator[Bounds]:
        """Cut into tiles of at most edge x edge, row by row from the top left."""
        for y in range(self.y, self.bottom, edge):
            for x in range(self.x, self.right, edge):
                yield Bounds(x, y, min(edge, self.right - x), min(edge, self.bottom - y))
