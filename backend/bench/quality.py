# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How well the embedded family paints: strokes, words and surroundings obeyed, on held-out pictures.

Every painting is made by the real paint act with the family's defaults. Figures that end in `_true` are those
of the true picture, the best that the ruler can give; those that end in `_without_...` lack one guide, on the
first of the same pictures.
"""

from __future__ import annotations

import contextlib
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import binary_dilation  # pyright: ignore[reportMissingTypeStubs]

from backend.bench.clip_figures import CHOICES, clip_figures
from backend.bench.form import Figure, Progress, exact, interval
from backend.bench.held_out import GUIDES, Image8, Task, painted, part, whole
from backend.weights.base_model import BaseModel
from backend.weights.clip import load_clip
from backend.weights.families import load_family
from backend.weights.judge import load_judge
from models.recipes.measure import Marks, boundary_f, result_edges, stroke_delta_e
from shared.errors import MissingWeights

FAMILY = "embedded"
COUNTS, QUICK_COUNTS = (64, 32, 32, 16), (6, 6, 5, 1)
"""Pictures painted whole, from quick sketches, in part, and without each of the guides."""

BORDER_PX = 2
LOADS = 3
LOAD = f"from backend.weights.families import load_family; load_family({FAMILY!r})"
REPO = Path(__file__).parents[2]


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    counts = QUICK_COUNTS if quick else COUNTS
    loads = [_load_s() for _ in range(LOADS)]
    figures = [interval("load_s", loads, "s", of=statistics.median, seed=seed)]
    figures.append(exact("set_mib", _mebibytes(), "MiB"))
    model = load_family(FAMILY)
    wholes = [whole(number) for number in range(counts[0])]
    times: list[float] = []
    results = _paintings(model, wholes, "from exact lines", progress, times)
    figures += _sketch_figures(wholes, results, seed)
    figures += _category_figures(wholes, results, seed)
    with contextlib.suppress(MissingWeights):  # a family without an image encoder has no such figures
        figures += clip_figures(load_clip(FAMILY), results, seed, choices=10 if quick else CHOICES)
    figures.append(interval("steps20_s", times, "s", of=statistics.median, seed=seed))
    if model.quick_steps:
        figures += _student_figures(model, wholes[: counts[1]], seed, progress)
    figures.append(_vae_figure(model, wholes, seed))
    sketched = [whole(number, by_hand=True) for number in range(counts[1])]
    drawn = _paintings(model, sketched, "from quick sketches", progress)
    figures.append(_figure("contour_f3_by_hand", map(contour_f3, sketched, drawn), seed))
    parts = [part(number) for number in range(counts[2])]
    figures += _part_figures(parts, _paintings(model, parts, "into their surroundings", progress), seed)
    figures += _ablation_figures("nothing", wholes[: counts[3]], results, seed)
    for guide in GUIDES:
        tasks = [task.lacking(guide) for task in wholes[: counts[3]]]
        lacking = _paintings(model, tasks, f"without {guide}", progress)
        figures += _ablation_figures(guide, tasks, lacking, seed)
    return [figure for figure in figures if not math.isnan(figure.value)]


def contour_f3(task: Task, result: Image8) -> float:
    return boundary_f(task.sample.contour > 127, task.sample.detail > 127, result_edges(result))


def detail_f3(task: Task, result: Image8) -> float:
    return boundary_f(task.sample.detail > 127, task.sample.contour > 127, result_edges(result))


def delta_e(task: Task, result: Image8) -> float:
    return stroke_delta_e(result, task.sample.colours)


RULERS: dict[str, Callable[[Task, Image8], float]] = {
    "contour_f3": contour_f3,
    "detail_f3": detail_f3,
    "stroke_delta_e": delta_e,
}


def outside_changed(task: Task, result: Image8) -> int:
    """Bytes that differ from the picture outside the region."""
    return int((result != task.sample.image)[task.region == 0].sum())


def seam_steps(task: Task, result: Image8) -> tuple[float, float]:
    """Mean step of colour across the region's border, in the result and in the true picture."""
    inside = task.region > 0
    grown = [np.asarray(binary_dilation(side, iterations=BORDER_PX), bool) for side in (inside, ~inside)]
    border = grown[0] & grown[1]
    return _steps(result, inside, border), _steps(task.sample.image, inside, border)


def _steps(picture: Image8, inside: Marks, border: Marks) -> float:
    """Mean absolute difference between neighbours at the border of which one is inside."""
    values, found = picture.astype(np.float64), []
    for axis in (0, 1):
        crosses = np.diff(inside.astype(np.int8), axis=axis) != 0
        near = np.take(border, range(border.shape[axis] - 1), axis=axis)
        found.append(np.abs(np.diff(values, axis=axis)).mean(-1)[crosses & near])
    steps = np.concatenate(found)
    return float(steps.mean()) if steps.size else 0.0


def _paintings(
    model: BaseModel, tasks: Sequence[Task], kind: str, progress: Progress, times: list[float] | None = None
) -> list[Image8]:
    results: list[Image8] = []
    for number, task in enumerate(tasks, start=1):
        started = time.perf_counter()
        results.append(painted(model, task))
        if times is not None and number > 1:  # the first one warms up
            times.append(time.perf_counter() - started)
        progress(f"{number} of {len(tasks)} painted {kind}")
    return results


def _sketch_figures(tasks: Sequence[Task], results: Sequence[Image8], seed: int) -> list[Figure]:
    figures: list[Figure] = []
    true = [task.sample.image for task in tasks]
    for name, ruler in RULERS.items():
        figures.append(_figure(name, map(ruler, tasks, results), seed))
        figures.append(_figure(f"{name}_true", map(ruler, tasks, true), seed))
    return figures


def _student_figures(model: BaseModel, tasks: Sequence[Task], seed: int, progress: Progress) -> list[Figure]:
    """The few-step student on the first of the same pictures: its time, and what it keeps of the strokes."""
    times: list[float] = []
    hurried = [task.hurried() for task in tasks]
    results = _paintings(model, hurried, "by the student", progress, times)
    return [
        interval("student_s", times, "s", of=statistics.median, seed=seed),
        *(_figure(f"student_{name}", map(ruler, hurried, results), seed) for name, ruler in RULERS.items()),
    ]


def _category_figures(tasks: Sequence[Task], results: Sequence[Image8], seed: int) -> list[Figure]:
    """How often the judge names the right category, of the paintings and of the true pictures."""
    judge = load_judge()

    def right(pictures: Sequence[Image8]) -> list[float]:
        planes = torch.as_tensor(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
        named = judge.categories(planes)
        return [float(name == task.sample.category) for name, task in zip(named, tasks, strict=True)]

    true = [task.sample.image for task in tasks]
    return [
        interval("category_accuracy", right(results), seed=seed),
        interval("category_accuracy_true", right(true), seed=seed),
    ]


def _ablation_figures(
    guide: str, tasks: Sequence[Task], results: Sequence[Image8], seed: int
) -> list[Figure]:
    return [
        _figure(f"{name}_without_{guide}", map(ruler, tasks, results[: len(tasks)]), seed)
        for name, ruler in RULERS.items()
    ]


def _part_figures(tasks: Sequence[Task], results: Sequence[Image8], seed: int) -> list[Figure]:
    changed = sum(map(outside_changed, tasks, results))
    steps = list(map(seam_steps, tasks, results))

    def ratio(picks: Sequence[float]) -> float:
        made, true = (sum(steps[int(n)][side] for n in picks) for side in (0, 1))
        return made / true

    return [
        exact("outside_changed_bytes", changed, "bytes"),
        interval("seam_ratio", range(len(steps)), of=ratio, seed=seed),
    ]


def _figure(name: str, values: map[float], seed: int) -> Figure:
    """Mean over the pictures that have what is measured; the strokes' Delta E is a median."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return exact(name, math.nan, "")
    return interval(name, known, of=statistics.fmean, seed=seed)


def _vae_figure(model: BaseModel, tasks: Sequence[Task], seed: int) -> Figure:
    """Peak signal to noise ratio of pictures through the autoencoder and back."""
    values: list[float] = []
    for task in tasks:
        true = torch.as_tensor(task.sample.image).permute(2, 0, 1)[None].float() / 255
        error = (model.decode(model.encode(true * 2 - 1)) - true).square().mean()
        values.append(-10 * math.log10(float(error)))
    return interval("vae_psnr_db", values, "dB", seed=seed)


def _load_s() -> float:
    """Seconds of a fresh process that imports the family's code and loads it."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", LOAD], check=True, cwd=REPO)
    return time.perf_counter() - started


def _mebibytes() -> float:
    """Size of the shipped weights."""
    folder = REPO / "models" / FAMILY
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors")) / 2**20
