# SPDX-License-Identifier: GPL-3.0-or-later
"""The learnt lines that the backend has, as it tells of them."""

from __future__ import annotations

from collections.abc import Callable

from ..wire import library_messages, messages


class StyleLibrary:
    """
    Args:
        ask: Sends a message to the backend; without a connection it is lost, and asked again later.
        tell: Called after every change.
        taken: Called with the id of a style that was imported just now.
    """

    def __init__(
        self,
        ask: Callable[[messages.ClientMessage], None],
        tell: Callable[[], None],
        taken: Callable[[str], None],
    ) -> None:
        self._ask, self._tell, self._taken = ask, tell, taken
        self.known: tuple[library_messages.LearntEntry, ...] = ()
        self.problem = ""
        self.is_told = False

    def look(self) -> None:
        """Have the backend tell its styles."""
        self._ask(library_messages.ListLearnt("style"))

    def rename(self, style: str, title: str) -> None:
        self._ask(library_messages.RenameLearnt("style", style, title))

    def delete(self, style: str) -> None:
        self._ask(library_messages.DeleteLearnt("style", style))

    def export(self, style: str, path: str) -> None:
        """Write a style's file, on the backend's machine."""
        self._ask(library_messages.ExportLearnt("style", style, path))

    def take_up(self, path: str) -> None:
        """Import a style's file, from the backend's machine."""
        self._ask(library_messages.ImportLearnt("style", path))

    def title(self, style: str) -> str:
        """A style's name; empty for one that is not there."""
        return next((entry.title for entry in self.known if entry.id == style), "")

    def take(self, message: library_messages.LearntThings) -> None:
        """Take in what the backend says."""
        self.known, self.problem, self.is_told = message.entries, message.problem, True
        if message.imported:
            self._taken(message.imported)
        self._tell()

    def forget(self) -> None:
        """The backend is gone."""
        if self.is_told:
            self.known, self.problem, self.is_told = (), "", False
            self._tell()
