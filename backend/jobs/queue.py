# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: many clients' jobs, one at a time, each told from Submit to Release.

A learning takes minutes and gives way: it is stopped for every other job, having saved its state, and goes on
afterwards, also after the death of its process.

Everything runs on one asyncio loop. What the artist is to hear goes through `emit`, whether or not the client
is connected; one that comes back hears it again from `recall`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from backend.jobs.child import Child, Succession, keeps_dying
from backend.jobs.disk import Disk
from backend.jobs.job import (
    MAX_RESTARTS,
    PAUSED,
    RESTARTED,
    Ending,
    Job,
    as_put,
    check_room,
    check_size,
    first_that_gives_way,
    gives_way,
    tiles_of,
)
from backend.jobs.keep import Keep, Name
from backend.jobs.work import Gathering, batches, need
from shared.errors import ProtocolError, Refusal, WorkerLost
from shared.messages import (
    Cancel,
    Failed,
    FetchTiles,
    JobStatus,
    Message,
    NeedTiles,
    Preview,
    PutTiles,
    Result,
    ServerMessage,
    Submit,
)
from shared.pixels import TileStore

STORE_BYTES = 512 * 2**20
MAX_ENDED = 256
CANCEL_PATIENCE_S = 60.0
log = logging.getLogger(__name__)
Emit = Callable[[str, ServerMessage], None]


class Jobs:
    """
    Args:
        target: "module:function" of the Perform that the worker runs.
        log_file: Takes what the worker prints.
        keep: Where jobs wait on disk.
        emit: Called with a client's id and a message for it.
    """

    def __init__(self, target: str, log_file: Path, keep: Keep, emit: Emit) -> None:
        self._keep, self._emit = keep, emit
        self._jobs: dict[tuple[str, str], Job] = {}
        self._disk = Disk(keep, lambda: self._jobs.values())
        self._queue: list[Job] = []
        self._running: Job | None = None
        self._store = TileStore(STORE_BYTES)
        self._fresh: set[bytes] = set()
        self._wake = asyncio.Event()
        self._workers = Succession(target, log_file, self._wake.set)
        self._keys = (f"job-{number}" for number in count(1))
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what was kept, start the worker, and work until `stop`."""
        await asyncio.to_thread(self._keep.tidy)
        for kept in await asyncio.to_thread(self._keep.load):
            self._restore(*kept)
        self._background(self._work())

    async def stop(self) -> None:
        """Give up all jobs; results stay on disk."""
        for job in [*self._queue, *([self._running] if self._running else [])]:
            self._keep.drop(job.name("request"))
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for job in self._jobs.values():
            if job.result is not None and job.tiles and not job.is_kept:
                await self._disk.save_result(job)
        if job := self._running:
            self._workers.child.kill()
            job.is_with_worker = False
        await self._workers.child.stop()

    @property
    def is_idle(self) -> bool:
        return self._running is None and not self._queue

    @property
    def device(self) -> str:
        """What the worker paints on; empty until it has started."""
        return self._workers.device

    @property
    def worker_pid(self) -> int | None:
        return self._workers.child.pid if self._workers.child.is_usable else None

    # ---- what a client asks for

    def submit(self, client: str, message: Submit) -> None:
        if (known := self._jobs.get((client, message.job_id))) is not None:
            self._tell(known)
            return
        job = Job(client, message.job_id, next(self._keys))
        job.status = JobStatus(job.id, "waiting")
        try:
            check_size(message.request)
            check_room(client, self._jobs.values())
        except Refusal as refusal:
            self._jobs[client, job.id] = job
            self._fail(job, refusal)
            return
        self._jobs[client, job.id] = job
        job.request, job.gathering = message.request, Gathering(message.request, self._store)
        job.gives_way = gives_way(message.request)
        if not self._enqueue_if_whole(job):
            self._emit(client, job.status)
            self._ask(job, job.gathering.missing)

    def put(self, message: PutTiles) -> None:
        """
        Raises:
            ProtocolError: a tile is not what its digest says.
        """
        baseless: set[bytes] = set()
        waiting = [job for job in self._jobs.values() if job.state == "waiting"]
        for tile in message.tiles:
            data = self._store.put(tile)
            if data is None:
                baseless.add(tile.digest)
                continue
            self._fresh.add(tile.digest)
            for job in waiting:
                if job.gathering is not None:
                    job.gathering.offer(tile.digest, data)
        for job in waiting:
            if not self._enqueue_if_whole(job) and job.gathering is not None:
                self._ask(job, [name for name in job.gathering.missing if name in baseless])

    async def fetch(self, client: str, message: FetchTiles) -> Iterator[PutTiles]:
        """The result's tiles, as messages to be sent one after the other."""
        job = self._jobs.get((client, message.job_id))
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
        return batches(as_put({name: tiles[name] for name in message.digests}))

    def release(self, client: str, job_id: str) -> None:
        job = self._jobs.get((client, job_id))
        if job is None:
            return
        if not job.has_ended:
            self.cancel(client, job_id)
            return
        del self._jobs[client, job_id]
        if job.is_kept:
            self._keep.drop(job.name("result"))

    def cancel(self, client: str, job_id: str) -> None:
        job = self._jobs.get((client, job_id))
        if job is None or job.has_ended or job.is_cancelling:
            return
        if not job.is_with_worker:
            self._end(job, "cancelled")
            return
        job.is_cancelling = True
        self._background(self._stop_running(job))

    def statuses(self, client: str) -> tuple[JobStatus, ...]:
        """The client's jobs, unfinished or not released."""
        return tuple(job.status for job in self._jobs.values() if job.client == client)

    def recall(self, client: str) -> None:
        """Tell a client that has come back how its ended jobs ended and what its waiting ones lack."""
        for job in list(self._jobs.values()):
            if job.client == client:
                self._tell(job)

    def _ask(self, job: Job, names: Iterable[bytes]) -> None:
        for message in need(job.id, names):
            self._emit(job.client, message)

    def _enqueue_if_whole(self, job: Job) -> bool:
        if job.state != "waiting" or job.gathering is None or job.gathering.missing:
            return False
        job.status = JobStatus(job.id, "queued", position=-1)
        if job.gives_way:
            self._queue.append(job)
        else:
            self._queue.insert(first_that_gives_way(self._queue), job)
        self._wake.set()
        self._tell_positions()
        if job is not self._queue[0] or self._running is not None:
            self._background(self._disk.save_request(job, self._queue))
        self._make_way()
        return True

    def _make_way(self) -> None:
        """Have a running learning pause where another kind of job is waiting."""
        job = self._running
        if job is None or not job.gives_way or not job.is_with_worker or job.is_pausing:
            return
        if self._queue and not self._queue[0].gives_way:
            job.is_pausing = True
            self._background(self._stop_running(job))

    def _rest(self, job: Job, note: str) -> None:
        """A learning stands in the queue again; what it learnt is in its folder."""
        job.rest(note)
        self._queue.insert(first_that_gives_way(self._queue), job)
        log.info("job %s of %s: %s", job.id, job.client, note)

    def _tell_positions(self) -> None:
        for position, job in enumerate(self._queue, start=int(self._running is not None)):
            if job.status.position != position:
                note = "" if self._workers.child.is_usable else "the painting process is starting"
                job.status = replace(job.status, position=position, note=job.resting or note)
                self._emit(job.client, job.status)

    # ---- the work

    async def _work(self) -> None:
        while True:
            await self._workers.revive()
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            job = self._running = self._queue.pop(0)
            self._tell_positions()
            try:
                await self._paint(job)
            except Refusal as refusal:
                self._fail(
                    job, refusal, self._workers.child.last_words() if isinstance(refusal, WorkerLost) else ()
                )
            except Exception:  # the job runner's border: a bug in one job must not end the queue
                log.exception("job %s of %s", job.id, job.client)
                self._workers.child.kill()
                words = "The backend failed on this job."
                self._fail(job, Refusal(words, "Please report it, with what `underdrawing doctor` prints."))
            finally:
                self._running = None
                self._tell_positions()

    async def _paint(self, job: Job) -> None:
        """
        Raises:
            WorkerLost: in the middle of the job, or it keeps dying.
        """
        assert job.request is not None
        child = self._workers.child
        if not child.is_usable:
            raise keeps_dying()
        self._say(job, JobStatus(job.id, "loading"))
        try:
            for put in job.unasked(self._fresh):
                await child.send(put)
            if job.has_ended:  # cancelled while its tiles travelled
                return
            job.begin()
            await child.send(Submit(job.key, job.request))
            self._make_way()
            while job.is_with_worker:
                await self._hear(job, child, await child.receive())
        except WorkerLost as fault:
            if job.is_cancelling:
                self._end(job, "cancelled")
                return
            if job.is_pausing:
                self._rest(job, PAUSED)
                return
            self._workers.count_death(fault)
            if not job.gives_way or job.restarts >= MAX_RESTARTS:
                raise
            job.restarts += 1
            self._rest(job, RESTARTED)
            return
        self._workers.deaths = 0

    async def _hear(self, job: Job, child: Child, message: Message) -> None:
        """Act on what the worker says about the running job."""
        match message:
            case NeedTiles() if job.gathering is not None:
                for put in batches(as_put({name: job.gathering.tiles[name] for name in message.digests})):
                    await child.send(put)
            case PutTiles():
                job.tiles |= tiles_of(message)
                self._emit(job.client, message)
            case JobStatus(state="cancelled") if job.is_pausing and not job.is_cancelling:
                self._rest(job, PAUSED)
            case JobStatus(state="cancelled"):
                self._end(job, "cancelled")
            case JobStatus():
                left = job.seconds_left(message.step, message.steps) if message.step else None
                self._say(job, replace(message, job_id=job.id, seconds_left=left))
            case Preview():
                self._emit(job.client, replace(message, job_id=job.id))
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

    def _say(self, job: Job, status: JobStatus) -> None:
        job.status = status
        self._emit(job.client, status)

    def _fail(self, job: Job, refusal: Refusal, lines: tuple[str, ...] = ()) -> None:
        job.failure = Failed(job.id, refusal.code, refusal.message, refusal.remedy, lines)
        self._end(job, "failed")

    def _end(self, job: Job, state: Ending) -> None:
        """Forget the request, tell the client, keep the result."""
        if job in self._queue:
            self._queue.remove(job)
            self._tell_positions()
        job.request = job.gathering = None
        job.is_with_worker = False
        if state != "done":
            job.tiles = {}
        job.status = JobStatus(job.id, state, step=job.status.step, steps=job.status.steps)
        self._keep.drop(job.name("request"))
        log.info("job %s of %s: %s", job.id, job.client, state)
        self._tell(job)
        self._forget_oldest()
        if state == "done":
            self._background(self._disk.keep_result(job))

    def _tell(self, job: Job) -> None:
        self._emit(job.client, job.status)
        if job.failure is not None:
            self._emit(job.client, job.failure)
        if job.result is not None:
            self._emit(job.client, job.result)
        if job.gathering is not None and job.state == "waiting":
            self._ask(job, job.gathering.missing)

    def _forget_oldest(self) -> None:
        ended = [job for job in self._jobs.values() if job.has_ended]
        for job in ended[: max(0, len(ended) - MAX_ENDED)]:
            self.release(job.client, job.id)

    def _restore(self, name: Name, head: Submit | Result, tiles: dict[bytes, bytes]) -> None:
        job = self._jobs[name.client, name.job] = Job(name.client, name.job, next(self._keys))
        if isinstance(head, Result):
            job.result, job.status, job.is_kept = head, JobStatus(job.id, "done"), True
            return
        job.status = JobStatus(job.id, "waiting")
        job.request, job.gathering = head.request, Gathering(head.request, self._store)
        job.gives_way = gives_way(head.request)
        for digest, data in tiles.items():
            job.gathering.offer(digest, data)
        self._enqueue_if_whole(job)

    def _background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
