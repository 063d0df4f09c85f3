# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every kind: deep, large, grey, saved and opened again."""

from __future__ import annotations

from pathlib import Path

import pytest

from .painter import Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("model", "depth"), [("RGBA", "U16"), ("RGBA", "F32"), ("GRAYA", "U8"), ("CMYKA", "U8")]
)
def test_documents_of_other_kinds(painter: Painter, model: str, depth: str) -> None:
    painter.new_picture(320, 256, model=model, depth=depth)
    painter.take_role("contour")
    painter.stroke([(90, 80), (230, 80), (160, 190), (90, 80)])
    painter.ask("select", 64, 50, 192, 160)
    before = painter.ask("merged")
    painter.paint(steps=2)
    layer = painter.wait_for_layer("Painted")
    assert painter.krita.run("(document().colorModel(), document().colorDepth())") == [model, depth]
    changed = painter.changed_bounds(before, painter.ask("merged"), pixel_bytes=len(before) // (320 * 256))
    assert changed is not None
    assert painter.inside(changed, (64, 50, 192, 160))
    painter.undo()
    assert layer not in painter.ask("names")
    assert painter.ask("merged") == before


def test_a_large_canvas(painter: Painter) -> None:
    painter.new_picture(2048, 2048)
    painter.take_role("contour")
    painter.stroke([(600, 600), (1400, 600), (1000, 1400), (600, 600)])
    painter.take_role("colours")
    painter.stroke([(900, 800), (1100, 820)])
    painter.ask("select", 500, 500, 1000, 1000)
    before = painter.ask("merged")
    painter.paint(steps=2)
    painter.wait_for_layer("Painted")
    changed = painter.changed_bounds(before, painter.ask("merged"))
    assert changed is not None
    assert painter.inside(changed, (500, 500, 1000, 1000))


def test_the_largest_canvas(painter: Painter) -> None:
    """8192 x 8192: only the marked part and its surroundings are read, sent and painted."""
    box = (5000, 2900, 700, 600)
    painter.new_picture(8192, 8192)
    painter.take_role("contour")
    painter.stroke([(5100, 3000), (5600, 3000), (5350, 3400), (5100, 3000)])
    painter.ask("select", *box)
    around, before = painter.ask("digest_around", *box), painter.ask("names")
    painter.paint(steps=2)
    layer = painter.wait_for_layer("Painted", timeout_s=300)
    assert painter.inside(painter.ask("bounds", layer), box)
    assert painter.ask("digest_around", *box) == around
    painter.look("painted")
    painter.undo()
    assert painter.ask("names") == before


def test_the_smallest_canvas(painter: Painter) -> None:
    painter.new_picture(1, 1)
    painter.type("red")
    painter.krita.wait("session().settings.prompt == 'red'")
    painter.ask("select", 0, 0, 1, 1)
    painter.paint(steps=2)
    layer = painter.wait_for_layer("Painted")
    assert painter.ask("bounds", layer) == [0, 0, 1, 1]
    painter.undo()
    assert painter.ask("names") == ["Background"]
    assert painter.ask("merged") == b"\xff" * 4


def test_roles_and_words_come_back_with_the_file(painter: Painter, tmp_path: Path) -> None:
    painter.new_picture(300, 200)
    painter.take_role("contour")
    painter.stroke([(50, 50), (250, 150)])
    painter.take_role("colours")
    painter.type("a green bird")
    painter.krita.wait("session().settings.prompt == 'a green bird'")
    file = tmp_path / "saved.kra"
    painter.krita.run("document().setBatchmode(True), document().saveAs(path)", path=str(file))
    painter.krita.run("document().waitForDone()")
    painter.close_documents()
    painter.new_picture(300, 200)
    painter.krita.wait("part('prompt').toPlainText() == ''")
    painter.close_documents()

    painter.open_picture(file)
    painter.krita.wait("part('prompt').toPlainText() == 'a green bird'")
    names = painter.ask("names")
    painter.take_role("contour")
    assert painter.ask("names") == names, "the saved layer was found, none was made"
    painter.look("reloaded")
