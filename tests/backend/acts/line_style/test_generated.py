# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.acts.line_style import generated, learn
from backend.acts.line_style.generated import PAIRS_FILE, Part, generated_pairs, recipe_for
from backend.acts.line_style.generator_training import STATE, Recipe
from backend.library import line_styles
from backend.library.line_style_file import read_notes
from backend.weights.runtime.base_model import BaseModel
from shared.errors import Cancelled
from tests.backend.acts.line_style.test_distillation import example, network
from tests.backend.acts.line_style.test_learn import Watched, tiny

__all__ = ["tiny"]

HELD = np.full((64, 64, 3), 90, np.uint8)


@pytest.fixture
def recipe(model: BaseModel, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setattr(generated, "load_family", lambda _: model)
    monkeypatch.setattr(generated, "PAIRS", 2)
    step = model.schedule.timesteps(model.steps)[0]
    return replace(Recipe(), iterations=3, samples=1, free=1, steps=(step,))


def test_a_part_of_the_way_is_a_share_of_all() -> None:
    report = Watched()
    part = Part(Part(report, 0.5, 1.0), 0.0, 0.5)
    part.progress(1, 2, "half")
    assert report.steps == [0.62] and report.notes == ["half"]


def test_more_time_is_more_iterations() -> None:
    counts = [recipe_for(minutes).iterations for minutes in (0.1, 1, 2, 60)]
    assert counts == sorted(counts) and counts[0] >= 60 and counts[-1] == 400


@pytest.mark.weights
def test_pairs_are_painted_and_drawn_once(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Watched()
    pairs = generated_pairs(example(), network().eval(), "embedded", tmp_path, report, recipe, HELD)
    assert [(tuple(p.shape), tuple(i.shape)) for p, i in pairs] == [((3, 64, 64), (2, 64, 64))] * 2
    assert all(plane.min() >= 0 and plane.max() <= 1 for pair in pairs for plane in pair)
    assert report.steps == sorted(report.steps)
    monkeypatch.setattr(generated, "load_family", lambda _: pytest.fail("the family is not needed again"))
    again = generated_pairs(example(), network().eval(), "embedded", tmp_path, Watched(), recipe, HELD)
    for (picture, ink), (other, same) in zip(pairs, again, strict=True):
        assert (picture - other).abs().max() < 1 / 254 and (ink - same).abs().max() < 1 / 254


@pytest.mark.weights
def test_stopped_and_called_again_is_the_same_as_in_one_go(tmp_path: Path, recipe: Recipe) -> None:
    through = generated_pairs(
        example(), network().eval(), "embedded", tmp_path / "a", Watched(), recipe, HELD
    )
    generated_pairs(example(), network().eval(), "embedded", tmp_path / "b", Watched(), recipe, HELD)
    (tmp_path / "b" / PAIRS_FILE).unlink()
    (tmp_path / "b" / STATE).unlink()
    stops = Watched(stop_at=3)  # after two iterations: features are there already
    with pytest.raises(Cancelled):
        generated_pairs(example(), network().eval(), "embedded", tmp_path / "b", stops, recipe, HELD)
    resumed = generated_pairs(
        example(), network().eval(), "embedded", tmp_path / "b", Watched(), recipe, HELD
    )
    for (_, ink), (_, same) in zip(through, resumed, strict=True):
        assert torch.equal(ink, same)


@pytest.mark.weights
def test_a_line_is_learnt_with_a_generator(
    tiny: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generated, "recipe_for", lambda _: recipe)
    report = Watched()
    options = {"minutes": 0.02, "family": "embedded", "folder": tiny / "work", "method": "generator"}
    info = learn.learn_style(example(), "Mine", report=report, **options)
    assert report.steps == sorted(report.steps) and report.steps[-1] == 1
    notes, _ = read_notes(line_styles.styles_dir() / f"{info.id}.safetensors")
    assert notes.family == "embedded" and not (tiny / "work").exists()
