# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from krita_plugin.underdrawing.model.settings import (
    ANNOTATION,
    Settings,
    load,
    read_document,
    save,
    write_document,
)

from ..fake_canvas import FakeCanvas

CHANGED = Settings("a tree", "fog", 0.5, 0.0, 2.0, 8, 4.5, 123, False, "sd15", 10, 20)


def test_settings_survive_the_program(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    assert load(path) == Settings()
    save(path, CHANGED)
    assert load(path) == CHANGED
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"prompt": 3, "seed": -1, "steps": "many", "x": 1}']
)
def test_a_damaged_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    assert load(tmp_path / "settings.json") == Settings()


def test_one_bad_value_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(asdict(CHANGED) | {"seed": 2**32, "contour": float("nan")}))
    found = load(tmp_path / "s.json")
    assert (found.seed, found.contour, found.prompt) == (0, 1.0, "a tree")


@pytest.mark.parametrize(
    "values",
    [
        {"contour": 2.1},
        {"contour": True},
        {"contour": float("inf")},
        {"steps": 1.5},
        {"steps": 151},
        {"seed": -1},
        {"random_seed": 1},
        {"prompt": None},
        {"prompt": "a" * 2001},
        {"speed": 1},
        {"region": "strokes"},
        {"shadow": 1},
    ],
)
def test_bad_values_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        Settings().changed(**values)


def test_a_document_remembers_its_own_part() -> None:
    canvas = FakeCanvas(10, 10)
    fresh = CHANGED.changed(prompt="", negative_prompt="")
    assert read_document(canvas, CHANGED.changed(region="selection")) == fresh, (
        "a new one begins inside lines"
    )
    here = CHANGED.changed(region="selection", match_grain=False, shadow=True)
    write_document(canvas, here)
    found = read_document(canvas, Settings(family="mine", steps=3))
    assert (found.region, found.match_grain, found.shadow) == ("selection", False, True)
    assert (found.prompt, found.seed, found.colour, found.feather_px) == ("a tree", 123, 2.0, 20)
    assert (found.family, found.steps) == ("mine", 3), "these belong to the program"


def test_what_lies_in_a_document_is_pinned() -> None:
    """Files are opened again by later versions."""
    canvas = FakeCanvas(10, 10)
    write_document(canvas, Settings())
    assert json.loads(canvas.notes[ANNOTATION]) == {
        "prompt": "",
        "negative_prompt": "",
        "contour": 1.0,
        "detail": 1.0,
        "colour": 1.0,
        "seed": 0,
        "random_seed": True,
        "grow_px": 0,
        "feather_px": 4,
        "region": "lines",
        "match_grain": True,
        "shadow": False,
    }


def test_a_document_is_not_written_in_vain() -> None:
    canvas = FakeCanvas(10, 10)
    write_document(canvas, CHANGED)
    before = canvas.notes[ANNOTATION]
    write_document(canvas, Settings(**asdict(CHANGED)))
    assert canvas.notes[ANNOTATION] is before


def test_foreign_bytes_in_a_document_are_passed_over() -> None:
    canvas = FakeCanvas(10, 10)
    canvas.notes[ANNOTATION] = b"\xff\xfe not json"
    assert read_document(canvas, CHANGED) == CHANGED.changed(prompt="", negative_prompt="")
