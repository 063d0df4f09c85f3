# SPDX-License-Identifier: GPL-3.0-or-later
"""The completion network is written small, read back, and refused when it is damaged."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from backend.weights.files.small_networks import CONFIG, WEIGHTS, write_network
from backend.weights.runtime.completion import load_completion
from models.networks.completion import CompletionNet
from shared.errors import MissingWeights


@pytest.fixture
def written(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    write_network(CompletionNet((8, 16), (1, 1), filled=False), tmp_path)
    return tmp_path


def test_it_comes_back_in_full_precision_and_frozen(written: Path) -> None:
    network = load_completion(folder=written)
    assert not network.filled
    assert all(weight.dtype == torch.float32 and not weight.requires_grad for weight in network.parameters())
    assert not network.training
    assert all(weight.dtype == torch.float16 for weight in load_file(written / WEIGHTS).values())


@pytest.mark.parametrize("file", [WEIGHTS, CONFIG])
def test_a_missing_or_cut_file_is_said_so(written: Path, file: str) -> None:
    (written / file).write_bytes((written / file).read_bytes()[:40])
    with pytest.raises(MissingWeights, match="completion network"):
        load_completion(folder=written)
    (written / file).unlink()
    with pytest.raises(MissingWeights, match="completion network"):
        load_completion(folder=written)


def test_another_layout_is_refused(written: Path) -> None:
    (written / CONFIG).write_text(json.dumps({"widths": [8, 24], "depths": [1, 1]}))
    with pytest.raises(MissingWeights):
        load_completion(folder=written)


def test_weights_that_are_no_numbers_are_refused(written: Path) -> None:
    weights = load_file(written / WEIGHTS)
    weights["conv_out.bias"][0] = torch.nan
    save_file(weights, written / WEIGHTS)
    with pytest.raises(MissingWeights):
        load_completion(folder=written)


def test_the_network_that_ships_is_small(tmp_path: Path) -> None:
    write_network(CompletionNet(), tmp_path)
    assert (tmp_path / WEIGHTS).stat().st_size <= 6 << 20
