# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.acts.line_style import steps
from backend.acts.line_style.clusters import Curves
from backend.acts.line_style.steps import Choice, analysed, described, fingerprint_of, gram_of, steps_for
from backend.acts.line_style.steps_plot import plotted
from backend.weights.files.catalogue import read_catalogue
from backend.weights.runtime import families
from backend.weights.runtime.base_model import BaseModel
from tests.backend import tiny


def quiet() -> None: ...


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BaseModel:
    """A family of its own with seven steps, and an empty home."""
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))
    return tiny.load(replace(tiny.write_family(tmp_path / "family", "sd15", resolution=32), steps=7))


def test_inner_products_are_those_of_all_features() -> None:
    rows = [torch.randn(300_000).half() for _ in range(3)]
    stacked = torch.stack(rows).double().numpy()
    np.testing.assert_allclose(gram_of(rows), stacked @ stacked.T, rtol=1e-3, atol=1)


def test_steps_of_a_family_are_chosen_among_its_own(own: BaseModel) -> None:
    choice = analysed(own, 2, quiet)
    passed = own.schedule.timesteps(7)
    assert set(choice.timesteps) <= set(passed) and 1 <= len(choice.timesteps) < 7
    assert list(choice.timesteps) == sorted(choice.timesteps, reverse=True)
    assert list(choice.all) == passed and len(choice.labels) == len(choice.scores) == 7
    assert choice == analysed(own, 2, quiet)
    assert Choice.from_json(choice.to_json()) == choice
    with pytest.raises(ValueError, match="nothing to compare"):
        analysed(own, 0, quiet)


def test_a_choice_is_made_once_per_weights(own: BaseModel, monkeypatch: pytest.MonkeyPatch) -> None:
    first = steps_for(own, "other", quiet, images=1)
    monkeypatch.setattr(steps, "analysed", lambda *_: pytest.fail("it was known"))
    assert steps_for(own, "other", quiet) == first
    with torch.no_grad():
        next(own.unet.parameters()).add_(1)
    with pytest.raises(pytest.fail.Exception, match="it was known"):
        steps_for(own, "other", quiet)


def test_damaged_and_foreign_choices_are_made_anew(own: BaseModel) -> None:
    first = steps_for(own, "other", quiet, images=1)
    path = steps._cached(first.fingerprint)
    for text in ("", "{}", replace(first, all=(5, 4)).to_json(), "[1]"):
        path.write_text(text)
        assert steps_for(own, "other", quiet, images=1) == first


def test_the_fingerprint_is_the_same_in_half_precision(own: BaseModel) -> None:
    own.unet.half().float()
    before = fingerprint_of(own)
    own.unet.half()
    assert fingerprint_of(own) == before


def test_the_command_prints_and_draws_the_choice(
    own: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "load_family", lambda id: own)
    said: list[str] = []
    choice = steps.run_steps("any", 1, tmp_path / "plot.png", said.append, tmp_path / "kept.json")
    assert Choice.from_json((tmp_path / "kept.json").read_text()) == choice
    assert (tmp_path / "plot.png").stat().st_size > 2000
    assert any("<- chosen" in line for line in said)
    assert ", ".join(map(str, choice.timesteps)) in said[-2]
    assert steps_for(own, "any", quiet, images=1) == choice


def test_the_plot_shows_clusters_time_and_both_curves() -> None:
    curves = Curves((1, 2, 3), (1.0, 0.2, 0.1), (0.0, 0.6, 0.3))
    scores = ((0.0, 0.0), (0.1, 0.1), (1.0, 1.0), (1.1, 0.9))
    choice = Choice("f", (9, 3), (9, 6, 3, 0), (0, 0, 1, 1), scores, curves, 2, 1)
    drawn = np.asarray(plotted(choice)).reshape(2, 360, 2, 360, 3)
    for row in range(2):
        for column in range(2):
            panel = drawn[row, :, column]
            assert (panel < 100).all(-1).sum() > 100
    assert len(np.unique(drawn[0, :, 0].reshape(-1, 3), axis=0)) > 4
    assert described(choice)[-1] == "2 of 4 steps, from 1 pictures: 9, 3"


def test_the_shipped_choice_can_be_read() -> None:
    family = read_catalogue()["embedded"]
    choice = Choice.from_json((family.folder / steps.FILE).read_text())
    assert len(choice.all) == family.steps and set(choice.timesteps) < set(choice.all)


@pytest.mark.weights
def test_the_shipped_choice_is_of_the_shipped_weights() -> None:
    model = families.load_family("embedded", torch.device("cpu"))
    assert steps_for(model, "embedded", lambda: pytest.fail("it was analysed anew")).images >= 10
