# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture on its way: bands become buffers, buffers become tiles, tiles travel when asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import cast

from ..language import tr
from ..model import capture
from ..model.canvas import Band
from ..wire import errors, messages, pixels
from .rows import alpha_as_grey, place

BATCH_BYTES = 512 * 1024
"""Bytes of tiles in one message: no send holds the interpreter, or delays a Cancel, for long."""

UNASKED_BYTES = 1 << 20
"""Changes of up to so many bytes travel ahead of the request."""

WHOLE_AT_ONCE = 16
"""Tiles cut from their surfaces at once; they are copies in memory."""


class Outgoing:
    """One job's pixels. All methods but `stop` are for one thread.

    Args:
        cache: The last cut of every surface, so that only what changed is hashed and sent again.
    """

    def __init__(self, job_id: str, plan: capture.Plan, cache: pixels.SurfaceCache) -> None:
        self.job_id = job_id
        self.submit: messages.Submit | None = None
        self._plan = plan
        self._cache = cache
        self._buffers: dict[capture.SurfaceName, bytearray] = {}
        self._formats: dict[capture.SurfaceName, messages.PixelFormat] = {}
        self._cuts: list[pixels.Cut] = []
        self._patches: dict[bytes, messages.Tile] = {}
        self._stopped = threading.Event()

    def stop(self) -> None:
        """The job is cancelled: what runs ends soon."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    @property
    def is_live(self) -> bool:
        """Its result is only shown for a moment."""
        return self._plan.act == capture.LIVE

    def feed(self, source: capture.Source, band: Band) -> None:
        """Put rows into their place of the surface."""
        data = memoryview(band.data).cast("B")
        format = source.format
        if source.alpha_only:
            data, format = memoryview(alpha_as_grey(bytes(data), format)), "grey_u8"
        self._formats[source.name] = format
        pixel = pixels.BYTES_PER_PIXEL[format]
        area = self._plan.area
        buffer = self._buffers.setdefault(source.name, bytearray(area.extent.area * pixel))
        place(buffer, area, data, band.bounds, pixel)

    def finish(self, order: capture.Order) -> messages.Submit:
        """Name all tiles and say what to do with them.

        Raises:
            Refusal: the pixels that the plan keeps are not here any more ("forgotten"), or the order has
                nothing to ask.
        """
        surfaces: capture.Surfaces = {}
        read = [source.name for source in self._plan.sources if source.name not in self._plan.kept]
        if "mask" in read:  # a selection may give no rows
            self._buffers.setdefault("mask", bytearray(self._plan.area.extent.area))
            self._formats.setdefault("mask", "grey_u8")
        for name in list(self._buffers):
            buffer = cast("bytes", self._buffers.pop(name))  # nobody writes into it any more
            cut = self._cache.cut(
                f"{self._plan.act} {name}", buffer, self._plan.area.extent, self._formats[name]
            )
            surfaces[name] = cut.surface
            self._cuts.append(cut)
            self._patches.update((tile.digest, tile) for tile in cut.changes if tile.patch is not None)
        for name in self._plan.kept:
            cut = self._last(name)
            surfaces[name] = cut.surface
            self._cuts.append(cut)
        self.submit = messages.Submit(self.job_id, order.request(self._plan, surfaces))
        return self.submit

    def _last(self, name: capture.SurfaceName) -> pixels.Cut:
        cut = self._cache.last(f"{self._plan.act} {name}")
        if cut is None or cut.surface.extent != self._plan.area.extent:
            raise errors.Refusal(tr("The pixels read last are gone."), tr("Draw on."), code="forgotten")
        return cut

    def unasked(self) -> Iterator[messages.PutTiles]:
        """Patches since the capture before, if they are few: the backend is sure to lack them."""
        tiles = list(self._patches.values())
        if sum(len(tile.data) for tile in tiles) <= UNASKED_BYTES:
            self._patches.clear()
            yield from self._batches(tiles)

    def answer(self, digests: Iterable[bytes]) -> Iterator[messages.PutTiles]:
        """The tiles of these names: as a patch the first time one is asked for, whole after that."""
        wanted = list(dict.fromkeys(digests))
        patches = [self._patches.pop(name) for name in wanted if name in self._patches]
        yield from self._batches(patches)
        patched = {tile.digest for tile in patches}
        rest = [name for name in wanted if name not in patched]
        for start in range(0, len(rest), WHOLE_AT_ONCE):
            some = rest[start : start + WHOLE_AT_ONCE]
            yield from self._batches(tile for cut in self._cuts for tile in cut.whole(some))

    def _batches(self, tiles: Iterable[messages.Tile]) -> Iterator[messages.PutTiles]:
        batch: list[messages.Tile] = []
        size = 0
        for tile in tiles:
            if self.is_stopped:
                return
            if batch and size + len(tile.data) > BATCH_BYTES:
                yield messages.PutTiles(self.job_id, tuple(batch))
                batch, size = [], 0
            batch.append(tile)
            size += len(tile.data)
        if batch:
            yield messages.PutTiles(self.job_id, tuple(batch))
