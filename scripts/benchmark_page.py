# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts share that make a page of docs from one benchmark's figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def make_page(
    page: Path, write: Callable[[Mapping[str, Any]], str], draw_pictures: Callable[[], None], benchmark: str
) -> None:
    """Measure in full, draw the pictures, write the page; with --page-only the page alone.

    Args:
        page: the Markdown file; the figures lie beside it, as `underdrawing bench NAME --json` prints them.
        write: the page's text from what the benchmark printed.
        benchmark: name of the module in `benchmarks`.
    """
    figures = page.with_suffix(".json")
    if "--page-only" not in sys.argv[1:]:
        figures.write_text(json.dumps(measured(benchmark), indent=1) + "\n")
        draw_pictures()
    page.write_text(write(json.loads(figures.read_text())))
    print(page)


def measured(benchmark: str) -> Mapping[str, Any]:
    """All figures of a benchmark, in full."""
    import importlib

    from benchmarks import form

    run = importlib.import_module(f"benchmarks.{benchmark}").run

    def tell(note: str) -> None:
        print(note, file=sys.stderr, flush=True)

    figures = run(False, 0, tell)
    return form.document(benchmark, figures, 0)


def verdict(benchmark: str, name: str, figure: Mapping[str, Any]) -> str:
    """Whether a figure's goal is met, in words; empty where there is no goal."""
    from benchmarks.goals import GOALS

    goal = GOALS[benchmark].get(name)
    if goal is None:
        return ""
    return f"{goal.text}: {'met' if goal.kept_by(figure['value'], figure['low']) else '**missed**'}"


def not_measured(benchmark: str, figures: Mapping[str, Any]) -> str:
    """Section that names the figures with a goal that are missing; empty where none is."""
    from benchmarks.goals import GOALS

    absent = [f"`{name}`" for name in GOALS[benchmark] if name not in figures]
    return f"\n## Not measured yet\n\n{', '.join(absent)}.\n" if absent else ""
