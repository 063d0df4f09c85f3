# SPDX-License-Identifier: GPL-3.0-or-later
"""Filling a hole from its surroundings: how near it comes to what was there, and how long it takes."""

from __future__ import annotations

from benchmarks.form import Figure, Progress
from benchmarks.painting.fill_figures import fill_figures, speed_figure

COUNT, QUICK_COUNT = 40, 4
REPEATS, QUICK_REPEATS = 5, 1


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    figures = fill_figures(QUICK_COUNT if quick else COUNT, seed, progress)
    return [*figures, speed_figure(QUICK_REPEATS if quick else REPEATS)]
