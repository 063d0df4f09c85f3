# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.goals import GOALS
from benchmarks.held_out import whole
from scripts import make_quality_docs, quality_pictures


def figures() -> dict:
    return json.loads(make_quality_docs.FIGURES.read_text("utf-8"))


def test_the_page_is_that_of_its_figures() -> None:
    made = make_quality_docs.page(figures())
    words = "run scripts/make_quality_docs.py --page-only"
    assert make_quality_docs.PAGE.read_text("utf-8") == made, words
    assert all(f"`{name}`" in made for name in GOALS["quality"]), "measured or named as not measured"


def test_the_page_says_of_which_commit_and_weights_it_is() -> None:
    document = figures()
    first = make_quality_docs.PAGE.read_text("utf-8").split("## ")[0]
    assert document["commit"] and document["commit"] in first
    assert document["keys"]["weights"] in first
    assert {"code", "weights", "data", "effort"} == set(document["keys"])


@pytest.mark.parametrize(
    ("name", "row", "shown"),
    [
        ("perceptual_512_instant", "| instant engine |", "| 0.25 [0.2, 0.3] |"),
        ("perceptual_512_family_next", "| paint, weights next |", "| 0.25 [0.2, 0.3] |"),
        ("perceptual_512_over_flat", "gain of paint over *flat fill", "in `perceptual`: 0.25 [0.2, 0.3]"),
    ],
)
def test_every_row_and_gain_has_its_place(name: str, row: str, shown: str) -> None:
    document = figures()
    document["results"] = [
        {"name": "perceptual_512", "value": 0.5, "low": 0.4, "high": 0.6, "unit": ""},
        {"name": name, "value": 0.25, "low": 0.2, "high": 0.3, "unit": ""},
    ]
    section = make_quality_docs.page(document).split("512 px\n")[1].split("\n## ")[0]
    (line,) = [line for line in section.splitlines() if row in line]
    assert shown in line


def test_a_grid_shows_the_first_of_a_set_in_every_way_and_what_was_given() -> None:
    task = whole(0)
    black, white = np.zeros_like(task.sample.image), np.full_like(task.sample.image, 255)
    paper = np.asarray(quality_pictures.grid([task], {"flat": [black], "paint": [white]}))
    step = quality_pictures.CELL_PX + quality_pictures.GAP_PX + quality_pictures.LABEL_PX
    assert paper.shape[0] == 3 * step
    middle = quality_pictures.LABEL_PX + quality_pictures.CELL_PX // 2
    assert (paper[step + middle, 10:150] == 0).all()
    assert (paper[2 * step + middle, 10:150] == 255).all()
    words = task.lacking("contour").lacking("detail").lacking("colour")
    assert (quality_pictures.given(words) == 255).all()
    assert not (quality_pictures.given(task) == 255).all()
