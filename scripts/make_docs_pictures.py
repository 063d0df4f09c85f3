# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures of the documentation in a real Krita, with the weights that ship.

    python scripts/make_docs_pictures.py [EXAMPLE]

Loads a drawing of `models/examples` onto role layers made by the docker's own buttons, paints it by the Paint
button, hides the strokes by the docker's eye and writes docs/images/docker.png (the whole of Krita) and
docs/images/before-after.png. Then the window of models, over a folder of files that have headers only:
docs/images/models.png. "lines" instead of an example makes only docs/images/lines.webp: by the button, the
lines of a photograph that scikit-image brings along (in the public domain). "live" makes only
docs/images/live.webp: Live on over the strokes of an example.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from skimage import data as photographs

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from benchmarks import model_headers  # noqa: E402
from benchmarks.programs.krita_session import KritaSession  # noqa: E402
from installer.krita import install_plugin, named_place  # noqa: E402
from tests.krita.painter import Painter  # noqa: E402

IMAGES = REPO / "docs" / "images"
EXAMPLES = REPO / "models" / "examples"
INSIDE = REPO / "tests" / "krita" / "inside.py"
SCREEN = (1360, 860)
ROLES = ("contour", "detail", "colours")
SEED, STEPS = 0, 20
_photographs: Any = photographs  # it has no types
GAP_PX = 16
FADE = """
half = document().width() // 2
paper = document().createNode("Paper", "paintlayer")
paper.setPixelData(b"\\xff" * (4 * half * document().height()), half, 0, half, document().height())
document().rootNode().addChildNode(paper, node("Background"))
document().refreshProjection()
"""
"""A white layer between the right half of the picture and its lines."""


def main(example: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ud-docs-") as folder, _krita(Path(folder)) as krita:
        krita.run(INSIDE.read_text())
        painter = Painter(krita, Path(folder))
        _load(painter, EXAMPLES / example)
        painter.wait_until_ready()
        before = _picture(painter)
        painter.krita.run("part('more').random_seed.setChecked(False)")
        painter.krita.run("part('more').seed.setValue(seed)", seed=SEED)
        painter.paint(steps=STEPS)
        painter.wait_for_layer("Painted", timeout_s=600)
        painter.click("lines")
        painter.krita.wait("not node('Underdrawing').visible()")
        _side_by_side(before, _picture(painter)).save(IMAGES / "before-after.png", optimize=True)
        painter.krita.run("trigger('deselect')")
        painter.krita.wait("part('history').count() == 1")
        painter.look("docker")
        Image.open(Path(folder) / "docker.png").convert("RGB").save(IMAGES / "docker.png", optimize=True)
        _models(painter, Path(folder))
    print(*sorted(IMAGES.glob("*.png")), sep="\n")


def lines() -> None:
    """The docker after Extract lines, half of the picture faded so that the lines are seen alone."""
    with tempfile.TemporaryDirectory(prefix="ud-docs-") as folder, _krita(Path(folder)) as krita:
        krita.run(INSIDE.read_text())
        painter = Painter(krita, Path(folder))
        picture = Path(folder) / "coffee.png"
        Image.fromarray(_photographs.coffee()).save(picture)
        painter.open_picture(picture)
        painter.wait_until_ready()
        krita.run("part('line_art.fold').click()")
        painter.click("line_art.extract")
        krita.wait("len(names()) == 4 and not session()._lines.is_busy", 240)
        krita.run(FADE)
        krita.run("document().setActiveNode(node('Background'))")
        painter.look("lines")
        shown = Image.open(Path(folder) / "lines.png").convert("RGB")
        shown.save(IMAGES / "lines.webp", quality=82, method=6)


def live(example: str) -> None:
    """The docker with Live on, over an example's strokes."""
    with tempfile.TemporaryDirectory(prefix="ud-docs-") as folder, _krita(Path(folder)) as krita:
        krita.run(INSIDE.read_text())
        painter = Painter(krita, Path(folder))
        _load(painter, EXAMPLES / example)
        painter.wait_until_ready()
        krita.run("docker().session.live.turn_on(docker().presenter._canvas())")
        krita.wait("session().live.picture is not None", 240)
        painter.take_role("contour")
        painter.stroke([(262, 2), (257, 16), (264, 32)])  # the first answer reads and loads everything
        krita.wait("len(session().live.timings) >= 2", 60)
        painter.undo()
        krita.wait("len(session().live.timings) >= 3", 60)
        krita.run("session().live._sharpen(session().live._pause)")
        krita.wait("not session().live._job and not session().live._work.is_running", 60)
        krita.run("trigger('deselect')")
        krita.run("document().setActiveNode(node('Contour'))")
        painter.look("live")
        shown = Image.open(Path(folder) / "live.png").convert("RGB")
        shown.save(IMAGES / "live.webp", quality=82, method=6)


def _krita(folder: Path) -> KritaSession:
    def install(resources: Path, home: Path) -> None:
        install_plugin(named_place(resources), REPO, Path(sys.prefix), home)

    return KritaSession(folder / "krita", install, screen=SCREEN)


def _load(painter: Painter, example: Path) -> None:
    """The example as an artist would have it: picture, strokes on their layers, selection, words."""
    painter.open_picture(example / "image.png")
    for role in ROLES:
        painter.take_role(role)
        layer = painter.layer_of(role)
        painter.ask("fill_layer", layer, str(example / f"{role}.png"))
    painter.ask("select_white", str(example / "mask.png"))
    painter.type((example / "prompt.txt").read_text().strip())
    painter.krita.run("part('roles')['contour'].setFocus()")


def _models(painter: Painter, folder: Path) -> None:
    """The window of models over a painter's folder."""
    own = folder / "ComfyUI models"
    for name, shapes in (
        ("checkpoints/gouache v2", model_headers.checkpoint("sd15")),
        ("checkpoints/plein air XL", model_headers.checkpoint("sdxl")),
        ("loras/my ink", model_headers.kohya_lora("sd15")),
    ):
        model_headers.write_header(own / f"{name}.safetensors", shapes)
    (own / "checkpoints" / "old.ckpt").write_bytes(b"\x80\x02}q")
    painter.krita.run("docker().panel.models_clicked.emit()")
    painter.krita.wait("session().library.known.target", 30)
    painter.krita.run("docker().presenter._models.folder_added.emit(folder)", folder=str(own))
    painter.krita.wait("len(session().library.known.folders) == 1", 30)
    painter.krita.run(
        "tree = docker().presenter._models.tree; tree.setCurrentItem(tree.topLevelItem(0).child(3))"
    )
    left, top, width, height = painter.krita.run("frame(docker().presenter._models)")
    shown = Image.open(painter.look("models")).convert("RGB")
    shown.crop((left, top, left + width, top + height)).save(IMAGES / "models.png", optimize=True)
    painter.krita.run("docker().presenter._models.close()")


def _picture(painter: Painter) -> Image.Image:
    """What Krita shows of the document."""
    return Image.frombytes("RGBA", (painter.width, painter.height), painter.ask("merged"), "raw", "BGRA")


def _side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    width, height = left.size
    both = Image.new("RGB", (2 * width + GAP_PX, height), "white")
    both.paste(left.convert("RGB"), (0, 0))
    both.paste(right.convert("RGB"), (width + GAP_PX, 0))
    return both


if __name__ == "__main__":
    if sys.argv[1:] == ["lines"]:
        lines()
    elif sys.argv[1:] == ["live"]:
        live("cup")
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else "cup")
