# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from backend.weights.runtime.base_model import BaseModel, Context


@pytest.mark.parametrize(
    ("kind", "latents", "inpaints"),
    [("embedded", 16, True), ("sd15", 4, False), ("sd15_inpainting", 4, True)],
)
def test_what_a_family_is_stands_in_its_configs(
    models: dict[str, BaseModel], kind: str, latents: int, inpaints: bool
) -> None:
    model = models[kind]
    assert (model.latent_channels, model.inpaints) == (latents, inpaints)
    assert (model.latent_factor, model.multiple) == (8, 16)
    encoded = model.encode(torch.zeros(1, 3, 48, 80))
    assert encoded.shape == (1, latents, 6, 10)
    decoded = model.decode(encoded)
    assert decoded.shape == (1, 3, 48, 80)
    assert decoded.min() >= 0
    assert decoded.max() <= 1


def context(model: BaseModel, *, negative: bool) -> Context:
    other = model.encode_prompt("", negative=True) if negative else None
    return Context(
        model.encode_prompt("a cat"),
        other,
        torch.ones(1, 1, 8, 8),
        torch.zeros(1, model.latent_channels, 8, 8),
    )


@pytest.mark.parametrize("kind", ["embedded", "sd15", "sd15_inpainting"])
def test_guidance_is_the_difference_between_two_passes(models: dict[str, BaseModel], kind: str) -> None:
    model = models[kind]
    x = torch.randn(1, model.latent_channels, 8, 8, generator=torch.Generator().manual_seed(0))
    with_words = model.denoise(x, 500, context(model, negative=False), 3.0)
    empty = context(model, negative=True)
    assert empty.negative is not None
    without = model.denoise(x, 500, Context(empty.negative, None, empty.mask, empty.known), 3.0)
    guided = model.denoise(x, 500, empty, 3.0)
    torch.testing.assert_close(guided, without + 3 * (with_words - without), atol=0.05, rtol=0.05)
    assert torch.equal(model.denoise(x, 500, empty, 1.0), with_words)


class Counted:
    """Counts the UNet's calls and pictures per call."""

    def __init__(self, model: BaseModel) -> None:
        self.batches: list[int] = []
        self._handle = model.unet.register_forward_pre_hook(self._note)

    def _note(self, module: Any, args: tuple[torch.Tensor, ...]) -> None:
        self.batches.append(len(args[0]))

    def close(self) -> list[int]:
        self._handle.remove()
        return self.batches


def test_no_guidance_is_a_single_pass(model: BaseModel) -> None:
    counted = Counted(model)
    x = torch.zeros(1, 16, 8, 8)
    model.denoise(x, 500, context(model, negative=True), 2.0)
    model.denoise(x, 500, context(model, negative=True), 1.0)
    model.denoise(x, 500, context(model, negative=False), 2.0)
    assert counted.close() == [2, 1, 1]


def test_words_that_do_not_fit_are_named(model: BaseModel) -> None:
    assert model.encode_prompt("a b c").left_out == ""
    words = model.encode_prompt("a b c d e f g h i j k l m n o p q r")
    assert words.left_out == "o p q r"
    assert words.embedding.shape == (1, 16, 16)


def test_preview_colours_are_a_fit(model: BaseModel) -> None:
    rgb = model.rgb_of(torch.randn(1, 16, 5, 7))
    assert rgb.shape == (1, 3, 5, 7)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    assert rgb.std() > 0


def test_an_unknown_kind_of_unet_is_refused(model: BaseModel) -> None:
    odd = SimpleNamespace(config=SimpleNamespace(in_channels=7, block_out_channels=(8, 16)))
    with pytest.raises(ValueError, match="7 input channels"):
        BaseModel(
            vae=model.vae,
            unet=odd,
            text_encoder=model.text_encoder,
            tokenizer=model.tokenizer,
            scheduler=model.schedule._scheduler,
            encoders={},
            resolution=64,
            steps=1,
            guidance=1,
            device=torch.device("cpu"),
            dtype=torch.float32,
        )


def test_the_raw_halves_come_back_differentiable_and_in_batches(model: BaseModel) -> None:
    given = context(model, negative=True)
    x = torch.randn(2, 16, 8, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    halves = model.halves(x, 500, given)
    assert halves.without is not None
    assert halves.without.shape == halves.with_words.shape == x.shape
    halves.guided(3.0).square().mean().backward()
    assert x.grad is not None and float(x.grad.abs().max()) > 0
    for each in range(2):
        one = model.halves(x[each : each + 1].detach(), 500, given)
        assert one.without is not None
        torch.testing.assert_close(one.without, halves.without[each : each + 1], atol=0.05, rtol=0.05)
        torch.testing.assert_close(one.with_words, halves.with_words[each : each + 1], atol=0.05, rtol=0.05)
    assert model.halves(x, 500, given, guided=False).without is None
