# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machine, with a link that only writes down; link/test_link.py has the real one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model.events import NOTE, Backend, Notice, Thumbnail
from krita_plugin.underdrawing.model.region import Outlook
from krita_plugin.underdrawing.model.remote import load, parse
from krita_plugin.underdrawing.model.roles import Role
from krita_plugin.underdrawing.model.session import Session
from krita_plugin.underdrawing.model.settings import ANNOTATION
from shared.errors import Refusal
from shared.geometry import Bounds, Extent
from shared.messages import Failed, JobStatus, Preview

from ..canvas_contract import BLACK
from ..desk import Desk, NotingLink
from ..fake_canvas import FakeCanvas


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.session.close()


def test_a_capture_is_spread_over_turns_of_the_event_loop(desk: Desk) -> None:
    desk.ready()
    assert desk.session.paint(desk.canvas)
    assert not desk.link.named("feed"), "nothing is read before the first turn"
    assert desk.session.job is not None
    assert desk.session.job.phase == "reading"
    assert desk.turn() > 3
    bands = [call[2] for call in desk.link.named("feed")]
    assert set(bands) == {"mask", "image"}
    assert len(desk.link.named("submit")) == 1
    assert desk.link.calls[-1][0] == "submit"
    assert desk.session.job.phase == "sending"


def test_nothing_is_read_in_mid_stroke(desk: Desk) -> None:
    desk.ready()
    desk.session.paint(desk.canvas)
    desk.canvas.drawing = True
    desk.turn(20)
    assert not desk.link.named("feed")
    assert set(desk.waits[1:]) == {50}, "the pen is not disturbed by a busy loop"
    desk.canvas.drawing = False
    desk.turn()
    assert desk.link.named("submit")


def test_a_document_that_stays_busy_is_told(desk: Desk) -> None:
    desk.ready()
    desk.session.paint(desk.canvas)
    desk.canvas.drawing = True
    desk.turn(5000)
    assert sum(desk.waits) < 70_000
    assert desk.session.job is None
    assert desk.session.notice is not None
    assert "busy" in desk.session.notice.message


def test_a_stopped_backend_is_started_by_paint(desk: Desk) -> None:
    assert desk.session.paint(desk.canvas)
    assert desk.link.calls[:2] == [("use", None), ("open",)]
    assert desk.session.backend.phase == "starting"
    desk.turn()
    assert desk.link.named("submit"), "the link keeps the job until the backend is there"


def test_progress_and_preview_are_shown(desk: Desk) -> None:
    job_id = desk.paint()
    handle = desk.session.handle
    handle(JobStatus(job_id, "queued", position=2))
    assert desk.session.job is not None
    assert (desk.session.job.phase, desk.session.job.note) == ("queued", "Waiting behind 2 others")
    handle(JobStatus(job_id, "running", step=3, steps=12, seconds_left=4.5))
    assert (desk.session.job.fraction, desk.session.job.seconds_left) == (0.25, 4.5)
    handle(Preview(job_id, 3, Extent(2, 1), b"12345678"))
    assert desk.session.job.preview == Thumbnail(2, 1, b"12345678")
    handle(JobStatus(job_id, "running", step=4, steps=12))
    assert desk.session.job.preview is not None, "a status keeps the preview"
    before = desk.session.job
    handle(JobStatus("another", "running", step=9, steps=12))
    assert desk.session.job is before


def test_a_result_becomes_a_layer_and_a_memory(desk: Desk) -> None:
    told: list[str] = []
    desk.session.subscribe(told.append)
    desk.session.assign_role(desk.canvas, Role.DETAIL)
    job_id = desk.paint()
    desk.session.handle(desk.painted(job_id))
    assert desk.session.job is None
    assert desk.canvas.painted().name == f"Painted: {desk.session.history.items[0].settings.seed}"
    assert desk.canvas.active != desk.canvas.painted().id
    tops = [layer.name for layer in desk.canvas.layers() if not layer.parent]
    assert tops[-1] == "Underdrawing", "the strokes stay in view"
    assert desk.session.history.items[0].settings.seed == 5
    assert {"job", "history", "roles", "backend"} <= set(told)
    desk.session.handle(desk.painted(job_id))
    assert len(desk.canvas.layers()) == 4, "a result that comes twice is pasted once"


def test_what_is_to_be_known_of_a_painting_is_told_and_kept(desk: Desk) -> None:
    words = "Nothing is enclosed: all of the selection was painted."
    desk.session.handle(replace(desk.painted(desk.paint()), note=words))
    assert desk.canvas.painted()
    assert desk.session.notice == Notice(words, "", NOTE)
    assert desk.session.history.items[0].note == words
    desk.session.handle(desk.painted(desk.paint()))
    assert desk.session.notice is None, "it was of the painting before"


def test_a_layer_deleted_between_request_and_result_does_not_matter(desk: Desk) -> None:
    desk.session.assign_role(desk.canvas, Role.CONTOUR)
    contour = desk.canvas.active
    desk.canvas.ink(contour, Bounds(70, 70, 5, 5), BLACK)
    job_id = desk.paint()
    desk.canvas.remove(contour)
    desk.session.handle(desk.painted(job_id))
    assert desk.session.notice is None
    assert desk.canvas.painted()


def test_a_layer_deleted_while_it_is_read_is_told(desk: Desk) -> None:
    desk.session.assign_role(desk.canvas, Role.CONTOUR)
    desk.canvas.ink(desk.canvas.active, Bounds(70, 70, 5, 5), BLACK)
    desk.ready()
    desk.session.paint(desk.canvas)
    desk.canvas.remove(desk.canvas.active)
    desk.turn()
    assert desk.session.job is None
    assert desk.session.notice is not None
    assert desk.session.notice.remedy == "Press Paint again."
    assert desk.link.named("cancel")


def test_a_document_closed_while_it_is_read(desk: Desk) -> None:
    desk.ready()
    desk.session.paint(desk.canvas)
    desk.canvas.alive = False
    desk.turn()
    assert desk.session.job is None
    assert desk.session.notice is not None
    assert "closed" in desk.session.notice.message


def test_a_fault_while_reading_ends_the_job_and_not_krita(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("wrapped C/C++ object has been deleted")

    monkeypatch.setattr(desk.canvas, "read_picture", broken)
    desk.ready()
    desk.session.paint(desk.canvas)
    desk.turn()
    assert desk.session.job is None
    assert desk.session.notice is not None
    assert "could not be read" in desk.session.notice.message


def test_what_cannot_be_painted_is_told_and_dismissed(desk: Desk) -> None:
    desk.canvas.selected = None
    assert not desk.session.paint(desk.canvas)
    assert desk.session.notice is not None
    assert desk.session.notice.code == "bad_request"
    assert desk.link.calls == [("use", None)]
    desk.session.dismiss()
    assert desk.session.notice is None


def test_a_second_paint_waits_for_the_first(desk: Desk) -> None:
    job_id = desk.paint()
    assert not desk.session.paint(desk.canvas)
    assert desk.session.job is not None
    assert desk.session.job.id == job_id
    assert desk.session.notice is not None


def test_cancel_while_reading_ends_at_once(desk: Desk) -> None:
    desk.ready()
    desk.session.paint(desk.canvas)
    desk.turn(1)
    desk.session.cancel()
    assert desk.session.job is None
    desk.turn()
    assert not desk.link.named("submit")


def test_cancel_while_painting_waits_for_the_backend(desk: Desk) -> None:
    job_id = desk.paint()
    desk.session.handle(JobStatus(job_id, "running", step=1, steps=9))
    desk.session.cancel()
    assert desk.session.job is not None
    assert desk.session.job.phase == "cancelling"
    desk.session.handle(JobStatus(job_id, "running", step=2, steps=9))
    assert desk.session.job.phase == "cancelling"
    desk.session.handle(JobStatus(job_id, "cancelled"))
    assert desk.session.job is None
    assert desk.session.notice is None
    desk.session.cancel()


def test_a_failure_is_told_with_its_log(desk: Desk) -> None:
    job_id = desk.paint()
    desk.session.handle(Failed(job_id, "out_of_memory", "No room.", "Select less.", ("line",)))
    assert desk.session.job is None
    notice = desk.session.notice
    assert notice is not None
    assert (notice.message, notice.remedy, notice.code, notice.log) == (
        "No room.",
        "Select less.",
        "out_of_memory",
        ("line",),
    )


def test_a_backend_that_cannot_start_ends_the_job(desk: Desk) -> None:
    desk.session.paint(desk.canvas)
    desk.turn()
    desk.session.handle(Backend("stopped", "It ended at once.", "Run install.py.", log=("boom",)))
    assert desk.session.job is None
    assert desk.session.notice is not None
    assert (desk.session.notice.remedy, desk.session.notice.log) == ("Run install.py.", ("boom",))


def test_a_lost_connection_keeps_the_job(desk: Desk) -> None:
    job_id = desk.paint()
    desk.session.handle(Backend("lost", "Connecting again."))
    assert desk.session.job is not None
    assert desk.session.job.id == job_id


def test_a_refused_paste_is_told_and_the_painting_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = desk.paint()

    def refuse(*_: object, below: str) -> str:
        raise Refusal("Krita did not take the painting.", "Paint again.")

    monkeypatch.setattr(desk.canvas, "paste_layer", refuse)
    desk.session.handle(desk.painted(job_id))
    assert desk.session.notice is not None
    assert "did not take" in desk.session.notice.message
    assert len(desk.session.history.items) == 1


def test_a_backend_on_another_machine_is_remembered(desk: Desk, tmp_path: Path) -> None:
    there = parse("studio.local", " secret ")
    desk.session.choose_backend(there)
    assert desk.link.calls[-3:] == [("close", False), ("use", there), ("open",)]
    again = NotingLink()
    session = Session(again, tmp_path, lambda act, _ms: None)
    assert again.calls == [("use", there)] and session.remote == there
    session.choose_backend(None)
    assert again.calls[-3:] == [("close", False), ("use", None), ("open",)]
    assert load(tmp_path) is None


def test_seeds(desk: Desk) -> None:
    desk.session.change(random_seed=False, seed=11)
    desk.paint()
    assert desk.link.named("submit")[-1][3] == 11
    desk.session.stop_backend()
    desk.session.change(random_seed=True)
    drawn = set()
    for _ in range(4):
        desk.paint()
        drawn.add(desk.link.named("submit")[-1][3])
        desk.session.cancel()
        desk.session.handle(Backend("stopped", "The backend is not running."))
        desk.session.stop_backend()
    assert len(drawn) == 4
    assert desk.session.settings.seed in drawn, "the last seed can be seen and kept"


def test_settings_go_to_the_file_and_into_the_document(desk: Desk, tmp_path: Path) -> None:
    desk.session.change(desk.canvas, prompt="a pond", detail=0.4)
    assert b"a pond" in desk.canvas.notes[ANNOTATION]
    assert Session(NotingLink(), tmp_path, desk._later).settings.detail == 0.4
    other = FakeCanvas(10, 10)
    other.notes[ANNOTATION] = b'{"prompt": "a hill"}'
    desk.session.enter(other)
    assert desk.session.settings.prompt == "a hill"
    desk.session.enter(desk.canvas)
    assert desk.session.settings.prompt == "a pond"
    desk.session.enter(None)
    assert desk.session.roles == {}


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    session = Session(NotingLink(), tmp_path / "home", lambda _act, _ms: None)
    session.change(prompt="x")
    assert session.notice is not None
    assert "could not be saved" in session.notice.message
    session.close()


def test_what_would_be_painted_is_told_as_marks_and_strokes_change(desk: Desk) -> None:
    told: list[str] = []
    desk.session.subscribe(told.append)
    desk.session.look(desk.canvas)
    assert desk.session.outlook == Outlook("selection", is_drawn=False)
    desk.session.look(desk.canvas)
    assert told == ["roles"], "once"
    desk.session.assign_role(desk.canvas, Role.CONTOUR)
    desk.canvas.ink(desk.canvas.active, Bounds(70, 70, 5, 5), BLACK)
    desk.session.look(desk.canvas)
    assert desk.session.outlook.is_drawn
    desk.session.look(None)
    assert desk.session.outlook == Outlook()


def test_a_selection_with_nothing_drawn_in_it_is_sent_to_be_filled(desk: Desk) -> None:
    job_id = desk.paint()
    assert [call[2] for call in desk.link.named("feed") if call[1] == job_id].count("mask")
    assert desk.session.notice is None


def test_roles_are_found_as_the_artist_changes_layers(desk: Desk) -> None:
    assert desk.session.assign_role(desk.canvas, Role.COLOURS)
    assert set(desk.session.roles) == {Role.COLOURS}
    assert not desk.session.assign_role(desk.canvas, Role.COLOURS)
    desk.canvas.remove(desk.session.roles[Role.COLOURS].id)
    desk.session.look(desk.canvas)
    assert desk.session.roles == {}
