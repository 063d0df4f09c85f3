# SPDX-License-Identifier: GPL-3.0-or-later
"""One job: what is known of it between Submit and Release."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from backend.acts.registry import FOREGROUND, Schedule, schedule_of
from backend.jobs.keep import Kind, Name
from backend.jobs.work import Gathering, batches
from shared.acts import Request
from shared.errors import BadRequest, Refusal
from shared.messages import Failed, JobState, JobStatus, PutTiles, Result, Tile
from shared.pixels import BYTES_PER_PIXEL, TileStore
from shared.surfaces import surfaces

MAX_OPEN_PER_CLIENT = 64
MAX_JOB_BYTES = 4 * 2**30
MAX_RESTARTS = 1
"""A learning whose process died goes on in a new one so many times."""

PAUSED = "paused for another job; it goes on by itself"
RESTARTED = "the painting process ended; it goes on where it was"

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
        schedule: When it is done.
        turn: How many times the worker has been given it.
        restarts: How many times the worker died over it.
        resting: Why it is in the queue again, in words.
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
    is_pausing: bool = False
    schedule: Schedule = FOREGROUND
    turn: int = 0
    restarts: int = 0
    resting: str = ""
    _first_step: tuple[float, int] | None = None

    @property
    def state(self) -> JobState:
        return self.status.state

    @property
    def is_live(self) -> bool:
        return self.schedule.is_live

    @property
    def preemptible(self) -> bool:
        return self.schedule.preemptible

    @property
    def has_ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def take(self, request: Request, store: TileStore) -> None:
        """What it is to do, with those of its tiles that are known."""
        self.request, self.gathering = request, Gathering(request, store)
        self.schedule = schedule_of(request)

    def name(self, kind: Kind) -> Name:
        return Name(self.client, self.id, kind)

    def unasked(self, fresh: set[bytes]) -> Iterator[PutTiles]:
        """Tiles that came since the job before; `fresh` is emptied. The worker need not ask for them."""
        tiles = self.gathering.tiles if self.gathering is not None else {}
        found = {name: tiles[name] for name in fresh if name in tiles}
        fresh.clear()
        return batches(self.key, as_put(found))

    def begin(self) -> None:
        """The worker is given it."""
        self.is_with_worker, self.is_pausing = True, False
        self.turn += 1

    def rest(self, note: str) -> None:
        """It waits for its next turn."""
        self.is_with_worker = self.is_pausing = False
        self.tiles, self._first_step, self.resting = {}, None, note
        step, steps = self.status.step, self.status.steps
        self.status = JobStatus(self.id, "queued", position=-1, step=step, steps=steps, note=note)

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


def place_in(queue: Sequence[Job], job: Job) -> int:
    """Live jobs stand before all others, learnings behind."""
    if job.is_live:
        return next((place for place, other in enumerate(queue) if not other.is_live), len(queue))
    return next((place for place, other in enumerate(queue) if other.preemptible), len(queue))


def check_room(client: str, jobs: Iterable[Job]) -> None:
    """
    Raises:
        Refusal: the client has as many unfinished jobs as it may have.
    """
    mine = sum(job.client == client and not job.has_ended for job in jobs)
    if mine >= MAX_OPEN_PER_CLIENT:
        words = f"{mine} jobs are waiting already."
        raise Refusal(words, "Wait for one to end, or cancel some.", code="queue_full")


def as_put(tiles: dict[bytes, bytes]) -> list[Tile]:
    return [Tile(name, data) for name, data in tiles.items()]


def tiles_of(put: PutTiles) -> dict[bytes, bytes]:
    return {tile.digest: tile.data for tile in put.tiles}
