# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend's end of the worker: start it, speak with it, notice its death."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.jobs.work import CODEC
from backend.jobs.worker import LENGTH_BYTES
from shared.errors import ProtocolError, WorkerLost
from shared.messages import Message, Welcome

if sys.platform == "linux":
    import fcntl

LOG_BYTES = 4 * 2**20
LOG_LINES = 40
PIPE_BYTES = 2**20
LAST_WORDS_S = 0.5
MAX_DEATHS = 3
DEATHS_PAUSE_S = 30.0

log = logging.getLogger(__name__)


class Child:
    """A worker process. Once lost it stays lost; make another.

    Args:
        target: "module:function" of the Perform that it runs.
        log: File that takes all it prints.
    """

    def __init__(self, target: str, log: Path) -> None:
        self._target, self._log, self._log_start = target, log, 0
        self._process: asyncio.subprocess.Process | None = None
        self._is_gone = False
        self.is_ready = False

    async def start(self) -> None:
        """
        Raises:
            OSError: no process, or no log file (a full disk).
        """
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".old.log"))
        command = (sys.executable, "-m", "backend.jobs.worker", self._target)
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, limit=2**20, **_apart()
            )
        for stream in (self._process.stdin, self._process.stdout):
            _widen(stream)

    @property
    def pid(self) -> int:
        return self._running.pid

    def when_gone(self, call: Callable[[], None]) -> None:
        """Call once it has ended, at whatever moment."""

        async def watch() -> None:
            await self._running.wait()
            self._is_gone = True
            call()

        self._watch = asyncio.create_task(watch())

    @property
    def is_usable(self) -> bool:
        """It has greeted and, as far as is known, still lives."""
        return self.is_ready and not self._is_gone

    async def send(self, message: Message) -> None:
        """
        Raises:
            WorkerLost: it is gone.
        """
        stdin, data = self._running.stdin, CODEC.encode(message)
        assert stdin is not None
        try:
            stdin.write(len(data).to_bytes(LENGTH_BYTES, "big"))
            stdin.write(data)
            await stdin.drain()
        except (OSError, RuntimeError) as fault:  # RuntimeError: the transport has closed itself
            raise await self._lost() from fault

    async def receive(self) -> Message:
        """
        Raises:
            WorkerLost: it is gone, or speaks gibberish; with its last log lines.
        """
        stdout = self._running.stdout
        assert stdout is not None
        try:
            length = int.from_bytes(await stdout.readexactly(LENGTH_BYTES), "big")
            return CODEC.decode(await stdout.readexactly(length), "server")
        except (asyncio.IncompleteReadError, OSError, ProtocolError) as fault:
            raise await self._lost() from fault

    def last_words(self) -> tuple[str, ...]:
        """The last lines that this worker, not one before it, wrote to the log."""
        with contextlib.suppress(OSError), self._log.open("rb") as log:
            log.seek(max(self._log_start, os.fstat(log.fileno()).st_size - 64 * 1024))
            lines = log.read().decode("utf-8", "replace").splitlines()
            return tuple(line[:500] for line in lines[-LOG_LINES:])
        return ()

    def kill(self) -> None:
        self._is_gone = True
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def stop(self, patience_s: float = 2.0) -> None:
        """End it: by the end of its input, by force where that does not help."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), patience_s)
        except TimeoutError:
            self.kill()
            await self._process.wait()

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the worker has not been started")
        return self._process

    async def _lost(self) -> WorkerLost:
        """How it ended, in words. One that only closed its pipe is ended for good."""
        process = self._running
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), LAST_WORDS_S)
        self.kill()
        code = await process.wait()
        when = "in the middle of the job" if self.is_ready else "while starting"
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return WorkerLost(
            f"The painting process {how} {when}.",
            "It has been started again: paint once more, or with fewer or smaller layers if memory is short.",
        )


def _widen(stream: asyncio.StreamWriter | asyncio.StreamReader | None) -> None:
    """Let a pipe hold a whole message: fewer turns between two processes. Linux only, and only a wish."""
    transport = getattr(stream, "_transport", None)
    pipe = transport.get_extra_info("pipe") if transport is not None else None
    if sys.platform == "linux" and pipe is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


class WorkerSupervisor:
    """One worker after another: when one is lost the next is started, unless they keep dying.

    Args:
        wake: Called when a worker that was ready has ended.
    """

    def __init__(self, target: str, log_file: Path, wake: Callable[[], None]) -> None:
        self._target, self._log_file, self._wake = target, log_file, wake
        self.child = Child(target, log_file)
        self.device = ""
        self.deaths, self._died_at = 0, 0.0

    async def revive(self) -> None:
        """Have a worker that is ready, or else have lost MAX_DEATHS of them just now."""
        while not self.child.is_usable and not self._keeps_dying:
            self.child = Child(self._target, self._log_file)
            try:
                await self.child.start()
                greeting = await self.child.receive()
            except (WorkerLost, OSError) as fault:
                self.count_death(fault)
                continue
            if isinstance(greeting, Welcome):
                self.device = greeting.device
                self.child.is_ready = True
                self.child.when_gone(self._wake)

    def count_death(self, fault: Exception) -> None:
        self.deaths, self._died_at = self.deaths + 1, time.monotonic()
        log.error("worker lost (%d in a row): %s", self.deaths, fault)

    @property
    def _keeps_dying(self) -> bool:
        return self.deaths >= MAX_DEATHS and time.monotonic() - self._died_at < DEATHS_PAUSE_S


def _apart() -> dict[str, Any]:
    """Ctrl-C in the terminal reaches the backend only, which then ends the worker; no console on Windows."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def keeps_dying() -> WorkerLost:
    return WorkerLost(
        f"The painting process ended {MAX_DEATHS} times in a row, so it will not be restarted.",
        "Run `underdrawing doctor` to see what is wrong, mend it, and paint again.",
        code="worker_broken",
    )
