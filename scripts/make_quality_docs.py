# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the embedded family in full and write docs/quality.md with its pictures.

    python scripts/make_quality_docs.py [--quick | --page-only]

Writes docs/quality.json (what `underdrawing bench quality --json` prints), one grid per set of pictures and a
sheet of drawings by people below docs/images/, and the page. With --quick from few samples; with --page-only
the page is made again from the figures that lie there. Takes about twenty minutes on two idle cores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from benchmarks.goals import GOALS  # noqa: E402
from scripts.benchmark_page import not_measured, verdict  # noqa: E402
from scripts.quality_pictures import draw_pictures, picture_of, sheet_of  # noqa: E402

PAGE, FIGURES = REPO / "docs" / "quality.md", REPO / "docs" / "quality.json"

MEANINGS = {
    "perceptual": "distance to the true picture as people see it (ST-LPIPS on AlexNet): 0 is the same",
    "category": "share of pictures whose subject a classifier names that only measures; icons do not count",
    "doodle_recognised": "share of drawings whose word is among a recogniser's five best guesses from the"
    " lines of what was painted, over its share on the drawings themselves",
    "five_best": "the recogniser's own share, on the drawings themselves, among 344 words",
    "stroke_alone_kept": "length of strokes outside every area (stems, whiskers) that can still be seen",
    "outside_lines_changed_bytes": "bytes that differ beyond all that the lines could enclose, of all sets;"
    " an open outline that the act closed with a long line, and said so, counts here",
    "grain_ratio": "fine energy inside the figure over that around it: 1 belongs",
    "seam_ratio": "step of colour across the region's border over that of the true picture",
    "outside_changed_bytes": "bytes of the picture outside the region that differ afterwards",
    "contour_f3": "boundary F at 3 px between contour lines and the painting's edges near them",
    "detail_f3": "the same for detail lines",
    "stroke_delta_e": "median Delta E 2000 between dabs and the painting under them",
}
"""Rulers of the sets, in the order of the tables."""

OTHERS = {
    "vae_psnr_db": "pictures through the autoencoder and back, dB",
    "clip_top1_of_100": "how often the family's own CLIP finds the picture of a caption among 100",
    "clip_top1_of_100_subjects": "the same without icons, whose names CLIP has never read",
    "kid_x1000": "distance of EfficientNet-Lite0's features between paintings and other held-out pictures",
    "steps20_s": "one painting of 256 x 256 with the default 20 steps, seconds",
    "student_s": "the same in a few steps, seconds",
    "load_s": "a fresh process imports and loads the family, seconds",
    "set_mib": "all shipped weights, MiB",
}

HEAD = """# How well the embedded family paints

*Made by `scripts/make_quality_docs.py` from `underdrawing bench quality --json`; change it there.*

Of commit {commit}, weights {weights}, on {machine}; {effort}. All pictures are held out: other icons, other
individuals and other seeds than any that the family was trained on. Each is painted by the real acts with the
defaults. The rulers are networks that no painter was taught with, and that teach nothing. Brackets hold 95 %
bootstrap intervals over the pictures; a gain over a rival is of pairs, of the same pictures, and only one
whose whole interval lies above 0 is a gain.

*Flat fill and lines* uses no network: every area in its dab's mean colour, the lines over it. *Bare network*
is paint before the act's colour step. *True picture* is what the ruler gives for the picture that was drawn
from: the best that it can give. A classifier judges a set only where it knows 95 % of its true pictures.

## Goals

| figure | value | goal |
|---|---|---|
"""

RULERS_TABLE = """
## What the rulers are

| ruler | what it is |
|---|---|
"""


def page(document: Mapping[str, Any]) -> str:
    """The page's text from what the benchmark printed."""
    from benchmarks.painting.sets import SETS

    figures = {figure["name"]: figure for figure in document["results"]}
    machine, keys = document["machine"], document["keys"]
    text = HEAD.format(
        commit=document["commit"],
        weights=keys["weights"],
        machine=f"{machine['cores']} cores of an {machine['cpu']}",
        effort=keys["effort"],
    )
    for name in GOALS["quality"]:
        if name in figures:
            told = verdict("quality", name, figures[name])
            text += f"| `{name}` | {_value(figures[name])} | {told} |\n"
    for pictured in SETS:
        text += _set_section(pictured, figures, keys["effort"])
    text += RULERS_TABLE
    for name, meaning in (MEANINGS | OTHERS).items():
        text += f"| `{name}` | {meaning} |\n"
    return text + not_measured("quality", figures)


def _set_section(pictured: Any, figures: Mapping[str, Any], effort: str) -> str:
    """A set's grid and its table, a line for each row; empty where nothing of it was measured."""
    from benchmarks.painting.figures import figure_name
    from benchmarks.painting.rows import PAINT, TITLES

    families = sorted({name.partition("_family_")[2] for name in figures if "_family_" in name})
    rows = {row: title for row, title in TITLES.items() if row in pictured.rows}
    if PAINT in rows:
        rows |= {f"family_{name}": f"paint, weights {name}" for name in families}
    told = {*pictured.rulers, *(("five_best",) if "doodle_recognised" in pictured.rulers else ())}
    rulers = [ruler for ruler in MEANINGS if ruler in told]
    cells = {
        (row, ruler): _value(figures[name])
        for row in rows
        for ruler in rulers
        if (name := figure_name(pictured.label, ruler, row)) in figures
    }
    if not cells:
        return ""
    known = [ruler for ruler in rulers if any(key[1] == ruler for key in cells)]
    text = f"\n## {pictured.title}\n\n{_count(pictured, effort)}"
    text += _shown("The first, in every way", picture_of(pictured))
    text += _line("", [f"`{ruler}`" for ruler in known]) + "|---" * (len(known) + 1) + "|\n"
    for row, title in rows.items():
        if any(key[0] == row for key in cells):
            text += _line(title, [cells.get((row, ruler), "") for ruler in known])
    text += _notes(pictured, figures)
    if pictured.key == "doodles":
        text += "\n" + _shown("Drawing, flat fill, instant engine, paint", sheet_of(pictured))
    return text


def _notes(pictured: Any, figures: Mapping[str, Any]) -> str:
    """Gains over the rivals, and what a judge of one answer would be right in."""
    from benchmarks.painting.figures import COMPARED, RIVALS, figure_name
    from benchmarks.painting.rows import TITLES

    notes: list[str] = []
    for ruler in (ruler for ruler in COMPARED if ruler in pictured.rulers):
        for rival in RIVALS:
            name = figure_name(pictured.label, ruler, f"over_{rival}")
            if name in figures:
                notes.append(f"gain of paint over *{TITLES[rival]}* in `{ruler}`: {_value(figures[name])}")
    chance = figure_name(pictured.label, "category", "chance")
    if "category" in pictured.rulers and chance in figures:
        notes.append(f"one answer for all would be right in {_value(figures[chance])}")
    return "\n" + "; ".join(notes) + ".\n" if notes else ""


def _shown(words: str, picture: Path) -> str:
    """A picture, where it was drawn."""
    return f"![{words}](images/{picture.name})\n\n" if picture.is_file() else ""


def _count(pictured: Any, effort: str) -> str:
    """How many pictures there are of the set, where the run was of today's sets."""
    kinds = ("full", "quick")
    known = [kind for kind in kinds if effort.startswith(kind)]
    return f"{pictured.counts[kinds.index(known[0])]} pictures.\n\n" if known else ""


def _line(title: str, cells: Sequence[str]) -> str:
    return f"| {title} | " + " | ".join(cells) + " |\n"


def _value(figure: Mapping[str, Any]) -> str:
    spread = f" [{figure['low']:.3g}, {figure['high']:.3g}]" if figure["low"] < figure["high"] else ""
    return f"{figure['value']:.3g}{spread}"


def measure(*, quick: bool) -> None:
    """Write docs/quality.json and the pictures."""
    from benchmarks import form, quality

    def tell(note: str) -> None:
        print(note, file=sys.stderr, flush=True)

    figures = quality.run(quick, 0, tell)
    document = form.document("quality", figures, 0, quality.keys(quick, 0))
    FIGURES.write_text(json.dumps(document, indent=1) + "\n")
    draw_pictures(tell, quick=quick)


def main() -> None:
    if "--page-only" not in sys.argv[1:]:
        measure(quick="--quick" in sys.argv[1:])
    PAGE.write_text(page(json.loads(FIGURES.read_text())))
    print(PAGE)


if __name__ == "__main__":
    main()
