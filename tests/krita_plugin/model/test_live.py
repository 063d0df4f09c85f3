# SPDX-License-Identifier: GPL-3.0-or-later
"""Live against a fake canvas and a link that only writes down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from krita_plugin.underdrawing.model import live_acts
from krita_plugin.underdrawing.model.canvas import Band
from krita_plugin.underdrawing.model.events import Backend, Painted, Thumbnail
from krita_plugin.underdrawing.model.roles import Role
from shared.geometry import Bounds
from shared.messages import Failed, JobStatus

from ..canvas_contract import BLACK, CLEAR, GREEN, RED
from ..desk import Desk
from ..easel import RECT, Easel
from ..fake_canvas import FakeCanvas


@pytest.fixture
def easel(tmp_path: Path) -> Iterator[Easel]:
    easel = Easel(tmp_path)
    yield easel
    easel.session.close()


def test_a_stroke_is_answered_on_a_layer_below_the_strokes(easel: Easel) -> None:
    before, undos = easel.canvas.active, len(easel.canvas.undos)
    easel.answer(easel.switch_on(), RED)
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    easel.answer(easel.asked(), GREEN)
    names = [layer.name for layer in easel.canvas.layers()]
    assert names == ["Background", "Underdrawing", "Live preview", "Preview", "Contour"]
    assert easel.on_pane() == {GREEN}
    assert easel.canvas.active == before
    assert len(easel.canvas.undos) == undos + 1, "the pane's place is one step, in a group that has none"
    assert easel.session.live.standing.words.startswith("Live: ")
    assert len(easel.session.live.timings) == 2


def test_live_before_the_first_role_needs_no_step_of_its_own(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ready()
    desk.session.live.turn_on(desk.canvas)
    desk.turn()
    assert desk.session.assign_role(desk.canvas, Role.CONTOUR)
    assert [layer.name for layer in desk.canvas.layers()][1:] == [
        "Underdrawing",
        "Live preview",
        "Preview",
        "Contour",
    ]
    assert len(desk.canvas.undos) == 1
    desk.session.close()


def test_only_the_surface_that_was_drawn_on_is_read_again(easel: Easel) -> None:
    first = easel.switch_on()
    assert easel.feeds(first) == {"mask", "image", "contour"}
    easel.answer(first)
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    second = easel.asked()
    assert easel.feeds(second) == {"contour", "mask"}, "a selection may change within its rectangle"
    assert easel.plans[second].kept == ("image",)
    easel.answer(second)
    easel.canvas.activate("0")
    easel.stroke(Bounds(2, 2, 3, 3))
    easel.turn()
    assert easel.feeds(easel.asked()) == {"image", "mask"}
    assert easel.plans[easel.asked()].kept == ("contour",)


def test_one_request_at_a_time_and_the_newest_wins(easel: Easel) -> None:
    job = easel.switch_on()
    for n in range(3):
        easel.stroke(Bounds(70, 78 + n, 8, 1))
        easel.turn()
    assert len(easel.link.named("submit")) == 1, "three strokes wait for the answer to the first"
    easel.answer(job)
    assert len(easel.link.named("submit")) == 2, "and are asked for together"
    easel.answer(easel.asked(), RED)
    assert easel.on_pane() == {RED}
    assert len(easel.link.named("submit")) == 2


def test_nothing_is_read_or_shown_while_the_pen_is_down(easel: Easel) -> None:
    job = easel.switch_on()
    easel.canvas.drawing = True
    easel.session.handle(Painted(job, RECT, GREEN * 100, "bgra_u8", 5, 0.1, Thumbnail(0, 0, b"")))
    easel.turn(30)
    assert easel.on_pane() == set()
    easel.canvas.drawing = False
    easel.turn()
    assert easel.on_pane() == {GREEN}
    easel.canvas.drawing = True
    easel.stroke(Bounds(70, 78, 8, 1))
    feeds = len(easel.link.named("feed"))
    easel.turn(30)
    assert len(easel.link.named("feed")) == feeds


def test_only_rows_that_differ_are_written(easel: Easel) -> None:
    easel.answer(easel.switch_on(), GREEN)
    showcase = easel.session.live._showcase
    assert showcase is not None
    pane = showcase._pane
    pane.writes.clear()
    shows = pane.shows
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    easel.answer(easel.asked(), GREEN)
    assert (pane.writes, pane.shows) == ([], shows), "the same picture again is not written"
    easel.stroke(Bounds(70, 79, 8, 1))
    easel.turn()
    easel.answer(easel.asked(), RED, Bounds(72, 72, 4, 4))
    pixels = easel.canvas.find(easel.canvas.named("Preview").id).pixels
    assert set(pixels.values()) == {RED}
    assert len(pixels) == 16, "what was shown elsewhere is gone"


def test_off_leaves_no_trace(easel: Easel) -> None:
    easel.answer(easel.switch_on())
    undos = len(easel.canvas.undos)
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.session.live.turn_off()
    easel.turn()
    assert [layer.name for layer in easel.canvas.layers()][1:] == ["Underdrawing", "Live preview", "Contour"]
    assert len(easel.canvas.undos) == undos
    assert easel.session.live.picture is None
    submits = len(easel.link.named("submit"))
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    assert len(easel.link.named("submit")) == submits


def test_another_document_takes_live_along(easel: Easel) -> None:
    easel.answer(easel.switch_on())
    other = FakeCanvas(90, 90)
    easel.session.live.enter(other)
    assert "Preview" not in [layer.name for layer in easel.canvas.layers()]
    easel.session.live.enter(other)
    easel.turn()
    assert easel.session.live.is_on
    easel.session.assign_role(other, Role.DETAIL)
    easel.canvas.alive = False
    other.ink(other.active, Bounds(20, 20, 9, 3), BLACK)
    easel.session.live.end_stroke()
    easel.turn()
    easel.answer(easel.asked(), RED, Bounds(20, 20, 3, 3))
    assert set(other.find(other.named("Preview").id).pixels.values()) == {RED}


def test_nothing_drawn_is_said_in_words_and_a_stroke_mends_it(easel: Easel) -> None:
    easel.canvas.selected = None
    easel.canvas.find(easel.contour).pixels.clear()
    easel.session.live.turn_on(easel.canvas)
    easel.turn()
    assert not easel.link.named("submit")
    assert "Draw something" in easel.session.live.standing.words
    easel.stroke(Bounds(60, 74, 30, 2))
    easel.turn()
    easel.answer(easel.asked())
    assert easel.on_pane() == {GREEN}
    easel.draw(Bounds(60, 74, 30, 2), CLEAR)
    easel.canvas.find(easel.contour).pixels.clear()
    easel.session.live.end_stroke()
    easel.turn()
    assert easel.on_pane() == set(), "with the last stroke its picture goes"


def test_what_is_to_be_known_of_a_preview_is_said_in_its_row(easel: Easel) -> None:
    job, words = easel.switch_on(), "Closed a gap of 9 px."
    small = Thumbnail(0, 0, b"")
    easel.session.handle(Painted(job, RECT, GREEN * 100, "bgra_u8", 5, 0.1, small, words))
    easel.turn()
    standing = easel.session.live.standing
    assert (standing.mood, standing.words) == ("good", words)
    assert standing.tip.startswith("Live: ")


def test_a_refusal_is_told_in_its_row_and_the_next_stroke_tries_again(easel: Easel) -> None:
    job = easel.switch_on()
    easel.session.handle(Failed(job, "missing_weights", "The network is missing.", "Download it."))
    easel.turn()
    standing = easel.session.live.standing
    assert (standing.mood, standing.words, standing.tip) == ("bad", "The network is missing.", "Download it.")
    assert easel.session.notice is None, "one card at every stroke would be too much"
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    again = easel.asked()
    assert again != job
    assert easel.plans[again].kept == ()


def test_a_lost_backend_takes_the_picture_along_and_it_comes_back(easel: Easel) -> None:
    easel.answer(easel.switch_on())
    easel.session.handle(Backend("lost", "The connection is lost."))
    assert easel.on_pane() == set()
    assert "The connection is lost" in easel.session.live.standing.words
    submits = len(easel.link.named("submit"))
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    assert len(easel.link.named("submit")) == submits
    easel.ready()
    easel.turn()
    assert len(easel.link.named("submit")) == submits + 1


def test_hiding_for_a_save_lasts_until_the_next_stroke(easel: Easel) -> None:
    job = easel.switch_on()
    easel.session.live.hide()
    easel.answer(job)
    assert easel.on_pane() == set()
    easel.session.live.look()
    easel.turn()
    assert len(easel.link.named("submit")) == 1
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    easel.answer(easel.asked())
    assert easel.on_pane() == {GREEN}


def test_a_poll_finds_what_changed_without_a_word(easel: Easel) -> None:
    easel.answer(easel.switch_on())
    easel.session.live.look()
    easel.turn()
    assert len(easel.link.named("submit")) == 1, "nothing changed"
    easel.canvas.selected = Bounds(40, 60, 50, 30)
    easel.session.live.look()
    easel.turn()
    assert len(easel.link.named("submit")) == 2
    easel.answer(easel.asked())
    easel.canvas.remove(easel.canvas.named("Live preview").id)
    easel.session.live.look()
    assert not easel.session.live.is_on
    assert "undone or removed" in easel.session.live.standing.words


def test_a_pause_sharpens_a_large_region_and_a_stroke_ends_that(easel: Easel, tmp_path: Path) -> None:
    easel.canvas.extent = Bounds(0, 0, 400, 150).extent
    easel.canvas.selected = Bounds(10, 60, 380, 30)
    job = easel.switch_on()
    assert not easel.link.named("submit")[-1][2].sharp
    easel.answer(job)
    easel.pauses.pop()()
    easel.turn()
    sharp = easel.link.named("submit")[-1]
    assert sharp[2].sharp
    assert easel.feeds(sharp[1]) == {"mask"}
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    assert ("cancel", sharp[1]) in easel.link.calls
    assert not easel.link.named("submit")[-1][2].sharp
    assert len(easel.link.named("submit")) == 3


def test_sharpening_does_not_count_as_the_time_of_an_answer(easel: Easel) -> None:
    easel.canvas.extent = Bounds(0, 0, 400, 150).extent
    easel.canvas.selected = Bounds(10, 60, 380, 30)
    easel.answer(easel.switch_on())
    (stroke,) = easel.session.live.timings
    easel.pauses.pop()()
    easel.turn()
    easel.session.live._clocks.ended -= 5  # it took so long
    easel.answer(easel.asked())
    assert easel.session.live.standing.words == f"Live: {stroke.total_ms:.0f} ms"


def test_a_request_that_was_replaced_is_asked_again(easel: Easel) -> None:
    job = easel.switch_on()
    easel.session.handle(JobStatus(job, "cancelled"))
    easel.turn()
    assert easel.asked() != job


def test_keep_makes_the_preview_a_layer(easel: Easel) -> None:
    assert not live_acts.keep(easel.session, easel.canvas)
    assert easel.session.notice is not None
    easel.answer(easel.switch_on())
    undos = len(easel.canvas.undos)
    assert live_acts.keep(easel.session, easel.canvas)
    kept = easel.canvas.named("Live: ")
    assert set(easel.canvas.find(kept.id).pixels.values()) == {GREEN}
    assert len(easel.canvas.undos) == undos + 1
    assert easel.on_pane() == set()


def test_the_panel_needs_no_layer(easel: Easel) -> None:
    easel.session.change(easel.canvas, live_place="panel")
    names = [layer.name for layer in easel.canvas.layers()]
    painted = easel.answer(easel.switch_on())
    assert easel.session.live.picture == painted
    assert [layer.name for layer in easel.canvas.layers()] == names


def test_an_unchanged_picture_is_no_matter(easel: Easel) -> None:
    easel.answer(easel.switch_on())
    words = easel.session.live.standing
    easel.session.live.end_stroke()
    easel.turn()
    easel.session.handle(Failed(easel.asked(), "unchanged", "Nothing changed.", "Draw on."))
    easel.turn()
    assert easel.session.live.standing == words
    assert easel.on_pane() == {GREEN}


def test_forgotten_pixels_are_read_again(easel: Easel) -> None:
    easel.answer(easel.switch_on())
    easel.stroke(Bounds(70, 78, 8, 1))
    easel.turn()
    easel.session.handle(Failed(easel.asked(), "forgotten", "The pixels are gone.", "Draw on."))
    easel.turn()
    assert easel.feeds(easel.asked()) == {"mask", "image", "contour"}


def test_a_band_is_whole_rows() -> None:
    canvas = FakeCanvas(8, 8)
    canvas.create_layer("Contour", colour_label=1, group="Underdrawing")
    pane = canvas.open_pane("Underdrawing", "Live preview", "Preview", "bgra_u8")
    pane.write(Band(Bounds(0, 0, 8, 2), RED * 16))
    assert pane.is_there() and pane.writes == [Bounds(0, 0, 8, 2)]


def test_a_poll_in_the_midst_of_a_paste_finds_nothing(easel: Easel) -> None:
    """Krita lets timers through while it waits for a layer to be added."""
    easel.answer(easel.switch_on())
    submits = len(easel.link.named("submit"))
    easel.session.live.hide()
    easel.canvas.paste_layer("Painted", RECT, GREEN * 100, "bgra_u8")
    easel.session.live.look()
    easel.session.live.rest()
    easel.session.live.look()
    easel.turn()
    assert len(easel.link.named("submit")) == submits
