# SPDX-License-Identifier: GPL-3.0-or-later
"""Our parts beside diffusers' own pipelines of the same components."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import (
    AutoencoderTiny,
    DDIMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)

from backend.weights.files.components import scheduler_of
from backend.weights.runtime import autoencoder, device
from backend.weights.runtime.base_model import Context
from backend.weights.runtime.checkpoints import Companions
from backend.weights.runtime.place import DevicePlacement
from tests.backend.pipelines import CPU, load, small_release, write_folder


@pytest.fixture(scope="module", params=["sd15", "sdxl"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("folder")
    release = small_release(root / "configs", request.param)
    AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4,
        decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    ).save_pretrained(root / "tiny")
    return load(write_folder(root / "folder", release), release, Companions(tiny_vae=root / "tiny"))


def pipeline(model: Any) -> Any:
    parts = {
        "vae": model.vae,
        "text_encoder": model.text_encoder,
        "tokenizer": model.tokenizer,
        "unet": model.unet,
        "scheduler": DDIMScheduler.from_config(model.schedule.config),
    }
    if len(model.text.readers) > 1:
        second = model.text.readers[1]
        pipe = StableDiffusionXLPipeline(
            **parts, text_encoder_2=second.encoder, tokenizer_2=second.tokenizer, add_watermarker=False
        )
    else:
        pipe = StableDiffusionPipeline(
            **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def test_a_whole_painting_is_as_theirs(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32: half-precision units round differently from CPU to CPU."""
    monkeypatch.setattr(device, "has_cpu_bfloat16", lambda: False)
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        theirs = pipeline(model)(
            "a red cup",
            height=64,
            width=64,
            num_inference_steps=3,
            guidance_scale=3.0,
            latents=noise.clone(),
            output_type="latent",
        ).images
    x = noise
    words, negative = model.encode_prompt("a red cup"), model.encode_prompt("", negative=True)
    context = Context(words, negative, torch.ones(1, 1, 8, 8), torch.zeros(1, 4, 8, 8))
    timesteps = model.schedule.timesteps(3)
    for t, then in zip(timesteps, [*timesteps[1:], None], strict=True):
        x, _ = model.schedule.step(x, model.denoise(x, t, context, 3.0), t, then)
    torch.testing.assert_close(x, theirs.float(), atol=1e-4, rtol=1e-4)
    assert float((x - noise).abs().max()) > 0.1


def test_empty_negative_words(model: Any) -> None:
    empty, read = model.encode_prompt("", negative=True), model.encode_prompt("")
    assert torch.equal(empty.embedding, read.embedding) is not model.text.zeros_when_empty
    assert bool(empty.embedding.any()) is not model.text.zeros_when_empty
    assert model.encode_prompt("blur", negative=True).embedding.any()


def test_previews_by_a_tiny_decoder(model: Any) -> None:
    rgb = model.rgb_of(torch.randn(1, 4, 5, 7))
    assert rgb.shape == (1, 3, 40, 56)
    assert 0 <= rgb.min() < rgb.max() <= 1


def test_a_decoder_that_overflows_is_widened_and_said_once(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = DevicePlacement(CPU, torch.float16)
    monkeypatch.setattr(DevicePlacement, "dtype", property(lambda self: self._dtype))
    monkeypatch.setattr(autoencoder, "calculation", lambda *a, **k: torch.autocast("cpu", enabled=False))
    weight = model.vae.decoder.conv_in.weight
    before = weight.clone()
    try:
        weight.data.mul_(3e4 / weight.abs().max())
        place.take_in(model.vae)
        place.move(CPU)
        narrow = autoencoder.Autoencoder(model.vae, place)
        latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)) * 50
        pictures = [narrow.decode(latents) for _ in range(2)]
        assert all(bool(torch.isfinite(picture).all()) for picture in pictures)
        assert narrow.take_notes() == [autoencoder.WIDENED]
        assert narrow.take_notes() == []
        assert model.vae.dtype == torch.float32
    finally:
        model.vae.float()
        model.vae.decoder.conv_in.weight.data.copy_(before)


def test_other_schedulers_give_their_noise_schedule() -> None:
    euler = {"_class_name": "EulerDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012}
    euler |= {
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction",
        "interpolation_type": "linear",
    }
    ours = scheduler_of(euler)
    assert ours.config.prediction_type == "v_prediction"
    same = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    assert torch.equal(ours.alphas_cumprod, same.alphas_cumprod)
    with pytest.raises(ValueError, match="FlowMatchEulerDiscreteScheduler is of no known kind"):
        scheduler_of({"_class_name": "FlowMatchEulerDiscreteScheduler"})


def test_half_precision_files_are_found(tmp_path: Path) -> None:
    release = small_release(tmp_path / "configs", "sd15")
    folder = write_folder(tmp_path / "folder", release)
    for part in ("unet", "vae", "text_encoder"):
        for file in (folder / part).glob("*.safetensors"):
            file.rename(file.with_name(file.name.replace(".safetensors", ".fp16.safetensors")))
    model = load(folder, release)
    assert model.dtype == torch.float32
    assert float(model.encode_prompt("a cup").embedding.std()) > 0
