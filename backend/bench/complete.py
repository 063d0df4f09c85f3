# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How well the instant engine completes held-out pictures, against variants of its training and rivals.

`lpips` is a stand-in for LPIPS: the distance of what the embedded family's autoencoder sees. Figures that end
in the name of a variant are of a network that `underdrawing train completion --variant` made for comparison;
they are left out where none lies in the folder of the trainings.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from backend import home
from backend.acts.complete import answer, complete
from backend.acts.line_style.losses import VaeLpips
from backend.acts.report import Quiet
from backend.bench.completion_scores import Scores, classical, planes, psnr_db, scores
from backend.bench.copy_paste import Move, boxed, by_gradients, by_pixels, by_sketch, move
from backend.bench.form import Figure, Progress, exact, interval, timing
from backend.bench.held_out import Image8, Task, input_of, laid_over, part, whole
from backend.bench.quality import outside_changed, seam_steps
from backend.weights.completion import load_completion
from backend.weights.families import load_family
from backend.weights.line_extractor import load_extractor
from models.networks.completion import CompletionNet, Wanted
from models.recipes.completion import VARIANTS
from shared.errors import MissingWeights

COUNTS, QUICK_COUNTS = (48, 24, 10), (6, 3, 4)
"""Regions completed, whole pictures painted from quick sketches, and things copied."""

TIMED, WARM = 20, 3
RAW, WHOLE = "raw_edges", "usual"

Way = Callable[[Task], Image8]


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    counts = QUICK_COUNTS if quick else COUNTS
    eye = VaeLpips(load_family("embedded").vae)
    ours = load_completion()
    tasks = [part(number) for number in range(counts[0])]
    tasks += [whole(number, by_hand=True) for number in range(counts[1])]
    figures = [timing("network_256_ms", network_times(ours))]
    rows: dict[str, list[Scores]] = {}
    for name, way in ways(ours).items():
        results = [way(task) for task in tasks]
        progress(f"{len(tasks)} pictures completed: {name or 'ours'}")
        rows[name] = [scores(t, r, eye) for t, r in zip(tasks, results, strict=True)]
        figures += score_figures(name, rows[name], seed)
        parts = list(zip(tasks[: counts[0]], results[: counts[0]], strict=True))
        figures.append(seam_figure(name, parts, seed))
        if not name:
            figures.append(
                exact("outside_changed_bytes", sum(outside_changed(t, r) for t, r in parts), "bytes")
            )
    figures += gain_figures(rows, seed)
    figures.append(outside_figure(ours, tasks[: counts[0]], seed))
    return [*figures, *copy_figures(ours, eye, counts[2], seed, progress)]


def ways(ours: CompletionNet) -> dict[str, Way]:
    """By name: ours, every variant that was trained, and the classical way."""

    def by(network: CompletionNet, *, as_drawn: bool) -> Way:
        return lambda task: laid_over(task, complete(network, input_of(task), Quiet(), as_drawn=as_drawn))

    found: dict[str, Way] = {"": by(ours, as_drawn=False)}
    for variant in VARIANTS:
        try:
            network = load_completion(folder=variants_folder() / f"completion-{variant}")
        except MissingWeights:
            continue
        found[variant] = by(network, as_drawn=variant == RAW)
    return found | {"classical": classical}


def variants_folder() -> Path:
    return home.home() / "training"


def score_figures(name: str, rows: Sequence[Scores], seed: int) -> list[Figure]:
    """The mean of each ruler over the pictures that have what it measures."""
    figures: list[Figure] = []
    for field in Scores._fields:
        known = [value for row in rows if not math.isnan(value := getattr(row, field))]
        if known:
            figures.append(interval(f"{field}_{name}".rstrip("_"), known, of=statistics.fmean, seed=seed))
    return figures


def gain_figures(rows: Mapping[str, Sequence[Scores]], seed: int) -> list[Figure]:
    """What each part adds: all parts, trained as long as the variants, less the variant; by pictures."""
    whole = rows.get(WHOLE)
    if whole is None:
        return []
    figures: list[Figure] = []
    for variant in VARIANTS:
        if variant == WHOLE or variant not in rows:
            continue
        for field in Scores._fields:
            pairs = (
                (getattr(one, field), getattr(other, field))
                for one, other in zip(whole, rows[variant], strict=True)
            )
            known = [mine - theirs for mine, theirs in pairs if not math.isnan(mine + theirs)]
            if known:
                figures.append(interval(f"{field}_gain_{variant}", known, of=statistics.fmean, seed=seed))
    return figures


def seam_figure(name: str, done: Sequence[tuple[Task, Image8]], seed: int) -> Figure:
    """Steps of colour across the region's border over the true ones."""
    steps = [seam_steps(task, result) for task, result in done]

    def ratio(picks: Sequence[float]) -> float:
        made, true = (sum(steps[int(n)][side] for n in picks) for side in (0, 1))
        return made / max(true, 1e-9)

    return interval(f"seam_ratio_{name}".rstrip("_"), range(len(steps)), of=ratio, seed=seed)


def outside_figure(network: CompletionNet, tasks: Sequence[Task], seed: int) -> Figure:
    """How well the bare network repeats what is known; with the composite it is equal to the byte."""
    values: list[float] = []
    for task in tasks:
        picture = planes(task.sample.image)
        mask = torch.as_tensor(task.region > 0).float()[None, None]
        blank = torch.zeros_like(mask)
        wanted = Wanted(picture * 2 - 1, mask, blank, torch.cat([picture * 0, blank], 1), blank)
        made = (answer(network, wanted)[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        known = task.region == 0
        if known.any():
            values.append(psnr_db(made, task.sample.image, known))
    return interval("psnr_outside_bare", values, "dB", seed=seed)


def network_times(network: CompletionNet) -> list[float]:
    """Milliseconds of one pass over 256 x 256 px, all threads, once warm."""
    mask = torch.zeros(1, 1, 256, 256)
    mask[..., 64:192, 64:192] = 1
    picture = torch.zeros(1, 3, 256, 256)
    wanted = Wanted(picture, mask, mask * 0, torch.cat([picture, mask * 0], 1), mask * 0)
    times: list[float] = []
    for _ in range(WARM + TIMED):
        started = time.perf_counter()
        answer(network, wanted)
        times.append((time.perf_counter() - started) * 1e3)
    return times[WARM:]


def copy_figures(
    network: CompletionNet, eye: VaeLpips, count: int, seed: int, progress: Progress
) -> list[Figure]:
    """Distance to the truth of each way to copy, and in how many of ten cases ours is nearest."""
    try:
        extractor = load_extractor()
    except MissingWeights:
        extractor = None
    ways: dict[str, Callable[[Move], Image8]] = {
        "copy_lpips": lambda one: by_sketch(network, extractor, one, colours=True),
        "copy_lpips_lines_only": lambda one: by_sketch(network, extractor, one, colours=False),
        "copy_lpips_pixels": by_pixels,
        "copy_lpips_poisson": by_gradients,
    }
    figures: list[Figure] = []
    for kind, moves in (
        ("", [move(number) for number in range(count)]),
        ("_box", [boxed(move(number)) for number in range(count)]),
    ):
        table = {
            name: [float(eye(planes(way(one)), planes(one.true))) for one in moves]
            for name, way in ways.items()
        }
        progress(f"{count} things copied{' out of a rectangle' if kind else ''}")
        rivals = zip(table["copy_lpips_pixels"], table["copy_lpips_poisson"], strict=True)
        wins = [float(ours < min(pair)) for ours, pair in zip(table["copy_lpips"], rivals, strict=True)]
        figures += [interval(name + kind, values, seed=seed) for name, values in table.items()]
        figures.append(exact(f"copy_paste_wins_of_10{kind}", 10 * statistics.fmean(wins), ""))
    return figures
