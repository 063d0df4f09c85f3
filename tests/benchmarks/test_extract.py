# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulers and the bookkeeping of the benchmark of lines, on drawings whose answer is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import extract
from benchmarks.extract import Measured
from benchmarks.goals import GOALS
from benchmarks.line_variants import ABLATIONS, Effort, Variants
from benchmarks.rulers.line_truth import (
    PART_PX,
    STYLE_NAMES,
    Scores,
    boundary_f2,
    canny_ink,
    example_of,
    scores,
    truth_of,
    xdog_ink,
)

EFFORT = Effort(pictures=2, distilled=2, generated=1)


def apart(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a - b).abs().mean()


def measured(level: float) -> Measured:
    """Four pictures whose scores lie around a level; one has no detail."""
    rows = [
        Scores(level + d, level + d, 1 - level - d, level, math.nan if d else level)
        for d in (0, 0.01, 0.02, 0.03)
    ]
    return Measured(tuple(rows), 90.0)


def a_line(column: int) -> np.ndarray:
    flags = np.zeros((64, 64), bool)
    flags[:, column] = True
    return flags


def test_the_truth_is_the_best_drawing() -> None:
    truth = truth_of(0, "chalk")
    assert truth.picture.shape == (PART_PX, PART_PX, 3) and truth.ink.shape == (2, PART_PX, PART_PX)
    best, worse = scores(truth.ink, truth.ink, apart), scores(canny_ink(truth.picture), truth.ink, apart)
    assert best[:3] == pytest.approx((1, 1, 0), abs=1e-6)
    assert worse.f2 < 1 and worse.ssim < 0.99 and worse.lpips > 0.001


def test_the_same_picture_in_every_style() -> None:
    one, other = truth_of(1, "fineliner"), truth_of(1, "double line")
    assert np.array_equal(one.picture, other.picture) and not np.array_equal(one.ink, other.ink)
    examples = [example_of(style) for style in ("fineliner", "chalk")]
    assert np.array_equal(examples[0].picture, examples[1].picture)
    assert examples[0].contour.max() > 200 < examples[0].detail.max()


def test_near_is_two_pixels_of_256() -> None:
    assert boundary_f2(a_line(20), a_line(20)) == 1
    assert boundary_f2(a_line(24), a_line(20)) == 1  # the pictures are twice as large
    assert boundary_f2(a_line(25), a_line(20)) == 0
    assert boundary_f2(a_line(20) | a_line(40), a_line(20)) == pytest.approx(2 / 3)
    assert boundary_f2(np.zeros((64, 64), bool), a_line(3)) == 0
    assert math.isnan(boundary_f2(a_line(3), np.zeros((64, 64), bool)))


def test_plain_filters_find_an_edge() -> None:
    picture = np.full((64, 64, 3), 40, np.uint8)
    picture[:, 32:] = 220
    assert canny_ink(picture)[0, 10, 30:34].max() == 1 and canny_ink(picture)[0, 10, 5:20].max() == 0
    ink = xdog_ink(picture)[0]
    assert ink[10, 28:32].max() > 0.9 and ink[10, 45:].max() < 0.1


def test_figures_of_a_known_table() -> None:
    styles = ("fineliner", "chalk")
    levels = {"ours": 0.8, "finetune": 0.7, "one_step": 0.75, "canny": 0.3, "xdog": 0.4, "generator": 0.9}
    table = {(style, variant): measured(level) for style in styles for variant, level in levels.items()}
    table["chalk", "finetune"] = measured(0.85)
    named = {
        figure.name: figure
        for figure in [
            *extract.style_figures(table, styles, 0),
            *extract.mean_figures(table, styles, 0),
            *extract.wins(table, styles, 0),
            *extract.kept(table, styles, 0),
        ]
    }
    assert named["f2_ours_fineliner"].value == pytest.approx(0.815)
    assert named["f2_canny_chalk"].value == pytest.approx(0.415)  # XDoG's, the better one
    assert named["lpips_canny_chalk"].value == pytest.approx(0.585)
    assert named["f2_finetune"].value == pytest.approx((0.715 + 0.865) / 2)
    assert named["f2_detail_ours"].value == pytest.approx(0.8) and named["f2_detail_ours"].samples == 1
    assert named["wins_of_8"].value == named["wins_of_8_lpips"].value == 1
    assert named["distilled_f_kept"].value == pytest.approx(0.815 / 0.915)


def test_what_was_measured_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def once(variants: Variants, style: str, variant: str) -> Measured:
        calls.append(f"{style} {variant}")
        return measured(0.5)

    monkeypatch.setattr(extract, "measure", once)
    wanted, told = [("chalk", "canny"), ("chalk", "xdog")], []
    first = extract.measured(wanted[:1], EFFORT, told.append, tmp_path)
    both = extract.measured(wanted, EFFORT, told.append, tmp_path)
    assert calls == ["chalk canny", "chalk xdog"] and len(told) == 2
    row = both["chalk", "canny"].scores[0]
    assert row[:4] == first["chalk", "canny"].scores[0][:4] and row.f2_detail == 0.5
    assert math.isnan(both["chalk", "canny"].scores[1].f2_detail)


@pytest.mark.weights
def test_a_filter_is_measured(tmp_path: Path) -> None:
    found = extract.measure(Variants(tmp_path, EFFORT), "fineliner", "canny")
    assert len(found.scores) == 2 and found.scores[0].f2 > 0.5 and found.seconds == 0


def test_every_part_can_be_left_out() -> None:
    recipe = EFFORT.recipe()
    assert len({repr(leave_out(recipe)) for leave_out in ABLATIONS.values()}) == len(ABLATIONS) == 7
    assert recipe.iterations == 1


def test_what_the_benchmark_owes() -> None:
    owed = set(GOALS["extract"])
    assert {"f2_ours", "lpips_canny", "wins_of_8", "bsds_ods", "learn_minutes"} <= owed
    assert len(STYLE_NAMES) == 8
