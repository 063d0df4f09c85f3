# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job hands to the code that does it, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import msgpack  # pyright: ignore[reportMissingTypeStubs]

from backend.acts.report import Report
from shared.codec import MAX_ITEMS, Codec
from shared.geometry import Bounds, Extent
from shared.messages import NeedTiles, PixelFormat, PutTiles, Request, Result, Surface, Tile
from shared.pixels import TileStore

_library: Any = msgpack  # it has no types of its own
CODEC = Codec(_library.packb, _library.unpackb)
BATCH_BYTES = 512 * 1024
"""A PutTiles ends after this many bytes of pixels, so that a Cancel never waits behind a long message."""


@dataclass(frozen=True)
class Pixels:
    """A whole surface: extent.width * extent.height pixels, row-major without padding."""

    extent: Extent
    format: PixelFormat
    data: bytearray


@dataclass(frozen=True)
class Work:
    """A request with its pixels, by the name of the request's field ("mask", "image" ...)."""

    request: Request
    pixels: dict[str, Pixels]


@dataclass(frozen=True)
class Done:
    """The painted layer, where it lies on the canvas, the seed that was used, and words for the artist."""

    bounds: Bounds
    format: PixelFormat
    data: bytes
    seed: int
    note: str = ""


@dataclass(frozen=True)
class Inked:
    """Extracted lines: where they lie on the canvas, and bounds.width * bounds.height bytes of ink each."""

    bounds: Bounds
    contour: bytes
    detail: bytes


@dataclass(frozen=True)
class Learnt:
    """A style that was learnt and saved.

    Args:
        bounds: Where its example lay.
    """

    bounds: Bounds
    style: str
    title: str


@dataclass(frozen=True)
class Pasted:
    """A copy as it lies on another canvas: ink and region a byte a pixel, colours bgra_u8 or None."""

    bounds: Bounds
    contour: bytes
    colours: bytes | None
    mask: bytes


Outcome = Done | Inked | Learnt | Pasted

Perform = Callable[[Work, Report], Outcome]
"""Does the work. Raises Refusal for what the artist can mend, Cancelled where report.check() did."""


def surfaces(owner: Request | Result) -> dict[str, Surface]:
    """The surfaces of a request or result by field name."""
    named = ((field.name, getattr(owner, field.name)) for field in fields(owner))
    return {name: value for name, value in named if isinstance(value, Surface)}


class Gathering:
    """Holds the tiles that a request names, until none is missing; safe from the store's forgetting."""

    def __init__(self, request: Request, store: TileStore) -> None:
        self.tiles: dict[bytes, bytes] = {}
        self.missing: dict[bytes, None] = {}
        for name in [name for surface in surfaces(request).values() for name in surface.tiles if name]:
            data = store.get(name)
            if data is None:
                self.missing[name] = None
            else:
                self.tiles[name] = data

    def offer(self, name: bytes, data: bytes) -> None:
        if name in self.missing:
            del self.missing[name]
            self.tiles[name] = data


def batches(tiles: Iterable[Tile]) -> Iterator[PutTiles]:
    """Tiles in messages of about BATCH_BYTES."""
    batch: list[Tile] = []
    size = 0
    for tile in tiles:
        if batch and size + len(tile.data) > BATCH_BYTES:
            yield PutTiles(tuple(batch))
            batch, size = [], 0
        batch.append(tile)
        size += len(tile.data)
    if batch:
        yield PutTiles(tuple(batch))


def need(job_id: str, names: Iterable[bytes]) -> Iterator[NeedTiles]:
    """Requests for tiles, as many to a message as may be."""
    listed = tuple(names)
    for start in range(0, len(listed), MAX_ITEMS):
        yield NeedTiles(job_id, listed[start : start + MAX_ITEMS])
