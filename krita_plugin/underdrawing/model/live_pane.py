# SPDX-License-Identifier: GPL-3.0-or-later
"""What Live shows: a picture on a pane, of which only the rows that differ are written."""

from __future__ import annotations

from collections.abc import Iterator

from ..wire import geometry, messages, pixels
from .canvas import Band, Canvas, Pane
from .events import Painted
from .roles import GROUP, group_of

HOLDER = "Live preview"
"""The group, at the bottom of that of the roles, in which the pane lies."""
PANE = "Preview"

BAND_BYTES = 1 << 18
"""Compared and written in one go: takes a fraction of a millisecond."""


class Showcase:
    """A pane and what is on it.

    Args:
        active: The layer that is to be active; "" for the one that is.

    Raises:
        KeyError: the document has no group of roles yet.
    """

    def __init__(self, canvas: Canvas, active: str = "") -> None:
        layers = canvas.layers()
        if not group_of(layers):
            raise KeyError(GROUP)
        self.format: messages.PixelFormat = canvas.format
        self._pane: Pane = canvas.open_pane(GROUP, HOLDER, PANE, self.format, active)
        self._bounds = geometry.Bounds(0, 0, 0, 0)
        self._data = b""

    def is_there(self) -> bool:
        return self._pane.is_there()

    def put(self, painted: Painted) -> Iterator[None]:
        """Show a picture in place of the last one, a band at a time.

        Raises:
            ValueError: the picture has another format than the document had when the pane was laid.
        """
        if painted.format != self.format:
            raise ValueError(f"expected {self.format}, got {painted.format}")
        yield
        if painted.bounds != self._bounds:
            for band in _bands(self._bounds, bytes(len(self._data)), self.format):
                self._pane.write(band)
                yield
            self._data = b""
        before, self._bounds, self._data = self._data, painted.bounds, painted.data
        touched = not before
        for band in _bands(painted.bounds, painted.data, self.format, before):
            self._pane.write(band)
            touched = True
            yield
        if touched:
            self._pane.show()

    def wipe(self) -> None:
        """Show nothing, at once."""
        if self._data and self._pane.is_there():
            for band in _bands(self._bounds, bytes(len(self._data)), self.format):
                self._pane.write(band)
            self._pane.show()
        self._bounds, self._data = geometry.Bounds(0, 0, 0, 0), b""

    def close(self) -> None:
        """Take the pane away."""
        self.wipe()
        self._pane.drop()


def sweep(canvas: Canvas) -> None:
    """Take away a pane that lies in a file, blank as it is there, without a step in the undo history."""
    layers = canvas.layers()
    holders = {layer.id for layer in layers if layer.name == HOLDER and layer.kind == "group"}
    if any(layer.parent in holders for layer in layers) and group_of(layers):
        Showcase(canvas).close()


def _bands(
    bounds: geometry.Bounds, data: bytes, format: messages.PixelFormat, before: bytes = b""
) -> Iterator[Band]:
    """Rows of a picture, without those that were the same before."""
    stride = bounds.width * pixels.BYTES_PER_PIXEL[format]
    rows = max(1, BAND_BYTES // max(1, stride))
    old = memoryview(before)
    for top in range(0, bounds.height, rows):
        height = min(rows, bounds.height - top)
        start, stop = top * stride, (top + height) * stride
        if before and data.startswith(old[start:stop], start):
            continue
        yield Band(geometry.Bounds(bounds.x, bounds.y + top, bounds.width, height), data[start:stop])
