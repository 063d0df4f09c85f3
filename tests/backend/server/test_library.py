# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of things learnt over a real socket."""

from __future__ import annotations

from pathlib import Path

from backend.server import library
from shared.library_messages import (
    DeleteLearnt,
    ExportLearnt,
    ImportLearnt,
    LearntEntry,
    LearntThings,
    ListLearnt,
    RenameLearnt,
)
from tests.backend.server.client import Backend, Client


def titles(told: LearntThings) -> list[str]:
    return [style.title for style in told.entries]


def test_styles_are_imported_renamed_exported_and_deleted(tmp_path: Path) -> None:
    file, out = tmp_path / "ink", tmp_path / "out"
    file.write_text("My ink")
    with Backend(tmp_path) as backend, backend.connect() as client, backend.connect("other") as other:
        client.say(ListLearnt("style"))
        assert titles(client.wait(LearntThings)) == ["Fineliner"]
        client.say(ImportLearnt("style", str(file)))
        assert titles(other.wait(LearntThings)) == ["Fineliner", "My ink"]
        assert client.wait(LearntThings, imported="taken").problem == ""
        client.say(RenameLearnt("style", "taken", "Feather"))
        assert titles(other.wait(LearntThings)) == ["Fineliner", "Feather"]
        client.wait(LearntThings)
        client.say(ExportLearnt("style", "taken", str(out)))
        client.wait(LearntThings)
        assert out.read_text() == "Feather"
        client.say(DeleteLearnt("style", "taken"))
        assert titles(client.wait(LearntThings)) == ["Fineliner"]


def test_what_cannot_be_done_is_told_to_the_one_who_asked(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        assert problem(client, DeleteLearnt("style", "none")) == "There is no style none. Choose another."
        assert "failed" in problem(client, ImportLearnt("style", str(tmp_path / "none"))), "a bug is told too"


def problem(client: Client, message: DeleteLearnt | ImportLearnt) -> str:
    client.say(message)
    told = client.wait(LearntThings)
    assert titles(told) == ["Fineliner"]
    return told.problem


def test_thumbnails_that_do_not_fit_into_a_message_are_left_out() -> None:
    many = tuple(LearntEntry(f"s{n}", "", thumbnail=bytes(60_000)) for n in range(100))
    told = library._in_bounds(many)
    kept = [style for style in told if style.thumbnail]
    assert [style.id for style in told] == [style.id for style in many]
    assert 60 < len(kept) < 75 and told[: len(kept)] == many[: len(kept)]
