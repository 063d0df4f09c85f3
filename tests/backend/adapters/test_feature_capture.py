# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from backend.adapters.attached import attached
from backend.adapters.feature_capture import FeatureCapture, kept_modules, layout_of
from backend.weights.runtime.base_model import BaseModel, Context
from tests.backend.pipelines import load, small_release, write_folder

KINDS = ["embedded", "sd15", "sd15_inpainting", "sdxl"]
PX = 64


@pytest.fixture(scope="module")
def every(models: dict[str, BaseModel], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("sdxl")
    release = small_release(root / "configs", "sdxl")
    return {**models, "sdxl": load(write_folder(root / "folder", release), release)}


def context(model: BaseModel, edge: int) -> Context:
    words, none = model.encode_prompt("a cat"), model.encode_prompt("", negative=True)
    return Context(
        words, none, torch.ones(1, 1, edge, edge), torch.zeros(1, model.latent_channels, edge, edge)
    )


def asked(model: BaseModel, guidance: float = 3.0) -> Tensor:
    edge = PX // model.latent_factor
    x = torch.randn(1, model.latent_channels, edge, edge, generator=torch.Generator().manual_seed(0))
    return model.denoise(x, 500, context(model, edge), guidance)


@pytest.mark.parametrize("kind", KINDS)
def test_the_layout_is_what_is_captured(every: dict[str, Any], kind: str) -> None:
    model, unet, vae = every[kind], FeatureCapture(), FeatureCapture()
    layout = layout_of(model)
    with attached(model.unet, [unet]), attached(model.vae, [vae]):
        asked(model)
        features = unet.take()
        model.decode(torch.zeros(1, model.latent_channels, *[PX // model.latent_factor] * 2))
        maps = vae.take()
    expected = [(2, p.channels, PX // p.stride_px, PX // p.stride_px) for p in layout.unet]
    assert [tuple(each.shape) for each in features] == expected
    assert [tuple(each.shape)[1:] for each in maps] == [
        (p.channels, PX // p.stride_px, PX // p.stride_px) for p in layout.vae
    ]
    assert layout.halves == 2
    assert layout.vae[-1].stride_px == 1
    assert not torch.equal(features[0][0], features[0][1])  # the negative half differs from the prompt's


def test_layers_of_the_unet_are_named_and_many(every: dict[str, Any]) -> None:
    names = [place.name for place in layout_of(every["sdxl"]).unet]
    assert names[0] == "up_blocks.0.resnets.0.conv2"
    assert len(names) == sum(len(block.resnets) for block in every["sdxl"].unet.up_blocks)


@pytest.mark.parametrize("kind", KINDS)
def test_the_network_answers_as_before_and_after(every: dict[str, Any], kind: str) -> None:
    model = every[kind]
    before, hooks = asked(model), sum(len(m._forward_hooks) for m in model.unet.modules())
    with attached(model.unet, [FeatureCapture()]):
        assert torch.equal(asked(model), before)
    assert torch.equal(asked(model), before)
    assert sum(len(m._forward_hooks) for m in model.unet.modules()) == hooks


def test_it_is_the_branch_without_its_shortcut(model: BaseModel) -> None:
    capture, seen = FeatureCapture(), list[tuple[Tensor, Tensor]]()
    resnet = model.unet.up_blocks[0].resnets[0]
    handle = resnet.register_forward_hook(lambda m, args, out: seen.append((args[0], out)))
    with attached(model.unet, [capture]):
        asked(model)
        kept = capture.take()[0].float()
    given, answer = (each.float() for each in seen[0])
    shortcut = resnet.conv_shortcut(given) if resnet.conv_shortcut else given
    torch.testing.assert_close(kept + shortcut, answer, atol=0.05, rtol=0.05)
    handle.remove()


def test_one_prediction_is_one_half(model: BaseModel) -> None:
    capture = FeatureCapture()
    with attached(model.unet, [capture]):
        asked(model, guidance=1.0)
        assert capture.take()[0].shape[0] == 1


def test_each_call_is_taken_once(model: BaseModel) -> None:
    capture = FeatureCapture()
    with attached(model.unet, [capture]):
        with pytest.raises(RuntimeError, match="nothing was computed"):
            capture.take()
        asked(model)
        capture.take()
        with pytest.raises(RuntimeError, match="nothing was computed"):
            capture.take()
        with pytest.raises(RuntimeError, match="already attached"):
            capture.attach(model.unet)
    with pytest.raises(ValueError, match="no decoder"):
        kept_modules(model.text_encoder)


def test_a_folder_without_guidance_has_one_half(model: BaseModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "guidance", 1.0)
    assert layout_of(model).halves == 1
