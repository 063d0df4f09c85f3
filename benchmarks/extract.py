# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a line is learnt from one example, in eight styles, against rivals; and how fast lines are drawn.

Each (style, way of learning) is measured once and kept in a file, so that a long run can be broken off and
goes on. `lpips_` is a stand-in for LPIPS: the distance of what the embedded family's autoencoder sees.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from backend import home
from benchmarks.form import Figure, Progress, interval
from benchmarks.line_variants import ABLATIONS, COMPARED, RIVALS, Effort, Variants
from benchmarks.rulers.line_truth import STYLE_NAMES, Scores, scores, truth_of

FULL = Effort(pictures=10, distilled=120, generated=100, samples=8, free=4)
QUICK = Effort(pictures=2, distilled=4, generated=2, samples=1, free=1)
QUICK_STYLES = ("fineliner", "chalk")
ABLATED_STYLES = ("fineliner", "double line")

PLAIN = ("canny", "xdog")
METRICS = ("f2", "ssim", "lpips")
KINDS = ("f2_contour", "f2_detail")
LESS_IS_BETTER = ("lpips",)


class Measured(NamedTuple):
    """One style learnt in one way: the scores of each held-out picture, and how long learning took."""

    scores: tuple[Scores, ...]
    seconds: float

    def values(self, metric: str) -> list[float]:
        return [float(getattr(one, metric)) for one in self.scores]


Table = Mapping[tuple[str, str], Measured]
"""By style and variant."""


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    effort, styles = (QUICK, QUICK_STYLES) if quick else (FULL, STYLE_NAMES)
    wanted = [(style, variant) for style in styles for variant in (*COMPARED, *PLAIN)]
    if not quick:
        wanted += [(style, "generator") for style in styles]
        wanted += [(style, f"without_{part}") for style in ABLATED_STYLES for part in ABLATIONS]
    table = measured(wanted, effort, progress)
    figures = [
        *style_figures(table, styles, seed),
        *mean_figures(table, styles, seed),
        *wins(table, styles, seed),
    ]
    if not quick:
        figures += [*kept(table, styles, seed), *ablation_figures(table, seed)]
    learnt = [learn_seconds(table, style) / 60 for style in styles]
    figures.append(interval("learn_minutes", learnt, "min", of=statistics.median, seed=seed))
    return [*figures, *speed_figures(quick, seed, progress)]


def measured(
    wanted: Sequence[tuple[str, str]], effort: Effort, progress: Progress, folder: Path | None = None
) -> dict[tuple[str, str], Measured]:
    """Measure each (style, variant), or read what was measured before with the same weights and effort."""
    captured = None if folder else home.home() / "bench" / "extract-captured"
    variants = Variants(folder or working_folder(effort), effort, captured)
    table: dict[tuple[str, str], Measured] = {}
    for done, (style, variant) in enumerate(wanted, start=1):
        path = variants.folder / f"{style}.{variant}.json"
        if not path.is_file():
            write_measured(path, measure(variants, style, variant))
            progress(f"{done} of {len(wanted)}: {style}, {variant}")
        table[style, variant] = read_measured(path)
    return table


def measure(variants: Variants, style: str, variant: str) -> Measured:
    """Learn a style in one way, and draw the held-out pictures."""
    from backend.acts.line_style.losses import load_vae_lpips

    draw, seconds = variants.drawer(variant, style)
    distance = load_vae_lpips()
    found: list[Scores] = []
    for number in range(variants.effort.pictures):
        truth = truth_of(number, style)
        found.append(scores(draw(number, truth.picture), truth.ink, distance))
    return Measured(tuple(found), seconds)


def working_folder(effort: Effort) -> Path:
    """One folder for one general extractor, one family and one effort."""
    from backend.weights.files.catalogue import read_catalogue
    from backend.weights.files.small_networks import WEIGHTS
    from backend.weights.runtime.line_extractor import EXTRACTOR

    digest = sha256((EXTRACTOR / WEIGHTS).read_bytes())
    digest.update(json.dumps([asdict(effort), dict(read_catalogue()["embedded"].files)]).encode())
    return home.home() / "bench" / f"extract-{digest.hexdigest()[:12]}"


def write_measured(path: Path, one: Measured) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"seconds": one.seconds, "scores": one.scores}), encoding="utf-8")
    part.replace(path)


def read_measured(path: Path) -> Measured:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Measured(tuple(Scores(*row) for row in content["scores"]), float(content["seconds"]))


def learn_seconds(table: Table, style: str) -> float:
    """One learning of ours. Whichever is measured first, it or its generator alone, trained the generator."""
    return sum(table[style, way].seconds for way in ("ours", "generator") if (style, way) in table)


def style_figures(table: Table, styles: Sequence[str], seed: int) -> list[Figure]:
    """Of each style, by each way of learning and by the better of the plain filters."""
    figures: list[Figure] = []
    for style in styles:
        for metric in METRICS:
            for variant in COMPARED:
                name = f"{metric}_{variant}_{slug(style)}"
                figures.append(interval(name, table[style, variant].values(metric), seed=seed))
            plain = better_plain(table, style, metric)
            figures.append(interval(f"{metric}_canny_{slug(style)}", plain, seed=seed))
    return figures


def mean_figures(table: Table, styles: Sequence[str], seed: int) -> list[Figure]:
    """Over all styles; the interval is over the pictures, each with all its styles.

    Canny and XDoG do not tell contour from detail.
    """
    figures: list[Figure] = []
    for metric in (*METRICS, *KINDS):
        for variant in COMPARED:
            rows = [table[style, variant].values(metric) for style in styles]
            figures.append(over_pictures(f"{metric}_{variant}", rows, seed))
    for metric in METRICS:
        rows = [better_plain(table, style, metric) for style in styles]
        figures.append(over_pictures(f"{metric}_canny", rows, seed))
    return figures


def over_pictures(name: str, rows: Sequence[Sequence[float]], seed: int) -> Figure:
    """Mean of rows of values, one row per style; pictures without a value are left out."""
    each = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    return interval(name, [value for value in each if not math.isnan(value)], seed=seed)


def better_plain(table: Table, style: str, metric: str) -> list[float]:
    """Canny's or XDoG's values, whichever are better on the whole."""
    both = [table[style, plain].values(metric) for plain in PLAIN]
    return (min if metric in LESS_IS_BETTER else max)(both, key=statistics.fmean)


def wins(table: Table, styles: Sequence[str], seed: int) -> list[Figure]:
    """In how many styles ours is better than both rivals; by F, and by each of the other rulers."""
    count = len(table[styles[0], "ours"].scores)
    figures: list[Figure] = []
    for metric in METRICS:
        sign = -1 if metric in LESS_IS_BETTER else 1

        def won(picks: Sequence[float], metric: str = metric, sign: int = sign) -> float:
            def mean(style: str, variant: str) -> float:
                values = table[style, variant].values(metric)
                return sign * statistics.fmean(values[int(pick)] for pick in picks)

            return sum(mean(style, "ours") > max(mean(style, rival) for rival in RIVALS) for style in styles)

        name = "wins_of_8" if metric == "f2" else f"wins_of_8_{metric}"
        figures.append(interval(name, range(count), "styles", of=won, seed=seed))
    return figures


def kept(table: Table, styles: Sequence[str], seed: int) -> list[Figure]:
    """Share of the generator's F that the small network keeps."""
    pairs = [
        pair
        for style in styles
        for pair in zip(
            table[style, "ours"].values("f2"), table[style, "generator"].values("f2"), strict=True
        )
    ]

    def share(picks: Sequence[float]) -> float:
        made, wanted = (sum(pairs[int(pick)][side] for pick in picks) for side in (0, 1))
        return made / max(wanted, 1e-9)

    return [interval("distilled_f_kept", range(len(pairs)), of=share, seed=seed)]


def ablation_figures(table: Table, seed: int) -> list[Figure]:
    """The generator whole, and with one part left out, over `ABLATED_STYLES`."""
    figures: list[Figure] = []
    for metric in METRICS:
        for variant in ("generator", *(f"without_{part}" for part in ABLATIONS)):
            values = [one for style in ABLATED_STYLES for one in table[style, variant].values(metric)]
            figures.append(interval(f"{metric}_{variant}", values, seed=seed))
    return figures


def speed_figures(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """How fast and how well the general extractor draws."""
    from benchmarks.extract_speed import figures

    return figures(quick, seed, progress)


def slug(style: str) -> str:
    return style.replace(" ", "_")
