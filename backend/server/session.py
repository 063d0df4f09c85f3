# SPDX-License-Identifier: GPL-3.0-or-later
"""One client's connection: what it says goes to the jobs, what it is to hear waits in an outbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from backend.jobs.queue import Jobs
from backend.jobs.work import CODEC
from backend.server.library import LibraryDesk
from backend.server.models import ModelDesk
from shared.errors import ProtocolError
from shared.library_messages import DeleteLearnt, ExportLearnt, ImportLearnt, ListLearnt, RenameLearnt
from shared.messages import (
    Cancel,
    FetchTiles,
    JobStatus,
    Preview,
    PutTiles,
    Release,
    ServerMessage,
    Shutdown,
    Submit,
)
from shared.model_messages import GetModel, ListModels, UseFolder

MAX_OUTBOX = 50_000

_Slot = tuple[str, str]


class Session:
    """
    Args:
        socket: Past its handshake.
        client: The client's id.
        desk: Answers what is asked about models.
        library: Answers what is asked about things learnt.
        shutdown: Called when the client asks the backend to end.
    """

    def __init__(
        self,
        socket: ServerConnection,
        client: str,
        jobs: Jobs,
        desk: ModelDesk,
        library: LibraryDesk,
        shutdown: Callable[[], None],
    ) -> None:
        self._socket, self.client, self._jobs = socket, client, jobs
        self._desk, self._library, self._shutdown = desk, library, shutdown
        self._outbox: deque[ServerMessage | Iterator[PutTiles] | _Slot] = deque()
        self._latest: dict[_Slot, JobStatus | Preview] = {}
        self._filled = asyncio.Event()

    def say(self, message: ServerMessage) -> None:
        """Send when the client can take it; of statuses and previews only the latest of each job."""
        if isinstance(message, (JobStatus, Preview)):
            slot = (message.kind, message.job_id)
            if slot not in self._latest:
                self._outbox.append(slot)
            self._latest[slot] = message
        else:
            self._outbox.append(message)
        self._filled.set()

    async def run(self) -> None:
        """Until the client leaves.

        Raises:
            ProtocolError: it broke the contract.
        """
        sender = asyncio.create_task(self._send_all())
        try:
            async for data in self._socket:
                if isinstance(data, str):
                    raise ProtocolError("a text message; only binary ones are read")
                await self._hear(data)
                if len(self._outbox) > MAX_OUTBOX:
                    raise ProtocolError(f"{MAX_OUTBOX} answers are waiting to be read")
        except ConnectionClosed:
            pass  # a crashed client says no goodbye
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender

    async def close(self, code: int, reason: str) -> None:
        await self._socket.close(code, reason)

    async def _hear(self, data: bytes) -> None:
        match CODEC.decode(data, "client"):
            case Submit() as submit:
                self._jobs.submit(self.client, submit)
            case PutTiles() as put:
                self._jobs.put(put)
            case FetchTiles() as fetch:
                self._outbox.append(await self._jobs.fetch(self.client, fetch))
                self._filled.set()
            case Release(job_id=job_id):
                self._jobs.release(self.client, job_id)
            case Cancel(job_id=job_id):
                self._jobs.cancel(self.client, job_id)
            case ListModels() | UseFolder() | GetModel() as asked:
                self._desk.hear(asked, self.say)
            case ListLearnt() | RenameLearnt() | DeleteLearnt() | ExportLearnt() | ImportLearnt() as asked:
                self._library.hear(asked, self.say)
            case Shutdown():
                self._shutdown()
            case other:
                raise ProtocolError("sent twice", other.kind)

    async def _send_all(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                while self._outbox:
                    item = self._outbox.popleft()
                    if isinstance(item, tuple):
                        await self._socket.send(CODEC.encode(self._latest.pop(item)))
                    elif isinstance(item, Iterator):
                        for message in item:
                            await self._socket.send(CODEC.encode(message))
                    else:
                        await self._socket.send(CODEC.encode(item))
                self._filled.clear()
                await self._filled.wait()
