# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from peft.utils.save_and_load import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from backend.adapters.attached import attached
from backend.adapters.lora import layers_by_flat_name, read_lora, translated
from backend.weights.runtime.base_model import BaseModel
from shared.errors import BadRequest

TARGETS = ["to_q", "to_out.0", "net.0.proj", "conv1"]


def answer(unet: Any) -> torch.Tensor:
    x = torch.randn(2, 33, 8, 8, generator=torch.Generator().manual_seed(1))
    words = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        return unet(x, 500, encoder_hidden_states=words).sample


def networks(model: BaseModel) -> dict[str, Any]:
    return {"unet": model.unet, "text_encoder": model.text_encoder}


@pytest.fixture
def trained(model: BaseModel) -> Any:
    """The model's UNet as peft changes it, with an effect."""
    torch.manual_seed(5)
    unet = copy.deepcopy(model.unet)
    unet.add_adapter(LoraConfig(r=4, lora_alpha=8, target_modules=TARGETS, init_lora_weights=False))
    return unet


def peft_tensors(unet: Any) -> dict[str, torch.Tensor]:
    return {f"unet.{name}": value.contiguous() for name, value in get_peft_model_state_dict(unet).items()}


def peft_file(unet: Any, path: Path) -> Path:
    """As diffusers saves it, with alpha."""
    state = peft_tensors(unet)
    alphas = {name.split(".lora_")[0] + ".alpha": torch.tensor(8.0) for name in state}
    save_file(state | alphas, path)
    return path


def kohya_file(unet: Any, path: Path) -> Path:
    """The same in the names that kohya's trainer writes."""
    state: dict[str, torch.Tensor] = {}
    for name, value in peft_tensors(unet).items():
        layer, end = name.removeprefix("unet.").split(".lora_")
        flat = "lora_unet_" + layer.replace(".", "_")
        state[f"{flat}.lora_{'down' if end.startswith('A') else 'up'}.weight"] = value
        state[f"{flat}.alpha"] = torch.tensor(8.0)
    save_file(state, path)
    return path


@pytest.mark.parametrize("write", [peft_file, kohya_file])
def test_the_same_as_peft(model: BaseModel, trained: Any, tmp_path: Path, write: Any) -> None:
    lora = read_lora(write(trained, tmp_path / "a.safetensors"), networks(model))
    with attached(model.unet, [lora.parts["unet"]]):
        torch.testing.assert_close(answer(model.unet), answer(trained), atol=1e-5, rtol=1e-4)
    assert (answer(model.unet) - answer(trained)).abs().max() > 1e-3


def test_after_detach_the_unet_is_as_before(model: BaseModel, trained: Any, tmp_path: Path) -> None:
    before = answer(model.unet)
    lora = read_lora(peft_file(trained, tmp_path / "a.safetensors"), networks(model))
    with attached(model.unet, [lora.parts["unet"]]):
        assert not torch.equal(answer(model.unet), before)
    assert torch.equal(answer(model.unet), before)


def test_strength(model: BaseModel, trained: Any, tmp_path: Path) -> None:
    path = peft_file(trained, tmp_path / "a.safetensors")
    before = answer(model.unet)
    moved: list[float] = []
    for strength in (0.0, 0.01, 0.02):
        lora = read_lora(path, networks(model), strength=strength)
        with attached(model.unet, [lora.parts["unet"]]):
            moved.append(float((answer(model.unet) - before).norm()))
    assert moved[0] == 0
    assert moved[2] == pytest.approx(2 * moved[1], rel=0.1)


def test_two_at_once(model: BaseModel, trained: Any, tmp_path: Path) -> None:
    path = peft_file(trained, tmp_path / "a.safetensors")
    half, other_half, whole = (
        read_lora(path, networks(model), strength=strength).parts["unet"] for strength in (0.5, 0.5, 1.0)
    )
    with attached(model.unet, [half, other_half]):
        twice = answer(model.unet)
    with attached(model.unet, [whole]):
        torch.testing.assert_close(twice, answer(model.unet), atol=1e-5, rtol=1e-4)


def test_the_text_encoders_part(model: BaseModel, tmp_path: Path) -> None:
    layer = next(name for name, _ in model.text_encoder.named_modules() if name.endswith("q_proj"))
    flat = "lora_te_" + (layer if layer.startswith("text_model") else f"text_model.{layer}").replace(".", "_")
    state = {
        f"{flat}.lora_down.weight": torch.ones(2, 16),
        f"{flat}.lora_up.weight": torch.ones(16, 2),
        f"{flat}.alpha": torch.tensor(1.0),
    }
    save_file(state, tmp_path / "te.safetensors")
    lora = read_lora(tmp_path / "te.safetensors", networks(model))
    before = model.encode_prompt("a cup").embedding
    with attached(model.text_encoder, [lora.parts["text_encoder"]]):
        assert not torch.equal(model.encode_prompt("a cup").embedding, before)
    assert torch.equal(model.encode_prompt("a cup").embedding, before)


def test_another_familys_lora_is_refused(
    model: BaseModel, trained: Any, models: dict[str, BaseModel], tmp_path: Path
) -> None:
    path = peft_file(trained, tmp_path / "a.safetensors")
    state = {name: torch.zeros([n + 1 for n in value.shape]) for name, value in load_file(path).items()}
    save_file(state, tmp_path / "b.safetensors")
    with pytest.raises(BadRequest, match="another base model"):
        read_lora(tmp_path / "b.safetensors", networks(model))
    save_file(
        {
            "lora_unet_no_such_layer.lora_down.weight": torch.zeros(2, 2),
            "lora_unet_no_such_layer.lora_up.weight": torch.zeros(2, 2),
        },
        tmp_path / "c.safetensors",
    )
    with pytest.raises(BadRequest, match="another base model"):
        read_lora(tmp_path / "c.safetensors", networks(model))


@pytest.mark.parametrize(
    "names",
    [["lora_unet_x.hada_w1_a"], ["unet.x.lora_A.weight", "unet.x.dora_scale"], ["something.else"], []],
)
def test_what_is_no_plain_lora_is_refused(model: BaseModel, tmp_path: Path, names: list[str]) -> None:
    save_file({name: torch.zeros(2, 2) for name in names}, tmp_path / "odd.safetensors")
    with pytest.raises(BadRequest):
        read_lora(tmp_path / "odd.safetensors", networks(model))


def test_a_damaged_file_is_refused(model: BaseModel, tmp_path: Path) -> None:
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    with pytest.raises(BadRequest, match="cannot be read"):
        read_lora(tmp_path / "cut.safetensors", networks(model))


def test_original_numbering_of_blocks() -> None:
    """Of SDXL's UNet, as its public layout counts: two residual blocks a level, then a sampler."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        unet = UNet2DConditionModel(
            block_out_channels=(320, 640, 1280),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
        )
    known = layers_by_flat_name(unet)
    expected = {
        "input_blocks_1_0_in_layers_2": "down_blocks.0.resnets.0.conv1",
        "input_blocks_3_0_op": "down_blocks.0.downsamplers.0.conv",
        "input_blocks_4_1_proj_in": "down_blocks.1.attentions.0.proj_in",
        "input_blocks_8_1_proj_out": "down_blocks.2.attentions.1.proj_out",
        "middle_block_1_norm": "mid_block.attentions.0.norm",
        "middle_block_2_out_layers_3": "mid_block.resnets.1.conv2",
        "output_blocks_0_1_proj_out": "up_blocks.0.attentions.0.proj_out",
        "output_blocks_2_2_conv": "up_blocks.0.upsamplers.0.conv",
        "output_blocks_5_0_skip_connection": "up_blocks.1.resnets.2.conv_shortcut",
        "output_blocks_8_0_emb_layers_1": "up_blocks.2.resnets.2.time_emb_proj",
    }
    for original, ours in expected.items():
        assert known[translated(original, known)] == ours
