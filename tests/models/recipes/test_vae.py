# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from models.recipes.loop import Plan, Training
from models.recipes.studio_cache import StudioCache
from models.recipes.vae import VaeRecipe, edges, images_at, psnr_db, reconstruction_loss, set_scale


def test_training_lowers_the_loss(vae: AutoencoderKL, pictures: StudioCache, tmp_path: Path) -> None:
    recipe = VaeRecipe(vae, pictures, torch.device("cpu"), crop_px=32, batch=4)
    run = Training(recipe, Plan(steps=30, lr=3e-3, warmup=3), tmp_path, report=lambda line: None)
    losses = [run.advance() for _ in range(30)]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


def test_loss_is_zero_for_the_same_picture_and_sees_edges() -> None:
    flat = torch.zeros(1, 3, 16, 16)
    line = flat.clone()
    line[..., 8] = 1
    assert reconstruction_loss(flat, flat) == 0
    assert edges(flat + 0.5).abs().sum() == 0
    spread = torch.full_like(flat, line.mean().item())
    assert reconstruction_loss(line, flat) > reconstruction_loss(spread, flat)


def test_scale_gives_latents_of_unit_spread(vae: AutoencoderKL, pictures: StudioCache) -> None:
    images = images_at(pictures.open(), range(8))
    scale = set_scale(vae, images)
    assert vae.config["scaling_factor"] == scale
    with torch.no_grad():
        assert (vae.encode(images).latent_dist.mode() * scale).std().item() == pytest.approx(1, rel=1e-3)


def test_psnr_of_a_known_error(vae: AutoencoderKL, monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.zeros(1, 3, 32, 32)
    with torch.no_grad():
        vae.decoder.conv_out.weight.zero_()
        vae.decoder.conv_out.bias.fill_(0.2)
    assert psnr_db(vae, images).item() == pytest.approx(
        20 * torch.log10(torch.tensor(255 / 26)).item(), rel=0.01
    )
