# SPDX-License-Identifier: GPL-3.0-or-later
"""Ink as the pixels of a line layer: bytes only, a band at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..wire import geometry, ink, messages, pixels
from .canvas import Band

BAND_PIXELS = 1 << 16
"""Made into pixels and written in one go: takes about a millisecond."""

Plane = bytes
"""width * height bytes of ink, 0 to 255."""


def layer_format(canvas: messages.PixelFormat) -> messages.PixelFormat:
    """Of a line layer in a document of this format: 8 bits where the document has 8, else 16."""
    return "bgra_u8" if canvas.endswith("_u8") else "bgra_u16"


@dataclass(frozen=True)
class Pen:
    """How ink becomes pixels.

    Args:
        colour: "#rrggbb".
        alpha: The opacity of every strength of ink; see `ink.alpha_table`.
    """

    colour: str
    alpha: bytes
    format: messages.PixelFormat

    def pixels(self, plane: Plane) -> bytes:
        """The pixels of some ink. Where nothing shows they are all zero, as in a layer never drawn on."""
        size = pixels.BYTES_PER_PIXEL[self.format]
        data = bytearray(len(plane) * size)
        wide = size // 4
        for channel, value in enumerate((*bytes.fromhex(self.colour[1:])[::-1], None)):
            table = self.alpha if value is None else bytes(value if alpha else 0 for alpha in self.alpha)
            values = plane.translate(table)
            for byte in range(wide):  # a 16-bit value of 257 times an 8-bit one has that byte twice
                data[channel * wide + byte :: size] = values
        return bytes(data)


def pen(colour: str, weight: float, threshold: float, format: messages.PixelFormat) -> Pen:
    return Pen(colour, ink.alpha_table(weight, threshold), format)


def inked_bands(plane: Plane, bounds: geometry.Bounds) -> Iterator[tuple[geometry.Bounds, Plane | None]]:
    """A plane's bands from top to bottom; None instead of the ink of a band that has none."""
    rows = max(1, BAND_PIXELS // bounds.width)
    for top in range(0, bounds.height, rows):
        height = min(rows, bounds.height - top)
        part = plane[top * bounds.width : (top + height) * bounds.width]
        blank = part.count(0) == len(part)
        yield geometry.Bounds(bounds.x, bounds.y + top, bounds.width, height), None if blank else part


def drawn_bands(plane: Plane, bounds: geometry.Bounds, pen: Pen) -> Iterator[Band | None]:
    """The pixels of a plane, band by band; None for one that stays clear."""
    for place, part in inked_bands(plane, bounds):
        yield None if part is None else Band(place, pen.pixels(part))
