# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
import torch

from backend.acts.line_style.conditions import Conditions, mixed, shares
from backend.acts.line_style.features import Captured, FeatureCache, Observer, Real, small
from backend.weights.runtime.base_model import BaseModel
from shared.errors import Cancelled
from shared.geometry import Bounds
from tests.backend.pipelines import load, small_release, write_folder

SIZE = (64, 32)


def quiet() -> None: ...


def observer(model: BaseModel) -> Observer:
    passed = model.schedule.timesteps(model.steps)
    return Observer(model, [passed[2], passed[0]])


def same(a: Captured, b: Captured) -> bool:
    pairs = zip((*a.unet, *a.vae, a.picture), (*b.unet, *b.vae, b.picture), strict=True)
    return all(torch.equal(x, y) for x, y in pairs)


@pytest.mark.parametrize("kind", ["embedded", "sd15", "sd15_inpainting"])
def test_a_sample_is_painted_and_its_features_are_kept(models: dict[str, BaseModel], kind: str) -> None:
    model = models[kind]
    seen = observer(model)
    words = model.encode_prompt("a cat")
    sample = seen.of_sample(words, 3, SIZE, quiet)
    layout = seen.layout
    assert [tuple(each.shape) for each in sample.unet] == [
        (2, 2, p.channels, SIZE[0] // p.stride_px, SIZE[1] // p.stride_px) for p in layout.unet
    ]
    assert [tuple(each.shape) for each in sample.vae] == [
        (p.channels, SIZE[0] // p.stride_px, SIZE[1] // p.stride_px) for p in layout.vae
    ]
    assert sample.picture.shape == (3, *SIZE)
    assert all(each.dtype == torch.float16 for each in (*sample.unet, *sample.vae))
    for layer in sample.unet:  # noise first: what is seen there is not what is seen at the end
        assert not torch.equal(layer[0], layer[1])
        assert not torch.equal(layer[:, 0], layer[:, 1])
    assert same(sample, seen.of_sample(words, 3, SIZE, quiet))
    assert not same(sample, seen.of_sample(words, 4, SIZE, quiet))
    assert not same(sample, seen.of_sample(model.encode_prompt("a dog"), 3, SIZE, quiet))


@pytest.mark.parametrize("real", ["noising", "inversion"])
@pytest.mark.parametrize("kind", ["embedded", "sd15"])
def test_a_real_picture_keeps_itself(models: dict[str, BaseModel], kind: str, real: Real) -> None:
    model = models[kind]
    seen, picture = observer(model), torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(0))
    found = seen.of_picture(picture, model.encode_prompt(""), quiet, real)
    assert torch.equal(found.picture, picture)
    assert all(bool(each.isfinite().all()) for each in (*found.unet, *found.vae))
    assert same(found, seen.of_picture(picture, model.encode_prompt(""), quiet, real))
    other = seen.of_picture(picture.flip(-1), model.encode_prompt(""), quiet, real)
    assert not torch.equal(found.unet[0], other.unet[0])


def test_a_family_with_pooled_words(tmp_path: Path) -> None:
    release = small_release(tmp_path / "configs", "sdxl")
    model = load(write_folder(tmp_path / "folder", release), release)
    words = [model.encode_prompt(caption) for caption in ("a cat", "a dog", "a red cup")]
    random = Conditions(words).drawn(0)
    assert random.pooled is not None and words[0].pooled is not None
    seen = Observer(model, model.schedule.timesteps(model.steps))
    own = seen.of_sample(words[0], 0, (64, 64), quiet)
    other = seen.of_sample(mixed(words[0], random, *shares(0.5, 1)), 0, (64, 64), quiet)
    assert [tuple(each.shape[:2]) for each in own.unet] == [(2, 2)] * len(seen.layout.unet)
    assert not same(own, other)


def test_timesteps_are_taken_from_noise_to_picture_and_must_be_passed(model: BaseModel) -> None:
    passed = model.schedule.timesteps(model.steps)
    assert observer(model).timesteps == (passed[0], passed[2])
    for wrong in ([], [passed[0] - 1]):
        with pytest.raises(ValueError, match="not through all"):
            Observer(model, wrong)


def test_the_step_that_is_asked_for_is_the_one_that_is_kept(model: BaseModel) -> None:
    passed, words = model.schedule.timesteps(model.steps), model.encode_prompt("a cat")
    all = Observer(model, passed).of_sample(words, 0, SIZE, quiet)
    middle = Observer(model, passed[1:2]).of_sample(words, 0, SIZE, quiet)
    for whole, one in zip(all.unet, middle.unet, strict=True):
        assert torch.equal(whole[1], one[0]) and not torch.equal(whole[0], one[0])


def test_a_part_of_a_picture_has_the_features_of_that_part(model: BaseModel) -> None:
    seen = observer(model)
    whole = seen.of_sample(model.encode_prompt("a cat"), 0, SIZE, quiet)
    part = whole.part(Bounds(16, 32, 16, 32))
    assert torch.equal(part.picture, whole.picture[:, 32:64, 16:32])
    for place, layer, cut in zip(seen.layout.unet, whole.unet, part.unet, strict=True):
        s = place.stride_px
        assert torch.equal(cut, layer[..., 32 // s : 64 // s, 16 // s : 32 // s])
    assert part.vae[0].shape[-2:] == (4, 2)


def test_it_stops_between_steps_and_lets_go(model: BaseModel) -> None:
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        observer(model).of_sample(model.encode_prompt(""), 0, SIZE, check)
    assert not any(module._forward_hooks for module in model.unet.modules())


def test_values_beyond_half_precision_are_kept_in_proportion() -> None:
    loud = torch.tensor([[[[1e6, 2e6]]], [[[3.0, 4.0]]]])
    kept = small([loud])[0].float()
    assert bool(kept.isfinite().all())
    torch.testing.assert_close(kept.square().mean((1, 2, 3)), torch.ones(2), atol=1e-2, rtol=0)
    torch.testing.assert_close(kept[0, ..., 1] / kept[0, ..., 0], torch.tensor([[2.0]]), atol=1e-2, rtol=0)


def captured(seed: int) -> Captured:
    torch.manual_seed(seed)
    return Captured((torch.randn(1, 2, 4, 2, 2).half(),), (torch.randn(4, 8, 8).half(),), torch.rand(3, 8, 8))


@pytest.mark.parametrize("memory_mib", [0, 10])
def test_what_was_made_once_is_found_again_in_memory_or_on_disk(tmp_path: Path, memory_mib: float) -> None:
    cache, made = FeatureCache(tmp_path, memory_mib), captured(0)
    assert "a" not in cache
    assert same(cache.get("a", lambda: made), made)
    assert "a" in cache
    again = cache.get("a", lambda: captured(1))
    assert same(again, made) and (again is made) == (memory_mib > 0)
    assert same(FeatureCache(tmp_path).get("a", lambda: captured(1)), made)
    assert not list(tmp_path.glob("*.unfinished"))
