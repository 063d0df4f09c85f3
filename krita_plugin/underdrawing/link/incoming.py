# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished layer on its way here: tiles arrive, sometimes before the result that names them."""

from __future__ import annotations

from ..model.events import Painted
from ..wire import messages, pixels
from .rows import thumbnail

STORE_BYTES = 2 * 2**30
FETCH_AT_ONCE = 1024
"""Digests in one request for tiles."""


class Incoming:
    """Tiles of results, and the results that wait for theirs. For one thread.

    Tiles are not hashed again: names and bytes come from the same backend, which chooses the pixels anyway.
    """

    def __init__(self) -> None:
        self._store = pixels.TileStore(STORE_BYTES, verify=False)
        self._waiting: dict[str, messages.Result] = {}

    def put(self, message: messages.PutTiles) -> list[Painted]:
        """Take in tiles.

        Returns:
            The results that are whole now.

        Raises:
            ProtocolError: a tile has another size than its place.
        """
        for tile in message.tiles:
            self._store.put(tile)
        return self._whole()

    def expect(self, result: messages.Result) -> tuple[list[Painted], list[messages.FetchTiles]]:
        """Take in a result: what is whole now, and what must be asked for."""
        self._waiting[result.job_id] = result
        missing = self._store.missing(result.layer.tiles)
        asks = [
            messages.FetchTiles(result.job_id, missing[start : start + FETCH_AT_ONCE])
            for start in range(0, len(missing), FETCH_AT_ONCE)
        ]
        return self._whole(), asks

    def forget(self, job_id: str) -> None:
        """Drop a job; all tiles go with the last one."""
        self._waiting.pop(job_id, None)
        if not self._waiting:
            self._store = pixels.TileStore(STORE_BYTES, verify=False)

    def _whole(self) -> list[Painted]:
        ready = [r for r in self._waiting.values() if not self._store.missing(r.layer.tiles)]
        for result in ready:
            del self._waiting[result.job_id]
        return [self._painted(result) for result in ready]

    def _painted(self, result: messages.Result) -> Painted:
        layer = result.layer
        data = bytes(pixels.assemble(layer, self._store.get))
        return Painted(
            result.job_id,
            result.bounds,
            data,
            layer.format,
            result.seed,
            result.seconds,
            thumbnail(data, layer.extent, layer.format),
        )
