# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that the backend has or can download, as it tells of them."""

from __future__ import annotations

from collections.abc import Callable

from ..wire import messages, model_messages

NONE = model_messages.Models((), (), "")


class Library:
    """
    Args:
        ask: Sends a message to the backend; without a connection it is lost, and asked again later.
        tell: Called after every change.
    """

    def __init__(self, ask: Callable[[messages.ClientMessage], None], tell: Callable[[], None]) -> None:
        self._ask, self._tell = ask, tell
        self.known = NONE
        self.downloads: dict[str, model_messages.ModelProgress] = {}

    def look(self) -> None:
        """Have the backend look through the folders again."""
        self._ask(model_messages.ListModels())

    def use_folder(self, folder: str) -> None:
        self._ask(model_messages.UseFolder(folder))

    def drop_folder(self, folder: str) -> None:
        """Look there no more; its files stay."""
        self._ask(model_messages.UseFolder(folder, use=False))

    def get(self, id: str) -> None:
        """Download a model; it is under way at once, before the backend says so."""
        self.downloads[id] = model_messages.ModelProgress(id, True)
        self._ask(model_messages.GetModel(id))
        self._tell()

    def stop(self, id: str) -> None:
        """Stop a download; what came is kept for the next time."""
        self._ask(model_messages.GetModel(id, stop=True))

    def take(self, message: model_messages.Models | model_messages.ModelProgress) -> None:
        """Take in what the backend says."""
        if isinstance(message, model_messages.Models):
            self.known = message
            ready = {model.id for model in message.models if model.state == "ready"}
            self.downloads = {id: d for id, d in self.downloads.items() if id not in ready}
        else:
            self.downloads[message.id] = message
        self._tell()

    def forget(self) -> None:
        """The backend is gone, and its downloads with it."""
        stopped = {id: d for id, d in self.downloads.items() if not d.running}
        if self.known != NONE or stopped != self.downloads:
            self.known, self.downloads = NONE, stopped
            self._tell()
