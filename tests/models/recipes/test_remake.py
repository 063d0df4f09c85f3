# SPDX-License-Identifier: GPL-3.0-or-later
from functools import partial
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from backend import cli_train
from models.recipes import family, remake
from models.recipes.export import load_painter
from models.recipes.studio import Sample, render
from models.recipes.vae import build_vae


def apple(seed: int, size: int, split: str = "train") -> Sample:
    return render(seed, size, split, category="apple")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remake, "render", apple)
    monkeypatch.setattr(remake, "build_vae", partial(build_vae, (8, 8, 16, 16)))
    monkeypatch.setattr(remake.Painter, "build", partial(family.Painter.build, channels=(16, 32)))
    monkeypatch.setattr(remake, "BATCHES", (2, 1))
    monkeypatch.setattr(remake, "SCALED_BY", range(8))


def test_one_command_makes_a_family_and_goes_on_where_it_stopped(tiny: None, tmp_path: Path) -> None:
    arguments = [
        "--minutes",
        "0.1",
        "--count",
        "8",
        "--out",
        str(tmp_path / "work"),
        "--to",
        str(tmp_path / "family"),
    ]
    first = CliRunner().invoke(cli_train.app, ["all", *arguments])
    assert first.exit_code == 0, first.output
    vae, painter, tokenizer = load_painter(tmp_path / "family")
    assert painter.unet.config["sample_size"] == 32
    assert vae.config["scaling_factor"] != 1
    assert tokenizer.tokenize("apple")
    clip = remake.trained_clip(tmp_path / "work", tokenizer)
    for name, weight in painter.text_encoder.state_dict().items():
        assert torch.equal(weight, clip.text_encoder.state_dict()[name].half().float()), name
    weights = (tmp_path / "family" / "unet" / "diffusion_pytorch_model.safetensors").read_bytes()
    again = CliRunner().invoke(cli_train.app, ["all", *arguments, "--resume"])
    assert again.exit_code == 0, again.output
    assert (tmp_path / "family" / "unet" / "diffusion_pytorch_model.safetensors").read_bytes() == weights


def test_export_before_training_is_told(tiny: None, tmp_path: Path) -> None:
    remake.render_pictures(tmp_path, 8, lambda line: None)
    with pytest.raises(FileNotFoundError):
        remake.export_trained(tmp_path, tmp_path / "family", lambda line: None)
