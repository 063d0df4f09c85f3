# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""From pictures to values: every ruler, on the pictures that one row of a set made."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.held_out import Image8, Task
from benchmarks.rulers import figures as figure_rulers
from benchmarks.rulers import networks as rulers
from benchmarks.rulers.category_judge import SUBJECTS, SURE, Judge
from benchmarks.rulers.recogniser import Recogniser
from benchmarks.rulers.seams import outside_changed, seam_steps
from models.recipes.measure import boundary_f, result_edges, stroke_delta_e

Measure = Callable[[Sequence[Task], Sequence[Image8]], list[float]]
"""A value for each picture; NaN where it has nothing that is measured."""

JUDGED, RECOGNISED = "category", "doodle_recognised"


def measures(judge: Judge | None, recogniser: Recogniser | None) -> dict[str, Measure]:
    """By ruler; those whose classifier is not here are left out."""
    each: dict[str, Callable[[Task, Image8], float]] = {
        "contour_f3": contour_f3,
        "detail_f3": detail_f3,
        "stroke_delta_e": lambda task, result: stroke_delta_e(result, task.sample.colours),
        "outside_lines_changed_bytes": figure_rulers.outside_lines_changed_bytes,
        "stroke_alone_kept": figure_rulers.stroke_alone_kept,
        "grain_ratio": figure_rulers.grain_ratio,
        "outside_changed_bytes": lambda task, result: float(outside_changed(task, result)),
        "seam_ratio": lambda task, result: seam_steps(task, result)[0],
    }
    found: dict[str, Measure] = {name: partial(_one_by_one, ruler) for name, ruler in each.items()}
    found["perceptual"] = perceptual
    if judge is not None:
        found[JUDGED] = partial(named_right, judge)
    if recogniser is not None:
        found[RECOGNISED] = partial(recognised, recogniser)
    return found


def _one_by_one(
    ruler: Callable[[Task, Image8], float], tasks: Sequence[Task], results: Sequence[Image8]
) -> list[float]:
    return [ruler(task, result) for task, result in zip(tasks, results, strict=True)]


def contour_f3(task: Task, result: Image8) -> float:
    """Boundary F at 3 px between the contour lines and the edges of the result near them."""
    return boundary_f(task.sample.contour > 127, task.sample.detail > 127, result_edges(result))


def detail_f3(task: Task, result: Image8) -> float:
    """The same for detail lines."""
    return boundary_f(task.sample.detail > 127, task.sample.contour > 127, result_edges(result))


def perceptual(tasks: Sequence[Task], results: Sequence[Image8]) -> list[float]:
    """Distances to the true pictures."""
    true = rulers.planes([task.sample.image for task in tasks])
    return [float(value) for value in rulers.perceptual(rulers.planes(results), true)]


def named_right(judge: Judge, tasks: Sequence[Task], results: Sequence[Image8]) -> list[float]:
    """1 where the judge names the subject, else 0; NaN where it is none of the judge's."""
    return [
        float(name == task.sample.category) if task.sample.category in SUBJECTS else math.nan
        for name, task in zip(judge.named(results), tasks, strict=True)
    ]


def recognised(recogniser: Recogniser, tasks: Sequence[Task], results: Sequence[Image8]) -> list[float]:
    """1 where the word is among the recogniser's guesses, else 0; NaN where it does not know the word."""
    return [
        float(task.sample.category in some) if recogniser.knows(task.sample.category) else math.nan
        for some, task in zip(recogniser.guesses(results), tasks, strict=True)
    ]


def is_sure(right: Sequence[float]) -> bool:
    """Whether a judge that was right so often on true pictures may judge others."""
    known = [value for value in right if not math.isnan(value)]
    return bool(known) and statistics.fmean(known) >= SURE
