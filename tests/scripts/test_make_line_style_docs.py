# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest

from benchmarks.goals import GOALS, LINE_WAYS
from scripts import make_line_style_docs as docs


def figure(name: str, value: float) -> dict[str, object]:
    return {"name": name, "value": value, "low": value - 0.01, "high": value + 0.01, "unit": ""}


def document(*names: str) -> dict[str, object]:
    return {
        "machine": {"cpu": "Abacus", "cores": 2},
        "results": [figure(name, 0.5 + 0.01 * k) for k, name in enumerate(names)],
    }


def test_every_figure_is_shown_or_named_as_not_measured() -> None:
    means = [f"{metric}_{way}" for metric in docs.METRICS for way in LINE_WAYS]
    styles = [f"{name}_soft_pencil" for name in means]
    made = docs.page(document(*means, *styles, "f2_generator", "f2_without_low", "wins_of_8"))
    assert "| soft pencil | `ssim` |" in made and "| without low |" in made
    assert "0.500 (0.490 - 0.510)" in made and "Abacus" in made
    assert "at least 6: **missed**" in made
    absent = made.partition("## Not measured yet")[2]
    for name in GOALS["extract"]:
        assert (f"`{name}`" in absent) == (name not in {*means, "wins_of_8"})


@pytest.mark.skipif(not docs.FIGURES.exists(), reason="not measured yet")
def test_the_page_is_that_of_its_figures() -> None:
    made = docs.page(json.loads(docs.FIGURES.read_text("utf-8")))
    assert docs.PAGE.read_text("utf-8") == made, "run scripts/make_line_style_docs.py --page-only"
