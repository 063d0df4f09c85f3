# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import extract_speed
from benchmarks.extract_speed import bsds_figures, canny_strength, drawn_strength, stand_in_4m3
from benchmarks.form import Figure
from models.networks.line_extractor import LineExtractor


def test_the_stand_in_has_the_size_it_stands_for() -> None:
    generator = stand_in_4m3()
    assert sum(w.numel() for w in generator.parameters()) == pytest.approx(4.3e6, rel=0.01)
    assert generator(torch.zeros(1, 3, 64, 48)).shape == (1, 1, 64, 48)


def disc() -> np.ndarray:
    y, x = np.mgrid[:80, :100]
    return np.repeat(np.where(np.hypot(y - 40, x - 50) < 25, 220, 60).astype(np.uint8)[..., None], 3, -1)


def test_canny_finds_a_disc_the_surer_the_stronger_it_is() -> None:
    strong, weak = canny_strength(disc(), 1.0), canny_strength(disc() // 4, 1.0)
    assert strong.max() > weak.max() > 0
    y, x = np.nonzero(strong)
    assert (abs(np.hypot(y - 40, x - 50) - 25) < 2).all()


def test_ours_is_thinned_and_bounded() -> None:
    torch.manual_seed(0)
    strength = drawn_strength(LineExtractor((16, 16), (1, 1)).eval(), disc(), confirm=True)
    assert strength.shape == (80, 100)
    assert strength.min() >= 0
    assert strength.max() <= 1


def test_boundaries_are_left_out_without_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_speed, "BSDS", tmp_path)
    told: list[str] = []
    assert bsds_figures(True, 0, told.append) == []
    assert told


def test_boundaries_of_pictures_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disc whose annotator drew its rim: Canny scores high; an extractor that knows nothing does not."""
    import scipy.io

    for folder in ("images", "groundTruth"):
        (tmp_path / folder).mkdir()
    Image.fromarray(disc().repeat(2, 0).repeat(2, 1)).save(tmp_path / "images" / "1.jpg", quality=95)
    y, x = np.mgrid[:160, :200]
    rim = (abs(np.hypot(y - 80, x - 100) - 50) < 0.5).astype(np.uint8)
    cells = np.empty((1, 1), object)
    cells[0, 0] = {"Boundaries": rim}
    scipy.io.savemat(tmp_path / "groundTruth" / "1.mat", {"groundTruth": cells})
    torch.manual_seed(0)
    monkeypatch.setattr(extract_speed, "BSDS", tmp_path)
    monkeypatch.setattr(extract_speed, "load_extractor", lambda: LineExtractor((16, 16), (1, 1)).eval())
    found: dict[str, Figure] = {f.name: f for f in bsds_figures(False, 0, lambda line: None)}
    assert found["bsds_ods_canny_1"].value > 0.9
    assert found["bsds_ods"].value < 0.5
