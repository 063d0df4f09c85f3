# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the embedded family in full and write docs/quality.md with its pictures.

    python scripts/make_quality_docs.py [--page-only]

Writes docs/quality.json (what `underdrawing bench quality --json` prints), docs/images/quality.jpg and the
page. With --page-only the page is made again from the figures that lie there. Takes minutes on two cores.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from scripts.benchmark_page import make_page, not_measured, verdict  # noqa: E402

PAGE, FIGURES = REPO / "docs" / "quality.md", REPO / "docs" / "quality.json"
PICTURE = REPO / "docs" / "images" / "quality.jpg"
SHOWN, COLUMNS = 12, 2
GUIDES = ("contour", "detail", "colour", "text")
RULERS = ("contour_f3", "detail_f3", "stroke_delta_e")

MEANINGS = {
    "contour_f3": "boundary F at 3 px of 256 between exact contour lines and the painting's edges near them",
    "detail_f3": "the same for detail lines",
    "contour_f3_by_hand": "the same for contours as someone sketches them quickly, trembling, with gaps",
    "stroke_delta_e": "median Delta E 2000 between colour strokes and the painting under them",
    "category_accuracy": "share of paintings whose category a classifier of its own names",
    "clip_top1_of_100": "how often the family's own CLIP finds the picture of a caption among 100",
    "clip_top1_of_100_subjects": "the same without icons, whose names CLIP has never read",
    "kid_x1000": "kernel distance, on CLIP's features, between the paintings and other held-out pictures",
    "student_contour_f3": "boundary F of contours as the few-step student paints them",
    "student_detail_f3": "the same for its details",
    "student_s": "one painting of 256 x 256 by the few-step student, seconds",
    "outside_changed_bytes": "bytes of the picture outside the region that differ afterwards",
    "seam_ratio": "step of colour across the region's border over that of the true picture",
    "vae_psnr_db": "pictures through the autoencoder and back",
    "steps20_s": "one painting of 256 x 256 with the default 20 steps, seconds",
    "load_s": "a fresh process imports and loads the family, seconds",
    "set_mib": "all shipped weights, MiB",
}
"""The figures of the main table, in its order."""

HEAD = """# How well the embedded family paints

*Made by `scripts/make_quality_docs.py` from `underdrawing bench quality --json`; change it there.*

The pictures are held out: other icons, other individuals and other seeds than any that the family was trained
on. Each is painted by the real paint act with the defaults, on {machine}. Intervals are 95 % bootstrap
intervals over the pictures.

![Held-out drawings, what was painted, and the true picture](images/quality.jpg)

*Each three: the drawing, the painting, the picture that the drawing was made from. The first {shown} of the
held-out pictures, none left out; every second one is drawn from a quick sketch.*

## Strokes, surroundings, speed

| figure | value | interval | true picture | goal | what it is |
|---|---|---|---|---|---|
"""

ABLATIONS = """
*True picture* is what the ruler gives for the picture that was drawn from: the best that it can give. Edges
are found by Canny on lightness; a drawn line between two surfaces of one lightness cannot be seen by it.

## What each guide does

The same pictures with one guide withheld. The row that falls says what the guide is for.

| withheld | `contour_f3` | `detail_f3` | `stroke_delta_e` |
|---|---|---|---|
"""


def page(document: Mapping[str, Any]) -> str:
    """The page's text from what the benchmark printed."""
    figures = {figure["name"]: figure for figure in document["results"]}
    machine = document["machine"]
    text = HEAD.format(machine=f"{machine['cores']} cores of an {machine['cpu']}", shown=SHOWN)
    for name, meaning in MEANINGS.items():
        figure, true = figures[name], figures.get(f"{name}_true")
        shown = f"{true['value']:.3g}" if true else ""
        spread = f"{figure['low']:.3g} - {figure['high']:.3g}" if figure["low"] < figure["high"] else ""
        told = verdict("quality", name, figure["value"])
        text += f"| `{name}` | {figure['value']:.3g} | {spread} | {shown} | {told} | {meaning} |\n"
    text += ABLATIONS
    for guide in ("nothing", *GUIDES):
        text += _row(guide, [figures[f"{name}_without_{guide}"]["value"] for name in RULERS])
    return text + not_measured("quality", figures)


def _row(title: str, values: Sequence[float]) -> str:
    return f"| {title} | " + " | ".join(f"{value:.3g}" for value in values) + " |\n"


def draw_pictures() -> None:
    """Paint the first held-out pictures and lay them out."""
    import torch

    from backend.bench.held_out import painted, whole
    from backend.weights.families import load_family
    from models.recipes.grids import lines_over, picture_grid

    def signed(image: Any) -> torch.Tensor:
        return torch.as_tensor(image).permute(2, 0, 1).float() / 127.5 - 1

    model = load_family("embedded")
    cells: list[list[torch.Tensor]] = []
    for number in range(SHOWN):
        task = whole(number, by_hand=number % 2 == 1)
        sample = task.sample
        contour, detail = (torch.as_tensor(ink)[None] / 255 for ink in (sample.contour, sample.detail))
        drawing = lines_over(contour, detail, torch.as_tensor(sample.colours).permute(2, 0, 1) / 255)
        cells.append([drawing, signed(painted(model, task)), signed(sample.image)])
    rows = [[*itertools.chain(*cells[n : n + COLUMNS])] for n in range(0, SHOWN, COLUMNS)]
    grid = picture_grid(rows)
    grid.resize((grid.width // 2, grid.height // 2)).save(PICTURE, quality=88)


def main() -> None:
    make_page(PAGE, page, draw_pictures, "quality")


if __name__ == "__main__":
    main()
