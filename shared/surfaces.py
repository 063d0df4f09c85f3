# SPDX-License-Identifier: GPL-3.0-or-later
"""How pixels are named and carried by the messages: surfaces, tiles, byte layouts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from .fields import AtMost, Lengths, Range
from .geometry import Bounds, Extent

PixelFormat = Literal["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32", "graya_u8", "graya_u16", "grey_u8"]
"""Byte layouts as Krita gives them: row-major, no padding, little-endian, alpha not premultiplied."""

DIGEST_BYTES = 16
"""Of the SHA-256 of a tile's bytes, for which most processors have instructions: they are its name."""

TILE_EDGE = 256
"""Tiles are at most this wide and high, cut row by row from the top left of their surface."""


TILE_BYTES = TILE_EDGE * TILE_EDGE * 16
"""No tile of any format has more."""

Digest = Annotated[bytes, Lengths((DIGEST_BYTES,))]
TileName = Annotated[bytes, Lengths((0, DIGEST_BYTES))]


@dataclass(frozen=True)
class Surface:
    """An image by its tiles' digests; the pixels travel in PutTiles.

    Args:
        extent: Width and height in pixels.
        format: Byte layout of every tile.
        tiles: One digest (the first 16 bytes of the SHA-256 of its bytes) per tile, in the order of
            Bounds.tiles. The empty digest b"" stands for a tile whose bytes are all zero.
    """

    extent: Extent
    format: PixelFormat
    tiles: tuple[TileName, ...]

    def faults(self) -> Iterator[tuple[str, str]]:
        expected = math.prod(-(-edge // TILE_EDGE) for edge in self.extent)
        if len(self.tiles) != expected:
            yield "tiles", f"expected {expected} digests, got {len(self.tiles)}"


@dataclass(frozen=True)
class Tile:
    """Bytes of one tile, whole or as a change of a tile that the peer already has.

    Args:
        digest: Digest of the whole tile after the change.
        data: The bytes, of the whole tile or of the `patch` rectangle.
        base: Digest of the tile that `patch` changes; None when `data` is the whole tile.
        patch: Rectangle within the tile, in tile pixels; None when `data` is the whole tile.
        row_bytes: Bytes in one row of the whole tile; needed to place a patch.
    """

    digest: Digest
    data: Annotated[bytes, AtMost(TILE_BYTES)]
    base: Digest | None = None
    patch: Bounds | None = None
    row_bytes: Annotated[int, Range(0, TILE_EDGE * 16)] = 0

    def faults(self) -> Iterator[tuple[str, str]]:
        if (self.patch is None) != (self.base is None):
            yield "", "base and patch belong together"
        if self.patch is not None and not Bounds(0, 0, TILE_EDGE, TILE_EDGE).contains(self.patch):
            yield "patch", "outside the tile"


def surfaces(owner: Any) -> dict[str, Surface]:
    """The surfaces of a request or an outcome, by field name."""
    named = ((field.name, getattr(owner, field.name)) for field in fields(owner))
    return {name: value for name, value in named if isinstance(value, Surface)}


def misfits(owner: Any, extent: Extent, of: str) -> Iterator[tuple[str, str]]:
    """All surfaces of a request or an outcome must show the same part of the canvas.

    Args:
        of: Where the extent that they must have stands.
    """
    for name, surface in surfaces(owner).items():
        if surface.extent != extent:
            yield f"{name}.extent", f"differs from the extent of {of}"


def not_grey(name: str, surface: Surface | None) -> Iterator[tuple[str, str]]:
    """A mask or a plane of ink must be grey_u8."""
    if surface is not None and surface.format != "grey_u8":
        yield f"{name}.format", f"expected grey_u8, got {surface.format}"
