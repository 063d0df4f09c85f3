# SPDX-License-Identifier: GPL-3.0-or-later
"""One job: what is known of it between Submit and Release."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from backend.jobs.keep import Kind, Name
from backend.jobs.work import Gathering, batches, surfaces
from shared.errors import BadRequest
from shared.messages import Failed, JobState, JobStatus, PutTiles, Request, Result, Tile
from shared.pixels import BYTES_PER_PIXEL

MAX_JOB_BYTES = 4 * 2**30

Ending = Literal["done", "failed", "cancelled"]


@dataclass
class Job:
    """
    Args:
        client, id: The client's own names; unique together.
        key: Its name towards the worker.
        request: None once it has ended.
        gathering: The request's tiles; None once it has ended.
        result, failure: How it ended, to be told again after a reconnect.
        tiles: The result's tiles; empty where they are on disk only.
        is_with_worker: The worker has it, so a Cancel must go there.
    """

    client: str
    id: str
    key: str
    request: Request | None = None
    gathering: Gathering | None = None
    status: JobStatus = field(default_factory=lambda: JobStatus("", "waiting"))
    result: Result | None = None
    failure: Failed | None = None
    tiles: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    is_with_worker: bool = False
    is_cancelling: bool = False
    is_kept: bool = False
    _first_step: tuple[float, int] | None = None

    @property
    def state(self) -> JobState:
        return self.status.state

    @property
    def has_ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def name(self, kind: Kind) -> Name:
        return Name(self.client, self.id, kind)

    def unasked(self, fresh: set[bytes]) -> Iterator[PutTiles]:
        """Tiles that came since the job before; `fresh` is emptied. The worker need not ask for them."""
        tiles = self.gathering.tiles if self.gathering is not None else {}
        found = {name: tiles[name] for name in fresh if name in tiles}
        fresh.clear()
        return batches(as_put(found))

    def seconds_left(self, step: int, steps: int) -> float | None:
        """Estimated from the pace since the first step that was seen."""
        now = time.monotonic()
        if self._first_step is None or step <= self._first_step[1]:
            self._first_step = (now, step)
            return None
        began, first = self._first_step
        return round((now - began) / (step - first) * max(0, steps - step), 2)


def check_size(request: Request) -> None:
    """
    Raises:
        BadRequest: more pixels than a backend should hold.
    """
    size = sum(s.extent.area * BYTES_PER_PIXEL[s.format] for s in surfaces(request).values())
    if size > MAX_JOB_BYTES:
        words = f"The region's layers are {size / 2**30:.1f} GiB; a job may have {MAX_JOB_BYTES >> 30} GiB."
        raise BadRequest(words, "Select a smaller region, or convert the document to 8 bits per channel.")


def as_put(tiles: dict[bytes, bytes]) -> list[Tile]:
    return [Tile(name, data) for name, data in tiles.items()]


def tiles_of(put: PutTiles) -> dict[bytes, bytes]:
    return {tile.digest: tile.data for tile in put.tiles}
