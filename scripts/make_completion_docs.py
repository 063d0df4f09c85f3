# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the instant engine in full and write docs/completion.md with its picture.

    python scripts/make_completion_docs.py [--page-only]

Writes docs/completion.json (what `underdrawing bench complete --json` prints), docs/images/completion.webp,
docs/images/faces.webp and the page. With --page-only the page is made again from the figures that lie there.
Variants are compared if `training/completion-VARIANT` or `training/on/completion-VARIANT` lies in the
backend's folder (`underdrawing train completion --variant`).
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

if TYPE_CHECKING:
    from benchmarks.held_out import Task

from scripts.benchmark_page import make_page, not_measured, verdict  # noqa: E402

PAGE = REPO / "docs" / "completion.md"
PICTURE = REPO / "docs" / "images" / "completion.webp"
FACES_PICTURE = REPO / "docs" / "images" / "faces.webp"
SHOWN, FACES, COLUMNS = 12, 6, 2

RULERS = {
    "psnr": "dB, inside the region",
    "ssim": "inside the region",
    "lpips": "`vae_lpips`, less is better",
    "chamfer_px": "from a drawn line to the nearest edge of the result, px of 256; less is better",
    "f3": "boundary F at 3 px of 256",
    "delta_e": "median Delta E 2000 under the colour strokes, less is better",
    "seam_ratio": "step of colour across the border over the true one; 1 is best",
}
WAYS = {
    "": "**ours**",
    "open_gaps": "ours, gaps between strokes left open",
    "plain": "reconstruction alone, from nothing",
    "raw_edges": "the same, learnt from raw edges and given raw strokes",
    "rectangles": "the same, holes of rectangles only",
    "no_translation": "the same, never a whole picture from strokes alone",
    "bare_hole": "the same, the hole begins empty",
    "on_plain": "reconstruction alone, trained on",
    "on_no_perceptual": "with critics, trained on",
    "on_usual": "with critics and perceptual term, trained on",
    "classical": "no network: biharmonic filling, strokes laid over",
}
PARTS = {
    "filling": "hole filled up to the lines (ours)",
    "sketch_domain": "strokes in the sketch domain: studio's fine pen",
    "sketch_domain_tools": "the same: the studio's eight tools",
    "sketch_domain_marker": "the same: a broad marker",
    "closed_gaps": "narrow gaps closed (ours): fine pen, quick sketches",
    "closed_gaps_tools": "the same: the studio's eight tools",
    "closed_gaps_marker": "the same: a broad marker",
    "free_form_masks": "free-form holes and holes of things",
    "whole_pictures": "translation (whole pictures from strokes alone): on whole pictures",
    "whole_pictures_regions": "the same: on regions",
    "critics": "critics of the whole and of the part",
    "perceptual": "perceptual term",
}
OTHERS = {
    "network_256_ms": "one pass of the network over 256 x 256 px, milliseconds",
    "outside_changed_bytes": "bytes of the picture outside the region that differ afterwards",
    "psnr_outside_bare": "what is known, as the bare network repeats it, dB; after the composite it is equal",
    "copy_paste_wins_of_10": "copies nearer to the truth than both rivals, of ten, under changed light",
    "copy_paste_wins_of_10_box": "the same where a rectangle was selected, what the thing lies on included",
    "copy_lpips_box": "`vae_lpips` of smart copy-paste out of a rectangle",
    "copy_lpips_poisson_box": "pixels of a rectangle blended by their gradients",
    "copy_lpips": "`vae_lpips` of smart copy-paste, lines and colours",
    "copy_lpips_lines_only": "lines only",
    "copy_lpips_pixels": "pixels pasted",
    "copy_lpips_poisson": "pixels blended by their gradients (Poisson)",
}

HEAD = """# How well the instant engine completes

*Made by `scripts/make_completion_docs.py` from `underdrawing bench complete --json`; change it there.*

The engine behind [Live](live.md): one small network that completes a region from what is around it, lines
and colours, in one pass. The pictures are held out: other things, other individuals and other seeds than any
that it was trained on. Measured on {machine}; intervals are 95 % bootstrap intervals over the pictures.

![A cup, drawn stroke by stroke, and the answers](images/live-strokes.webp)

*Made by `scripts/make_live_animation.py`.*

![What is given, what is completed, and the true picture](images/completion.webp)

*Each three: what is given, what is completed, the true picture. The first {shown} held-out pictures, none
left out.*

"""

PARTS_HEAD = """
## What each part of the design adds

The same network with the part less the one without it, trained on the same pictures for the same number of
steps, picture by picture, with 95 % intervals. **Bold** is better with the part, *slanted* worse; elsewhere
these trainings tell nothing. Critics and the perceptual term go on with what one network had learnt before,
the other parts begin from nothing; [training](training.md) says how to make them.

"""

WAYS_HEAD = """
## Every variant

What begins from nothing learnt briefly: it is to be compared with its like, not with ours.

"""


def page(document: Mapping[str, Any]) -> str:
    """The page's text from what the benchmark printed."""
    figures = {figure["name"]: figure for figure in document["results"]}
    machine = document["machine"]
    text = HEAD.format(machine=f"{machine['cores']} cores of an {machine['cpu']}", shown=SHOWN)
    text += "## Ours, with intervals and goals\n\n| figure | value | goal | what it is |\n|---|---|---|---|\n"
    for name, meaning in {**RULERS, **OTHERS}.items():
        if name in figures:
            told = verdict("complete", name, figures[name])
            text += f"| `{name}` | {_spread(figures[name])} | {told} | {meaning} |\n"
    return text + gains(figures) + variants(figures) + not_measured("complete", figures)


def gains(figures: Mapping[str, Mapping[str, float]]) -> str:
    """What each part adds; nothing where no variant was trained."""
    parts = [part for part in PARTS if f"psnr_gain_{part}" in figures]
    if not parts:
        return ""
    rulers = [ruler for ruler in RULERS if f"{ruler}_gain_{parts[0]}" in figures]
    rows = [
        [PARTS[part], *(_gain(ruler, figures[f"{ruler}_gain_{part}"]) for ruler in rulers)] for part in parts
    ]
    absent = [PARTS[part] for part in PARTS if part not in parts]
    return PARTS_HEAD + table(rulers, rows) + (f"\nNot trained yet: {'; '.join(absent)}.\n" if absent else "")


def variants(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The figures behind the gains."""
    known = [way for way in WAYS if named("psnr", way) in figures]
    rows = [[WAYS[way], *(_value(figures.get(named(ruler, way))) for ruler in RULERS)] for way in known]
    return WAYS_HEAD + table(list(RULERS), rows)


def table(rulers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A row each, under the names of the rulers."""
    head = f"| | {' | '.join(f'`{ruler}`' for ruler in rulers)} |\n" + "|---" * (1 + len(rulers)) + "|\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _gain(ruler: str, figure: Mapping[str, float]) -> str:
    from benchmarks.rulers.completion_scores import LESS_IS_BETTER

    told = f"{figure['value']:+.2g} ({figure['low']:+.2g} to {figure['high']:+.2g})"
    if figure["low"] <= 0 <= figure["high"]:
        return told
    mark = "*" if (figure["value"] < 0) != (ruler in LESS_IS_BETTER) else "**"
    return f"{mark}{told}{mark}"


def named(ruler: str, way: str) -> str:
    """A figure's name in the benchmark."""
    return f"{ruler}_{way}".rstrip("_")


def _value(figure: Mapping[str, float] | None) -> str:
    return "" if figure is None else f"{figure['value']:.3g}"


def _spread(figure: Mapping[str, float]) -> str:
    if figure["low"] == figure["high"]:
        return f"{figure['value']:.3g}"
    return f"{figure['value']:.3g} ({figure['low']:.3g} - {figure['high']:.3g})"


def draw_pictures() -> None:
    """Complete regions and whole pictures, and lay them out."""
    from benchmarks.held_out import part, whole

    lay_out([part(n) if n % 3 else whole(n, by_hand=True) for n in range(SHOWN)], PICTURE)
    faces = (task for task in map(part, itertools.count()) if " face" in task.sample.caption)
    lay_out(list(itertools.islice(faces, FACES)), FACES_PICTURE)


def lay_out(tasks: Sequence[Task], picture: Path) -> None:
    """What is given, what is completed, the true picture; of each task."""
    import torch

    from backend.acts.complete.complete import complete
    from backend.acts.report import Quiet
    from backend.weights.runtime.completion import load_completion
    from benchmarks.held_out import input_of, laid_over
    from models.recipes.grids import lines_over, picture_grid

    def signed(image: Any) -> torch.Tensor:
        return torch.as_tensor(image).permute(2, 0, 1).float() / 127.5 - 1

    network = load_completion()
    cells: list[list[torch.Tensor]] = []
    for task in tasks:
        sample, mask = task.sample, torch.as_tensor(task.region)[None].float() / 255
        contour, detail = (torch.as_tensor(ink)[None] / 255 for ink in (sample.contour, sample.detail))
        strokes = lines_over(contour, detail, torch.as_tensor(sample.colours).permute(2, 0, 1) / 255)
        result = laid_over(task, complete(network, input_of(task), Quiet()))
        given = torch.lerp(signed(sample.image), strokes, mask)
        cells.append([given, signed(result), signed(sample.image)])
    rows = [[*itertools.chain(*cells[n : n + COLUMNS])] for n in range(0, len(cells), COLUMNS)]
    picture_grid(rows).save(picture, quality=82)


def main() -> None:
    make_page(PAGE, page, draw_pictures, "complete")


if __name__ == "__main__":
    main()
