# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
import torch

from backend.acts.paint.paint import paint
from backend.weights.runtime.sd15 import SD15
from benchmarks import family_speed
from benchmarks.goals import GOALS
from tests.backend.tiny import Recorder


def test_the_act_beside_the_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_speed, "SMALL_STEPS", 1)
    monkeypatch.setattr(family_speed, "SMALL_SIDE", 64)
    figures = {figure.name: figure for figure in family_speed.over_pipeline(1, 0, lambda note: None)}
    ratio = figures["act_s"].value / figures["pipeline_s"].value
    assert figures["act_over_pipeline"].value == pytest.approx(ratio)
    assert "act_over_pipeline" in GOALS["family"]


def test_the_act_paints_the_whole_canvas_in_one_piece() -> None:
    small = family_speed.replace(SD15, words_width=128, resolution=64)
    model = family_speed.random_model(small, family_speed.SMALL, torch.device("cpu"), torch.float32, 0)
    report = Recorder()
    painted = paint(model, family_speed.whole_canvas(64, 0, 3), report)
    assert len(report.steps) == 3
    assert painted.pixels.shape == (48, 48, 4)
    assert np.all(painted.pixels[..., 3] == 255)
    assert model.inpaints
