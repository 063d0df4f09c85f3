#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/images/live-tools.webp in a real Krita, with the weights that ship.

A cup is copied from a photograph that scikit-image brings along (in the public domain), placed in a picture
of `models/examples` and painted there. Side by side: what was selected, the copy as it is placed, the docker,
what was painted.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from skimage import data as photographs

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from benchmarks.programs.krita_session import KritaSession  # noqa: E402
from installer.krita import install_plugin, named_place  # noqa: E402
from tests.krita.painter import Painter  # noqa: E402

TARGET = REPO / "docs" / "images" / "live-tools.webp"
ROOM = REPO / "models" / "examples" / "cup" / "image.png"
INSIDE = REPO / "tests" / "krita" / "inside.py"
CUP = (150, 4, 424, 318)
"""An ellipse in the photograph: left, top, right, bottom."""
PLACE = (116, 170, 280, 300)
"""In the room."""
SEED, STEPS = 3, 20
EDGE_PX, GAP_PX = 384, 8
_photographs: Any = photographs  # it has no types


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ud-docs-") as folder, _krita(Path(folder)) as krita:
        krita.run(INSIDE.read_text())
        painter = Painter(krita, Path(folder))
        photograph = Path(folder) / "coffee.png"
        Image.fromarray(_photographs.coffee()).save(photograph)
        copied = _copy(painter, photograph)
        painter.open_picture(ROOM)
        painter.ask("select", *PLACE)
        painter.wait_until_ready()
        painter.click("tools.buttons.paste")
        krita.wait("session().pasting.is_laid and not session().pasting.is_busy", 240)
        placed, docker = _picture(painter), _docker(painter)
        painter.click("tools.placing.done")
        krita.run("part('more').random_seed.setChecked(False)")
        krita.run("part('more').seed.setValue(seed)", seed=SEED)
        painter.paint(steps=STEPS)
        painter.wait_for_layer("Painted", timeout_s=600)
        krita.run("node('Underdrawing').setVisible(False)")
        _strip([copied, placed, docker, _picture(painter)]).save(TARGET, quality=84, method=6)
    print(TARGET)


def _krita(folder: Path) -> KritaSession:
    def install(resources: Path, home: Path) -> None:
        install_plugin(named_place(resources), REPO, Path(sys.prefix), home)

    return KritaSession(folder / "krita", install)


def _copy(painter: Painter, photograph: Path) -> Image.Image:
    """Copy the cup; the photograph with what was selected."""
    painter.open_picture(photograph)
    marked = Image.new("L", (painter.width, painter.height), 0)
    ImageDraw.Draw(marked).ellipse(CUP, fill=255)
    marked.save(photograph.with_name("marked.png"))
    painter.ask("select_white", str(photograph.with_name("marked.png")))
    painter.krita.run("part('tools.buttons.copy').menu().actions()[0].trigger()")
    painter.krita.wait("session().pasting.clip is not None")
    picture = _picture(painter)
    ImageDraw.Draw(picture).ellipse(CUP, outline="white", width=3)
    painter.krita.run("trigger('deselect')")
    left = CUP[0] - 70
    return picture.crop((left, 0, left + picture.height, picture.height))


def _picture(painter: Painter) -> Image.Image:
    """What Krita shows of the document."""
    size = painter.width, painter.height
    return Image.frombytes("RGBA", size, painter.ask("merged"), "raw", "BGRA").convert("RGB")


def _docker(painter: Painter) -> Image.Image:
    """The tools and the card on which the copy is placed."""
    x, y, width, height = painter.ask("part_frame", "tools")
    above = painter.ask("part_frame", "roles.contour")[1]
    return (
        Image.open(painter.look("docker"))
        .convert("RGB")
        .crop((x - 6, above - 4, x + width + 6, y + height + 4))
    )


def _strip(pictures: list[Image.Image]) -> Image.Image:
    """Side by side and equally high; one that is wide is centred on its own ground."""
    shown = [_squared(picture) for picture in pictures]
    strip = Image.new("RGB", (len(shown) * (EDGE_PX + GAP_PX) - GAP_PX, EDGE_PX), "white")
    for index, picture in enumerate(shown):
        strip.paste(picture, (index * (EDGE_PX + GAP_PX), 0))
    return strip


def _squared(picture: Image.Image) -> Image.Image:
    square = Image.new("RGB", (EDGE_PX, EDGE_PX), picture.getpixel((2, 2)))
    scale = EDGE_PX / max(picture.size)
    small = picture.resize(
        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
    )
    square.paste(small, ((EDGE_PX - small.width) // 2, (EDGE_PX - small.height) // 2))
    return square


if __name__ == "__main__":
    main()
