# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Make docs/images/extract-lines.webp: free photographs and a studio picture beside their lines.

The photographs (NASA and CC0) are read from ../shared/data/photos where they are; others are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from backend.acts.lines.extract import extract
from backend.acts.report import Quiet
from backend.imaging.pixels import Picture
from backend.weights.runtime.line_extractor import load_extractor
from models.recipes.studio import render

ROOT = Path(__file__).resolve().parents[1]
PHOTOS = ROOT.parent / "shared" / "data" / "photos"
FREE = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
SIDE_PX, GAP_PX = 300, 6


def pictures() -> list[Image.Image]:
    """Squares to show: the free photographs at hand, and one painting of the studio."""
    files = [PHOTOS / name for name in FREE if (PHOTOS / name).is_file()]
    found = [Image.fromarray(render(5, 512, "held_out", category="cat").image)]
    for file in files:
        with Image.open(file) as picture:
            found.append(picture.convert("RGB"))
    return [_square(picture) for picture in found]


def _square(picture: Image.Image) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 4
    return picture.crop((left, top, left + side, top + side)).resize((2 * SIDE_PX, 2 * SIDE_PX))


def lines_of(picture: Image.Image) -> Image.Image:
    """Contour black, detail a little lighter, on white."""
    extractor = load_extractor()
    layer = np.asarray(picture.convert("RGBA"))[..., [2, 1, 0, 3]]
    contour, detail = extract(extractor, Picture(layer, "bgra_u8"), Quiet(), confirm=True)
    return Image.fromarray(255 - np.maximum(contour, (0.75 * detail).astype(np.uint8)))


def main() -> None:
    """Write the picture of the documentation."""
    shown = pictures()
    cell = SIDE_PX + GAP_PX
    sheet = Image.new("RGB", (len(shown) * cell - GAP_PX, 2 * cell - GAP_PX), "white")
    for column, picture in enumerate(shown):
        for row, one in enumerate((picture, lines_of(picture).convert("RGB"))):
            sheet.paste(one.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS), (column * cell, row * cell))
    sheet.save(ROOT / "docs" / "images" / "extract-lines.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
