# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of learnt lines over a real socket."""

from __future__ import annotations

from pathlib import Path

from backend.server import styles
from shared.line_messages import (
    DeleteStyle,
    ExportStyle,
    ImportStyle,
    ListStyles,
    RenameStyle,
    StyleEntry,
    Styles,
)
from tests.backend.server.client import Backend, Client


def titles(told: Styles) -> list[str]:
    return [style.title for style in told.styles]


def test_styles_are_imported_renamed_exported_and_deleted(tmp_path: Path) -> None:
    file, out = tmp_path / "ink", tmp_path / "out"
    file.write_text("My ink")
    with Backend(tmp_path) as backend, backend.connect() as client, backend.connect("other") as other:
        client.say(ListStyles())
        assert titles(client.wait(Styles)) == ["Fineliner"]
        client.say(ImportStyle(str(file)))
        assert titles(other.wait(Styles)) == ["Fineliner", "My ink"]
        assert client.wait(Styles, style="taken").problem == ""
        client.say(RenameStyle("taken", "Feather"))
        assert titles(other.wait(Styles)) == ["Fineliner", "Feather"]
        client.wait(Styles)
        client.say(ExportStyle("taken", str(out)))
        client.wait(Styles)
        assert out.read_text() == "Feather"
        client.say(DeleteStyle("taken"))
        assert titles(client.wait(Styles)) == ["Fineliner"]


def test_what_cannot_be_done_is_told_to_the_one_who_asked(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        assert problem(client, DeleteStyle("none")) == "There is no style none. Choose another."
        assert "failed" in problem(client, ImportStyle(str(tmp_path / "none"))), "a bug is told too"


def problem(client: Client, message: DeleteStyle | ImportStyle) -> str:
    client.say(message)
    told = client.wait(Styles)
    assert titles(told) == ["Fineliner"]
    return told.problem


def test_thumbnails_that_do_not_fit_into_a_message_are_left_out() -> None:
    many = tuple(StyleEntry(f"s{n}", "", thumbnail=bytes(60_000)) for n in range(100))
    told = styles._in_bounds(many)
    kept = [style for style in told if style.thumbnail]
    assert [style.id for style in told] == [style.id for style in many]
    assert 60 < len(kept) < 75 and told[: len(kept)] == many[: len(kept)]
