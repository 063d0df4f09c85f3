# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How well the instant engine completes held-out pictures, against variants of its training and rivals.

`lpips` is a stand-in for LPIPS: the distance of what the embedded family's autoencoder sees. Figures that end
in the name of a variant are of a network that `underdrawing train completion --variant` made for comparison:
in `training/` of the backend's folder those that begin from nothing, in `training/on/` those that were
trained on from the same network. They are left out where none lies there.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch

from backend import home
from backend.acts.complete.complete import LineReader, answer, complete, in_sketch_domain
from backend.acts.line_style.losses import VaeLpips
from backend.acts.report import Quiet
from backend.imaging.sketch_domain import sketch_paths
from backend.weights.runtime.completion import load_completion
from backend.weights.runtime.families import load_family
from backend.weights.runtime.line_extractor import load_extractor
from benchmarks.form import Figure, Progress, exact, interval, timing
from benchmarks.held_out import Image8, Task, in_marker, in_tool, input_of, laid_over, part, whole
from benchmarks.painting.copy_paste import Move, boxed, by_gradients, by_pixels, by_sketch, move
from benchmarks.rulers.completion_scores import Scores, classical, planes, psnr_db, scores
from benchmarks.rulers.seams import outside_changed, seam_steps
from models.networks.completion import CompletionNet, Wanted
from models.recipes.completion import BEGUN, TRAINED_ON
from shared.errors import MissingWeights

COUNTS, QUICK_COUNTS = (48, 24, 10), (6, 3, 4)
"""Regions completed, whole pictures painted from quick sketches, and things copied."""

TIMED, WARM = 20, 3
RAW, PLAIN, OPEN = "raw_edges", "plain", "open_gaps"


class Gain(NamedTuple):
    """Names of the ways with a part of the design and without it, and the pictures that count."""

    with_it: str
    without: str
    on: Literal["all", "regions", "wholes"] = "all"


GAINS = {
    "filling": Gain(PLAIN, "bare_hole"),
    "sketch_domain": Gain(PLAIN, RAW),
    "closed_gaps": Gain("", OPEN),
    "free_form_masks": Gain(PLAIN, "rectangles"),
    "whole_pictures": Gain(PLAIN, "no_translation", "wholes"),
    "whole_pictures_regions": Gain(PLAIN, "no_translation", "regions"),
    "critics": Gain("on_no_perceptual", "on_plain"),
    "perceptual": Gain("on_usual", "on_no_perceptual"),
}
"""Parts of the design."""

PENS: dict[str, Callable[[Task, int], Task]] = {"tools": in_tool, "marker": in_marker}
"""Other pens than the fine one of the regions."""

Way = Callable[[Task], Image8]


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    counts = QUICK_COUNTS if quick else COUNTS
    eye = VaeLpips(load_family("embedded").vae)
    ours = load_completion()
    tasks = [part(number) for number in range(counts[0])]
    tasks += [whole(number, by_hand=True) for number in range(counts[1])]
    figures = [timing("network_256_ms", network_times(ours))]
    known, rows = ways(ours), dict[str, list[Scores]]()
    for name, way in known.items():
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
    figures += gain_figures(rows, counts[0], seed)
    for pen, drawn in PENS.items():
        rows = pen_rows(known, tasks[: counts[1]], drawn, eye)
        progress(f"{counts[1]} regions drawn in another pen: {pen}")
        for name, row in rows.items():
            figures += score_figures(f"{name}_{pen}".lstrip("_"), row, seed)
        figures += gain_figures(rows, counts[0], seed, pen)
    figures.append(outside_figure(ours, tasks[: counts[0]], seed))
    return [*figures, *copy_figures(ours, eye, counts[2], seed, progress)]


def ways(ours: CompletionNet) -> dict[str, Way]:
    """By name: ours, every variant that was trained, and the classical way."""

    def by(network: CompletionNet, lines: LineReader | None = in_sketch_domain) -> Way:
        return lambda task: laid_over(task, complete(network, input_of(task), Quiet(), lines=lines))

    found = {"": by(ours), OPEN: by(ours, lambda ink, _: sketch_paths(ink, widest_px=0))}
    trainings = home.home() / "training"
    folders = {variant: trainings / f"completion-{variant}" for variant in BEGUN}
    folders |= {f"on_{variant}": trainings / "on" / f"completion-{variant}" for variant in TRAINED_ON}
    for name, folder in folders.items():
        try:
            network = load_completion(folder=folder)
        except MissingWeights:
            continue
        found[name] = by(network, None if name == RAW else in_sketch_domain)
    return found | {"classical": classical}


def pen_rows(
    known: Mapping[str, Way], tasks: Sequence[Task], drawn: Callable[[Task, int], Task], eye: VaeLpips
) -> dict[str, list[Scores]]:
    """The same drawings in other pens; measured against the exact lines."""
    lent = [drawn(task, number) for number, task in enumerate(tasks)]
    return {
        name: [scores(task, known[name](one), eye) for task, one in zip(tasks, lent, strict=True)]
        for name in ("", OPEN, PLAIN, RAW)
        if name in known
    }


def score_figures(name: str, rows: Sequence[Scores], seed: int) -> list[Figure]:
    """The mean of each ruler over the pictures that have what it measures."""
    figures: list[Figure] = []
    for field in Scores._fields:
        known = [value for row in rows if not math.isnan(value := getattr(row, field))]
        if known:
            figures.append(interval(f"{field}_{name}".rstrip("_"), known, of=statistics.fmean, seed=seed))
    return figures


def gain_figures(
    rows: Mapping[str, Sequence[Scores]], regions: int, seed: int, pen: str = ""
) -> list[Figure]:
    """What each part adds: with it less without it, equally long trained, picture by picture.

    Args:
        rows: by the ways' names.
        regions: the first so many pictures are regions, the others whole.
        pen: which one, if not their own.
    """
    counted = {"all": slice(None), "regions": slice(regions), "wholes": slice(regions, None)}
    figures: list[Figure] = []
    for part_name, (with_it, without, on) in GAINS.items():
        if with_it not in rows or without not in rows:
            continue
        pairs = list(zip(rows[with_it], rows[without], strict=True))[counted[on]]
        for field in Scores._fields:
            apart = [getattr(one, field) - getattr(other, field) for one, other in pairs]
            known = [value for value in apart if not math.isnan(value)]
            name = f"{field}_gain_{part_name}_{pen}".rstrip("_")
            if known:
                figures.append(interval(name, known, of=statistics.fmean, seed=seed))
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
