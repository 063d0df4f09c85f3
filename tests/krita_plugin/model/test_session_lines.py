# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines, learning and learnt styles in the session's state machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model.events import Backend, StyleLearnt, Thumbnail
from krita_plugin.underdrawing.model.line_capture import Extraction, Lesson
from krita_plugin.underdrawing.model.roles import Role
from krita_plugin.underdrawing.model.settings import ANNOTATION
from shared.geometry import Bounds, Extent
from shared.library_messages import DeleteLearnt, LearntEntry, LearntThings, ListLearnt, RenameLearnt
from shared.messages import JobStatus, Preview

from ..canvas_contract import BLACK
from ..desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.session.close()


def test_lines_are_extracted_and_kept(desk: Desk) -> None:
    desk.ready()
    desk.session.change(line_style="ink", line_clean=True)
    assert desk.session.extract(desk.canvas)
    assert desk.session.job is not None and desk.session.job.act == "extract"
    desk.turn()
    job_id, order = desk.link.named("submit")[-1][1:3]
    assert order == Extraction("ink", True)
    assert not desk.session.paint(desk.canvas), "one at a time"
    desk.session.handle(desk.inked(job_id))
    desk.turn()
    assert desk.session.job is None and desk.session.notice is not None
    assert [role.name for role in desk.session.roles.values()] == [
        "Contour – Background",
        "Detail – Background",
    ]
    item = desk.session.history.items[0]
    assert (item.is_lines, item.name, item.bounds) == (True, "Background", Bounds(60, 60, 4, 4))
    desk.canvas.undo()
    assert desk.session.reapply(desk.canvas, item)
    desk.turn()
    pixels = desk.canvas.find(desk.canvas.named("Detail").id).pixels
    assert {pixel[3] for pixel in pixels.values()} == {200}
    desk.session.weigh(0.0, 0.0)
    desk.turn()
    assert not desk.canvas.find(desk.canvas.named("Detail").id).pixels
    assert desk.session.settings.line_weight == 0


def test_what_is_turned_into_lines_is_painted_in_whole_from_then_on(desk: Desk) -> None:
    """An erased line takes along what it outlined: inside lines that would stay."""
    desk.canvas.selected = None
    assert not desk.session.extract(desk.canvas, "marked")
    assert desk.session.settings.region == "lines"
    desk.canvas.selected = Bounds(70, 70, 10, 10)
    assert desk.session.extract(desk.canvas, "marked")
    assert desk.session.settings.region == "selection"
    assert b'"region": "selection"' in desk.canvas.notes[ANNOTATION]


def test_a_line_is_learnt_beside_painting_and_then_chosen(desk: Desk) -> None:
    desk.session.assign_role(desk.canvas, Role.CONTOUR)
    assert not desk.session.teach(desk.canvas, "Ink")
    assert desk.session.notice is not None and "no lines" in desk.session.notice.message
    desk.canvas.ink(desk.canvas.active, Bounds(70, 70, 5, 5), BLACK)
    desk.ready()
    desk.session.change(learn_minutes=3.0)
    assert desk.session.teach(desk.canvas, "Ink")
    desk.turn()
    learning, order = desk.link.named("submit")[-1][1:3]
    assert order == Lesson("Ink", 3.0, "embedded")
    assert not desk.session.can_teach(desk.canvas), "one at a time"
    painting = desk.paint()
    handle = desk.session.handle
    handle(JobStatus(learning, "queued", position=1, step=5, steps=10, note="paused"))
    assert desk.session.learning is not None and desk.session.learning.note == "paused"
    assert desk.session.learning.fraction == 0.5
    handle(desk.painted(painting))
    handle(Preview(learning, 6, Extent(2, 1), b"12345678"))
    assert desk.session.learning.preview == Thumbnail(2, 1, b"12345678")
    handle(StyleLearnt(learning, "id-1", "Ink"))
    assert desk.session.learning is None
    assert (desk.session.learnt, desk.session.settings.line_style) == ("Ink", "id-1")
    assert desk.link.calls[-1] == ("ask", ListLearnt("style"))


def test_a_learning_is_stopped_without_the_painting(desk: Desk) -> None:
    desk.session.assign_role(desk.canvas, Role.DETAIL)
    desk.canvas.ink(desk.canvas.active, Bounds(70, 70, 5, 5), BLACK)
    painting = desk.paint()
    assert desk.session.teach(desk.canvas, "Ink")
    desk.turn()
    assert desk.session.learning is not None
    learning = desk.session.learning.id
    desk.session.stop_learning()
    assert desk.link.named("cancel") == [("cancel", learning)]
    assert desk.session.learning.phase == "cancelling"
    desk.session.handle(JobStatus(learning, "cancelled"))
    assert desk.session.learning is None
    assert desk.session.job is not None and desk.session.job.id == painting


def test_styles_come_and_go(desk: Desk) -> None:
    told: list[str] = []
    desk.session.subscribe(told.append)
    desk.ready()
    assert ("ask", ListLearnt("style")) in desk.link.calls
    both = LearntEntry("fine", "Fineliner", True), LearntEntry("ink", "Ink")
    desk.session.handle(LearntThings("style", both, "ink"))
    assert desk.session.settings.line_style == "ink", "what was imported is chosen"
    assert (desk.session.styles.known, desk.session.styles.title("ink")) == (both, "Ink")
    desk.session.styles.rename("ink", "Feather")
    desk.session.styles.delete("ink")
    assert desk.link.calls[-2:] == [
        ("ask", RenameLearnt("style", "ink", "Feather")),
        ("ask", DeleteLearnt("style", "ink")),
    ]
    desk.session.handle(LearntThings("style", both[:1], problem="No."))
    assert (desk.session.settings.line_style, desk.session.styles.problem) == ("", "No.")
    desk.session.handle(Backend("stopped", "The backend is not running."))
    assert desk.session.styles.known == () and "styles" in told
