# SPDX-License-Identifier: GPL-3.0-or-later
"""Line art by hand: extract, weigh, undo, teach, and the window of learnt lines."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.programs.krita_session import wait_for

from .painter import NEWEST, Painter

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900), pytest.mark.weights]

EXAMPLES = Path(__file__).parents[2] / "models" / "examples"
ACTIVE_PIXELS = "bytes(document().activeNode().pixelData(0, 0, document().width(), document().height()))"
BLACK = {"U16": bytes(6) + b"\xff\xff", "F32": struct.pack("<4f", 0, 0, 0, 1)}
PAIR = ["Contour – Background", "Detail – Background"]


def unfold(painter: Painter) -> None:
    painter.wait_until_ready()
    painter.krita.run("part('line_art.fold').isChecked() or part('line_art.fold').click()")


def extract(painter: Painter, count: int = 1) -> None:
    """Click Extract lines and wait until so many contour layers lie there."""
    unfold(painter)
    painter.click("line_art.extract")
    painter.krita.wait(
        "part('error').isVisible() or sum(n.startswith('Contour – ') for n in names()) == count",
        120,
        count=count,
    )
    words = painter.krita.run("part('error').isVisible() and part('error').words()")
    assert not words, words
    painter.krita.wait("not session()._lines.is_busy")


def choose(painter: Painter, box: str, value: str) -> None:
    painter.krita.run(
        "b = part('line_art.' + box); b.setCurrentIndex(b.findData(value))", box=box, value=value
    )
    painter.krita.wait("not docker().presenter._unsaved")


def planes(painter: Painter, name: str, pixel: str = "u1") -> np.ndarray:
    """A layer's pixels, (height, width, channel)."""
    data = painter.ask("pixels", name, 0, 0, painter.width, painter.height)
    return np.frombuffer(data, pixel).reshape(painter.height, painter.width, 4)


def test_lines_of_a_layer_become_two_layers(painter: Painter) -> None:
    painter.open_picture(EXAMPLES / "cup" / "image.png")
    (background,) = painter.ask("names")
    before = painter.ask("merged")
    extract(painter)
    pair = [f"{role} – {background}" for role in ("Contour", "Detail")]
    assert painter.ask("names") == [background, "Underdrawing", *pair]
    assert painter.active() == background
    painter.look("extracted")
    contour = planes(painter, pair[0])
    assert contour[..., 3].any() and not contour[contour[..., 3] == 0].any()
    drawn = contour[contour[..., 3] > 0]
    assert (drawn[:, :3] == (0x14, 0x10, 0x10)).all(), "one colour, as the artist's own contours"

    alpha = contour[..., 3].astype(int).sum()
    drag(painter, "line_art.weight", 1.0)
    painter.krita.wait("session().settings.line_weight == 2")
    settle(painter)
    heavier = planes(painter, pair[0])[..., 3].astype(int).sum()
    painter.look("heavier")
    assert heavier > alpha
    drag(painter, "line_art.threshold", 0.6)
    settle(painter)
    assert planes(painter, pair[0])[..., 3].astype(int).sum() < heavier
    assert len(painter.ask("names")) == 4, "the sliders write into the same layers"
    painter.look("threshold")

    painter.undo()
    assert painter.ask("names") == [background]
    assert painter.ask("merged") == before
    painter.click_history(0)
    painter.krita.wait("len(names()) == 4")
    settle(painter)
    painter.look("again")
    painter.krita.run("session().weigh(1.0, 0.0)")


def settle(painter: Painter) -> None:
    painter.krita.wait("not session()._lines.is_busy")
    painter.krita.run("document().waitForDone()")


def drag(painter: Painter, part: str, to: float) -> None:
    """Drag a bar from its middle to a share of its width."""
    x, y, width, height = painter.ask("part_frame", part)
    row = y + height // 2
    painter.krita.drag([(x + width // 2, row), (x + width * 3 // 4, row), (round(x + (width - 2) * to), row)])


def test_drawn_on_lines_stay_and_new_ones_are_laid_above(painter: Painter) -> None:
    painter.open_picture(EXAMPLES / "house" / "image.png")
    extract(painter)
    painter.click("roles.contour")
    painter.krita.wait("document().activeNode().name().startswith('Contour – ')")
    painter.stroke([(60, 60), (200, 80)])
    drawn = painter.krita.run(ACTIVE_PIXELS)
    painter.krita.run("session().weigh(1.5, 0.0)")
    painter.krita.wait("sum(n.startswith('Contour – ') for n in names()) == 2")
    settle(painter)
    names = painter.ask("names")
    assert [name.split(" – ")[0] for name in names[1:]] == [
        "Underdrawing",
        "Contour",
        "Detail",
        "Lines",
        "Contour",
        "Detail",
    ]
    assert painter.krita.run(ACTIVE_PIXELS) == drawn
    assert painter.krita.run("[r.name for r in session().roles.values()]") == names[-2:]
    painter.look("above")
    painter.krita.run("session().weigh(1.0, 0.0)")


@pytest.mark.parametrize("depth", ["U16", "F32"])
def test_deep_documents_get_lines_of_sixteen_bits(painter: Painter, depth: str) -> None:
    painter.new_picture(300, 256, depth=depth)
    painter.krita.run(
        "n = document().topLevelNodes()[0]; n.setPixelData(bytes(pixel) * 10000, 80, 60, 100, 100);"
        "document().refreshProjection()",
        pixel=list(BLACK[depth]),
    )
    painter.ask("select", 40, 40, 120, 180)
    extract(painter)
    assert painter.krita.run("[n.colorDepth() for n in nodes()[-2:]]") == ["U16", "U16"]
    pixels = np.concatenate([planes(painter, name, "<u2") for name in PAIR])
    assert not (pixels[..., 3] % 257).any(), "8 bits of ink over the whole range of 16"
    contour = planes(painter, PAIR[0], "<u2")[..., 3]
    outside = contour.copy()
    outside[40:220, 40:160] = 0
    assert contour.any() and not outside.any(), "only within the selection"
    painter.look("lines")


@pytest.mark.parametrize(("width", "height"), [(2048, 2048), (1, 1)])
def test_large_and_tiny_canvases(painter: Painter, width: int, height: int) -> None:
    painter.new_picture(width, height)
    painter.krita.run(
        "n = document().topLevelNodes()[0]; n.setPixelData(bytes([0, 0, 0, 255]) * (w * w), 0, 0, w, w)",
        w=max(1, width // 3),
    )
    unfold(painter)
    choose(painter, "source", "picture")
    try:
        extract(painter)
    finally:
        choose(painter, "source", "layer")
    painter.look("lines")


def test_what_cannot_be_extracted_is_told(painter: Painter) -> None:
    painter.new_picture(200, 200)
    unfold(painter)
    painter.take_role("contour")
    painter.click("line_art.extract")
    words = painter.wait_for_error()
    assert "holds strokes" in words and "Whole picture" in words
    painter.krita.run("session().dismiss()")
    painter.krita.run(
        "e = document().createNode('empty', 'paintlayer'); document().rootNode().addChildNode(e, None)"
    )
    painter.krita.wait("document().activeNode().name() == 'empty'")
    painter.click("line_art.extract")
    assert "nothing on the layer “empty”" in painter.wait_for_error()
    painter.krita.run("session().dismiss()")
    painter.click("line_art.teach")
    words = painter.wait_for_error()
    assert "no lines to learn from" in words and "Draw over" in words
    painter.look("words")


def things(path: Path) -> Path:
    """A picture of a few things with plain outlines."""
    image = Image.new("RGB", (384, 320), "#dfe7ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 220, 384, 320), fill="#8fa37a")
    draw.ellipse((60, 90, 190, 250), fill="#b5523b")
    draw.polygon([(210, 250), (260, 80), (330, 250)], fill="#355c7d")
    draw.ellipse((240, 150, 280, 190), fill="#f2cc5c")
    image.save(path)
    return path


def test_a_line_is_taught_and_then_drawn_in(painter: Painter, tmp_path: Path) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    extract(painter)
    painter.click("line_art.teach")
    dialog = "docker().presenter.lines._dialog"
    painter.krita.wait(f"{dialog} is not None and {dialog}.isVisible()")
    painter.krita.run(f"({dialog}.name.setText('Brush of mine'), {dialog}.minutes.setValue(0.3))")
    painter.look("asked")
    painter.krita.run(f"{dialog}.start.click()")
    painter.krita.wait("session().learning is not None and session().learning.preview is not None", 300)
    painter.look("learning")

    painter.ask("select", 40, 40, 200, 200)
    painter.paint(steps=2)
    painter.wait_for_layer("Painted")
    assert painter.krita.run("session().learning is not None"), "a painting comes between"
    painter.krita.run("trigger('deselect')")
    painter.krita.wait("session().learning is None", 400)
    assert not painter.krita.run("part('error').isVisible() and part('error').words()")
    assert painter.krita.run("session().learnt") == "Brush of mine"
    painter.krita.wait("part('line_art.style_choice').currentText() == 'Brush of mine'")
    painter.look("learnt")

    painter.krita.run("document().setActiveNode(nodes()[0])")
    extract(painter, count=2)
    painter.look("drawn")
    window = "docker().presenter.lines._window"
    painter.click("line_art.styles")
    painter.krita.wait(f"{window} is not None and {window}.grid.count() >= 1")
    painter.look("styles")
    painter.krita.run(f"{window}.renamed.emit({window}.current(), 'Feather')")
    painter.krita.wait("part('line_art.style_choice').currentText() == 'Feather'")
    out = tmp_path / "feather.safetensors"
    painter.krita.run(f"{window}.exported.emit({window}.current(), path)", path=str(out))
    wait_for(out.exists, 30, "the exported style")
    painter.krita.run(f"{window}.deleted.emit({window}.current())")
    painter.krita.wait("session().settings.line_style == ''")
    painter.krita.run(f"{window}.imported.emit(path)", path=str(out))
    painter.krita.wait("part('line_art.style_choice').currentText() == 'Feather'")
    painter.krita.run(f"{window}.imported.emit(path)", path=str(tmp_path / "none.safetensors"))
    painter.krita.wait(f"{window}.words.isVisible()")
    painter.look("words")
    painter.krita.run(f"{window}.close()")
    painter.krita.wait(f"{window} is None")


def test_a_learning_is_stopped_and_goes_on(painter: Painter, tmp_path: Path) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    extract(painter)
    painter.krita.run("session().change(learn_minutes=5.0)")
    painter.krita.run("session().teach(docker().presenter._canvas(), 'Long')")
    painter.krita.wait("session().learning is not None and session().learning.phase == 'running'", 200)
    painter.krita.run("part('line_art.learning.stop').click()")
    painter.krita.wait("session().learning is None", 90)
    assert not painter.krita.run("part('error').isVisible()")
    assert painter.krita.run("session().learnt") == ""
    (folder,) = (painter.krita.home / "styles" / "learning").iterdir()
    painter.krita.run("session().teach(docker().presenter._canvas(), 'Long')")
    painter.krita.wait("session().learning is not None and session().learning.phase == 'running'", 200)
    assert list(folder.parent.iterdir()) == [folder], "it goes on where it was"
    painter.krita.run("session().stop_learning()")
    painter.krita.wait("session().learning is None", 90)


def test_a_document_closed_before_its_lines_came(painter: Painter, tmp_path: Path) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    unfold(painter)
    newest = painter.krita.run(NEWEST)
    painter.click("line_art.extract")
    painter.krita.wait("session().job is None or session().job.phase != 'reading'")
    painter.close_documents()
    painter.krita.wait(f"{NEWEST} != newest", 90, newest=newest)
    painter.new_picture(400, 400)
    painter.click_history(0)
    painter.krita.wait("any(n.startswith('Contour') for n in names())")
