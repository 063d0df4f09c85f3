# SPDX-License-Identifier: GPL-3.0-or-later
"""`underdrawing bench NAME`: run one benchmark and print it, as a table for people or as one JSON object."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import form
from benchmarks.goals import GOALS
from shared.errors import BadRequest

DOCS = Path(__file__).parents[1] / "docs"


class Bench(Protocol):
    def run(self, quick: bool, seed: int, progress: form.Progress) -> list[form.Figure]: ...


class FamiliesBench(Protocol):
    """A benchmark that can measure other families beside the shipped one."""

    def run(
        self, quick: bool, seed: int, progress: form.Progress, families: Sequence[Path]
    ) -> list[form.Figure]: ...


class KeptBench(Protocol):
    """A benchmark whose figures in `docs/` hold until what they depend on changes."""

    def keys(self, quick: bool, seed: int) -> dict[str, str]: ...


def bench_command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(GOALS)}.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer samples, under a minute.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    kept: Annotated[
        bool, typer.Option("--kept", help="Print the figures in docs/, if they still hold; measure nothing.")
    ] = False,
    family: Annotated[
        list[Path] | None,
        typer.Option("--family", help="Folder of another family, to be measured beside the shipped one."),
    ] = None,
) -> None:
    """Measure speed, memory and quality on this machine."""
    if name not in GOALS:
        raise BadRequest(f"There is no benchmark called {name!r}.", f"Choose one of: {', '.join(GOALS)}.")
    module: Any = importlib.import_module(f"benchmarks.{name}")
    if kept:
        print(kept_document(name, module, quick, seed))
        return
    if family:
        if "families" not in inspect.signature(module.run).parameters:
            raise BadRequest(f"{name!r} measures no other families.", "Leave --family out.")
        figures = cast("FamiliesBench", module).run(quick, seed, _tell, family)
    else:
        figures = cast("Bench", module).run(quick, seed, _tell)
    if as_json:
        keys = cast("KeptBench", module).keys(quick, seed) if hasattr(module, "keys") else None
        print(json.dumps(form.document(name, figures, seed, keys)))
    else:
        print_table(name, figures)
    for absent in missing(name, figures):
        _tell(f"left out: {absent} (this machine cannot give it)")


def kept_document(name: str, module: Any, quick: bool, seed: int) -> str:
    """What `--json` printed when it was measured last, on one line.

    Raises:
        BadRequest: nothing is kept, or it no longer holds.
    """
    file = DOCS / f"{name}.json"
    if not hasattr(module, "keys") or not file.is_file():
        raise BadRequest(f"No figures of {name!r} are kept.", f"Run: underdrawing bench {name} --json")
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    was, now = document.get("keys", {}), cast("KeptBench", module).keys(quick, seed)
    if changed := [part for part in now if was.get(part) != now[part]]:
        raise BadRequest(
            f"The figures kept of {name!r} no longer hold; changed since: {', '.join(changed)}.",
            f"Run: underdrawing bench {name} --json",
        )
    return json.dumps(document)


def missing(name: str, figures: Sequence[form.Figure]) -> list[str]:
    """Figures that the benchmark owes and did not give."""
    given = {figure.name for figure in figures}
    return [owed for owed in GOALS[name] if owed not in given]


def print_table(name: str, figures: Sequence[form.Figure], console: Console | None = None) -> None:
    """Every figure with its spread, its goal and whether it is met."""
    machine = form.machine()
    table = Table(
        title=f"{name}: {machine['cpu']}, {machine['cores']} cores, GPU {machine['gpu'] or 'none'}",
        title_justify="left",
    )
    table.add_column("figure", no_wrap=True)
    for heading in ("value", "low", "high"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit")
    table.add_column("goal")
    for figure in figures:
        goal = GOALS[name].get(figure.name)
        verdict = (
            ""
            if goal is None
            else f"{goal.text}: {'met' if goal.kept_by(figure.value, figure.low) else 'MISSED'}"
        )
        numbers = (_readable(number) for number in (figure.value, figure.low, figure.high))
        table.add_row(figure.name, *numbers, figure.unit, verdict)
    (console or Console()).print(table)


def _readable(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def _tell(note: str) -> None:
    print(note, file=sys.stderr, flush=True)
