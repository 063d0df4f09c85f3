# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint and measure every row of every set; what was painted and measured before is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from benchmarks.form import Progress
from benchmarks.held_out import Image8, Task
from benchmarks.kept import Kept
from benchmarks.painting.figures import Table
from benchmarks.painting.measures import Measure
from benchmarks.painting.rows import PAINT, TRUE, Way
from benchmarks.painting.sets import SETS, PictureSet
from shared.errors import MissingWeights

WITH_THE_TRUE = ("perceptual", "outside_changed_bytes", "outside_lines_changed_bytes")
"""Rulers that compare with the true picture say nothing of it; what the others say is the best they can."""


Given = TypeVar("Given")


def given_or_told(load: Callable[[Progress], Given], progress: Progress) -> Given | None:
    """What is loaded; None, and a word to the person who waits, where this machine lacks what it needs."""
    try:
        return load(progress)
    except MissingWeights as missing:
        progress(f"left out: {missing.message} {missing.remedy}")
        return None


@dataclass(frozen=True)
class Bench:
    """
    Args:
        ways: To paint, by row.
        others: Rows of other families, and the digests of their weights.
        measures: By ruler.
        painted, measured: Where pictures and values are kept.
    """

    ways: Mapping[str, Way]
    others: Mapping[str, str]
    measures: Mapping[str, Measure]
    painted: Kept
    measured: Kept
    progress: Progress

    def tables(self, *, quick: bool) -> list[tuple[PictureSet, list[Task], Table]]:
        """Every set with its tasks and values."""
        found: list[tuple[PictureSet, list[Task], Table]] = []
        for some in SETS:
            if tasks := given_or_told(lambda _, of=some: of.tasks(quick=quick), self.progress):
                found.append((some, tasks, self.table(some, tasks)))
        return found

    def table(self, pictured: PictureSet, tasks: Sequence[Task]) -> Table:
        """The values of a set, by row and ruler."""
        rows = (*pictured.rows, *(self.others if PAINT in pictured.rows else ()))
        return {row: self._values(pictured, row, tasks) for row in rows}

    def pictures(self, pictured: PictureSet, row: str, tasks: Sequence[Task]) -> list[Image8]:
        """What one way made of the tasks, (H,W,3) each."""

        def make() -> list[Image8]:
            made: list[Image8] = []
            for number, task in enumerate(tasks, start=1):
                made.append(self.ways[row](task))
                self.progress(f"{pictured.key}, {row}: {number} of {len(tasks)}")
            return made

        return self.painted.pictures(self._name(pictured, row, tasks), make)

    def _values(self, pictured: PictureSet, row: str, tasks: Sequence[Task]) -> dict[str, list[float]]:
        pictures = self.pictures(pictured, row, tasks)
        found: dict[str, list[float]] = {}
        for ruler, measure in self.measures.items():
            if ruler not in pictured.rulers or (row == TRUE and ruler in WITH_THE_TRUE):
                continue
            name = f"{self._name(pictured, row, tasks)}_{ruler}"
            values = given_or_told(
                lambda _, by=measure, at=name: self.measured.numbers(at, lambda: by(tasks, pictures)),
                self.progress,
            )
            if values is not None:
                found[ruler] = cast("list[float]", values)
        return found

    def _name(self, pictured: PictureSet, row: str, tasks: Sequence[Task]) -> str:
        return f"{pictured.key}_{row}{self.others.get(row, '')}_{len(tasks)}"
