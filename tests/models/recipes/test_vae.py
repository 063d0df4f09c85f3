# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from models.recipes.loop import Plan, Training
from models.recipes.studio_cache import StudioCache
from models.recipes.vae import (
    CELL_PX,
    Move,
    VaeRecipe,
    edges,
    images_at,
    psnr_db,
    random_move,
    reconstruction_loss,
    set_scale,
)


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


def test_a_move_does_the_same_to_pictures_and_latents() -> None:
    cells = torch.arange(36.0).view(1, 1, 6, 6)
    pictures = cells.repeat_interleave(CELL_PX, 2).repeat_interleave(CELL_PX, 3)
    for move in (Move(6, 1, True), Move(6, 3, False), Move(3, 2, True)):
        moved = torch.nn.functional.avg_pool2d(move.pictures(pictures), CELL_PX)
        torch.testing.assert_close(move.latents(cells), moved, atol=0.6, rtol=0)
    assert torch.equal(Move(6, 0, False).latents(cells), cells)
    assert torch.equal(Move(6, 1, False).latents(cells), torch.rot90(cells, 1, (2, 3)))


def test_moves_are_of_every_kind_and_never_larger() -> None:
    moves = [random_move(np.random.default_rng(i), 12) for i in range(200)]
    assert {move.quarters for move in moves} == {0, 1, 2, 3}
    assert {move.mirrored for move in moves} == {True, False}
    assert (min(move.cells for move in moves), max(move.cells for move in moves)) == (6, 12)


def test_an_autoencoder_of_cells_pays_nothing_for_moves_and_one_that_knows_its_place_does(
    pictures: StudioCache,
) -> None:
    class Shrink(torch.nn.Module):
        """Encodes by averaging cells, decodes by repeating them; a bias by place breaks equivariance."""

        def __init__(self, bias: float) -> None:
            super().__init__()
            self.bias = bias

        def encode(self, x: torch.Tensor):
            latents = torch.nn.functional.avg_pool2d(x, CELL_PX)
            latents = latents + self.bias * torch.linspace(-1, 1, latents.shape[-1])
            return type("Out", (), {"latent_dist": _Point(latents)})

        def decode(self, z: torch.Tensor):
            z = z - self.bias * torch.linspace(-1, 1, z.shape[-1])
            made = z.repeat_interleave(CELL_PX, 2).repeat_interleave(CELL_PX, 3)
            return type("Out", (), {"sample": made})

    losses = []
    for bias in (0.0, 0.5):
        recipe = VaeRecipe(
            Shrink(bias), pictures, torch.device("cpu"), crop_px=32, batch=4, equivariant_share=1.0
        )
        torch.manual_seed(3)
        losses.append(float(sum(recipe.loss(1, 0.0) for _ in range(8))))
    assert losses[1] > 1.2 * losses[0]


class _Point:
    def __init__(self, latents: torch.Tensor) -> None:
        self.mean = latents

    def sample(self) -> torch.Tensor:
        return self.mean

    def kl(self) -> torch.Tensor:
        return torch.zeros(len(self.mean))
