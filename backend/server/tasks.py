# SPDX-License-Identifier: GPL-3.0-or-later
"""Slow answers, given beside the loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine

log = logging.getLogger(__name__)


class Tasks:
    """Begins work and keeps hold of it until it ends.

    Args:
        about: For the log, where one fails.
    """

    def __init__(self, about: str) -> None:
        self._about = about
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def wait(self) -> None:
        """Until all have ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("about %s", self._about, exc_info=fault)  # a border: it must not end the server
