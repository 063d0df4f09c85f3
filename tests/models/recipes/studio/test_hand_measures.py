# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of drawings whose answers are known."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.recipes.studio.hand_measures import by_people, hands_table, measures


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, np.float64)


SQUARE = line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))


def test_a_closed_square_has_no_loose_ends_and_encloses_everything() -> None:
    found = measures([SQUARE])
    assert found["strokes"] == 1
    assert found["loose ends"] == found["run past"] == 0
    assert found["length"] == pytest.approx(4, rel=0.01)
    assert found["closed"] > 0.8
    assert found["straight"] > 0.7


def test_an_open_square_encloses_nothing_and_its_ends_are_loose() -> None:
    found = measures([SQUARE[:4]])
    assert found["closed"] == 0
    assert found["loose ends"] == 1


def test_an_end_that_crossed_a_line_has_run_past_it() -> None:
    crossed = [line((0, 50), (104, 50)), line((100, 0), (100, 100))]
    short = [line((0, 50), (60, 50)), line((100, 0), (100, 100))]
    assert measures(crossed)["run past"] == 0.25
    assert measures(short)["run past"] == 0
    assert measures(short)["loose ends"] == 1


def test_curves_are_not_straight() -> None:
    x = np.linspace(0, 100, 200)
    wave = np.stack([x, 8 * np.sin(x / 4)], axis=1)
    assert measures([wave])["straight"] < 0.7 < measures([line((0, 0), (90, 30))])["straight"]


def test_the_table_sets_people_beside_every_kind_of_hand(tmp_path: Path) -> None:
    rows = [{"word": word, "strokes": [[[0, 0], [9, 0], [9, 9]], [[3, 3]]]} for word in ("cup", "zebra")]
    file = tmp_path / "drawings.ndjson"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [(word, len(strokes)) for word, strokes in by_people(file)] == [("cup", 1), ("zebra", 1)]
    head, _, first, *_ = hands_table(file).splitlines()
    assert head == "| median of 1 (quartiles) | people | exact | close | wobbly | hasty | all |"
    assert first.startswith("| strokes | 1 (1-1) |")
