# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from models.recipes import studio_cache
from models.recipes.studio import render
from models.recipes.studio_cache import StudioCache
from models.recipes.vae import build_vae


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("completion_cache", "studio_cache", "latents", "painter", "remake", "student"):
        monkeypatch.setattr(f"models.recipes.{module}.SHARD", 8)


@pytest.fixture
def pictures(tmp_path: Path, small_shards: None) -> StudioCache:
    """Two shards of painted apples, 64 px."""
    cache = StudioCache(tmp_path / "studio", 64)
    cache.fill(2 * studio_cache.SHARD, lambda seed, size: render(seed, size, category="apple"))
    return cache


@pytest.fixture
def vae() -> AutoencoderKL:
    """A tiny autoencoder with random weights."""
    torch.manual_seed(0)
    made = build_vae((8, 8, 16, 16), 64)
    made.register_to_config(scaling_factor=1.0)
    return made
