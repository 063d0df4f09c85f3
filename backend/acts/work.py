# SPDX-License-Identifier: GPL-3.0-or-later
"""What an act is handed, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.acts.report import Report
from shared.acts import Outcome, Request
from shared.geometry import Bounds, Extent
from shared.pixels import cut
from shared.surfaces import PixelFormat, Surface, Tile

if TYPE_CHECKING:
    from backend.imaging.pixels import Pixels as Array


@dataclass(frozen=True)
class RawPixels:
    """A whole surface: extent.width * extent.height pixels, row-major without padding."""

    extent: Extent
    format: PixelFormat
    data: bytearray

    @property
    def array(self) -> Array:
        """(height, width, channels), the same memory."""
        from backend.imaging.pixels import to_array

        return to_array(self.data, self.extent, self.format)


@dataclass(frozen=True)
class Work:
    """A request with its pixels.

    Args:
        pixels: By the name of the request's field ("mask", "image" ...).
        emit: Takes every tile of what is made, as soon as it is named.
    """

    request: Request
    pixels: dict[str, RawPixels]
    emit: Callable[[Tile], None]

    def surface(self, data: bytes, extent: Extent, format: PixelFormat) -> Surface:
        """Name pixels that were made, for the outcome; their tiles are on their way."""
        return cut(data, extent, format, emit=self.emit).surface


@dataclass(frozen=True)
class Answer:
    """What was made, and where it lies on the canvas."""

    bounds: Bounds
    outcome: Outcome


Perform = Callable[[Work, Report], Answer]
"""Does the work. Raises Refusal for what the artist can mend, Cancelled where report.check() did."""
