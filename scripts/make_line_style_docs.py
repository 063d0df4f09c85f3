# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure learnt lines in full and write docs/line-extraction.md with its picture.

    python scripts/make_line_style_docs.py [--page-only]

Writes docs/line-extraction.json (what `underdrawing bench extract --json` prints),
docs/images/line-styles.jpg and the page. With --page-only the page is made again from the figures that lie
there. A run that was broken off goes on; it takes hours on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from benchmarks.goals import LINE_WAYS  # noqa: E402
from scripts.benchmark_page import make_page, not_measured, verdict  # noqa: E402

PAGE, FIGURES = REPO / "docs" / "line-extraction.md", REPO / "docs" / "line-extraction.json"
PICTURE = REPO / "docs" / "images" / "line-styles.jpg"
METRICS = {"f2": "boundary F at 2 px", "ssim": "SSIM", "lpips": "`vae_lpips`, less is better"}
SHOWN = (0, 3, 5)

HEAD = """# Lines in your own hand: how to, and how well it works

*Made by `scripts/make_line_style_docs.py` from `underdrawing bench extract --json`; change it there.*

## Use it

In Krita: [Extract lines](extract-lines.md). From a terminal:

```
underdrawing extract photo.jpg                          # contour and detail on transparency
underdrawing style list                                 # the styles that ship, and yours
underdrawing extract photo.jpg --style brush-pen
underdrawing style learn photo.jpg --lines over.png     # your drawing over that photo, in one file
underdrawing style learn photo.jpg --contour outer.png --detail inner.png --title "My ink" --minutes 5
underdrawing style export "My ink" .                    # one file of 4 MB, for another machine
underdrawing style import "My ink.safetensors"
```

Draw over one picture: all that you would draw, or only a few lines, at the picture's own size, on
transparency or on white paper. A picture of 512 pixels with outlines and inner lines is enough. Draw at the
size at which you will extract: a line of 5 pixels is learnt as a line of 5 pixels. Ctrl-C stops; the same
command goes on where it was.

{picture}
## How well

Measured on {machine}. Eight tools of the studio draw the truth. Of each tool one drawing of 512 pixels is the
example; other held-out pictures are the test. Intervals are 95 % bootstrap intervals over the pictures.

- *ours*: a generator looks at a diffusion model's features at its representative steps, learns the line, and
  teaches the small network that draws
- *finetune*: the small network learns from the example alone
- *one step*: ours with one step of the diffusion model in place of all
- *canny*: Canny's edges or XDoG, whichever is better in that column

"""

PICTURE_TEXT = """![Held-out pictures in the styles that ship, and the truth](images/line-styles.jpg)

*Each three: a held-out picture, what the style draws, and the ink of the tool that it learnt from. From above
the styles that ship, in the order of their names. The grain of pencil and chalk is not learnt.*

"""

MEANINGS = {
    "wins_of_8": "styles in which ours beats both rivals by F",
    "wins_of_8_ssim": "the same by SSIM",
    "wins_of_8_lpips": "the same by `vae_lpips`",
    "distilled_f_kept": "share of the generator's F that the small network keeps",
    "learn_minutes": "one learning of ours, minutes (on a machine that does other things too)",
    "distilled_1024_s": "a picture of 1024 x 1024 drawn, seconds",
    "distilled_over_4m3": "time over that of a network of the size of informative-drawings",
    "bsds_ods": "boundary F of photographs, best threshold for all (five pictures)",
}


def page(document: Mapping[str, Any]) -> str:
    """The page's text from what the benchmark printed."""
    figures = {figure["name"]: figure for figure in document["results"]}
    machine = document["machine"]
    shown = PICTURE_TEXT if PICTURE.exists() else ""
    text = HEAD.format(machine=f"{machine['cores']} cores of an {machine['cpu']}", picture=shown)
    text += _means(figures) + _styles(figures) + _ablations(figures) + _others(figures)
    return text + not_measured("extract", figures)


def _means(figures: Mapping[str, Any]) -> str:
    if "f2_ours" not in figures:
        return ""
    text = _heading("over all styles")
    for metric, title in METRICS.items():
        text += _row([title], [_spread(figures.get(f"{metric}_{way}")) for way in LINE_WAYS])
    for kind in ("contour", "detail"):
        text += _row([f"F of {kind} alone"], [_spread(figures.get(f"f2_{kind}_{way}")) for way in LINE_WAYS])
    return text + "\n"


def _heading(*first: str) -> str:
    titles = [*first, *(way.replace("_", " ") for way in LINE_WAYS)]
    return _row(titles, []) + "|---" * len(titles) + "|\n"


def _row(first: Sequence[str], cells: Sequence[str]) -> str:
    return f"| {' | '.join([*first, *cells])} |\n"


def _styles(figures: Mapping[str, Any]) -> str:
    names = [name.removeprefix("f2_finetune_") for name in figures if name.startswith("f2_finetune_")]
    text = "" if len(names) == 8 else f"{len(names)} of the eight styles are measured so far.\n\n"
    text += _heading("style", "ruler")
    for name in names:
        for metric in METRICS:
            cells = [_value(figures.get(f"{metric}_{way}_{name}")) for way in LINE_WAYS]
            text += _row([name.replace("_", " "), f"`{metric}`"], cells)
    return text


def _ablations(figures: Mapping[str, Any]) -> str:
    found = [name.removeprefix("f2_") for name in figures if name.startswith(("f2_generator", "f2_without_"))]
    if not found:
        return ""
    text = "\n## What each part of the generator does\n\n"
    text += "The generator itself, in two styles, with one part left out.\n\n"
    text += "| generator | `f2` | `ssim` | `lpips` |\n|---|---|---|---|\n"
    for name in found:
        cells = [_spread(figures.get(f"{metric}_{name}")) for metric in METRICS]
        text += f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |\n"
    return text


def _others(figures: Mapping[str, Any]) -> str:
    text = "\n## Goals\n\n| figure | value | goal | what it is |\n|---|---|---|---|\n"
    for name, meaning in MEANINGS.items():
        if name in figures:
            told = verdict("extract", name, figures[name])
            text += f"| `{name}` | {_spread(figures[name])} | {told} | {meaning} |\n"
    return text


def _value(figure: Mapping[str, float] | None) -> str:
    return "" if figure is None else f"{figure['value']:.3f}"


def _spread(figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return ""
    if figure["low"] == figure["high"]:
        return f"{figure['value']:.3g}"
    return f"{figure['value']:.3f} ({figure['low']:.3f} - {figure['high']:.3f})"


def draw_pictures() -> None:
    """Held-out pictures: the truth above, and below what a shipped style draws."""
    import numpy as np
    import torch
    from PIL import Image

    from backend.acts.line_style.pages import drawn, page_of
    from backend.library.line_styles import list_styles, load_style
    from benchmarks.rulers.line_truth import truth_of
    from models.recipes.line_styles_shipped import TITLES

    tools = {title: tool for tool, title in TITLES.items()}
    rows: list[Any] = []
    for info in [info for info in list_styles() if info.shipped]:
        extractor = load_style(info.id)
        cells: list[Any] = []
        for number in SHOWN:
            truth = truth_of(number, tools[info.title])
            cells += [truth.picture, drawn(extractor, truth.picture), page_of(torch.as_tensor(truth.ink))]
        rows.append(np.concatenate(cells, 1))
    sheet = Image.fromarray(np.concatenate(rows))
    sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.LANCZOS).save(PICTURE, quality=85)


def main() -> None:
    make_page(PAGE, page, draw_pictures, "extract")


if __name__ == "__main__":
    main()
