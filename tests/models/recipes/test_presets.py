# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest
import torch

from models.recipes.clip import build_image_encoder
from models.recipes.family import build_adapter, build_unet
from models.recipes.presets import CORES, GPU, PRESETS, choose_preset, preset_of
from models.recipes.remake import SIZES
from models.recipes.student import add_lora
from models.recipes.vae import build_vae

SET_PARAMETERS = 80 * 2**20 // 2
"""Of everything that ships, in half precision."""

TEXT_ENCODER = 900_000


@pytest.mark.parametrize("name", PRESETS)
def test_the_whole_set_fits_what_may_ship(name: str) -> None:
    preset = PRESETS[name]
    with torch.device("meta"):
        unet = build_unet(preset.unet)
        networks = [
            build_vae(preset.vae),
            unet,
            build_image_encoder(preset.clip_width, preset.clip_layers),
            *(build_adapter(channels, preset.unet) for channels in (1, 1, 4)),
        ]
        add_lora(unet)
    total = TEXT_ENCODER + sum(weight.numel() for network in networks for weight in network.parameters())
    assert total < SET_PARAMETERS


@pytest.mark.parametrize("name", PRESETS)
def test_every_stage_has_its_share(name: str) -> None:
    preset = PRESETS[name]
    assert sum(preset.shares.values()) == pytest.approx(1)
    assert set(preset.batches) == set(preset.encoded) == set(SIZES)


def test_a_training_keeps_the_preset_it_began_with(tmp_path: Path) -> None:
    assert preset_of(tmp_path) == PRESETS[CORES]
    choose_preset(tmp_path, GPU)
    assert preset_of(tmp_path) == PRESETS[GPU]
    (tmp_path / "vae").mkdir()
    choose_preset(tmp_path, GPU)
    with pytest.raises(ValueError, match="another preset"):
        choose_preset(tmp_path, CORES)
