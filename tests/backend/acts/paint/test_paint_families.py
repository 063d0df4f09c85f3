# SPDX-License-Identifier: GPL-3.0-or-later
"""The same act on SD 1.5, its inpainting model and XL: small pipelines of their own classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from backend.acts.complete.complete import complete
from backend.acts.denoising import loras
from backend.acts.paint.paint import paint
from backend.acts.report import Quiet
from backend.adapters.lora import read_lora
from backend.cli.paint import LAYERS, input_of, read_example
from backend.imaging.pixels import to_rgba
from backend.weights.files.original_layout import unet_sources
from backend.weights.runtime.checkpoints import Companions
from backend.weights.runtime.completion import load_completion
from shared.acts import Strengths
from shared.errors import BadRequest, Cancelled
from shared.geometry import Bounds, Extent
from tests.backend.pipelines import load, small_release, write_adapter, write_control, write_folder
from tests.backend.tiny import Recorder, paint_input

CANVAS, SELECTION = Extent(70, 66), Bounds(20, 18, 31, 25)
KINDS = [("sd15", False), ("sd15", True), ("sdxl", False), ("sdxl", True)]


@pytest.fixture(scope="module", params=KINDS, ids=str)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """With a sketch adapter for contour and detail, a colour adapter, and two ControlNets."""
    base, inpaint = request.param
    root = tmp_path_factory.mktemp(base)
    release = small_release(root / "configs", base)
    folder = write_folder(root / "folder", release, inpaint=inpaint)
    bare = load(folder, release)
    lines = write_adapter(root / "lines", base, 1 if base == "sd15" else 3)
    encoders = {"contour": lines, "detail": lines, "colour": write_adapter(root / "colour", base, 3, seed=5)}
    control = write_control(root / "control", bare.unet)
    companions = Companions(encoders=encoders, controls={"lines": control, "known": control})
    return load(folder, release, companions)


def painted(model: Any, **settings: Any) -> np.ndarray:
    report = settings.pop("report", None) or Recorder()
    given = paint_input(CANVAS, SELECTION, **{"prompt": "a red cup", **settings})
    result = paint(model, given, report)
    assert result.bounds == SELECTION
    assert np.all(to_rgba(result.pixels, result.format)[..., 3] == 1)
    return result.pixels


def test_every_stroke_every_word_and_every_guide_counts(model: Any) -> None:
    plain = painted(model)
    assert plain[..., :3].std() > 0
    np.testing.assert_array_equal(plain, painted(model))
    changes: list[dict[str, Any]] = [
        {"prompt": "a blue house"},
        {"negative_prompt": "blur"},
        {"strengths": Strengths(0, 1, 1)},
        {"strengths": Strengths(1, 0, 1)},
        {"strengths": Strengths(1, 1, 0)},
    ]
    for change in changes:
        assert not np.array_equal(plain, painted(model, **change)), change
    kept = dict(model.controls)
    for name in kept:
        model.controls = {other: control for other, control in kept.items() if other != name}
        try:
            assert not np.array_equal(plain, painted(model)), name
        finally:
            model.controls = kept


def test_a_drawn_face_goes_to_the_instant_engine_and_to_every_guide(model: Any, tmp_path: Path) -> None:
    """Live and Refine: one request, and a layer in the same place from both."""
    files, words = read_example("portrait")
    for layer in LAYERS:
        Image.open(files[layer]).resize((96, 96)).save(tmp_path / f"{layer}.png")
    small = {layer: tmp_path / f"{layer}.png" for layer in LAYERS}
    asked = {"prompt": words, "steps": 2, "seed": 3}
    given = input_of(small, asked)
    at_once, refined = complete(load_completion(), given, Quiet()), paint(model, given, Recorder())
    assert at_once.bounds == refined.bounds
    assert np.array_equal(at_once.pixels[..., 3], refined.pixels[..., 3])
    for layer in ("contour", "detail", "colours"):
        less = input_of({name: file for name, file in small.items() if name != layer}, asked)
        assert not np.array_equal(paint(model, less, Recorder()).pixels, refined.pixels), layer


def unet_answer(model: Any) -> torch.Tensor:
    channels = model.unet.config.in_channels
    x = torch.randn(1, channels, 8, 8, generator=torch.Generator().manual_seed(0))
    words = torch.ones(1, 3, model.unet.config.cross_attention_dim)
    added: dict[str, Any] = {}
    if model.asks_for_size:
        added = {"added_cond_kwargs": {"text_embeds": torch.ones(1, 24), "time_ids": torch.ones(1, 6)}}
    with torch.inference_mode():
        return model.unet(x, 9, encoder_hidden_states=words, **added).sample


def test_the_model_is_left_as_it_was_and_cancel_is_heard(model: Any) -> None:
    before = unet_answer(model)
    report = Recorder(cancel_after=6)
    with pytest.raises(Cancelled):
        painted(model, steps=50, report=report)
    assert 0 < len(report.steps) < 6
    painted(model)
    assert torch.equal(unet_answer(model), before)


def lora_file(model: Any, path: Path, named: Callable[[str], str]) -> Path:
    """A kohya LoRA on every query of the UNet and of the text encoders."""
    torch.manual_seed(8)
    state: dict[str, torch.Tensor] = {}
    networks = loras.networks_of(model)
    prefixes = {"unet": "lora_unet", "text_encoder": "lora_te1" if len(networks) > 2 else "lora_te"}
    for component, network in networks.items():
        for name, layer in network.named_modules():
            if name.endswith(("to_q", "q_proj")):
                if component == "unet":
                    name = named(name)
                elif not name.startswith("text_model."):
                    name = f"text_model.{name}"
                flat = f"{prefixes.get(component, 'lora_te2')}_{name.replace('.', '_')}"
                state[f"{flat}.lora_down.weight"] = torch.randn(2, layer.in_features)
                state[f"{flat}.lora_up.weight"] = torch.randn(layer.out_features, 2)
                state[f"{flat}.alpha"] = torch.tensor(2.0)
    save_file(state, path)
    return path


def test_loras_of_both_numberings(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = unet_sources((n for n, _ in model.unet.named_modules()), model.unet.config.layers_per_block)
    lora_file(model, tmp_path / "one.safetensors", str)
    lora_file(model, tmp_path / "two.safetensors", lambda name: sources[name].name)
    networks = loras.networks_of(model)
    parts = [read_lora(tmp_path / f"{name}.safetensors", networks).parts for name in ("one", "two")]
    assert set(parts[0]) == set(networks)
    for component in networks:
        one, two = (each[component].pairs for each in parts)
        assert one.keys() == two.keys()
        assert all(torch.equal(one[name].up, two[name].up) for name in one)
    before, plain = unet_answer(model), painted(model)
    found = {f"<lora:{name}>": tmp_path / f"{name}.safetensors" for name in ("one", "two")}
    monkeypatch.setattr(loras, "_path", lambda name, known: found[f"<lora:{name}>"])
    one, two = (painted(model, prompt=f"a red cup {tag}") for tag in found)
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, plain)
    assert torch.equal(unet_answer(model), before)
    np.testing.assert_array_equal(painted(model), plain)


def test_a_lora_of_another_family_is_refused(tmp_path: Path) -> None:
    models = {}
    for base in ("sd15", "sdxl"):
        release = small_release(tmp_path / f"{base}-configs", base)
        models[base] = load(write_folder(tmp_path / base, release), release)
    for ours, theirs in (("sd15", "sdxl"), ("sdxl", "sd15")):
        file = lora_file(models[theirs], tmp_path / "other.safetensors", str)
        with pytest.raises(BadRequest, match=r"other was made for another base model.*Choose"):
            read_lora(file, loras.networks_of(models[ours]))
