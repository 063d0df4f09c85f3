# SPDX-License-Identifier: GPL-3.0-or-later
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.weights.judge import load_judge
from models.recipes import judge as judge_recipe
from models.recipes.judge import JudgeRecipe, build_judge, judge_sample, roughened, train_judge
from models.recipes.loop import Plan, Training
from models.recipes.studio import CATEGORIES, render
from models.recipes.studio_cache import StudioCache
from shared.errors import MissingWeights

SIDE_PX = 128


@pytest.fixture
def held_out(tmp_path: Path, small_shards: None) -> StudioCache:
    cache = StudioCache(tmp_path / "held_out", SIDE_PX)
    cache.fill(16, lambda seed, size: render(seed, size, category=("apple", "house")[seed % 2]))
    return cache


def test_it_learns_to_tell_two_things_apart(held_out: StudioCache, tmp_path: Path) -> None:
    torch.manual_seed(0)
    judge = build_judge((16, 32, 32, 32), (1, 1, 1, 1))
    recipe = JudgeRecipe(judge, held_out.open(), held_out.open(), torch.device("cpu"), batch=16)
    run = Training(recipe, Plan(steps=100, lr=4e-3, warmup=5), tmp_path, report=lambda line: None)
    for _ in range(100):
        run.advance()
    assert recipe.accuracy()[0] >= 0.9
    assert recipe.grid().width == 8 * SIDE_PX + 7 * 4


def test_trained_written_and_asked(
    held_out: StudioCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge_recipe, "build_judge", partial(build_judge, (8, 8, 16, 16), (1, 1, 1, 1)))
    told: list[str] = []
    to = tmp_path / "written"
    train_judge(tmp_path, 0.02, count=8, resume=False, report=told.append, to=to)
    assert told[-1].startswith("category right")
    said = load_judge(to).categories(torch.rand(2, 3, 200, 256))
    assert len(said) == 2
    assert set(said) <= set(CATEGORIES)


def test_every_second_picture_goes_through_all_subjects() -> None:
    subjects = [category for category in CATEGORIES if category != "icon"]
    assert [judge_sample(2 * i + 1, 32).category for i in range(len(subjects))] == subjects


def test_roughening_keeps_what_is_shown() -> None:
    torch.manual_seed(0)
    pictures = torch.zeros(64, 3, 16, 16)
    pictures[..., 8:] = 1
    rough = roughened(pictures, np.random.default_rng(0))
    assert (rough - pictures).abs().mean() < 0.1
    assert not torch.equal(rough, pictures)


def test_a_missing_judge_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="classifier"):
        load_judge(tmp_path)


@pytest.mark.weights
def test_the_shipped_judge_knows_apples_from_houses() -> None:
    samples = [render(seed, 256, "held_out", category=("apple", "house")[seed % 2]) for seed in range(12)]
    pictures = torch.from_numpy(np.stack([sample.image for sample in samples])).permute(0, 3, 1, 2) / 255
    said = load_judge().categories(pictures)
    assert sum(word == sample.category for word, sample in zip(said, samples, strict=True)) >= 10
