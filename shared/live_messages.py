# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about painting as one draws: lines and colours that are copied from another picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .geometry import Bounds, Extent
from .surfaces import Surface


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
        flip: Left and right changed over.
        colours: Whether its colours come along.
        light: What they are multiplied by, to suit the light of the picture that is pasted into.
    """

    canvas: Extent
    area: Bounds
    source: Surface
    region: Surface
    x: float
    y: float
    scale: float = 1.0
    turn_deg: float = 0.0
    flip: bool = False
    colours: bool = False
    light: float = 1.0

    kind: ClassVar[str] = "paste_sketch"
