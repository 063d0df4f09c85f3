# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import numpy as np
import pytest
import torch

from models.networks.clip import Clip
from models.recipes.captions import learn_tokenizer
from models.recipes.clip import (
    SIDE_PX,
    ClipRecipe,
    build_clip,
    contrastive_loss,
    distinct,
    jittered,
    small_pictures,
)
from models.recipes.family import build_text_encoder
from models.recipes.loop import Plan, Training
from models.recipes.studio import render
from models.recipes.studio_cache import StudioCache


@pytest.fixture
def mixed(tmp_path: Path, small_shards: None) -> StudioCache:
    """Sixteen pictures of everything, 128 px."""
    cache = StudioCache(tmp_path / "mixed", SIDE_PX)
    cache.fill(16, render)
    return cache


@pytest.fixture
def recipe(mixed: StudioCache, tmp_path: Path) -> ClipRecipe:
    opened = mixed.open()
    tokenizer = learn_tokenizer((caption for caption, _ in opened.texts), tmp_path / "tokenizer")
    torch.manual_seed(0)
    clip = build_clip(build_text_encoder(tokenizer, width=32, layers=1), width=64, layers=2)
    return ClipRecipe(clip, tokenizer, opened, opened, torch.device("cpu"), batch=16)


def test_pairs_find_each_other(recipe: ClipRecipe, tmp_path: Path) -> None:
    run = Training(recipe, Plan(steps=80, lr=2e-3, warmup=5), tmp_path, report=lambda line: None)
    before = recipe.retrieval()
    for _ in range(80):
        run.advance()
    found, named = recipe.retrieval()
    assert min(found, named) > max(*before, 0.5)


def test_resuming_gives_exactly_the_weights_of_one_run(recipe: ClipRecipe, tmp_path: Path) -> None:
    start = {name: weight.clone() for name, weight in recipe.clip.state_dict().items()}
    plan = Plan(steps=4, warmup=1, shares={"text_encoder": 0.1})
    whole = Training(recipe, plan, tmp_path / "whole", report=lambda line: None)
    whole.run()
    wanted = {name: weight.clone() for name, weight in recipe.clip.state_dict().items()}
    recipe.clip.load_state_dict(start)
    broken = Training(recipe, plan, tmp_path / "broken", report=lambda line: None)
    broken.advance()
    broken.advance()
    broken.save()
    recipe.clip.load_state_dict(start)
    resumed = Training(recipe, plan, tmp_path / "broken", report=lambda line: None)
    resumed.resume()
    resumed.run()
    assert all(torch.equal(weight, wanted[name]) for name, weight in recipe.clip.state_dict().items())


def test_a_known_text_tower_moves_more_slowly(recipe: ClipRecipe, tmp_path: Path) -> None:
    def moved(share: float) -> float:
        torch.manual_seed(3)
        clip: Clip = recipe.clip
        before = clip.text_encoder.encoder.layers[0].mlp.fc1.weight.detach().clone()
        plan = Plan(steps=1, warmup=1, shares={"text_encoder": share})
        Training(recipe, plan, tmp_path, report=lambda line: None).advance()
        return (clip.text_encoder.encoder.layers[0].mlp.fc1.weight - before).norm().item()

    assert moved(0.1) < 0.2 * moved(1.0)


def test_equal_captions_are_no_wrong_answers() -> None:
    pictures = torch.nn.functional.normalize(torch.tensor([[1.0, 0], [1, 0.1], [0, 1]]), dim=1)
    same = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=torch.bool)
    scale = torch.tensor(20.0)
    forgiving = contrastive_loss(pictures, pictures, scale, same)
    assert forgiving < 1e-3
    assert contrastive_loss(pictures, pictures, scale, torch.eye(3, dtype=torch.bool)) > 0.3


def test_augmentation_keeps_the_subject_in_view() -> None:
    pictures = torch.full((32, 3, 64, 64), -1.0)
    pictures[:, :, 24:40, 24:40] = 1
    moved = jittered(pictures, np.random.default_rng(0))
    assert not torch.equal(moved, pictures)
    bright = (moved > 0.3).float().mean((1, 2, 3))
    assert bright.min() > 0.6 * 0.0625
    assert moved.min() >= -1
    assert moved.max() <= 1


def test_small_pictures_are_averages(mixed: StudioCache) -> None:
    small = small_pictures(mixed.open(), 32)
    first = mixed.open().picture(0)[:3].astype(float).reshape(3, 32, 4, 32, 4).mean((2, 4))
    assert np.abs(small[0] - first).max() <= 0.5


def test_distinct_takes_each_caption_once() -> None:
    assert distinct(["a", "b", "a", "c", "d"], 3) == [0, 1, 3]
    assert distinct(["a", "a"], 3) == [0]


def test_a_sheet_can_be_looked_at(recipe: ClipRecipe) -> None:
    sheet = recipe.grid()
    assert sheet.width == 6 * SIDE_PX + 5 * 4
