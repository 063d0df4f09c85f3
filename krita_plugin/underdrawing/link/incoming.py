# SPDX-License-Identifier: GPL-3.0-or-later
"""A result on its way here: tiles arrive, sometimes before the result that names them."""

from __future__ import annotations

from ..model.events import Inked, Painted, Pasted, StyleLearnt, Thumbnail
from ..model.flow import Ending
from ..wire import acts, messages, pixels, surfaces
from .rows import ink_thumbnail, thumbnail

Arrived = Ending | Pasted
"""What a result becomes."""

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
        self._unshown: set[str] = set()
        self._lasting: tuple[messages.Tile, ...] = ()

    def put(self, message: messages.PutTiles) -> list[Arrived]:
        """Take in tiles.

        Returns:
            The results that are whole now.

        Raises:
            ProtocolError: a tile has another size than its place.
        """
        for tile in message.tiles:
            self._store.put(tile)
        return self._whole()

    def expect(
        self, result: messages.Result, *, shown: bool = True
    ) -> tuple[list[Arrived], list[messages.FetchTiles]]:
        """Take in a result: what is whole now, and what must be asked for.

        Args:
            shown: Whether a thumbnail is wanted; making one takes some milliseconds of Python.
        """
        self._waiting[result.job_id] = result
        if not shown:
            self._unshown.add(result.job_id)
        missing = self._missing(result)
        asks = [
            messages.FetchTiles(result.job_id, missing[start : start + FETCH_AT_ONCE])
            for start in range(0, len(missing), FETCH_AT_ONCE)
        ]
        return self._whole(), asks

    def forget(self, job_id: str) -> None:
        """Drop a job; all tiles go with the last one, but those of the last live result.

        The backend does not send these again where the next one has them too.
        """
        self._waiting.pop(job_id, None)
        self._unshown.discard(job_id)
        if not self._waiting:
            self._store = pixels.TileStore(STORE_BYTES, verify=False)
            for tile in self._lasting:
                self._store.put(tile)

    def _missing(self, result: messages.Result) -> tuple[bytes, ...]:
        held = surfaces.surfaces(result.outcome).values()
        return self._store.missing(name for surface in held for name in surface.tiles)

    def _whole(self) -> list[Arrived]:
        ready = [result for result in self._waiting.values() if not self._missing(result)]
        for result in ready:
            del self._waiting[result.job_id]
        return [self._ending(result) for result in ready]

    def _ending(self, result: messages.Result) -> Arrived:
        outcome = result.outcome
        if isinstance(outcome, acts.Painting):
            return self._painted(result, outcome)
        if isinstance(outcome, acts.LearntStyle):
            return StyleLearnt(result.job_id, outcome.style, outcome.title)
        if isinstance(outcome, acts.PastedSketch):
            dabs = None if outcome.colours is None else self._pixels(outcome.colours)
            ink, mask = self._pixels(outcome.contour), self._pixels(outcome.mask)
            return Pasted(result.job_id, result.bounds, ink, dabs, mask)
        contour, detail = self._pixels(outcome.contour), self._pixels(outcome.detail)
        small = ink_thumbnail((contour, detail), result.bounds.extent)
        return Inked(result.job_id, result.bounds, contour, detail, result.seconds, small)

    def _painted(self, result: messages.Result, made: acts.Painting) -> Painted:
        layer = made.layer
        data = self._pixels(layer)
        small = Thumbnail(0, 0, b"")
        if result.job_id in self._unshown:
            held = {name: self._store.get(name) for name in layer.tiles if name}
            self._lasting = tuple(messages.Tile(name, tile) for name, tile in held.items() if tile)
        else:
            small = thumbnail(data, layer.extent, layer.format)
        return Painted(
            result.job_id,
            result.bounds,
            data,
            layer.format,
            made.seed,
            result.seconds,
            small,
            made.note,
        )

    def _pixels(self, surface: messages.Surface) -> bytes:
        return bytes(pixels.assemble(surface, self._store.get))
