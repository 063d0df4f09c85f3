# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.weights.files.catalogue import verify_extractor
from backend.weights.files.small_networks import CONFIG, WEIGHTS, write_network
from backend.weights.runtime.line_extractor import load_extractor
from models.networks.line_extractor import LineExtractor
from shared.errors import MissingWeights


@pytest.fixture
def written(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    write_network(LineExtractor((16, 16), (1, 1)), tmp_path)
    return tmp_path


def test_what_was_written_comes_back(written: Path) -> None:
    torch.manual_seed(0)
    pictures, there = torch.rand(1, 3, 32, 32) * 2 - 1, load_extractor(folder=written)
    torch.manual_seed(0)
    here = LineExtractor((16, 16), (1, 1)).half().float()
    assert torch.allclose(there(pictures), here(pictures), atol=1e-5)
    assert not any(weight.requires_grad for weight in there.parameters())


def test_a_missing_file_is_told_with_a_remedy(written: Path) -> None:
    (written / WEIGHTS).unlink()
    with pytest.raises(MissingWeights, match="install"):
        load_extractor(folder=written)


@pytest.mark.parametrize("file", [WEIGHTS, CONFIG])
def test_a_damaged_file_is_told(written: Path, file: str) -> None:
    (written / file).write_bytes(b"{}nonsense")
    with pytest.raises(MissingWeights):
        load_extractor(folder=written)


def test_weights_of_another_network_are_told(written: Path) -> None:
    (written / CONFIG).write_text('{"widths": [16, 32], "depths": [1, 1]}', encoding="utf-8")
    with pytest.raises(MissingWeights):
        load_extractor(folder=written)


@pytest.mark.weights
def test_the_shipped_extractor_draws_a_disc_and_little_else() -> None:
    y, x = np.mgrid[:128, :128]
    rim = np.abs(np.hypot(y - 64, x - 64) - 30)
    rng = np.random.default_rng(0)
    grey = np.where(np.hypot(y - 64, x - 64) < 30, 190, 70) + rng.normal(0, 12, (128, 128))
    picture = torch.from_numpy(grey / 255).float().clamp(0, 1).expand(1, 3, 128, 128)
    ink = load_extractor()(picture * 2 - 1).sigmoid().amax(1)[0].numpy()
    assert ink[rim < 0.7].mean() > 0.6
    assert ink[rim > 5].mean() < 0.03


@pytest.mark.weights
def test_the_shipped_extractor_is_as_the_catalogue_says() -> None:
    assert verify_extractor() == 1
