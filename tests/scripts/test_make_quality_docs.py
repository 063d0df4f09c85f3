# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

from backend.bench.goals import GOALS
from scripts import make_quality_docs


def test_the_page_is_that_of_its_figures() -> None:
    made = make_quality_docs.page(json.loads(make_quality_docs.FIGURES.read_text("utf-8")))
    words = "run scripts/make_quality_docs.py --page-only"
    assert make_quality_docs.PAGE.read_text("utf-8") == made, words
    assert all(f"`{name}`" in made for name in GOALS["quality"]), "measured or named as not measured"
