# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from models.recipes.loop import Plan, Training
from models.recipes.studio_cache import StudioCache
from models.recipes.vae import VaeRecipe, build_vae

CPU = torch.device("cpu")


def training(pictures: StudioCache, out: Path, steps: int = 6) -> Training:
    torch.manual_seed(1)
    recipe = VaeRecipe(build_vae((8, 8, 16, 16), 64), pictures, CPU, crop_px=32, batch=4)
    return Training(recipe, Plan(steps=steps, warmup=2), out, report=lambda line: None)


def test_resuming_gives_exactly_the_weights_of_one_run(pictures: StudioCache, tmp_path: Path) -> None:
    whole = training(pictures, tmp_path / "whole")
    whole.run()
    broken = training(pictures, tmp_path / "broken")
    for _ in range(3):
        broken.advance()
    broken.save()
    resumed = training(pictures, tmp_path / "broken")
    resumed.resume()
    resumed.run()
    assert resumed.step == whole.step == 6
    for name, weight in whole.weights.items():
        assert torch.equal(weight, resumed.weights[name]), name
        assert torch.equal(whole.mean[name], resumed.mean[name]), name


def test_resuming_without_a_checkpoint_is_told(pictures: StudioCache, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        training(pictures, tmp_path / "nothing").resume()


def test_checkpoint_files_stay_small(pictures: StudioCache, tmp_path: Path) -> None:
    run = training(pictures, tmp_path / "run")
    run.run()
    shards = list((tmp_path / "run" / "checkpoint").glob("*.safetensors"))
    assert shards
    assert max(shard.stat().st_size for shard in shards) < 16 << 20
    assert (tmp_path / "run" / "grid-000006.png").exists()


def test_averaged_weights_are_put_back(pictures: StudioCache, tmp_path: Path, vae: AutoencoderKL) -> None:
    run = training(pictures, tmp_path / "run")
    for _ in range(3):
        run.advance()
    own = {name: weight.detach().clone() for name, weight in run.weights.items()}
    with run.averaged():
        assert any(not torch.equal(weight, own[name]) for name, weight in run.weights.items())
    assert all(torch.equal(weight, own[name]) for name, weight in run.weights.items())


def test_rate_rises_then_falls() -> None:
    plan = Plan(lr=1.0, warmup=10, floor=0.1)
    assert plan.rate(0, 0.0) == pytest.approx(0.1)
    assert plan.rate(50, 0.0) == pytest.approx(1.0)
    assert plan.rate(50, 1.0) == pytest.approx(0.1)
