# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients ask about learnt lines: list, rename, delete, export, import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from backend.server.tasks import Tasks
from shared.errors import Refusal
from shared.line_messages import (
    DeleteStyle,
    ExportStyle,
    ImportStyle,
    RenameStyle,
    StyleEntry,
    Styles,
)
from shared.messages import ServerMessage, StyleQuestion

THUMBNAILS_BYTES = 4 * 2**20
"""All thumbnails of one message; what comes after is told without."""

log = logging.getLogger(__name__)

Tell = Callable[[ServerMessage], None]


class StyleShelf(Protocol):
    """The styles on this machine. Every method runs in a thread and may raise a Refusal."""

    def styles(self) -> Styles:
        """All of them, and what is wrong with files that cannot be read."""
        ...

    def rename(self, style: str, title: str) -> None: ...

    def delete(self, style: str) -> None: ...

    def export(self, style: str, path: str) -> None: ...

    def take(self, path: str) -> str:
        """Take up a style's file.

        Returns:
            Its id here.
        """
        ...


class NoStyles:
    """Of a backend that draws no lines."""

    def styles(self) -> Styles:
        return Styles(())

    def rename(self, style: str, title: str) -> None:
        raise Refusal("This backend has no styles.", "Start the usual one with `underdrawing serve`.")

    def delete(self, style: str) -> None:
        self.rename(style, "")

    def export(self, style: str, path: str) -> None:
        self.rename(style, "")

    def take(self, path: str) -> str:
        raise Refusal("This backend has no styles.", "Start the usual one with `underdrawing serve`.")


class StyleDesk:
    """Answers the client that asked; of a change it tells all.

    Args:
        tell_all: Sends to every client.
    """

    def __init__(self, shelf: StyleShelf, tell_all: Tell) -> None:
        self._shelf, self._tell_all = shelf, tell_all
        self._tasks = Tasks("styles")

    def hear(self, message: StyleQuestion, tell: Tell) -> None:
        """Begin what a client asks for; `tell` reaches only that client."""
        self._tasks.begin(self._answer(message, tell))

    async def close(self) -> None:
        await self._tasks.wait()

    async def _answer(self, message: StyleQuestion, tell: Tell) -> None:
        try:
            made = await asyncio.to_thread(self._do, message)
        except Refusal as refusal:
            tell(await self._all(problem=f"{refusal.message} {refusal.remedy}"))
            return
        except Exception:  # a border: the artist is told that it failed
            log.exception("%s", message.kind)
            tell(await self._all(problem="That failed. Look into the log, and try again."))
            return
        if isinstance(message, (RenameStyle, DeleteStyle, ImportStyle)):
            self._tell_all(await self._all())
        if made or not isinstance(message, (RenameStyle, DeleteStyle)):
            tell(await self._all(style=made))

    def _do(self, message: StyleQuestion) -> str:
        """
        Returns:
            Id of the style that was imported; empty else.
        """
        match message:
            case RenameStyle(style, title):
                self._shelf.rename(style, title)
            case DeleteStyle(style):
                self._shelf.delete(style)
            case ExportStyle(style, path):
                self._shelf.export(style, path)
            case ImportStyle(path):
                return self._shelf.take(path)
            case _:
                pass
        return ""

    async def _all(self, style: str = "", problem: str = "") -> Styles:
        known = await asyncio.to_thread(self._shelf.styles)
        return Styles(_in_bounds(known.styles), style, problem or known.problem)


def _in_bounds(styles: tuple[StyleEntry, ...]) -> tuple[StyleEntry, ...]:
    """The styles without the thumbnails that would make the message too large."""
    room, told = THUMBNAILS_BYTES, list[StyleEntry]()
    for style in styles:
        room -= len(style.thumbnail)
        told.append(style if room >= 0 else replace(style, thumbnail=b""))
    return tuple(told)
