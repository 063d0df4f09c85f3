# SPDX-License-Identifier: GPL-3.0-or-later
"""Smart copy-paste in the session's state machine: copy, paste, place, undo, and what can go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model.clip import Paste, Placing
from krita_plugin.underdrawing.model.events import Backend, Pasted
from krita_plugin.underdrawing.model.roles import Role, find_roles
from shared.geometry import Bounds, Extent
from shared.messages import Failed, JobStatus

from ..canvas_contract import BLACK, GREEN, joined
from ..desk import Desk
from ..fake_canvas import FakeCanvas

TRIO = ["Mask – picture", "Colours – picture", "Contour – picture"]
BOX = Bounds(60, 60, 20, 10)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.ready()
    desk.canvas.ink("0", Bounds(70, 70, 6, 15), BLACK)
    desk.canvas.selected = Bounds(60, 60, 30, 40)
    assert desk.session.pasting.copy(desk.canvas, "picture")
    desk.turn()
    assert desk.session.pasting.clip is not None
    yield desk
    desk.session.close()


def asked(desk: Desk) -> tuple[str, Paste]:
    """The last request: its job and what it asks for."""
    _, job_id, order, _ = desk.link.named("submit")[-1]
    return job_id, order


def answer(desk: Desk, box: Bounds = BOX, ink: int = 255) -> None:
    job_id, order = asked(desk)
    area = box.extent.area
    colours = GREEN * area if order.placing.colours else None
    desk.session.handle(Pasted(job_id, box, bytes([ink]) * area, colours, b"\xff" * area))
    desk.turn()


def names(desk: Desk) -> list[str]:
    return [layer.name for layer in desk.canvas.layers()]


def pixels(desk: Desk, name: str, box: Bounds) -> bytes:
    return joined(desk.canvas.read_own(desk.canvas.named(name).id, box, "bgra_u8"), box)


def test_a_copy_is_laid_as_one_group_in_one_undo_step(desk: Desk) -> None:
    desk.canvas.selected = None
    steps = len(desk.canvas.undos)
    assert desk.session.pasting.paste(desk.canvas)
    _, order = asked(desk)
    assert order == Paste(Extent(150, 150), Placing(75, 75, 1.0))
    assert len(desk.link.named("feed")) > 2
    answer(desk)
    assert names(desk) == ["Background", "Underdrawing", *TRIO]
    assert desk.canvas.active == "0" and len(desk.canvas.undos) == steps + 1
    found = find_roles(desk.canvas.layers())
    assert [found[role].name for role in (Role.MASK, Role.COLOURS, Role.CONTOUR)] == TRIO
    assert pixels(desk, "Colours", BOX) == GREEN * 200
    desk.session.pasting.end()
    desk.canvas.undo()
    assert names(desk) == ["Background"]


def test_placing_writes_over_and_adds_no_undo_step(desk: Desk) -> None:
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    answer(desk)
    steps, placing = len(desk.canvas.undos), pasting.placing
    assert placing == Placing(75, 80, 1.0)
    pasting.place(replace(placing, turn_deg=90.0))
    there = Bounds(65, 55, 10, 20)
    answer(desk, there)
    assert len(desk.canvas.undos) == steps and names(desk)[2:] == TRIO
    assert pixels(desk, "Mask", there) == bytes((0x3A, 0x40, 0xE0, 255)) * 200
    assert pixels(desk, "Contour", Bounds(60, 60, 5, 10)) == bytes(200), "where it was before is clear"
    assert not pasting.is_busy and pasting.note == ""


def test_of_several_changes_the_newest_is_asked_for(desk: Desk) -> None:
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    before = len(desk.link.named("submit"))
    for scale in (1.1, 1.2, 1.3):
        pasting.place(Placing(50, 50, scale))
    assert len(desk.link.named("submit")) == before, "one at a time"
    answer(desk)
    assert len(desk.link.named("submit")) == before + 1
    assert asked(desk)[1].placing == Placing(50, 50, 1.3)
    answer(desk, Bounds(10, 10, 4, 4))
    assert not pasting.is_busy and len(desk.canvas.undos) == 1


def test_without_colours_the_artists_own_keep_their_role(desk: Desk) -> None:
    desk.session.assign_role(desk.canvas, Role.COLOURS)
    own = desk.canvas.active
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    answer(desk)
    assert find_roles(desk.canvas.layers())[Role.COLOURS].name == TRIO[1]
    assert pasting.placing is not None
    pasting.place(replace(pasting.placing, colours=False))
    answer(desk)
    assert find_roles(desk.canvas.layers())[Role.COLOURS].id == own
    assert pixels(desk, "Colours – picture", BOX) == bytes(800)
    assert names(desk)[3] == "Copy – picture", "in a group of its own beside older strokes"


def test_a_copy_that_was_drawn_on_stays(desk: Desk) -> None:
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    answer(desk)
    desk.canvas.ink(desk.canvas.named("Contour").id, Bounds(100, 100, 3, 3), BLACK)
    pasting.place(Placing(20, 20))
    answer(desk, Bounds(10, 10, 4, 4))
    assert desk.session.notice is not None and "You drew on the copy" in desk.session.notice.message
    assert pasting.placing is None
    assert pixels(desk, "Contour", BOX) == bytes((0x14, 0x10, 0x10, 255)) * 200


def test_a_copy_that_was_undone_is_not_wanted(desk: Desk) -> None:
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    answer(desk)
    desk.canvas.undo()
    pasting.place(Placing(20, 20))
    answer(desk)
    assert names(desk) == ["Background"] and pasting.placing is None and desk.session.notice is None


def test_what_is_refused_at_first_ends_the_placing_and_later_does_not(desk: Desk) -> None:
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    desk.session.handle(JobStatus(asked(desk)[0], "running"))
    assert pasting.note == "Finding its lines"
    desk.session.handle(Failed(asked(desk)[0], "bad_request", "No lines.", "Select others."))
    assert desk.session.notice is not None and desk.session.notice.message == "No lines."
    assert pasting.placing is None and pasting.clip is not None
    pasting.paste(desk.canvas)
    answer(desk)
    pasting.place(Placing(-900, 0))
    desk.session.handle(Failed(asked(desk)[0], "bad_request", "Outside.", "Move it."))
    assert pasting.placing == Placing(-900, 0), "the artist can move it back"


def test_another_job_is_not_taken_for_a_paste(desk: Desk) -> None:
    pasting = desk.session.pasting
    pasting.paste(desk.canvas)
    desk.session.handle(Pasted("other", BOX, bytes(200), None, bytes(200)))
    desk.turn()
    assert names(desk) == ["Background"] and pasting.is_busy


def test_without_a_copy_nothing_is_pasted(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "new")
    assert not desk.session.pasting.paste(desk.canvas)
    assert desk.session.notice is not None and "Nothing was copied yet" in desk.session.notice.message
    desk.canvas.selected = None
    assert not desk.session.pasting.copy(desk.canvas, "picture")
    assert "Nothing is selected" in desk.session.notice.message
    desk.session.close()


def test_a_source_that_is_closed_while_it_is_read(desk: Desk) -> None:
    other = FakeCanvas(100, 100)
    other.ink("0", Bounds(20, 20, 9, 9), BLACK)
    other.selected = Bounds(10, 10, 50, 50)
    old = desk.session.pasting.clip
    assert desk.session.pasting.copy(other, "picture")
    other.alive = False
    desk.turn()
    assert desk.session.notice is not None
    assert (desk.session.notice.message, desk.session.notice.remedy) == (
        "The document was closed.",
        "Open it again. Press Copy again.",
    )
    assert desk.session.pasting.clip is old and desk.session.pasting.note == ""


def test_a_copy_outlives_its_document(desk: Desk) -> None:
    desk.canvas.alive = False
    desk.canvas = FakeCanvas(200, 100)
    assert desk.session.pasting.paste(desk.canvas)
    answer(desk)
    assert names(desk)[2:] == TRIO


def test_a_target_that_is_closed(desk: Desk) -> None:
    desk.session.pasting.paste(desk.canvas)
    desk.canvas.alive = False
    answer(desk)
    assert desk.session.notice is not None and desk.session.notice.message == "The document was closed."
    assert desk.session.pasting.placing is None


def test_a_backend_that_ends_ends_the_placing(desk: Desk) -> None:
    desk.session.pasting.paste(desk.canvas)
    desk.session.handle(Backend("stopped", "It fell over.", "Start it again."))
    assert desk.session.pasting.placing is None
    assert desk.session.pasting.paste(desk.canvas)
    assert desk.link.named("open"), "it is started again"
