# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of a job: their bytes, and the tiles that its request names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgpack  # pyright: ignore[reportMissingTypeStubs]

from shared.acts import Request
from shared.codec import MAX_ITEMS, Codec
from shared.messages import NeedTiles, PutTiles, Tile
from shared.pixels import TileStore
from shared.surfaces import surfaces

_library: Any = msgpack  # it has no types of its own
CODEC = Codec(_library.packb, _library.unpackb)
BATCH_BYTES = 512 * 1024
"""A PutTiles ends after this many bytes of pixels, so that a Cancel never waits behind a long message."""


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


def batches(job_id: str, tiles: Iterable[Tile]) -> Iterator[PutTiles]:
    """Tiles of a job in messages of about BATCH_BYTES."""
    batch: list[Tile] = []
    size = 0
    for tile in tiles:
        if batch and size + len(tile.data) > BATCH_BYTES:
            yield PutTiles(job_id, tuple(batch))
            batch, size = [], 0
        batch.append(tile)
        size += len(tile.data)
    if batch:
        yield PutTiles(job_id, tuple(batch))


def need(job_id: str, names: Iterable[bytes]) -> Iterator[NeedTiles]:
    """Requests for tiles, as many to a message as may be."""
    listed = tuple(names)
    for start in range(0, len(listed), MAX_ITEMS):
        yield NeedTiles(job_id, listed[start : start + MAX_ITEMS])
