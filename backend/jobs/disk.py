# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the jobs goes to disk, and when: results that are not fetched at once, requests that wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable

from backend.jobs.job import Job, as_put
from backend.jobs.keep import Keep, Name
from backend.jobs.work import batches
from shared.messages import Message, Submit

RESULT_BYTES = 512 * 2**20
KEEP_AFTER_S = 1.0
"""Most results are fetched sooner than this, and never touch the disk."""

log = logging.getLogger(__name__)


class Disk:
    """
    Args:
        keep: The folder.
        jobs: All jobs that are known now.
    """

    def __init__(self, keep: Keep, jobs: Callable[[], Iterable[Job]]) -> None:
        self._keep, self._jobs = keep, jobs

    async def keep_result(self, job: Job) -> None:
        """Save a result that was not fetched soon, and let the oldest pixels go from memory."""
        await asyncio.sleep(KEEP_AFTER_S)
        if not self._knows(job):
            return
        await self.save_result(job)
        held = [other for other in self._jobs() if other.is_kept and other.tiles]
        while held and sum(len(data) for other in held for data in other.tiles.values()) > RESULT_BYTES:
            held.pop(0).tiles = {}

    async def save_result(self, job: Job) -> None:
        assert job.result is not None
        name = job.name("result")
        if await self._save(name, [job.result, *batches(job.id, as_put(job.tiles))]):
            job.is_kept = True
        if not self._knows(job):
            self._keep.drop(name)

    async def save_request(self, job: Job, queue: Collection[Job]) -> None:
        """Save a request that is still queued after a while; a preview would be outdated by then."""
        if job.is_live:
            return
        await asyncio.sleep(KEEP_AFTER_S)
        if job in queue and job.request is not None and job.gathering is not None:
            name = job.name("request")
            await self._save(
                name, [Submit(job.id, job.request), *batches(job.id, as_put(job.gathering.tiles))]
            )
            if job.has_ended:
                self._keep.drop(name)

    def _knows(self, job: Job) -> bool:
        return any(other is job for other in self._jobs())

    async def _save(self, name: Name, messages: list[Message]) -> bool:
        """Whether it is on disk. Where that is full the job lives on in memory."""
        try:
            await asyncio.to_thread(self._keep.save, name, messages)
        except OSError as fault:
            log.warning("%s stays in memory only: %s", name.file, fault)
            return False
        await asyncio.to_thread(self._keep.tidy)
        return True
