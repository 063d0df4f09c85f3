# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy a thing out of another picture as lines and colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..fields import FAR, Range
from ..geometry import Bounds, Extent
from ..surfaces import Surface, misfits, not_grey


@dataclass(frozen=True)
class PasteRequest:
    """Turn a region of a picture into lines and colours, as they lie on another canvas.

    The copy is scaled, flipped, then turned around its middle. Both surfaces have the extent of `area`. The
    same pixels placed otherwise are the same tiles: nothing travels again.

    Args:
        canvas: Extent of the document that is pasted into.
        area: Part of the picture copied from that the surfaces show: the region with a little around it.
        source: That picture; what is transparent counts as white.
        region: grey_u8; what is above 0 is copied.
        x, y: Where the region's middle comes to lie, in pixels of `canvas`.
        scale: 1 leaves its size.
        turn_deg: Clockwise.
        flip: Mirror horizontally.
        colours: Whether its colours come along.
        light: What they are multiplied by, to suit the light of the picture that is pasted into.
    """

    canvas: Extent
    area: Bounds
    source: Surface
    region: Surface
    x: Annotated[float, Range(-FAR, FAR)]
    y: Annotated[float, Range(-FAR, FAR)]
    scale: Annotated[float, Range(0.01, 100)] = 1.0
    turn_deg: Annotated[float, Range(-360, 360)] = 0.0
    flip: bool = False
    colours: bool = False
    light: Annotated[float, Range(0.01, 100)] = 1.0

    kind: ClassVar[str] = "paste_sketch"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from misfits(self, self.area.extent, "area")
        yield from not_grey("region", self.region)


@dataclass(frozen=True)
class PastedSketch:
    """A copy as it lies on the canvas.

    Args:
        contour: grey_u8: 0 is no ink, 255 full.
        mask: grey_u8: the region that was pasted.
        colours: bgra_u8, clear where nothing is drawn; None where they do not come along.
    """

    contour: Surface
    mask: Surface
    colours: Surface | None = None

    kind: ClassVar[str] = "pasted_sketch"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from not_grey("contour", self.contour)
        yield from not_grey("mask", self.mask)
        if self.colours is not None and self.colours.format != "bgra_u8":
            yield "colours.format", f"expected bgra_u8, got {self.colours.format}"
