# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients ask about things learnt: list, rename, delete, export, import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from backend.server.tasks import Tasks
from shared.errors import Refusal
from shared.library_messages import (
    DeleteLearnt,
    ExportLearnt,
    ImportLearnt,
    LearntEntry,
    LearntKind,
    LearntThings,
    RenameLearnt,
)
from shared.messages import LibraryQuestion, ServerMessage

THUMBNAILS_BYTES = 4 * 2**20
"""All thumbnails of one message; what comes after is told without."""

log = logging.getLogger(__name__)

Tell = Callable[[ServerMessage], None]


class LearntShelf(Protocol):
    """The things of one kind on this machine. Every method runs in a thread and may raise a Refusal."""

    def read(self) -> tuple[tuple[LearntEntry, ...], str]:
        """All of them, and what is wrong with files that cannot be read."""
        ...

    def rename(self, id: str, title: str) -> None: ...

    def delete(self, id: str) -> None: ...

    def export(self, id: str, path: str) -> None: ...

    def take(self, path: str) -> str:
        """Take up a file.

        Returns:
            Its id here.
        """
        ...


class LibraryDesk:
    """Answers the client that asked; of a change it tells all.

    Args:
        shelves: By what lies there; of a kind without one nothing is known.
        tell_all: Sends to every client.
    """

    def __init__(self, shelves: Mapping[LearntKind, LearntShelf], tell_all: Tell) -> None:
        self._shelves, self._tell_all = shelves, tell_all
        self._tasks = Tasks("library")

    def hear(self, message: LibraryQuestion, tell: Tell) -> None:
        """Begin what a client asks for; `tell` reaches only that client."""
        self._tasks.begin(self._answer(message, tell))

    async def close(self) -> None:
        await self._tasks.wait()

    async def _answer(self, message: LibraryQuestion, tell: Tell) -> None:
        try:
            made = await asyncio.to_thread(self._do, message)
        except Refusal as refusal:
            tell(await self._all(message.of, problem=f"{refusal.message} {refusal.remedy}"))
            return
        except Exception:  # a border: the artist is told that it failed
            log.exception("%s", message.kind)
            tell(await self._all(message.of, problem="That failed. Look into the log, and try again."))
            return
        if isinstance(message, (RenameLearnt, DeleteLearnt, ImportLearnt)):
            self._tell_all(await self._all(message.of))
        if made or not isinstance(message, (RenameLearnt, DeleteLearnt)):
            tell(await self._all(message.of, imported=made))

    def _do(self, message: LibraryQuestion) -> str:
        """
        Returns:
            Id of what was imported; empty else.
        """
        shelf = self._shelves.get(message.of)
        if shelf is None:
            words = f"This backend keeps nothing of the kind {message.of!r}."
            raise Refusal(words, "Start the usual one with `underdrawing serve`.")
        match message:
            case RenameLearnt(id=id, title=title):
                shelf.rename(id, title)
            case DeleteLearnt(id=id):
                shelf.delete(id)
            case ExportLearnt(id=id, path=path):
                shelf.export(id, path)
            case ImportLearnt(path=path):
                return shelf.take(path)
            case _:
                pass
        return ""

    async def _all(self, of: LearntKind, imported: str = "", problem: str = "") -> LearntThings:
        shelf = self._shelves.get(of)
        entries, faults = ((), "") if shelf is None else await asyncio.to_thread(shelf.read)
        return LearntThings(of, _in_bounds(entries), imported, problem or faults)


def _in_bounds(entries: tuple[LearntEntry, ...]) -> tuple[LearntEntry, ...]:
    """The entries without the thumbnails that would make the message too large."""
    room, told = THUMBNAILS_BYTES, list[LearntEntry]()
    for entry in entries:
        room -= len(entry.thumbnail)
        told.append(entry if room >= 0 else replace(entry, thumbnail=b""))
    return tuple(told)
