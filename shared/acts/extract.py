# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the lines of a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ..fields import Id
from ..geometry import Bounds, Extent
from ..surfaces import Surface, misfits, not_grey


@dataclass(frozen=True)
class ExtractRequest:
    """Find the lines of a picture: contour and detail.

    All surfaces have the extent of `area`.

    Args:
        canvas: Extent of the whole document.
        area: Part of the canvas that the surfaces show.
        image: The layer or picture; what is transparent counts as white.
        mask: grey_u8; where it is 0 there will be no lines. None for everywhere.
        style: Id of a style from Styles; empty for the general line.
        clean: Drop specks, close small gaps and even the lines.
    """

    canvas: Extent
    area: Bounds
    image: Surface
    mask: Surface | None = None
    style: Id = ""
    clean: bool = False

    kind: ClassVar[str] = "extract"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from misfits(self, self.area.extent, "area")
        yield from not_grey("mask", self.mask)


@dataclass(frozen=True)
class Lines:
    """Extracted lines, grey_u8: 0 is no ink, 255 full."""

    contour: Surface
    detail: Surface

    kind: ClassVar[str] = "lines"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from not_grey("contour", self.contour)
        yield from not_grey("detail", self.detail)
