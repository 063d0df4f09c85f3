# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong is told in words, and the document is as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.programs.krita_session import wait_for

from .conftest import INSIDE, new_krita
from .painter import NEWEST, Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

PATIENCE_S = 60.0
"""What is waited for takes less than 2 s; the rest is for a machine that is busy with much else."""


def begin_long_job(painter: Painter) -> tuple[list[str], bytes]:
    """A job of many steps, seen to be running; the layers and the picture before it."""
    painter.new_picture(400, 400)
    painter.take_role("contour")
    painter.stroke([(100, 100), (300, 100), (200, 300), (100, 100)])
    painter.ask("select", 80, 80, 240, 240)
    before = painter.ask("names"), painter.ask("merged")
    painter.paint(steps=150)
    painter.wait_for_steps()
    return before


def test_cancel_leaves_everything_as_it_was(painter: Painter) -> None:
    names, before = begin_long_job(painter)
    painter.click("paint")
    painter.wait_until_idle(PATIENCE_S)
    assert painter.ask("names") == names
    assert painter.ask("merged") == before
    assert not painter.krita.run("part('error').isVisible()")


def test_a_killed_worker_is_told_in_words(painter: Painter) -> None:
    names, _ = begin_long_job(painter)
    painter.worker().kill()
    words = painter.wait_for_error(PATIENCE_S)
    painter.look("words")
    assert "painting process" in words and "paint once more" in words
    assert painter.krita.run("session().notice.log"), "its last words are at hand"
    assert painter.ask("names") == names

    painter.paint(steps=2)
    painter.wait_for_layer("Painted")


def test_a_document_closed_in_mid_job(painter: Painter) -> None:
    begin_long_job(painter)
    painter.cancel_and_wait()
    painter.paint(steps=20)
    painter.wait_for_steps()
    newest = painter.krita.run(NEWEST)
    painter.close_documents()
    painter.krita.wait(f"{NEWEST} != newest", 90, newest=newest)
    painter.new_picture(200, 200)
    assert painter.ask("names") == ["Background"]
    painter.look("kept")


def test_a_layer_deleted_in_mid_job(painter: Painter) -> None:
    begin_long_job(painter)
    painter.cancel_and_wait()
    painter.paint(steps=20)
    painter.wait_for_steps()
    painter.krita.run("node(name).remove()", name=painter.layer_of("contour"))
    painter.wait_for_layer("Painted")


def test_a_second_krita_paints_with_the_same_backend(painter: Painter) -> None:
    painter.new_picture(64, 64)
    painter.wait_until_ready()
    with new_krita(home=painter.krita.home) as second:
        second.run(INSIDE)
        other = Painter(second, painter.album)
        other.look("first_start")
        assert second.run("docker().isVisible()"), "a new user sees the docker"
        other.new_picture(256, 256)
        other.take_role("contour")
        other.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
        other.ask("select", 40, 40, 180, 180)
        other.paint(steps=2)
        other.wait_for_layer("Painted")
        other.look("second")
        assert other.backend().pid == painter.backend().pid


def test_the_backend_ends_when_krita_is_killed() -> None:
    with new_krita() as doomed:
        doomed.run(INSIDE)
        painter = Painter(doomed, Path())
        painter.new_picture(64, 64)
        painter.wait_until_ready()
        backend = painter.backend()
        family = [backend, *backend.children(recursive=True)]
        doomed.kill()
        wait_for(lambda: not any(p.is_running() for p in family), PATIENCE_S, "the backend's end")
