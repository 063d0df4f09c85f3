# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures out of values that are known."""

from __future__ import annotations

import math

import pytest

from benchmarks.held_out import Task, whole
from benchmarks.painting.figures import pooled_figures, set_figures, unsure
from benchmarks.painting.tables import given_or_told
from shared.errors import MissingWeights


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return [whole(0)] * 20


def found(figures: list) -> dict:
    return {figure.name: figure for figure in figures}


def test_a_gain_is_of_pairs_and_above_nothing_where_paint_is_better(tasks: list[Task]) -> None:
    spread = [0.1 * number for number in range(20)]
    table = {
        "flat": {"perceptual": [value + 0.05 for value in spread]},
        "instant": {"perceptual": [value - 0.01 for value in spread]},
        "paint": {"perceptual": spread},
    }
    named = found(set_figures("{}_512", table, tasks, 0))
    assert named["perceptual_512"].value == pytest.approx(0.95)
    assert named["perceptual_512_flat"].value == pytest.approx(1.0)
    over = named["perceptual_512_over_flat"]
    assert [over.low, over.value, over.high] == pytest.approx([0.05] * 3), "every pair differs by the same"
    assert named["perceptual_512_over_instant"].high < 0


@pytest.mark.parametrize(("right", "judges"), [(20, True), (19, True), (18, False)])
def test_a_judge_that_knows_too_few_true_pictures_judges_none(
    tasks: list[Task], right: int, judges: bool
) -> None:
    true = [1.0] * right + [0.0] * (20 - right)
    rows = {"true": {"category": true}, "paint": {"category": [1.0] * 20}, "flat": {"category": [0.0] * 20}}
    named = found(set_figures("{}", rows, tasks, 0))
    assert named["category_true"].value == right / 20
    assert ("category" in named) is ("category_over_flat" in named) is judges
    assert (unsure(rows) is None) is judges


def test_recognised_is_a_share_of_what_is_known_of_the_drawings(tasks: list[Task]) -> None:
    drawing = [1.0] * 12 + [0.0] * 6 + [math.nan] * 2
    table = {
        "drawing": {"doodle_recognised": drawing},
        "paint": {"doodle_recognised": [1.0] * 9 + [0.0] * 9 + [math.nan] * 2},
    }
    named = found(set_figures("no_dabs_{}", table, tasks, 0))
    assert named["no_dabs_doodle_recognised"].value == pytest.approx(9 / 12)
    assert named["no_dabs_doodle_recognised_drawing"].value == 1
    assert named["no_dabs_five_best"].value == pytest.approx(12 / 18)


def test_bytes_that_were_to_stay_are_summed_over_all_sets() -> None:
    one = {"paint": {"outside_lines_changed_bytes": [0.0, 3.0, math.nan]}, "flat": {"grain_ratio": [1.0]}}
    other = {"paint": {"outside_lines_changed_bytes": [4.0]}}
    assert {figure.name: figure.value for figure in pooled_figures([one, other])} == {
        "outside_lines_changed_bytes": 7
    }


def test_what_this_machine_lacks_is_left_out_and_told() -> None:
    told: list[str] = []

    def absent(_: object) -> None:
        raise MissingWeights("The drawings are not here.", "Put them there.")

    assert given_or_told(absent, told.append) is None
    assert told == ["left out: The drawings are not here. Put them there."]
    assert given_or_told(lambda _: 3, told.append) == 3
    assert len(told) == 1
