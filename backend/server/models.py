# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients ask about models: folders, downloads. The work is slow and is done in threads."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from backend.server.tasks import Tasks
from shared.errors import Cancelled, Refusal
from shared.messages import ServerMessage
from shared.model_messages import GetModel, ListModels, ModelProgress, Models, UseFolder

TELL_S = 0.25
"""A download tells of itself this often."""

log = logging.getLogger(__name__)

Tell = Callable[[ServerMessage], None]
Grown = Callable[[ModelProgress], None]
"""Called from the download's thread, as often as it likes."""


class Shelf(Protocol):
    """The models on this machine. Every method may take long, and runs in a thread."""

    def models(self) -> Models: ...

    def use_folder(self, folder: str, use: bool) -> None:
        """
        Raises:
            Refusal: there is no such folder.
        """
        ...

    def get(self, id: str, grown: Grown, check: Callable[[], None]) -> None:
        """Download a model.

        Args:
            grown: Told how far it is.
            check: Raises Cancelled when it is no longer wanted.

        Raises:
            Refusal: it cannot be had.
        """
        ...


class EmptyShelf:
    """Of a backend that has nothing to do with models: it only carries pixels."""

    def models(self) -> Models:
        return Models((), (), "", offline=True)

    def use_folder(self, folder: str, use: bool) -> None:
        raise Refusal("This backend has no models.", "Start the usual one with `underdrawing serve`.")

    def get(self, id: str, grown: Grown, check: Callable[[], None]) -> None:
        self.use_folder("", True)


class ModelDesk:
    """Answers every client, and tells all of them what changed.

    Args:
        tell_all: Sends to every client.
        changed: Called when other models can be painted with than before.
    """

    def __init__(self, shelf: Shelf, tell_all: Tell, changed: Callable[[], None]) -> None:
        self._shelf, self._tell_all, self._changed = shelf, tell_all, changed
        self._tasks = Tasks("models")
        self._unwanted: dict[str, bool] = {}

    def hear(self, message: ListModels | UseFolder | GetModel, tell: Tell) -> None:
        """Begin what a client asks for; `tell` reaches only that client."""
        if isinstance(message, ListModels):
            self._tasks.begin(self._list(tell))
        elif isinstance(message, UseFolder):
            self._tasks.begin(self._use_folder(message, tell))
        elif message.stop:
            if message.id in self._unwanted:
                self._unwanted[message.id] = True
        elif message.id not in self._unwanted:
            self._unwanted[message.id] = False
            self._tasks.begin(self._get(message.id))

    async def close(self) -> None:
        """End all downloads; what came of them is kept."""
        for id in self._unwanted:
            self._unwanted[id] = True
        await self._tasks.wait()

    async def _list(self, tell: Tell, problem: str = "") -> None:
        known = await asyncio.to_thread(self._shelf.models)
        tell(Models(known.folders, known.models, known.target, known.offline, problem or known.problem))

    async def _use_folder(self, message: UseFolder, tell: Tell) -> None:
        try:
            await asyncio.to_thread(self._shelf.use_folder, message.folder, message.use)
        except Refusal as refusal:
            await self._list(tell, f"{refusal.message} {refusal.remedy}")
            return
        await self._list(self._tell_all)
        self._changed()

    async def _get(self, id: str) -> None:
        loop, last = asyncio.get_running_loop(), 0.0
        latest = ModelProgress(id, True)

        def grown(progress: ModelProgress) -> None:
            nonlocal last, latest
            latest = progress
            if time.monotonic() - last >= TELL_S:
                last = time.monotonic()
                loop.call_soon_threadsafe(self._tell_all, progress)

        def check() -> None:
            if self._unwanted[id]:
                raise Cancelled

        problem = ""
        try:
            await asyncio.to_thread(self._shelf.get, id, grown, check)
        except Cancelled:
            log.info("the download of %s was stopped", id)
        except Refusal as refusal:
            problem = f"{refusal.message} {refusal.remedy}"
        except Exception:  # a border: a bug in one download must not leave it running for ever
            log.exception("the download of %s", id)
            problem = "The download failed. Look into the log, and try again."
        finally:
            del self._unwanted[id]
        done, total = latest.done_bytes, latest.total_bytes
        self._tell_all(ModelProgress(id, False, done, total, problem=problem))
        await self._list(self._tell_all)
        self._changed()
