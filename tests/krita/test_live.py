# SPDX-License-Identifier: GPL-3.0-or-later
"""Live in the real program: forty strokes, each answered, none lost, and nothing left behind."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from backend.weights.files.small_networks import write_network
from backend.weights.runtime.completion import COMPLETION
from models.networks.completion import CompletionNet

from .painter import Painter, Points

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

STROKES = 40
ROLES = ("contour", "detail", "colours")
WATCH = """
_seen = []
def _note():
    active = document().activeNode() if document() is not None else None
    focus = QApplication.focusWidget()
    _seen.append((active.name() if active else "", type(focus).__name__))
from PyQt5.QtWidgets import QApplication
from PyQt5.QtCore import QTimer
_watching = QTimer()
_watching.timeout.connect(_note)
_watching.start(30)
"""


def give_engine(painter: Painter) -> None:
    folder = painter.krita.home / "weights" / "completion"
    if not COMPLETION.exists() and not folder.exists():
        write_network(CompletionNet(), folder)


@pytest.fixture
def live(painter: Painter) -> Iterator[Painter]:
    """A painter whose backend has a completion network, if only an untrained one."""
    give_engine(painter)
    yield painter
    painter.krita.run("session().live.turn_off()")
    painter.krita.run("session().change(None, live_place='canvas', live_engine='instant')")


def switch_on(painter: Painter) -> None:
    painter.wait_until_ready()
    painter.click("live.switch")
    painter.krita.wait("session().live.is_on")


def answered(painter: Painter, count: int, timeout_s: float = 60) -> None:
    """Wait until so many strokes have their picture on the canvas."""
    painter.krita.wait("len(session().live.timings) >= count", timeout_s, count=count)


def wiggle(dice: random.Random, edge: int) -> Points:
    """A short stroke somewhere in the middle of the picture."""
    x, y = (dice.randrange(edge // 4, 3 * edge // 4) for _ in range(2))
    return [(x + dice.randrange(-30, 31), y + dice.randrange(-30, 31)) for _ in range(4)]


def undo_text(painter: Painter) -> str:
    return painter.krita.run("app.action('edit_undo').text()")


def inked(painter: Painter) -> int:
    """How many pixels the strokes cover, over all role layers."""
    return sum(
        painter.krita.run(
            "sum(bytes(node(name).pixelData(0, 0, 512, 512))[3::4])", name=painter.layer_of(role)
        )
        for role in ROLES
        if painter.layer_of(role) in painter.ask("names")
    )


def test_forty_strokes_with_live_on(live: Painter) -> None:
    """No stroke lost, no focus stolen, the history holds just the strokes, no trace at the end."""
    live.new_picture(512, 512)
    switch_on(live)
    for role in ROLES:
        live.take_role(role)
    live.ask("select", 100, 100, 300, 300)
    layers = live.ask("names")
    assert layers == ["Background", "Underdrawing", "Live preview", "Preview", "Contour", "Detail", "Colours"]
    live.krita.run("session().live.timings.clear()")
    live.krita.run(WATCH)
    dice, ink = random.Random(6), 0
    for n in range(STROKES):
        role = ROLES[n * len(ROLES) // STROKES]
        live.krita.run("document().setActiveNode(node(name))", name=live.layer_of(role))
        live.krita.wait("document().activeNode().name() == name", name=live.layer_of(role))
        live.stroke(wiggle(dice, 512))
        more = inked(live)
        assert more > ink, f"stroke {n} is not there"
        ink = more
    answered(live, 1)
    live.krita.wait("session().live.picture is not None and not session().live._job")
    live.look("forty")
    assert live.krita.run("any(bytes(node('Preview').pixelData(100, 100, 300, 300)))")
    seen = live.krita.run("(_watching.stop(), _seen)[1]")
    assert {active for active, _ in seen} <= {live.layer_of(role) for role in ROLES}, "the active layer stays"
    assert "LiveRow" not in {focus for _, focus in seen}
    assert undo_text(live) == "Undo Freehand Brush Stroke"

    drawn = [inked(live)]
    for _ in range(STROKES):
        live.undo()
        drawn.append(inked(live))
    assert all(after < before for before, after in pairwise(drawn)), "each step is a stroke"
    assert drawn[-1] == 0
    assert live.ask("names") == layers
    timings = live.krita.run("[vars(timing) for timing in session().live.timings]")
    ui = sorted(timing["ui_ms"] for timing in timings)
    print(f"\nmain thread per stroke: median {ui[len(ui) // 2]:.1f} ms, worst {ui[-1]:.1f} ms, n {len(ui)}")

    live.click("live.switch")
    live.krita.wait("not session().live.is_on")
    assert live.ask("names") == [name for name in layers if name != "Preview"]
    live.redo()
    assert inked(live) > 0, "and what was undone can still be redone"


def test_live_in_a_picture_that_was_drawn_before_is_one_step(live: Painter) -> None:
    live.new_picture(400, 300)
    live.take_role("contour")
    live.stroke([(120, 150), (200, 90), (280, 150)])
    before = live.ask("names")
    switch_on(live)
    answered(live, 1, 120)
    assert live.ask("names") == ["Background", "Underdrawing", "Live preview", "Preview", "Contour"]
    assert live.active() == "Contour"
    live.look("picture")
    live.undo()
    live.krita.wait("not session().live.is_on")
    assert live.ask("names") == before
    assert "undone" in live.krita.run("session().live.standing.words")
    live.look("off")
    live.undo()
    assert live.krita.run("any(bytes(node('Contour').pixelData(0, 0, 400, 300)))") is False


def test_a_role_taken_as_soon_as_live_has_come_on_stays_taken(live: Painter) -> None:
    """What its layers' coming does to Krita's active layer is undone, what the artist does is not."""
    live.new_picture(300, 200)
    for role in ("contour", "detail"):
        live.take_role(role)
        live.stroke([(80, 100), (150, 60), (220, 110)])
    live.krita.run("docker().session.live.turn_on(docker().presenter._canvas())")
    live.krita.wait("'Preview' in names()")
    live.take_role("contour")
    answered(live, 1, 120)
    live.krita.run("document().waitForDone()")
    assert live.active() == "Contour"


def test_a_saved_picture_holds_nothing_of_the_preview(live: Painter, tmp_path: Path) -> None:
    live.new_picture(256, 256)
    switch_on(live)
    live.take_role("contour")
    live.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
    answered(live, 1, 120)
    live.krita.wait("any(bytes(node('Preview').pixelData(0, 0, 256, 256)))")
    file = tmp_path / "saved.kra"
    live.krita.run("document().setFileName(path)", path=str(file))
    live.krita.mouse("key", "ctrl+s")
    live.krita.wait("not any(bytes(node('Preview').pixelData(0, 0, 256, 256)))")
    live.look("saving")
    live.krita.mouse("key", "Escape")
    live.stroke([(60, 80), (200, 80)])
    live.krita.wait("any(bytes(node('Preview').pixelData(0, 0, 256, 256)))", 60)
    live.krita.run("session().live.hide()")
    live.krita.run(
        "(document().setBatchmode(True), document().saveAs(path), document().waitForDone())", path=str(file)
    )
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
    live.close_documents()
    live.krita.run("session().live.turn_off()")
    live.open_picture(file)
    live.krita.wait("'Preview' not in names()")
    assert "Contour" in live.ask("names")


def test_refine_and_keep(live: Painter) -> None:
    live.new_picture(256, 256)
    switch_on(live)
    live.take_role("contour")
    live.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
    live.krita.wait("session().live.picture is not None", 120)
    live.click("live.keep")
    kept = live.wait_for_layer("Live: ")
    assert live.ask("top_names") == ["Background", kept, "Underdrawing"]
    live.undo()
    assert kept not in live.ask("names")
    live.stroke([(80, 80), (150, 80)])
    live.krita.wait("session().live.picture is not None", 60)
    live.krita.run("part('more').steps.setValue(2)")
    live.click("live.refine")
    layer = live.wait_for_layer("Painted")
    assert live.ask("top_names") == ["Background", layer, "Underdrawing"]
    live.krita.wait("not any(bytes(node('Preview').pixelData(0, 0, 256, 256)))")
    live.look("refined")
    live.stroke([(90, 120), (150, 130)])
    live.krita.wait("any(bytes(node('Preview').pixelData(0, 0, 256, 256)))", 60)
    assert live.active() == "Contour"


def test_the_panel_shows_it_without_a_layer(live: Painter) -> None:
    live.new_picture(256, 256)
    live.krita.run("session().change(None, live_place='panel')")
    switch_on(live)
    live.take_role("contour")
    live.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
    live.krita.wait("part('live').preview.isVisible()", 120)
    live.look("panel")
    assert "Preview" not in live.ask("names")


def test_a_lost_backend_takes_the_preview_along(live: Painter) -> None:
    live.new_picture(256, 256)
    switch_on(live)
    live.take_role("contour")
    live.stroke([(60, 60), (200, 60), (128, 200), (60, 60)])
    live.krita.wait("any(bytes(node('Preview').pixelData(0, 0, 256, 256)))", 120)
    live.krita.run("session().stop_backend()")
    live.krita.wait("not any(bytes(node('Preview').pixelData(0, 0, 256, 256)))")
    assert "Live waits" in live.krita.run("session().live.standing.words")
    live.look("lost")
    live.krita.run("session().start_backend()")
    live.krita.wait("any(bytes(node('Preview').pixelData(0, 0, 256, 256)))", 240)
