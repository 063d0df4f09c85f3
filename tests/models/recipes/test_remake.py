# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from backend.cli import train as cli_train
from models.recipes import presets, remake
from models.recipes.export import EMBEDDED, load_painter
from models.recipes.presets import Preset
from models.recipes.studio import Sample, render


def apple(seed: int, size: int, split: str = "train") -> Sample:
    return render(seed, size, split, category="apple")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remake, "render", apple)
    small = Preset(
        vae=(8, 8, 16, 16),
        unet=(16, 32),
        clip_width=32,
        clip_layers=1,
        crops=4,
        captions=4,
        batches={128: 2, 256: 1},
    )
    monkeypatch.setitem(presets.PRESETS, presets.CORES, small)
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


def test_other_processes_render_the_same_pictures(tmp_path: Path) -> None:
    remake.render_pictures(tmp_path, 32, lambda line: None, workers=2)
    pictures = remake.Folders(tmp_path).pictures.open()
    alone = render(3, 256)
    assert len(pictures) >= 32
    assert (pictures.picture(3)[:3] == alone.image.transpose(2, 0, 1)).all()


def test_first_seed_draws_other_pictures(tmp_path: Path) -> None:
    remake.render_pictures(tmp_path, 8, lambda line: None, first=1000)
    drawn = remake.Folders(tmp_path).pictures.open().picture(2)[:3]
    assert (drawn == render(1002, 256).image.transpose(2, 0, 1)).all()


def test_a_shipped_family_is_taken_up_as_it_is(tmp_path: Path) -> None:
    remake.take_up(tmp_path, EMBEDDED, lambda line: None)
    vae, painter, _ = load_painter(EMBEDDED)
    again, _ = remake.trained_painter(tmp_path, remake.tokenizer_of(tmp_path))
    for name, network in painter.networks.items():
        for key, weight in network.state_dict().items():
            assert torch.equal(weight, again.networks[name].state_dict()[key]), (name, key)
    assert remake.trained_vae(tmp_path).config["scaling_factor"] == vae.config["scaling_factor"]
    with pytest.raises(FileExistsError):
        remake.take_up(tmp_path, EMBEDDED, lambda line: None)


def test_new_words_become_tokens_and_what_was_learnt_of_the_old_ones_stays(tmp_path: Path) -> None:
    remake.render_pictures(tmp_path, 8, lambda line: None)
    remake.take_up(tmp_path, EMBEDDED, lambda line: None)
    _, painter, words = load_painter(EMBEDDED)
    tokenizer = remake.tokenizer_of(tmp_path)
    again, _ = remake.trained_painter(tmp_path, tokenizer)
    assert tokenizer.tokenize("a striped guitar") == ["a</w>", "striped</w>", "guitar</w>"]
    assert len(words.tokenize("guitar")) > 1
    table = "embeddings.token_embedding.weight"
    before, after = (
        next(value for key, value in each.text_encoder.state_dict().items() if key.endswith(table))
        for each in (painter, again)
    )
    known, new = words.get_vocab(), tokenizer.get_vocab()
    assert torch.equal(after[new["red</w>"]], before[known["red</w>"]])
    pieces = words("guitar", add_special_tokens=False).input_ids
    assert torch.allclose(after[new["guitar</w>"]], before[pieces].mean(0))
