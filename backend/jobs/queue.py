# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: many clients' jobs, one at a time, each told from Submit to Release.

A learning takes minutes and gives way: it is stopped for every other job, having saved its state, and goes on
afterwards, also after the death of its process. A live preview of the instant engine is so short that nothing
is stopped for it: the worker does it aside, between two steps of what runs.

Everything runs on one asyncio loop. What the artist is to hear goes through `emit`, whether or not the client
is connected; one that comes back hears it again from `recall`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from itertools import count
from pathlib import Path

from backend.jobs.book import Book, Emit
from backend.jobs.child import Child, WorkerSupervisor, keeps_dying
from backend.jobs.job import (
    MAX_RESTARTS,
    PAUSED,
    RESTARTED,
    Ending,
    Job,
    as_put,
    check_room,
    check_size,
    place_in,
)
from backend.jobs.keep import Keep, Name
from backend.jobs.work import batches
from shared.errors import Refusal, WorkerLost
from shared.messages import (
    Cancel,
    Failed,
    JobStatus,
    Message,
    NeedTiles,
    Preview,
    PutTiles,
    Result,
    Submit,
)
from shared.pixels import TileStore

STORE_BYTES = 512 * 2**20
CANCEL_PATIENCE_S = 60.0
log = logging.getLogger(__name__)


class Jobs:
    """
    Args:
        target: "module:function" of the Perform that the worker runs.
        log_file: Takes what the worker prints.
        keep: Where jobs wait on disk.
        emit: Called with a client's id and a message for it.
    """

    def __init__(self, target: str, log_file: Path, keep: Keep, emit: Emit) -> None:
        self._keep, self._book = keep, Book(keep, emit)
        self.fetch = self._book.fetch
        self._queue: list[Job] = []
        self._running: Job | None = None
        self._aside: Job | None = None
        self._handing: asyncio.Task[None] | None = None
        self._store = TileStore(STORE_BYTES)
        self._fresh: set[bytes] = set()
        self._wake = asyncio.Event()
        self._workers = WorkerSupervisor(target, log_file, self._wake.set)
        self._keys = (f"job-{number}" for number in count(1))

    async def start(self) -> None:
        """Take up what was kept, start the worker, and work until `stop`."""
        await asyncio.to_thread(self._keep.tidy)
        for kept in await asyncio.to_thread(self._keep.load):
            self._restore(*kept)
        self._book.background(self._work())

    async def stop(self) -> None:
        """Give up all jobs; results stay on disk."""
        for job in [*self._queue, *([self._running] if self._running else [])]:
            self._keep.drop(job.name("request"))
        await self._book.close()
        if job := self._running:
            self._workers.child.kill()
            job.is_with_worker = False
        await self._workers.child.stop()

    @property
    def is_idle(self) -> bool:
        return not self._running and not self._queue

    @property
    def device(self) -> str:
        """What the worker paints on; empty until it has started."""
        return self._workers.device

    @property
    def worker_pid(self) -> int | None:
        return self._workers.child.pid if self._workers.child.is_usable else None

    # ---- what a client asks for

    def submit(self, client: str, message: Submit) -> None:
        if (known := self._book.find(client, message.job_id)) is not None:
            self._book.tell(known)
            return
        job = Job(client, message.job_id, next(self._keys))
        job.status = JobStatus(job.id, "waiting")
        try:
            check_size(message.request)
            check_room(client, self._book)
        except Refusal as refusal:
            self._book.add(job)
            self._book.fail(job, refusal)
            return
        job.take(message.request, self._store)
        if job.is_live:
            self._outdate(client)
        self._book.add(job)
        if job.gathering and not self._enqueue_if_whole(job):
            self._book.emit(job, job.status)
            self._book.ask(job, job.gathering.missing)

    def put(self, message: PutTiles) -> None:
        """
        Raises:
            ProtocolError: a tile is not what its digest says.
        """
        baseless: set[bytes] = set()
        for tile in message.tiles:
            if (data := self._store.put(tile)) is None:
                baseless.add(tile.digest)
            else:
                self._fresh.add(tile.digest)
                self._book.offer(tile.digest, data)
        for job in self._book.waiting():
            if not self._enqueue_if_whole(job) and job.gathering is not None:
                self._book.ask(job, [name for name in job.gathering.missing if name in baseless])

    def release(self, client: str, job_id: str) -> None:
        job = self._book.find(client, job_id)
        if job is not None and job.has_ended:
            self._book.forget(job)
        elif job is not None:
            self._cancel(job)

    def cancel(self, client: str, job_id: str) -> None:
        if (job := self._book.find(client, job_id)) is not None:
            self._cancel(job)

    def statuses(self, client: str) -> tuple[JobStatus, ...]:
        """The client's jobs, unfinished or not released; no previews."""
        return self._book.statuses(client)

    def recall(self, client: str) -> None:
        """Tell a client that has come back how its ended jobs ended and what its waiting ones lack.

        Previews that it missed are forgotten.
        """
        for job in self._book.live(client):
            self._cancel(job)
            self._book.forget(job)
        self._book.come_back(client)
        for job in self._book:
            if job.client == client:
                self._book.tell(job)

    def _outdate(self, client: str) -> None:
        """A newer preview: those that wait end, those that ended are forgotten."""
        for job in self._book.live(client):
            if job.has_ended:
                self._book.forget(job)
            elif job.schedule.yields_to_live or not job.is_with_worker:
                self._cancel(job)

    def _cancel(self, job: Job) -> None:
        if job.has_ended or job.is_cancelling:
            return
        if job.is_with_worker:
            job.is_cancelling = True
            self._book.background(self._stop_running(job))
        else:
            self._end(job, "cancelled")

    def _enqueue_if_whole(self, job: Job) -> bool:
        if job.state != "waiting" or job.gathering is None or job.gathering.missing:
            return False
        job.status = JobStatus(job.id, "queued", position=-1)
        self._queue.insert(place_in(self._queue, job), job)
        self._wake.set()
        self._make_way()
        self._tell_positions()
        if job in self._queue and (job is not self._queue[0] or self._running is not None):
            self._book.background(self._book.disk.save_request(job, self._queue))
        return True

    def _make_way(self) -> None:
        """Begin a preview aside, or have a running learning pause where another kind of job is waiting."""
        running, first = self._running, self._queue[0] if self._queue else None
        if running is None or first is None or not running.is_with_worker:
            return
        if first.schedule.interleaved:
            if (self._aside is None or self._aside.has_ended) and not running.is_live:
                self._aside = self._queue.pop(0)
                self._handing = self._book.background(self._begin_aside(self._aside))
        elif running.preemptible and not running.is_pausing and not first.preemptible:
            running.is_pausing = True
            self._book.background(self._stop_running(running))

    def _rest(self, job: Job, note: str) -> None:
        """A learning stands in the queue again; what it learnt is in its folder."""
        job.rest(note)
        self._queue.insert(place_in(self._queue, job), job)
        log.info("job %s of %s: %s", job.id, job.client, note)

    def _tell_positions(self) -> None:
        note = "" if self._workers.child.is_usable else "the painting process is starting"
        running, first = self._running, self._queue[0] if self._queue else None
        makes_way = (
            running is not None and first is not None and running.preemptible and not first.preemptible
        )
        self._book.tell_positions(self._queue, start=int(running is not None and not makes_way), note=note)

    # ---- the work

    async def _work(self) -> None:
        while True:
            job = await self._left_aside()
            if job is None:
                await self._workers.revive()
                job = self._queue.pop(0) if self._queue else None
            if job is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            self._running = job
            self._tell_positions()
            try:
                await self._paint(job)
            except Refusal as refusal:
                lines = self._workers.child.last_words() if isinstance(refusal, WorkerLost) else ()
                self._fail(job, refusal, lines)
            except Exception:  # the job runner's border: a bug in one job must not end the queue
                log.exception("job %s of %s", job.id, job.client)
                self._workers.child.kill()
                words = "The backend failed on this job."
                self._fail(job, Refusal(words, "Please report it, with what `underdrawing doctor` prints."))
            finally:
                self._running = None
                self._tell_positions()

    async def _left_aside(self) -> Job | None:
        """What was begun aside of a job that ended before it: the same worker is to be heard."""
        if self._handing is not None:
            await self._handing
        job, self._aside = self._aside, None
        return job if job is not None and job.is_with_worker else None

    async def _paint(self, job: Job) -> None:
        """
        Raises:
            WorkerLost: in the middle of the job, or it keeps dying.
        """
        child = self._workers.child
        if not job.is_with_worker and not child.is_usable:
            raise keeps_dying()
        try:
            if not job.is_with_worker:
                await self._hand_over(job, child)
            if job.has_ended:  # cancelled while its tiles travelled
                return
            self._make_way()
            while job.is_with_worker:
                await self._route(job, child, await child.receive())
        except WorkerLost as fault:
            self._lost(job, fault)
            return
        self._workers.deaths = 0

    async def _begin_aside(self, job: Job) -> None:
        with contextlib.suppress(WorkerLost):  # noticed where the worker is heard
            await self._hand_over(job, self._workers.child)

    async def _hand_over(self, job: Job, child: Child) -> None:
        """Give the worker the job, and the tiles that came since the one before.

        Raises:
            WorkerLost: it is gone.
        """
        self._book.say(job, JobStatus(job.id, "loading"))
        for put in job.unasked(self._fresh):
            await child.send(put)
        if job.request is not None:
            job.begin()
            await child.send(Submit(job.key, job.request))

    def _lost(self, job: Job, fault: WorkerLost) -> None:
        """The worker ended in the midst of a job.

        Raises:
            WorkerLost: that is the end of the job, too.
        """
        if self._aside is not None and not self._aside.has_ended:
            self._end(self._aside, "cancelled")
        if job.is_cancelling:
            self._end(job, "cancelled")
        elif job.is_pausing:
            self._rest(job, PAUSED)
        else:
            self._workers.count_death(fault)
            if not job.preemptible or job.restarts >= MAX_RESTARTS:
                raise fault
            job.restarts += 1
            self._rest(job, RESTARTED)

    async def _route(self, running: Job, child: Child, message: Message) -> None:
        """What the worker says is about the running job or about the one aside."""
        aside = self._aside
        if aside is None or getattr(message, "job_id", "") != aside.key:
            await self._hear(running, child, message)
            return
        await self._hear(aside, child, message)
        if aside.has_ended:
            self._aside = None
            self._make_way()

    async def _hear(self, job: Job, child: Child, message: Message) -> None:
        """Act on what the worker says about a job."""
        match message:
            case NeedTiles() if job.gathering is not None:
                tiles = as_put({name: job.gathering.tiles[name] for name in message.digests})
                for put in batches(job.key, tiles):
                    await child.send(put)
            case PutTiles():
                self._book.tell_tiles(job, message)
            case JobStatus(state="cancelled") if job.is_pausing and not job.is_cancelling:
                self._rest(job, PAUSED)
            case JobStatus(state="cancelled"):
                self._end(job, "cancelled")
            case JobStatus():
                left = job.seconds_left(message.step, message.steps) if message.step else None
                self._book.say(job, replace(message, job_id=job.id, seconds_left=left))
            case Preview():
                self._book.emit(job, replace(message, job_id=job.id))
            case Result():
                job.result = replace(message, job_id=job.id)
                self._end(job, "done")
            case Failed():
                job.failure = replace(message, job_id=job.id)
                self._end(job, "failed")
            case _:
                raise RuntimeError(f"the worker sent {message.kind}")

    async def _stop_running(self, job: Job) -> None:
        """Ask for the end within a step; a worker that does not obey is ended."""
        child, turn = self._workers.child, job.turn
        try:
            await child.send(Cancel(job.key))
        except WorkerLost:
            return  # noticed where the job is read too
        await asyncio.sleep(CANCEL_PATIENCE_S)
        if job.is_with_worker and job.turn == turn:
            child.kill()

    def _fail(self, job: Job, refusal: Refusal, lines: tuple[str, ...] = ()) -> None:
        self._leave_queue(job)
        self._book.fail(job, refusal, lines)

    def _end(self, job: Job, state: Ending) -> None:
        self._leave_queue(job)
        self._book.end(job, state)

    def _leave_queue(self, job: Job) -> None:
        if job in self._queue:
            self._queue.remove(job)
            self._tell_positions()

    def _restore(self, name: Name, head: Submit | Result, tiles: dict[bytes, bytes]) -> None:
        job = Job(name.client, name.job, next(self._keys))
        self._book.add(job)
        if isinstance(head, Result):
            job.result, job.status, job.is_kept = head, JobStatus(job.id, "done"), True
            return
        job.status = JobStatus(job.id, "waiting")
        job.take(head.request, self._store)
        for digest, data in tiles.items():
            self._book.offer(digest, data)
        self._enqueue_if_whole(job)
