# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest

from krita_plugin.underdrawing.model.library import Library
from shared.model_messages import GetModel, ListModels, ModelInfo, ModelProgress, Models, UseFolder


class Shelf:
    def __init__(self) -> None:
        self.said: list[Any] = []
        self.changes = 0
        self.library = Library(self.said.append, self._tell)

    def _tell(self) -> None:
        self.changes += 1


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def told(state: Any) -> Models:
    return Models(("/a",), (ModelInfo("One", "checkpoint", "SD 1.5", 9, state, id="one"),), "/t")


def test_asks_go_to_the_backend(shelf: Shelf) -> None:
    shelf.library.look()
    shelf.library.use_folder("/b")
    shelf.library.drop_folder("/b")
    shelf.library.get("one")
    shelf.library.stop("one")
    assert shelf.said == [
        ListModels(),
        UseFolder("/b"),
        UseFolder("/b", False),
        GetModel("one"),
        GetModel("one", stop=True),
    ]


def test_a_download_is_under_way_at_once_and_forgotten_when_it_is_there(shelf: Shelf) -> None:
    shelf.library.take(told("missing"))
    shelf.library.get("one")
    assert shelf.library.downloads["one"].running
    shelf.library.take(ModelProgress("one", True, 5, 9))
    assert shelf.library.downloads["one"].done_bytes == 5
    shelf.library.take(ModelProgress("one", False, 9, 9))
    shelf.library.take(told("ready"))
    assert shelf.library.downloads == {}
    assert shelf.changes == 5


def test_a_failed_download_stays_to_be_read(shelf: Shelf) -> None:
    shelf.library.take(ModelProgress("one", False, problem="No network. Try again."))
    shelf.library.take(told("missing"))
    assert shelf.library.downloads["one"].problem


def test_without_a_backend_nothing_is_known_and_nothing_runs(shelf: Shelf) -> None:
    shelf.library.take(told("ready"))
    shelf.library.get("two")
    shelf.library.take(ModelProgress("three", False, problem="No network."))
    before = shelf.changes
    shelf.library.forget()
    assert shelf.library.known.models == ()
    assert set(shelf.library.downloads) == {"three"}
    assert shelf.changes == before + 1
    shelf.library.forget()
    assert shelf.changes == before + 1
