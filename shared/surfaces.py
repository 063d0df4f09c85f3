# SPDX-License-Identifier: GPL-3.0-or-later
"""How pixels are named and carried by the messages: surfaces, tiles, byte layouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .geometry import Bounds, Extent

PixelFormat = Literal["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32", "graya_u8", "graya_u16", "grey_u8"]
"""Byte layouts as Krita gives them: row-major, no padding, little-endian, alpha not premultiplied."""

DIGEST_BYTES = 16
"""Of the SHA-256 of a tile's bytes, for which most processors have instructions: they are its name."""

TILE_EDGE = 256
"""Tiles are at most this wide and high, cut row by row from the top left of their surface."""


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
    tiles: tuple[bytes, ...]


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

    digest: bytes
    data: bytes
    base: bytes | None = None
    patch: Bounds | None = None
    row_bytes: int = 0
