# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that are known, and what their clients hear of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import replace

from backend.jobs.disk import Disk
from backend.jobs.job import Ending, Job, as_put, tiles_of
from backend.jobs.keep import Keep
from backend.jobs.work import batches, need
from shared.errors import ProtocolError, Refusal
from shared.messages import Failed, FetchTiles, JobStatus, PutTiles, Result, ServerMessage
from shared.surfaces import surfaces

MAX_ENDED = 256
NOBODY = ""
"""The client of a job that nobody waits for any more."""

log = logging.getLogger(__name__)
Emit = Callable[[str, ServerMessage], None]


class Book:
    """
    Args:
        keep: Where jobs wait on disk.
        emit: Called with a client's id and a message for it.
    """

    def __init__(self, keep: Keep, emit: Emit) -> None:
        self._keep, self._emit = keep, emit
        self._jobs: dict[tuple[str, str], Job] = {}
        self._shown: dict[str, frozenset[bytes]] = {}
        self._last_live: dict[bytes, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.disk = Disk(keep, self._jobs.values)

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    def find(self, client: str, job_id: str) -> Job | None:
        return self._jobs.get((client, job_id))

    def add(self, job: Job) -> None:
        self._jobs[job.client, job.id] = job

    def forget(self, job: Job) -> None:
        """Know nothing of it any more; its client hears nothing more of it."""
        self._jobs.pop((job.client, job.id), None)
        if job.is_kept:
            self._keep.drop(job.name("result"))
        if not job.has_ended:
            job.client = NOBODY

    def statuses(self, client: str) -> tuple[JobStatus, ...]:
        """The client's jobs, unfinished or not released; no previews."""
        return tuple(job.status for job in self if job.client == client and not job.is_live)

    def live(self, client: str) -> list[Job]:
        """The client's live jobs, ended ones too."""
        return [job for job in self if job.client == client and job.is_live]

    def waiting(self) -> list[Job]:
        """The jobs that lack tiles."""
        return [job for job in self if job.state == "waiting"]

    def offer(self, name: bytes, data: bytes) -> None:
        """Give a tile to the jobs that wait for it."""
        for job in self.waiting():
            if job.gathering is not None:
                job.gathering.offer(name, data)

    # ---- what clients hear

    def say(self, job: Job, status: JobStatus) -> None:
        job.status = status
        self.emit(job, status)

    def emit(self, job: Job, message: ServerMessage) -> None:
        if job.client != NOBODY:
            self._emit(job.client, message)

    def tell(self, job: Job) -> None:
        """All that its client must know of it now."""
        self.emit(job, job.status)
        if job.failure is not None:
            self.emit(job, job.failure)
        if job.result is not None:
            self.emit(job, job.result)
        if job.gathering is not None and job.state == "waiting":
            self.ask(job, job.gathering.missing)

    def ask(self, job: Job, names: Iterable[bytes]) -> None:
        for message in need(job.id, names):
            self.emit(job, message)

    def tell_tiles(self, job: Job, message: PutTiles) -> None:
        """Keep a result's tiles and pass them on; not those that the client's live preview shows already."""
        job.tiles |= tiles_of(message)
        shown = self._shown.get(job.client, frozenset()) if job.is_live else frozenset[bytes]()
        fresh = tuple(tile for tile in message.tiles if tile.digest not in shown)
        if fresh:
            self.emit(job, PutTiles(job.id, fresh))

    def _fill_in(self, job: Job, result: Result) -> None:
        """Of a preview the worker sends only tiles that its last one had not; here are the others."""
        shown_now = surfaces(result.outcome).values()
        came, names = job.tiles, [name for surface in shown_now for name in surface.tiles if name]
        job.tiles = {name: came[name] if name in came else self._last_live[name] for name in names}
        shown = self._shown.get(job.client, frozenset())
        lacking = {name: job.tiles[name] for name in names if name not in came and name not in shown}
        for put in batches(job.id, as_put(lacking)):
            self.emit(job, put)
        self._last_live, self._shown[job.client] = job.tiles, frozenset(names)

    def fail(self, job: Job, refusal: Refusal, lines: tuple[str, ...] = ()) -> None:
        job.failure = Failed(job.id, refusal.code, refusal.message, refusal.remedy, lines)
        self.end(job, "failed")

    def end(self, job: Job, state: Ending) -> None:
        """Forget the request, tell the client, keep the result."""
        job.request = job.gathering = None
        job.is_with_worker = False
        if state != "done":
            job.tiles = {}
        job.status = JobStatus(job.id, state, step=job.status.step, steps=job.status.steps)
        if job.is_live and job.result is not None:
            self._fill_in(job, job.result)
        if not job.is_live:
            self._keep.drop(job.name("request"))
            log.info("job %s of %s: %s", job.id, job.client, state)
        self.tell(job)
        self._forget_oldest()
        if state == "done" and not job.is_live:
            self.background(self.disk.keep_result(job))

    def come_back(self, client: str) -> None:
        """A client that was away shows no preview."""
        self._shown.pop(client, None)

    async def fetch(self, client: str, message: FetchTiles) -> Iterator[PutTiles]:
        """The result's tiles, as messages to be sent one after the other."""
        job = self.find(client, message.job_id)
        tiles = {} if job is None else job.tiles
        if job is not None and not tiles and job.is_kept:
            try:
                tiles = await asyncio.to_thread(self._keep.tiles, job.name("result"))
            except (OSError, ProtocolError):
                log.exception("the result of %s is lost", message.job_id)
        if any(name not in tiles for name in message.digests):
            words = "The backend does not have this result any more."
            self._emit(client, Failed(message.job_id, "unknown_job", words, "Paint again."))
            return iter(())
        return batches(message.job_id, as_put({name: tiles[name] for name in message.digests}))

    def tell_positions(self, queue: Iterable[Job], *, start: int, note: str) -> None:
        """Tell those in the queue whose place has changed.

        Args:
            start: The first one's place.
            note: Why nothing happens, if so.
        """
        for position, job in enumerate(queue, start):
            if job.status.position != position:
                self.say(job, replace(job.status, position=position, note=job.resting or note))

    def _forget_oldest(self) -> None:
        ended = [job for job in self if job.has_ended]
        for job in ended[: max(0, len(ended) - MAX_ENDED)]:
            self.forget(job)

    # ---- work beside the loop

    def background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Stop what goes on in the background, and save what was not fetched."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for job in self:
            if job.result is not None and job.tiles and not job.is_kept and not job.is_live:
                await self.disk.save_result(job)
