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
    before, active, names = painter.ask("merged"), painter.active(), painter.ask("names")
    painter.look("before")

    painter.paint(steps=4)
    layer = painter.wait_for_layer("Painted")
    painter.look("after")

    assert painter.ask("top_names") == ["Background", "Underdrawing", layer]
    assert painter.active() == active
    assert "a red cup" in layer
    after = painter.ask("merged")
    changed = painter.changed_bounds(before, after)
    assert changed is not None
    x, y, width, height = changed
    assert x >= 120 and y >= 100 and x + width <= 380 and y + height <= 340
    assert width > 200 and height > 180, "the region was painted, not a corner of it"

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
    assert "select" in words.lower()
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
