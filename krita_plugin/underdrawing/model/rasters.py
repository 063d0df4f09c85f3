# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written onto a layer of ours, as pixels of any band of it: to compare with, and to move."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from ..wire import geometry, messages, pixels
from .canvas import Band, Canvas
from .ink_layers import BAND_PIXELS, Pen


@dataclass(frozen=True)
class Raster:
    """
    Args:
        bounds: Where it lies on the canvas; the layer is clear around it.
        data: A byte of ink for each pixel, or bgra_u8 where there is no pen. Empty for nothing at all.
        format: Of the layer.
        pen: How ink becomes pixels.
    """

    bounds: geometry.Bounds
    data: bytes
    format: messages.PixelFormat
    pen: Pen | None = None

    def pixels(self, band: geometry.Bounds) -> bytes:
        """The layer's bytes in a band, wherever that lies."""
        size = pixels.BYTES_PER_PIXEL[self.format]
        inside = self.bounds.intersect(band)
        rows = self._rows(inside)
        if rows.count(0) == len(rows):
            return bytes(band.extent.area * size)
        drawn = self.pen.pixels(rows) if self.pen is not None else _deepened(rows, size)
        if inside == band:
            return drawn
        whole, stride = bytearray(band.extent.area * size), inside.width * size
        for row in range(inside.height):
            at = ((inside.y - band.y + row) * band.width + inside.x - band.x) * size
            whole[at : at + stride] = drawn[row * stride : (row + 1) * stride]
        return bytes(whole)

    def _rows(self, inside: geometry.Bounds) -> bytes:
        if inside.is_empty or not self.data:
            return b""
        size, width = (4 if self.pen is None else 1), self.bounds.width
        start = (inside.y - self.bounds.y) * width + inside.x - self.bounds.x
        if inside.width == width:
            return self.data[start * size : (start + inside.extent.area) * size]
        starts = range(start, start + inside.height * width, width)
        return b"".join([self.data[at * size : (at + inside.width) * size] for at in starts])


def _deepened(bgra: bytes, size: int) -> bytes:
    """bgra_u8 as a layer of 8 or 16 bits: a 16-bit value of 257 times an 8-bit one has that byte twice."""
    if size == 4:
        return bgra
    wide = bytearray(2 * len(bgra))
    wide[::2] = wide[1::2] = bgra
    return bytes(wide)


def bands_of(bounds: geometry.Bounds) -> Iterator[geometry.Bounds]:
    """From top to bottom, each small enough to be written in about a millisecond."""
    rows = max(1, BAND_PIXELS // max(1, bounds.width))
    for y in range(bounds.y, bounds.bottom, rows):
        yield geometry.Bounds(bounds.x, y, bounds.width, min(rows, bounds.bottom - y))


def drawn(raster: Raster) -> Iterator[Band | None]:
    """The bands of a raster; None for one that stays clear."""
    for place in bands_of(raster.bounds):
        data = raster.pixels(place)
        yield None if data.count(0) == len(data) else Band(place, data)


def is_untouched(canvas: Canvas, layer: str, raster: Raster) -> Generator[None, None, bool]:
    """Whether every pixel of a layer is still what was written, and none lies outside; in steps."""
    there = canvas.layer_bounds(layer)
    if not there.is_empty and not raster.bounds.contains(there):
        whole = raster.bounds.union(there)
    else:
        whole = raster.bounds
    for place in bands_of(whole):
        yield
        found = b"".join(bytes(band.data) for band in canvas.read_own(layer, place, raster.format) if band)
        if found != raster.pixels(place):
            return False
    return True


def write_over(canvas: Canvas, layer: str, old: Raster, new: Raster) -> Iterator[None]:
    """Make a layer that shows one raster show another, in steps."""
    for place in bands_of(old.bounds.union(new.bounds)):
        wanted = new.pixels(place)
        if wanted != old.pixels(place):
            canvas.write_own(layer, Band(place, wanted))
        yield
