# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, done by hand: strokes, selection, the Paint button, a new layer."""

from __future__ import annotations

import pytest

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

REGION = (120, 100, 260, 240)


def test_strokes_become_a_painted_layer(painter: Painter) -> None:
    painter.new_picture(512, 512)
    painter.draw_a_cup()
    painter.look("strokes")
    painter.select_with_mouse(*REGION)
    painter.type("a red cup")
    painter.click("region.whole")
    before, active, names = painter.ask("merged"), painter.active(), painter.ask("names")
    painter.look("before")

    painter.paint(steps=4)
    layer = painter.wait_for_layer("Painted")
    painter.look("after")

    assert painter.ask("top_names") == ["Background", layer, "Underdrawing"]
    assert painter.active() == active
    assert "a red cup" in layer
    selected = painter.ask("selected")
    assert all(abs(found - drawn) <= 2 for found, drawn in zip(selected, REGION, strict=True)), selected
    changed = painter.changed_bounds(before, painter.ask("merged"))
    assert changed is not None
    assert painter.inside(changed, tuple(selected))
    assert changed[2] > 200 and changed[3] > 180, "the region was painted, not a corner of it"

    painter.undo()
    assert painter.ask("names") == names
    assert painter.ask("merged") == before
    painter.redo()
    assert layer in painter.ask("names")


def test_typing_stays_in_the_prompt(painter: Painter) -> None:
    painter.new_picture(256, 256)
    painter.type("two pears")
    painter.krita.mouse("key", "ctrl+BackSpace")
    painter.krita.mouse("type", "apples")
    painter.krita.mouse("key", "Home", "Delete")
    assert painter.krita.run("part('prompt').toPlainText()") == "wo apples"
    assert painter.ask("names") == ["Background"]


def test_painting_without_a_region_says_what_to_do(painter: Painter) -> None:
    painter.new_picture(256, 256)
    painter.click("paint")
    words = painter.wait_for_error()
    painter.look("words")
    assert "Select a region" in words
    assert painter.ask("names") == ["Background"]


def test_a_painted_mask_layer_is_the_region(painter: Painter) -> None:
    painter.new_picture(400, 300)
    painter.take_role("contour")
    painter.stroke([(120, 150), (200, 90), (280, 150)])
    painter.take_role("mask")
    painter.stroke([(100, 150), (200, 150), (300, 150)])
    before = painter.ask("merged")
    mask = painter.ask("bounds", painter.layer_of("mask"))
    painter.paint(steps=2)
    painter.wait_for_layer("Painted")
    changed = painter.changed_bounds(before, painter.ask("merged"))
    assert changed is None or painter.inside(changed, mask)


def test_history_gives_a_painting_back(painter: Painter) -> None:
    painter.new_picture(256, 256)
    painter.take_role("contour")
    painter.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
    painter.ask("select", 40, 40, 180, 180)
    painter.paint(steps=2)
    layer = painter.wait_for_layer("Painted")
    first = painter.ask("pixels", layer, 0, 0, 256, 256)
    painter.undo()
    assert layer not in painter.ask("names")
    painter.click_history(0)
    again = painter.wait_for_layer("Painted")
    assert painter.ask("pixels", again, 0, 0, 256, 256) == first
    painter.look("again")


def test_the_eye_hides_the_strokes_and_taking_a_role_shows_them(painter: Painter) -> None:
    painter.new_picture(256, 256)
    blank = painter.ask("merged")
    assert not painter.krita.run("part('lines').isEnabled()")
    painter.take_role("contour")
    painter.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
    drawn = painter.ask("merged")
    assert drawn != blank
    painter.krita.wait("part('lines').isEnabled()")
    painter.click("lines")
    painter.krita.wait("not node('Underdrawing').visible()")
    assert painter.ask("merged") == blank
    painter.look("hidden")
    painter.ask("select", 40, 40, 180, 180)
    painter.paint(steps=2)
    painter.wait_for_layer("Painted")
    painter.take_role("detail")
    assert painter.krita.run("node('Underdrawing').visible()")
    painter.ask("trigger", "underdrawing_lines")
    painter.krita.wait("not node('Underdrawing').visible()")


def test_actions_can_have_shortcuts(painter: Painter) -> None:
    painter.new_picture(128, 128)
    painter.ask("trigger", "underdrawing_detail")
    painter.krita.wait("document().activeNode().name() == 'Detail'")
    painter.ask("trigger", "underdrawing_paint")
    assert "mark" in painter.wait_for_error().lower()
    assert painter.krita.run("app.action('underdrawing_paint').shortcut().toString()") == "Ctrl+Shift+Return"


def test_another_computer_is_asked_for_in_words(painter: Painter) -> None:
    """The window opens, says what is wrong with an address, and leaves the backend in use alone."""
    painter.new_picture(128, 128)
    painter.wait_until_ready()
    widgets = "window().qwindow().findChildren(QWidget)"
    dialog = f"next(w for w in {widgets} if type(w).__name__ == 'RemoteDialog')"
    painter.krita.run("docker().panel.remote_clicked.emit()")
    painter.krita.wait(f"{dialog}.isVisible()")
    painter.krita.run(f"({dialog}.address.setText('https://studio'), {dialog}.connect_button.click())")
    assert "studio.local:40123" in painter.krita.run(f"{dialog}.words.text()")
    painter.look("asked")
    painter.krita.run(f"{dialog}.reject()")
    assert painter.krita.run("session().remote") is None
    assert painter.krita.run("session().backend.phase") == "ready"
