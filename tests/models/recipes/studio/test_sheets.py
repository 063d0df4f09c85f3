# SPDX-License-Identifier: GPL-3.0-or-later
"""Sheets: one tile for each thing they show."""

import numpy as np
import pytest

from models.recipes.studio import render
from models.recipes.studio.line_styles import STYLES
from models.recipes.studio.sheets import SHEETS, overlay, subjects_table, tiled
from models.recipes.studio.sketching import KINDS
from models.recipes.studio.subjects import SUBJECTS

SHAPES = {
    "styles": (len(STYLES), 4),
    "hands": (len(KINDS), 4),
    "individuals": (len(SUBJECTS), 6),
    "scenes": (4, 6),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_a_sheet_has_all_its_tiles(kind: str) -> None:
    rows, columns = SHAPES[kind]
    sheet = SHEETS[kind](0, 64)
    assert sheet.shape == (rows * 64, columns * 64, 3)
    tiles = sheet.reshape(rows, 64, columns, 64, 3).swapaxes(1, 2).reshape(-1, 64 * 64 * 3)
    assert (tiles.std(axis=1) > 3).all()


def test_the_last_row_is_filled_with_white() -> None:
    sheet = tiled([np.zeros((4, 4, 3), np.uint8)] * 3, 2)
    assert sheet.shape == (8, 8, 3)
    assert (sheet[4:, 4:] == 255).all()
    assert (sheet[:4] == 0).all()


def test_lines_show_in_their_colours() -> None:
    sample = render(1, 96, category="cup")
    shown = overlay(sample).astype(int)
    inked = (sample.contour == 255) & (sample.detail == 0)
    assert (shown[inked] == (20, 40, 200)).all()


def test_every_subject_is_listed() -> None:
    table = subjects_table()
    for name in SUBJECTS:
        assert f"| {name} |" in table
    assert "handle_reach" in table
