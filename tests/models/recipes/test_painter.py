# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from models.recipes.captions import learn_tokenizer
from models.recipes.family import Painter
from models.recipes.latents import LatentCache, encode
from models.recipes.loop import Plan, Training
from models.recipes.painter import STROKELESS, UNGUIDED_SHARE, PainterRecipe, dropped
from models.recipes.studio_cache import IMAGE, StudioCache
from models.recipes.vae import to_signed


@pytest.fixture
def recipe(vae: AutoencoderKL, pictures: StudioCache, tmp_path: Path) -> PainterRecipe:
    latents = LatentCache(tmp_path / "latents", 64)
    latents.fill(pictures, vae)
    tokenizer = learn_tokenizer((caption for caption, _ in pictures.open().texts), tmp_path / "tokenizer")
    torch.manual_seed(0)
    painter = Painter.build(tokenizer, (16, 32))
    return PainterRecipe(painter, vae, tokenizer, latents, pictures, torch.device("cpu"), batch=8)


def test_training_lowers_the_loss(recipe: PainterRecipe, tmp_path: Path) -> None:
    run = Training(recipe, Plan(steps=60, lr=4e-3, warmup=5), tmp_path, report=lambda line: None)
    losses = [run.advance() for _ in range(60)]
    assert sum(losses[-10:]) < 0.9 * sum(losses[:10])


def test_every_network_learns(recipe: PainterRecipe, tmp_path: Path) -> None:
    run = Training(recipe, Plan(steps=4, warmup=1), tmp_path, report=lambda line: None)
    before = {name: weight.detach().clone() for name, weight in run.weights.items()}
    for _ in range(4):
        run.advance()
    for network in recipe.networks:
        changed = [not torch.equal(w, before[n]) for n, w in run.weights.items() if n.startswith(network)]
        assert sum(changed) > len(changed) // 2, network


def test_a_grid_can_be_looked_at(recipe: PainterRecipe) -> None:
    assert recipe.grid().size == (6 * 64 + 5 * 4, 4 * 64 + 3 * 4)


def test_latents_belong_to_their_picture(
    recipe: PainterRecipe, vae: AutoencoderKL, pictures: StudioCache
) -> None:
    batch = recipe.learnt.at([(1, 2)])
    image = to_signed(torch.from_numpy(pictures.open().picture(10)[IMAGE].copy()))[None]
    direct, mirrored = encode(vae, image), encode(vae, image.flip(-1))
    error = min((batch.whole - z).abs().max().item() for z in (direct, mirrored))
    assert error < 0.02
    assert batch.ids[0, 0] == recipe.empty_ids[0, 0]


def test_every_visit_chooses_among_the_captions_of_a_picture(recipe: PainterRecipe) -> None:
    usual = recipe.learnt.at([(0, 3)] * 2).ids
    assert torch.equal(usual[0], usual[1])
    visits = recipe.learnt.at([(0, 3)] * 60, np.random.default_rng(0)).ids
    assert len({tuple(ids.tolist()) for ids in visits}) == len(
        {tuple(ids.tolist()) for ids in recipe.learnt.ids[0][3]}
    )


def test_outside_its_region_a_picture_is_kept(recipe: PainterRecipe) -> None:
    batch = recipe.learnt.draw(np.random.default_rng(0), 16)
    assert 0 < batch.strokes.mask.mean() < 1
    assert set(batch.strokes.mask.unique().tolist()) <= {0.0, 1.0}
    assert not torch.equal(batch.whole, batch.kept)


def test_a_frozen_text_tower_stays_as_it_is_when_a_run_goes_on(recipe: PainterRecipe, tmp_path: Path) -> None:
    plan = Plan(steps=4, warmup=1)
    before = Training(recipe, plan, tmp_path, report=lambda line: None)
    before.advance()
    before.save()
    other = {name: weight + 0.1 for name, weight in recipe.painter.text_encoder.state_dict().items()}
    run = Training(recipe, plan, tmp_path, report=lambda line: None)
    run.resume()
    run.freeze("text_encoder", other)
    unet = recipe.painter.unet.conv_in.weight.detach().clone()
    run.advance()
    run.save()
    assert not torch.equal(recipe.painter.unet.conv_in.weight, unet)
    again = Training(recipe, plan, tmp_path, report=lambda line: None)
    again.resume()
    for name, weight in recipe.painter.text_encoder.named_parameters():
        assert torch.equal(weight, other[name])
        assert torch.equal(again.mean[f"text_encoder.{name}"], other[name])


def test_words_alone_are_many_at_first_and_few_at_the_end_and_sometimes_there_is_nothing() -> None:
    shares = []
    for progress in (0.0, 1.0):
        gone = dropped(np.random.default_rng(0), 20_000, progress)
        strokeless = gone["contour"] & gone["detail"] & gone["colour"]
        shares.append(float((strokeless & ~gone["caption"]).float().mean()))
        nothing = float((strokeless & gone["caption"]).float().mean())
        assert nothing == pytest.approx(UNGUIDED_SHARE, abs=0.01)
    first, last = STROKELESS
    assert shares[0] == pytest.approx(first * (1 - UNGUIDED_SHARE), abs=0.015)
    assert shares[1] == pytest.approx(last * (1 - UNGUIDED_SHARE), abs=0.015)
