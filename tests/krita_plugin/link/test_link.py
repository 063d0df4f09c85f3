# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from krita_plugin.underdrawing.link import peer
from krita_plugin.underdrawing.link.launcher import Launcher
from krita_plugin.underdrawing.model.roles import Role
from shared.acts import ExtractRequest
from shared.geometry import Bounds
from shared.messages import PutTiles, Submit

from ..canvas_contract import BLACK, GREEN, joined
from ..fake_canvas import FakeCanvas
from ..rig import Rig


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    rig = Rig(tmp_path / "home", tmp_path / "krita")
    monkeypatch.setattr(peer.Peer, "send", rig.record(peer.Peer.send))
    yield rig
    rig.close()


@pytest.fixture
def canvas() -> FakeCanvas:
    """A picture with a green patch, a contour over it, and a selection."""
    canvas = FakeCanvas(300, 280)
    canvas.ink("0", Bounds(100, 100, 40, 30), GREEN)
    canvas.selected = Bounds(110, 105, 60, 50)
    return canvas


def backend_process(rig: Rig) -> psutil.Process:
    return psutil.Process(json.loads((rig.home / "run" / "backend.json").read_text())["pid"])


def test_a_painting_comes_back_as_one_layer(rig: Rig, canvas: FakeCanvas) -> None:
    session = rig.session
    session.assign_role(canvas, Role.CONTOUR)
    contour = canvas.active
    canvas.ink(contour, Bounds(120, 90, 3, 60), BLACK)
    session.change(prompt="a leaf", steps=3, random_seed=False, seed=7)
    assert session.paint(canvas)
    rig.finish()
    assert session.notice is None
    assert session.backend.phase == "ready"
    assert session.backend.families[0].id == "embedded"
    assert "painting" in rig.notes
    made = canvas.painted()
    assert made.name == "Painted: a leaf"
    assert canvas.active == contour
    area = Bounds(110, 105, 60, 50).grown(64 + session.settings.margin()).intersect(Bounds(0, 0, 300, 280))
    green = bytes(255 - b for b in GREEN)
    data = joined(canvas.read_layer(made.id, area), area)
    assert data.count(green) == 40 * 30, "the picture was sent without its strokes"
    submit = next(m for m in rig.sent if isinstance(m, Submit))
    assert submit.request.contour is not None
    assert submit.request.detail is None
    assert (submit.request.area, submit.request.seed) == (area, 7)
    item = session.history.items[0]
    assert (item.settings.seed, item.bounds) == (7, area)
    assert len(item.thumbnail.bgra) == item.thumbnail.width * item.thumbnail.height * 4
    assert session.reapply(canvas, item)
    again = canvas.painted()
    assert again.id != made.id
    assert joined(canvas.read_layer(again.id, area), area) == data


def test_what_the_backend_paints_on_is_told_when_it_is_known(rig: Rig) -> None:
    """The first greeting comes before the worker has looked for a device."""
    told: list[str] = []
    rig.session.subscribe(lambda _: told.append(rig.session.backend.device))
    rig.session.start_backend()
    rig.pump(lambda: rig.session.backend.device == "a test's hand")
    assert rig.session.backend.phase == "ready"
    assert rig.session.backend.families[0].id == "embedded"
    assert "" in told


@pytest.mark.parametrize("edge", [1, 67])
def test_small_and_odd_documents(rig: Rig, edge: int) -> None:
    canvas = FakeCanvas(edge, 2 * edge - 1)
    canvas.selected = Bounds(-5, -5, 500, 500)
    rig.session.change(steps=1)
    rig.session.paint(canvas)
    rig.finish()
    whole = Bounds(0, 0, edge, 2 * edge - 1)
    assert joined(canvas.read_layer(canvas.painted().id, whole), whole) == bytes(4 * whole.extent.area)


def test_a_wrong_token_is_told(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.start_backend()
    rig.pump(lambda: rig.session.backend.phase == "ready")
    state = rig.home / "run" / "backend.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"token": "wrong"}))
    other = Rig(rig.home, rig.home / "other")
    other.session.start_backend()
    other.pump(lambda: other.session.backend.phase == "stopped")
    assert "token" in other.session.backend.words
    assert other.session.backend.remedy
    other.close()


def test_an_unchanged_layer_is_never_sent_twice(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.change(steps=1)
    rig.session.paint(canvas)
    rig.finish()
    assert rig.session.notice is None
    canvas.undo()
    sent = len(rig.sent)
    rig.session.paint(canvas)
    rig.finish()
    assert not [m for m in rig.sent[sent:] if isinstance(m, PutTiles)]
    canvas.undo()
    canvas.ink("0", Bounds(150, 150, 5, 4), BLACK)
    sent = len(rig.sent)
    rig.session.paint(canvas)
    rig.finish()
    puts = [tile for m in rig.sent[sent:] if isinstance(m, PutTiles) for tile in m.tiles]
    assert [len(tile.data) for tile in puts] == [5 * 4 * 4], "only the dirty rectangle travels"


def test_cancel_ends_the_job_without_a_layer(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.change(steps=150)
    rig.session.paint(canvas)
    rig.pump(lambda: rig.session.job is not None and rig.session.job.phase == "running")
    rig.session.cancel()
    rig.finish()
    assert len(canvas.layers()) == 1
    assert rig.session.notice is None
    rig.session.change(steps=1)
    rig.session.paint(canvas)
    rig.finish()
    assert len(canvas.layers()) == 2


def test_a_killed_worker_is_told_in_words(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.change(steps=1, prompt="die")
    rig.session.paint(canvas)
    rig.finish()
    notice = rig.session.notice
    assert notice is not None
    assert notice.code == "worker_lost"
    assert notice.remedy
    assert any("my last words" in line for line in notice.log)
    rig.session.change(prompt="")
    rig.session.paint(canvas)
    rig.finish()
    assert rig.session.notice is None
    assert len(canvas.layers()) == 2


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_backend_is_started_again_and_the_job_goes_on(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.change(steps=60)
    rig.session.paint(canvas)
    rig.pump(lambda: rig.session.job is not None and rig.session.job.phase == "running")
    before = backend_process(rig)
    os.kill(before.pid, signal.SIGKILL)
    rig.pump(lambda: rig.session.backend.phase == "lost")
    rig.finish()
    assert backend_process(rig).pid != before.pid
    assert rig.session.notice is None
    assert len(canvas.layers()) == 2


def test_a_document_closed_in_mid_job_keeps_its_painting(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.change(steps=10)
    rig.session.paint(canvas)
    rig.pump(lambda: rig.session.job is not None and rig.session.job.phase == "running")
    canvas.alive = False
    rig.finish()
    assert rig.session.notice is not None
    assert "history" in rig.session.notice.remedy
    assert rig.session.reapply(FakeCanvas(300, 280), rig.session.history.items[0])
    assert not rig.session.reapply(FakeCanvas(100, 100), rig.session.history.items[0])
    assert "does not fit" in rig.session.notice.message


def test_two_kritas_share_one_backend(rig: Rig, canvas: FakeCanvas, tmp_path: Path) -> None:
    rig.session.change(steps=1)
    rig.session.paint(canvas)
    rig.finish()
    other = Rig(rig.home, tmp_path / "other")
    try:
        other.session.start_backend()
        other.pump(lambda: other.session.backend.phase == "ready")
        assert not other.launcher.is_running
        other.session.change(steps=1)
        assert other.session.paint(canvas)
        other.finish()
        assert len(canvas.layers()) == 3
    finally:
        other.close()
    rig.session.paint(canvas)
    rig.finish()
    assert len(canvas.layers()) == 4, "the other Krita's end left the backend alone"


def test_stop_ends_the_backend_and_paint_starts_it_again(rig: Rig, canvas: FakeCanvas) -> None:
    rig.session.start_backend()
    rig.pump(lambda: rig.session.backend.phase == "ready")
    process = backend_process(rig)
    rig.session.stop_backend()
    rig.pump(lambda: rig.session.backend.phase == "stopped")
    process.wait(10)
    rig.session.change(steps=1)
    rig.session.paint(canvas)
    rig.finish()
    assert len(canvas.layers()) == 2


def test_without_an_installation_the_remedy_is_told(rig: Rig, canvas: FakeCanvas, tmp_path: Path) -> None:
    (tmp_path / "krita" / "install.json").unlink()
    assert rig.session.paint(canvas)
    rig.finish()
    assert rig.session.backend.phase == "stopped"
    assert rig.session.notice is not None
    assert "install.py" in rig.session.notice.remedy
    assert len(canvas.layers()) == 1


def test_a_backend_that_ends_at_once_is_told_with_its_last_lines(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "home", tmp_path / "krita")
    rig.launcher = Launcher(
        tmp_path / "krita" / "install.json", ("-c", "print('no torch'); raise SystemExit(3)")
    )
    rig.link._launcher = rig.launcher
    rig.session.start_backend()
    rig.pump(lambda: rig.session.backend.phase == "stopped")
    assert "exit code 3" in rig.session.backend.words
    assert rig.session.backend.log == ("no torch",)
    assert rig.session.notice is not None
    rig.close()


def test_lines_come_back_as_two_layers(rig: Rig, canvas: FakeCanvas) -> None:
    session = rig.session
    assert session.extract(canvas)
    rig.finish()
    rig.pump(lambda: "Detail" in [role.name.split(" ")[0] for role in session.roles.values()])
    assert session.notice is None
    contour, detail = (canvas.find(role.id).pixels for role in session.roles.values())
    asked = next(m.request for m in rig.sent if isinstance(m, Submit))
    assert isinstance(asked, ExtractRequest) and asked.mask is not None
    inside = {(x, y) for x in range(110, 170) for y in range(105, 155)}
    green = {(x, y) for x in range(100, 140) for y in range(100, 130)}
    assert set(contour) == inside & green, (
        "the tests' extractor inks what is dark in blue, within the selection"
    )
    assert {pixel[3] for pixel in contour.values()} == {255}
    assert {pixel[3] for pixel in detail.values()} == {127}


def test_a_line_is_learnt_while_a_painting_comes_between(
    rig: Rig, canvas: FakeCanvas, tmp_path: Path
) -> None:
    session = rig.session
    session.assign_role(canvas, Role.CONTOUR)
    canvas.ink(canvas.active, Bounds(120, 90, 3, 60), BLACK)
    session.change(family=str(tmp_path / "state"), steps=2)
    assert session.teach(canvas, "Ink")
    rig.pump(lambda: session.learning is not None and session.learning.preview is not None)
    session.change(family="embedded")
    assert session.paint(canvas)
    notes: list[str] = []
    session.subscribe(lambda _: notes.append(session.learning.note if session.learning else ""))
    rig.finish()
    assert any("paused" in note for note in notes)
    assert session.learning is not None
    rig.pump(lambda: session.learning is None)
    assert (session.learnt, session.settings.line_style, session.notice) == ("Ink", "learnt-1", None)
