# SPDX-License-Identifier: GPL-3.0-or-later
"""Grids of what the quality benchmark painted: the first of each set in every way, none left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.held_out import Task
from benchmarks.painting.rows import FLAT, INSTANT, PAINT, TITLES
from benchmarks.painting.sets import SETS, PictureSet

Image8 = NDArray[np.uint8]
IMAGES = Path(__file__).parents[1] / "docs" / "images"
SHOWN, CELL_PX, LABEL_PX = 10, 160, 14
SHEET, SHEET_COLUMNS, SHEET_PX = 100, 5, 96
GAP_PX = 3


def picture_of(pictured: PictureSet) -> Path:
    return IMAGES / f"quality-{pictured.key}.jpg"


def sheet_of(pictured: PictureSet) -> Path:
    return IMAGES / f"quality-{pictured.key}-hundred.jpg"


def draw_pictures(progress: Callable[[str], None], *, quick: bool) -> None:
    """Write the grid of each set, and of the drawings by people a sheet of the first hundred."""
    from backend.weights.runtime.families import load_family
    from benchmarks.quality import FAMILY, open_bench

    bench = open_bench(load_family(FAMILY), progress)
    for pictured in SETS:
        tasks = pictured.tasks(quick=quick)
        if not tasks:
            continue
        rows = {row: bench.pictures(pictured, row, tasks) for row in TITLES if row in pictured.rows}
        grid(tasks, rows).save(picture_of(pictured), quality=85)
        if pictured.key == "doodles":
            sheet(tasks, rows).save(sheet_of(pictured), quality=80)


def grid(tasks: Sequence[Task], rows: dict[str, list[Image8]]) -> Image.Image:
    """What is given above, then each way in a row of its own; the first tasks beside each other."""
    shown = [[given(task) for task in tasks], *rows.values()]
    labels = ["given", *(TITLES[row] for row in rows)]
    step = CELL_PX + GAP_PX
    paper = Image.new("RGB", (min(SHOWN, len(tasks)) * step, len(shown) * (step + LABEL_PX)), "white")
    pen = ImageDraw.Draw(paper)
    for y, (label, pictures) in enumerate(zip(labels, shown, strict=True)):
        pen.text((2, y * (step + LABEL_PX)), label, "black")
        for x, picture in enumerate(pictures[:SHOWN]):
            paper.paste(_small(picture, CELL_PX), (x * step, y * (step + LABEL_PX) + LABEL_PX))
    return paper


def sheet(tasks: Sequence[Task], rows: dict[str, list[Image8]]) -> Image.Image:
    """Each drawing with what flat fill, the instant engine and paint made of it; a hundred of them."""
    groups = [[given(task) for task in tasks], rows[FLAT], rows[INSTANT], rows[PAINT]]
    count, wide = min(SHEET, len(tasks)), len(groups) * SHEET_PX + 2 * GAP_PX
    paper = Image.new(
        "RGB", (SHEET_COLUMNS * wide, -(-count // SHEET_COLUMNS) * (SHEET_PX + GAP_PX)), "white"
    )
    for number in range(count):
        x, y = number % SHEET_COLUMNS * wide, number // SHEET_COLUMNS * (SHEET_PX + GAP_PX)
        for place, pictures in enumerate(groups):
            paper.paste(_small(pictures[number], SHEET_PX), (x + place * SHEET_PX, y))
    return paper


def given(task: Task) -> Image8:
    """What the act is given, drawn over each other: picture or paper, dabs, lines; words are not shown."""
    sample, without = task.sample, task.without
    known = (task.region == 0)[..., None] | (task.scope != "selection")
    seen = np.where(known, sample.image, 255).astype(np.float64)
    if "colour" not in without:
        cover = sample.colours[..., 3:] / 255
        seen = seen + (sample.colours[..., :3] - seen) * cover
    for kind, ink in (("contour", sample.contour), ("detail", sample.detail)):
        if kind not in without:
            seen = seen * (1 - ink[..., None] / 255)
    return np.rint(seen).astype(np.uint8)


def _small(picture: Image8, side_px: int) -> Image.Image:
    return Image.fromarray(picture).resize((side_px, side_px), Image.Resampling.LANCZOS)
