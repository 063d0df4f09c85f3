# SPDX-License-Identifier: GPL-3.0-or-later
"""From values to figures: each row of a set with its interval, and how far paint is from what is free."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from benchmarks.form import Figure, exact, interval
from benchmarks.held_out import Task
from benchmarks.painting.measures import JUDGED, RECOGNISED, is_sure
from benchmarks.painting.rows import DRAWING, FLAT, INSTANT, PAINT, TRUE
from benchmarks.rulers.category_judge import SUBJECTS

Table = Mapping[str, Mapping[str, Sequence[float]]]
"""Values by row and ruler, one per picture, NaN where there is nothing to measure."""

RIVALS = (FLAT, INSTANT)
COMPARED = ("perceptual", JUDGED, RECOGNISED)
"""Paired with the rivals; the checks on lines are met by a flat fill and are no goals."""

LESS_IS_BETTER = ("perceptual",)
SUMMED, MEDIANS = ("outside_lines_changed_bytes", "outside_changed_bytes"), ("stroke_delta_e", "grain_ratio")
AGAINST = {"seam_ratio": TRUE, RECOGNISED: DRAWING}
"""Rulers whose figure is a share of what they say of another row."""

OWN = "five_best"
"""What the recogniser knows of the drawings themselves."""


def figure_name(label: str, ruler: str, row: str) -> str:
    """As it stands in the JSON; the row of paint needs no word."""
    return label.format(ruler) + ("" if row == PAINT else f"_{row}")


def set_figures(label: str, table: Table, tasks: Sequence[Task], seed: int) -> list[Figure]:
    """Every ruler of every row, and by how much paint is better than its rivals on the same pictures."""
    judged = is_sure(table.get(TRUE, {}).get(JUDGED, ()))
    figures: list[Figure] = []
    for row, values in table.items():
        for ruler, known in values.items():
            if ruler in SUMMED or (ruler == JUDGED and not judged and row != TRUE):
                continue
            figures.append(_row_figure(figure_name(label, ruler, row), ruler, known, table, seed))
    for ruler in COMPARED:
        if ruler != JUDGED or judged:
            figures += [gain for rival in RIVALS for gain in _gain(label, table, rival, ruler, seed)]
    if JUDGED in table.get(TRUE, {}):
        figures.append(_chance(figure_name(label, JUDGED, "chance"), tasks, seed))
    if RECOGNISED in table.get(DRAWING, {}):
        figures.append(_mean(figure_name(label, OWN, PAINT), table[DRAWING][RECOGNISED], seed))
    return [figure for figure in figures if not math.isnan(figure.value)]


def pooled_figures(tables: Sequence[Table]) -> list[Figure]:
    """Bytes that were to stay and did not, over all sets, by row."""
    sums: dict[str, float] = {}
    for table in tables:
        for row, values in table.items():
            for ruler in SUMMED:
                if ruler in values:
                    known = sum(value for value in values[ruler] if not math.isnan(value))
                    name = figure_name("{}", ruler, row)
                    sums[name] = sums.get(name, 0) + known
    return [exact(name, value, "bytes") for name, value in sums.items()]


def unsure(table: Table) -> float | None:
    """How often a judge knew the true pictures of a set, where that is too seldom to judge others."""
    right = table.get(TRUE, {}).get(JUDGED)
    if right is None or is_sure(right):
        return None
    return statistics.fmean(_known(right) or [0.0])


def _row_figure(name: str, ruler: str, values: Sequence[float], table: Table, seed: int) -> Figure:
    if ruler in AGAINST:
        return _share(name, values, table[AGAINST[ruler]][ruler], seed)
    if ruler in MEDIANS and _known(values):
        return interval(name, _known(values), of=statistics.median, seed=seed)
    return _mean(name, values, seed)


def _known(values: Sequence[float]) -> list[float]:
    return [value for value in values if not math.isnan(value)]


def _mean(name: str, values: Sequence[float], seed: int) -> Figure:
    known = _known(values)
    return interval(name, known, seed=seed) if known else exact(name, math.nan, "")


def _share(name: str, made: Sequence[float], of: Sequence[float], seed: int) -> Figure:
    """Sum over sum, of the pictures that have both; its interval is of pictures drawn again."""
    pairs = [(a, b) for a, b in zip(made, of, strict=True) if not math.isnan(a + b)]

    def ratio(picks: Sequence[float]) -> float:
        some = [pairs[int(n)] for n in picks]
        whole = sum(b for _, b in some)
        return sum(a for a, _ in some) / whole if whole else 0.0  # a share of nothing counts for nothing

    return interval(name, range(len(pairs)), of=ratio, seed=seed) if pairs else exact(name, math.nan, "")


def _gain(label: str, table: Table, rival: str, ruler: str, seed: int) -> list[Figure]:
    """How much better paint is than a rival, picture by picture: above 0 is better."""
    ours, theirs = (table.get(row, {}).get(ruler) for row in (PAINT, rival))
    if ours is None or theirs is None:
        return []
    sign = -1 if ruler in LESS_IS_BETTER else 1
    pairs = [sign * (a - b) for a, b in zip(ours, theirs, strict=True)]
    return [_mean(figure_name(label, ruler, f"over_{rival}"), pairs, seed)]


def _chance(name: str, tasks: Sequence[Task], seed: int) -> Figure:
    """What a judge would be right in that always gave the commonest answer."""
    known = [task.sample.category for task in tasks if task.sample.category in SUBJECTS]
    common = statistics.mode(known) if known else ""
    return _mean(name, [float(category == common) for category in known], seed)
