# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools by hand: mask from selection, line eraser, irises, and lines copied from picture to picture."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from .painter import Box, Painter
from .test_brushes import BRUSH, brush_is
from .test_live import answered, live, switch_on

__all__ = ["live"]

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900), pytest.mark.weights]

TRIO = ["Mask", "Colours", "Contour"]


def things(path: Path) -> Path:
    """A picture of a red ball and a blue cone on grass."""
    image = Image.new("RGB", (384, 320), "#dfe7ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 220, 384, 320), fill="#8fa37a")
    draw.ellipse((60, 90, 190, 250), fill="#b5523b")
    draw.polygon([(210, 250), (260, 80), (330, 250)], fill="#355c7d")
    image.save(path)
    return path


def tool(painter: Painter, name: str) -> None:
    painter.click(f"tools.buttons.{name}")


def pixels(painter: Painter, name: str) -> np.ndarray:
    """A layer's pixels, (height, width, BGRA)."""
    data = painter.ask("pixels", name, 0, 0, painter.width, painter.height)
    return np.frombuffer(data, np.uint8).reshape(painter.height, painter.width, 4)


def inked(painter: Painter, name: str) -> Box:
    """The smallest rectangle with all ink of a layer."""
    rows, columns = np.nonzero(pixels(painter, name)[..., 3])
    x, y = int(columns.min()), int(rows.min())
    return x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y


def words(painter: Painter) -> str:
    found = painter.wait_for_error()
    painter.krita.run("session().dismiss()")
    return found


def no_error(painter: Painter) -> None:
    assert not painter.krita.run("part('error').isVisible() and part('error').words()")


def test_the_selection_becomes_the_mask(painter: Painter) -> None:
    painter.new_picture()
    tool(painter, "to_mask")
    assert "Nothing is selected" in words(painter)
    painter.select_with_mouse(100, 120, 200, 150)
    selected = painter.ask("selected")
    tool(painter, "to_mask")
    painter.krita.wait("document().selection() is None")
    assert list(inked(painter, "Mask")) == selected
    painter.look("masked")
    assert painter.active() == "Background"
    assert painter.krita.run("node('Mask').opacity()") == 102
    assert set(np.unique(pixels(painter, "Mask")[..., 3])) == {0, 255}, "the mask itself counts in full"
    painter.undo()
    assert painter.ask("names") == ["Background"], "one undo step"
    painter.redo()
    painter.krita.run("document().setActiveNode(node('Background'))")

    painter.select_with_mouse(350, 350, 40, 40)
    tool(painter, "to_mask")
    painter.krita.wait("document().selection() is None")
    grown = inked(painter, "Mask")
    assert grown[2] > selected[2] and grown[3] > selected[3], "a second selection is added"
    assert painter.active() == "Background"
    painter.take_role("mask")
    painter.stroke([(450, 450), (460, 460)])
    assert inked(painter, "Mask")[3] > grown[3], "nothing confines the brush"
    painter.undo()
    painter.undo()
    assert list(inked(painter, "Mask")) == selected
    assert (pixels(painter, "Background") == 255).all(), "no other layer was filled"
    no_error(painter)


def test_lines_are_taken_from_the_picture_and_erased(painter: Painter, tmp_path: Path) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    painter.wait_until_ready()
    tool(painter, "eraser")
    assert "no lines to erase" in words(painter)
    painter.ask("select", 40, 70, 170, 200)
    tool(painter, "to_lines")
    painter.krita.wait("sum(n.startswith('Contour – ') for n in names()) == 1", 120)
    painter.krita.wait("not session()._lines.is_busy")
    painter.krita.run("trigger('deselect')")
    lines = ["Contour – picture", "Detail – picture"]
    for name in lines:
        ink = pixels(painter, name)[..., 3].copy()
        ink[70:270, 40:210] = 0
        assert not ink.any(), "only within what is marked"
    painter.click("roles.contour")
    painter.krita.wait("document().activeNode().name() == 'Contour – picture'")
    before = painter.krita.run(BRUSH)
    tool(painter, "eraser")
    painter.krita.wait("app.action('erase_action').isChecked()")
    assert painter.krita.run("part('tools.buttons.eraser').isChecked()")
    full = pixels(painter, lines[0])[..., 3].astype(int).sum()
    assert full > 255 * 100
    painter.stroke([(125, 80), (125, 100), (60, 170), (90, 90), (150, 90)])
    painter.look("erased")
    left = pixels(painter, lines[0])[..., 3].astype(int).sum()
    assert left < full - 255 * 10, "the line is out of the layer"
    painter.undo()
    assert pixels(painter, lines[0])[..., 3].astype(int).sum() == full
    tool(painter, "eraser")
    painter.krita.wait("not app.action('erase_action').isChecked()")
    assert painter.krita.run(BRUSH) == before
    tool(painter, "eraser")
    painter.krita.wait("app.action('erase_action').isChecked()")
    painter.click("roles.detail")
    painter.krita.wait("not app.action('erase_action').isChecked()")
    painter.click("roles.contour")
    brush_is(painter, before)
    no_error(painter)


def test_two_clicks_are_two_irises(painter: Painter) -> None:
    painter.new_picture()
    painter.krita.run("window().activeView().setBrushSize(55.0)")
    painter.ask("select", 120, 100, 264, 320)
    before = painter.krita.run(BRUSH)
    tool(painter, "iris")
    painter.krita.wait("document().activeNode().name() == 'Colours'")
    painter.click("tools.iris.swatches.#4a7fb5")
    painter.look("first eye")
    for place in ((200, 200), (300, 204)):
        assert painter.krita.run("part('tools.iris').isVisible()")
        painter.stroke([place])
    painter.krita.wait("not part('tools.iris').isVisible()")
    painter.look("dabbed")
    assert painter.krita.run(BRUSH) == before, "brush, size, colour, eraser and pressure are as before"
    colours = pixels(painter, "Colours")
    for x, y in ((200, 200), (300, 204)):
        eye = colours[y - 30 : y + 30, x - 30 : x + 30]
        assert tuple(eye[30, 30]) == (0xB5, 0x7F, 0x4A, 255)
        assert eye[..., 3].sum() / 255 == pytest.approx(math.pi * 11**2, rel=0.1), "22 px across: a face's"
    assert colours[..., 3].astype(int).sum() / 255 == pytest.approx(2 * math.pi * 11**2, rel=0.1)
    painter.undo()
    painter.undo()
    assert not pixels(painter, "Colours")[..., 3].any(), "two dabs, two steps"
    no_error(painter)


def test_an_iris_in_the_colour_of_the_brush_and_larger(painter: Painter) -> None:
    painter.new_picture()
    painter.take_role("colours")
    colour = painter.krita.run("window().activeView().foregroundColor().toQString()")
    painter.krita.run("docker().presenter.tools.tools.change_iris(colour='', size=2.0)")
    tool(painter, "iris")
    painter.krita.wait("part('tools.iris').isVisible()")
    assert painter.krita.run("window().activeView().foregroundColor().toQString()") == colour
    painter.stroke([(200, 200)])
    assert pixels(painter, "Colours")[..., 3].sum() / 255 == pytest.approx(math.pi * 12.8**2, rel=0.1)
    painter.krita.run("docker().presenter.tools.tools.change_iris(size=1.0)")
    painter.take_role("contour")
    painter.krita.wait("not part('tools.iris').isVisible()")


def copy(painter: Painter, source: str) -> None:
    """Choose from the menu of Copy."""
    index = ("picture", "layer", "file").index(source)
    painter.krita.run("part('tools.buttons.copy').menu().actions()[i].trigger()", i=index)


def paste(painter: Painter) -> list[str]:
    """Paste, and wait until it lies there; the layers' names."""
    painter.krita.wait("session().pasting.clip is not None and session().backend.phase == 'ready'", 240)
    tool(painter, "paste")
    painter.krita.wait("session().pasting.placing is not None or part('error').isVisible()")
    placed(painter)
    return [name for name in painter.ask("names") if " – " in name and not name.startswith("Copy")]


def placed(painter: Painter) -> None:
    painter.krita.wait("part('error').isVisible() or not session().pasting.is_busy", 120)
    no_error(painter)
    painter.krita.run("document().waitForDone()")


def test_a_thing_is_copied_into_another_picture(painter: Painter, tmp_path: Path) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    painter.wait_until_ready()
    copy(painter, "picture")
    assert "Nothing is selected to copy" in words(painter)
    painter.ask("select", 45, 75, 160, 190)
    copy(painter, "picture")
    painter.krita.wait("session().pasting.clip is not None")
    painter.close_documents()
    painter.krita.wait("document() is None")

    painter.new_picture(600, 500)
    painter.ask("select", 300, 100, 200, 240)
    names = paste(painter)
    assert names == [f"{role} – picture" for role in TRIO]
    painter.krita.wait("document().selection() is None")
    painter.look("placing")
    mask = inked(painter, names[0])
    assert painter.inside(mask, (299, 100, 202, 240)) and mask[3] > 200, "it nearly fills the selection"
    for name in names[1:]:
        assert painter.inside(inked(painter, name), mask)
    assert painter.krita.run("sorted(r.name for r in session().roles.values())") == sorted(names)
    assert painter.active() == "Background"

    light = painter.krita.run("part('tools.placing.light').value()")
    assert light == 100 * painter.krita.run("session().pasting.placing.light")
    bright = pixels(painter, names[1])
    painter.krita.run("part('tools.placing.light').setValue(round(0.5 * value))", value=light)
    placed(painter)
    dark, dabs = pixels(painter, names[1]).astype(int), bright[..., 3] > 0
    assert dabs.any() and np.abs(dark[dabs] - bright[dabs] * [0.5, 0.5, 0.5, 1])[..., :3].max() <= 3

    contour = inked(painter, names[2])
    painter.krita.run("part('tools.placing.middle_x').setValue(150)")
    painter.krita.run("part('tools.placing.scale').setValue(100)")
    painter.krita.run("part('tools.placing.flip').setChecked(True)")
    painter.krita.run("part('tools.placing.colours').setChecked(False)")
    placed(painter)
    painter.krita.wait("not node('Colours – picture').visible()")
    painter.look("moved")
    moved = inked(painter, names[2])
    assert moved[0] + moved[2] / 2 < 230 and moved[3] < contour[3]
    assert not pixels(painter, names[1])[..., 3].any()
    painter.click("tools.placing.done")
    painter.krita.wait("not part('tools.placing').isVisible()")
    painter.undo()
    assert [name for name in painter.ask("names") if " – " in name] == [], "one undo step in all"
    painter.redo()
    assert painter.ask("top_names") == ["Background", "Underdrawing"]

    painter.paint(steps=2)
    made = painter.wait_for_layer("Painted")
    painter.look("painted")
    assert painter.inside(tuple(painter.ask("bounds", made)), (60, 100, 200, 250)), "where the mask is"


@pytest.mark.parametrize(
    ("model", "depth", "layer"), [("RGBA", "U16", "U16"), ("RGBA", "F32", "U16"), ("GRAYA", "U8", "U8")]
)
def test_documents_of_other_kinds(
    painter: Painter, tmp_path: Path, model: str, depth: str, layer: str
) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    painter.ask("select", 45, 75, 160, 190)
    copy(painter, "picture")
    painter.krita.wait("session().pasting.clip is not None and not session().pasting.is_copying")
    painter.new_picture(400, 300, model=model, depth=depth)
    painter.ask("select", 20, 30, 64, 48)
    tool(painter, "to_mask")
    painter.krita.wait("document().selection() is None and 'Mask' in names()")
    assert painter.ask("bounds", "Mask") == [20, 30, 64, 48]
    names = paste(painter)
    kinds = painter.krita.run("[(node(n).colorModel(), node(n).colorDepth()) for n in found]", found=names)
    assert kinds == [["RGBA", layer]] * 3
    for name in names:
        data = painter.ask("pixels", name, 0, 0, 400, 300)
        assert any(data)
    painter.krita.run("part('tools.placing.turn').setValue(15)")
    placed(painter)
    painter.look("pasted")
    painter.krita.run("part('tools.placing.done').click()")
    painter.undo()
    assert [name for name in painter.ask("names") if " – " in name] == []


def test_lines_drawn_on_a_copy_stay(painter: Painter, tmp_path: Path) -> None:
    painter.open_picture(things(tmp_path / "things.png"))
    painter.ask("select", 200, 70, 140, 190)
    copy(painter, "layer")
    painter.krita.run("trigger('deselect')")
    names = paste(painter)
    assert names[2].startswith("Contour – ")
    painter.krita.run("document().setActiveNode(node(name))", name=names[2])
    painter.stroke([(20, 20), (60, 60)])
    drawn = pixels(painter, names[2]).copy()
    painter.krita.run("part('tools.placing.turn').setValue(30)")
    assert "You drew on the copy" in words(painter)
    assert (pixels(painter, names[2]) == drawn).all()
    painter.krita.run("document().setModified(False)")


def test_what_cannot_be_copied_or_pasted_is_told(painter: Painter, tmp_path: Path) -> None:
    painter.new_picture(300, 300)
    painter.ask("select", 10, 10, 9, 9)
    copy(painter, "picture")
    assert "only 9 x 9 pixels" in words(painter)
    painter.ask("select", 10, 10, 100, 100)
    copy(painter, "picture")
    assert "nothing but one colour" in words(painter)
    painter.krita.run("docker().presenter.tools.copy_file(__import__('pathlib').Path('/nowhere/a.png'))")
    assert "cannot be read as a picture" in words(painter)


def test_a_part_of_a_file_is_copied(painter: Painter, tmp_path: Path) -> None:
    path = things(tmp_path / "things.png")
    painter.new_picture(400, 400)
    painter.krita.run("docker().presenter.tools.copy_file(__import__('pathlib').Path(path))", path=str(path))
    dialog = "docker().presenter.tools._dialog"
    painter.krita.wait(f"{dialog} is not None and {dialog}.isVisible()")
    x, y, _, _ = painter.krita.run(f"frame({dialog}.picture)")
    painter.krita.drag([(x + 45, y + 75), (x + 100, y + 120), (x + 205, y + 265)])
    painter.look("file")
    painter.krita.run(f"{dialog}.take.click()")
    painter.krita.wait(f"{dialog} is None")
    names = paste(painter)
    assert names == [f"{role} – things" for role in TRIO]
    mask = inked(painter, names[0])
    assert 130 < mask[2] < 162 and 160 < mask[3] < 192, "the thing, less what it lies on"
    assert abs(mask[0] + mask[2] / 2 - 200) <= 2, "in the middle"
    painter.look("pasted")


def test_live_answers_what_was_pasted_and_erased(live: Painter, tmp_path: Path) -> None:
    live.open_picture(things(tmp_path / "things.png"))
    live.ask("select", 45, 75, 160, 190)
    copy(live, "picture")
    live.krita.wait("session().pasting.clip is not None and not session().pasting.is_copying")
    live.close_documents()
    live.new_picture(400, 400)
    switch_on(live)
    names = paste(live)
    assert live.ask("names") == ["Background", "Underdrawing", "Live preview", "Preview", *names]
    live.krita.wait("session().live.picture is not None", 60)
    live.look("answered")
    seen_as_painted(live)
    live.krita.run("session().live.timings.clear()")
    live.krita.run("part('tools.placing.turn').setValue(20)")
    placed(live)
    answered(live, 1)
    live.look("turned")
    live.click("tools.placing.done")
    live.krita.run("document().setActiveNode(node(name))", name=names[2])
    tool(live, "eraser")
    live.krita.wait("app.action('erase_action').isChecked()")
    count = live.krita.run("len(session().live.timings)")
    live.stroke([(120, 200), (200, 200), (280, 200)])
    answered(live, count + 1)
    live.look("erased")
    tool(live, "eraser")
    live.undo()
    paste(live)
    live.krita.wait("session().live.standing.mood == 'good' and not session().live._job", 60)
    live.look("twice")
    seen_as_painted(live)
    live.click("tools.placing.done")
    live.undo()
    live.undo()
    assert live.ask("names") == ["Background"], "the stroke and each paste are a step"
    no_error(live)


def seen_as_painted(painter: Painter) -> None:
    """Where nothing is drawn, what is seen in the masks is what Live painted, not tinted by them."""
    preview = "bytes(node('Preview').pixelData(*session().live.picture.bounds))"
    painter.krita.wait(f"{preview} == bytes(session().live.picture.data)")
    masked, drawn = covered(painter, "Mask"), covered(painter, "Colours") | covered(painter, "Contour")
    shown = pixels(painter, "Preview")
    open_places = masked & ~drawn & (shown[..., 3] == 255)
    assert open_places.sum() > 100
    seen = np.frombuffer(painter.ask("merged"), np.uint8).reshape(shown.shape)
    assert (seen[open_places] == shown[open_places]).all()


def covered(painter: Painter, role: str) -> np.ndarray:
    """Where any layer of a role has ink."""
    found = painter.krita.run(
        "[bytes(n.pixelData(0, 0, w, h)) for n in nodes() if n.name().startswith(role)]",
        w=painter.width,
        h=painter.height,
        role=role,
    )
    shape = (painter.height, painter.width, 4)
    return np.any([np.frombuffer(data, np.uint8).reshape(shape)[..., 3] > 0 for data in found], axis=0)
