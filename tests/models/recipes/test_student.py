# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, StableDiffusionInpaintPipeline

from models.recipes.captions import learn_tokenizer
from models.recipes.export import LORA
from models.recipes.family import Painter, build_scheduler, build_unet
from models.recipes.latents import LatentCache
from models.recipes.loop import Plan, Training
from models.recipes.painter import on_device
from models.recipes.student import (
    StudentRecipe,
    add_lora,
    clean_of,
    jump_latents,
    noise_of,
    save_lora,
)
from models.recipes.studio_cache import StudioCache

CPU = torch.device("cpu")


@pytest.fixture
def recipe(vae: AutoencoderKL, pictures: StudioCache, tmp_path: Path) -> StudentRecipe:
    latents = LatentCache(tmp_path / "latents", 64)
    latents.fill(pictures, vae)
    tokenizer = learn_tokenizer((caption for caption, _ in pictures.open().texts), tmp_path / "tokenizer")
    torch.manual_seed(0)
    return StudentRecipe(Painter.build(tokenizer, (16, 32)), vae, tokenizer, latents, pictures, CPU, batch=4)


def test_at_the_end_of_the_path_the_jump_stays_where_it_is() -> None:
    x, v = torch.randn(2, 16, 4, 4), torch.randn(2, 16, 4, 4)
    assert torch.equal(clean_of(x, v, torch.ones(2, 1, 1, 1)), x)


def test_clean_latents_and_noise_make_up_what_was_given() -> None:
    x, v = torch.randn(3, 16, 4, 4), torch.randn(3, 16, 4, 4)
    signal = build_scheduler().alphas_cumprod[[0, 500, 999]].view(-1, 1, 1, 1)
    again = signal.sqrt() * clean_of(x, v, signal) + (1 - signal).sqrt() * noise_of(x, v, signal)
    assert torch.allclose(again, x, atol=1e-5)


def test_distilling_lowers_the_loss_and_leaves_the_teacher(recipe: StudentRecipe, tmp_path: Path) -> None:
    unet = recipe.painter.unet
    frozen = {name: weight.clone() for name, weight in unet.named_parameters() if "lora_" not in name}
    run = Training(recipe, Plan(steps=60, lr=4e-3, warmup=5), tmp_path, report=lambda line: None)
    losses = [run.advance() for _ in range(60)]
    assert sum(losses[-10:]) < 0.95 * sum(losses[:10])
    assert all(torch.equal(unet.get_parameter(name), weight) for name, weight in frozen.items())


def test_switched_off_the_painter_is_bit_for_bit_the_teacher(recipe: StudentRecipe, tmp_path: Path) -> None:
    x, time, words = torch.randn(1, 33, 8, 8), torch.tensor(999), torch.randn(1, 5, 128)
    unet = recipe.painter.unet
    with torch.no_grad(), recipe.teacher():
        before = unet(x, time, words).sample
    run = Training(recipe, Plan(steps=3, warmup=1), tmp_path, report=lambda line: None)
    for _ in range(3):
        run.advance()
    with torch.no_grad():
        assert not torch.equal(unet(x, time, words).sample, before)
        with recipe.teacher():
            assert torch.equal(unet(x, time, words).sample, before)
    unet.delete_adapters("default")
    with torch.no_grad():
        assert torch.equal(unet(x, time, words).sample, before)


def test_jumps_repeat_by_seed_and_can_be_looked_at(recipe: StudentRecipe) -> None:
    batch = recipe.learnt.at([(0, 0), (0, 1)])
    strokes = on_device(batch.strokes, CPU)
    first, again, other = (
        jump_latents(recipe.painter, batch.kept, strokes, batch.ids, steps=2, seed=seed) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert recipe.grid().size == (5 * 64 + 4 * 4, 8 * 64 + 7 * 4)


def test_diffusers_loads_the_lora(recipe: StudentRecipe, vae: AutoencoderKL, tmp_path: Path) -> None:
    for weight in recipe.lora:
        torch.nn.init.normal_(weight, std=0.1)
    save_lora(recipe.painter.unet, tmp_path / "lora")
    x, time, words = torch.randn(1, 33, 8, 8), torch.tensor(500), torch.randn(1, 5, 128)
    with torch.no_grad():
        wanted = recipe.painter.unet(x, time, words).sample
    plain = build_unet((16, 32))
    plain.load_state_dict(
        {
            name.replace(".base_layer", ""): weight
            for name, weight in recipe.painter.unet.state_dict().items()
            if "lora_" not in name
        }
    )
    state, alphas = StableDiffusionInpaintPipeline.lora_state_dict(tmp_path / "lora", weight_name=LORA)
    StableDiffusionInpaintPipeline.load_lora_into_unet(state, alphas, plain)
    with torch.no_grad():
        assert torch.allclose(plain(x, time, words).sample, wanted, atol=5e-3)


def test_a_lora_of_no_effect_yet_changes_nothing() -> None:
    torch.manual_seed(0)
    unet = build_unet((16, 32))
    x, time, words = torch.randn(1, 33, 8, 8), torch.tensor(500), torch.randn(1, 5, 128)
    with torch.no_grad():
        before = unet(x, time, words).sample
        assert len(add_lora(unet)) > 0
        assert torch.equal(unet(x, time, words).sample, before)
