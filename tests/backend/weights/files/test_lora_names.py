# SPDX-License-Identifier: GPL-3.0-or-later
"""LoRAs are told from headers with the names and shapes of real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import model_headers as made
from tests.backend.weights.seen import changed, seen


@pytest.mark.parametrize("base", ["sd15", "sdxl"])
def test_loras(tmp_path: Path, base: str) -> None:
    kohya = {"kind": "lora", "base": base, "layout": "kohya", "rank": 16}
    assert seen(tmp_path, made.kohya_lora(base)) == kohya
    peft = {"kind": "lora", "base": base, "layout": "diffusers", "rank": 8}
    assert seen(tmp_path, made.peft_lora(base, 8)) == peft
    old = changed(made.peft_lora(base, 8), r"lora_A", "lora.down")
    assert seen(tmp_path, changed(old, r"lora_B", "lora.up")) == peft
    oldest = changed(
        made.peft_lora(base, 8), r"\.attn(\d)\.(\w+)(?:\.0)?\.lora_A", r".attn\1.processor.\2_lora.down"
    )
    assert seen(tmp_path, changed(oldest, r"\.lora_B", "_lora.up")) == peft


def test_loras_of_one_part(tmp_path: Path) -> None:
    words = {n: s for n, s in made.kohya_lora("sd15").items() if n.startswith("lora_te_")}
    assert seen(tmp_path, words)["base"] == "sd15"
    words = {n: s for n, s in made.kohya_lora("sdxl").items() if n.startswith("lora_te2_")}
    assert seen(tmp_path, words)["base"] == "sdxl"
    self_attention = {n: s for n, s in made.peft_lora("sdxl").items() if "attn1" in n}
    assert seen(tmp_path, self_attention)["base"] == "sdxl"


def test_what_a_lora_says_of_itself(tmp_path: Path) -> None:
    notes = {"ss_output_name": "my-lcm-lora", "ss_v_parameterization": "True"}
    found = seen(tmp_path, made.kohya_lora("sd15", 4), **notes)
    assert (found["few_steps"], found["prediction"], found["rank"]) == ("lcm", "v_prediction", 4)


@pytest.mark.parametrize(
    ("ending", "word"),
    [
        ("hada_w1_a", "LoHa"),
        ("lokr_w1", "LoKr"),
        ("lokr_w1_a", "LoKr"),
        ("oft_blocks", "OFT"),
        ("diff", "full difference"),
    ],
)
def test_relatives_of_loras_are_told_apart(tmp_path: Path, ending: str, word: str) -> None:
    found = seen(tmp_path, {f"lora_unet_down_blocks_0_attentions_0_proj_in.{ending}": (8, 320)})
    assert found["kind"] == "lora" and word in found["problem"] and "plain LoRA" in found["remedy"]


@pytest.mark.parametrize(("ending", "word"), [("dora_scale", "DoRA"), ("lora_mid.weight", "Tucker")])
def test_variants_of_loras_are_told_apart(tmp_path: Path, ending: str, word: str) -> None:
    layer = "lora_unet_down_blocks_0_attentions_0_proj_in"
    found = seen(tmp_path, {**made.kohya_lora("sd15"), f"{layer}.{ending}": (320, 1)})
    assert found["base"] == "sd15" and word in found["problem"]


def test_loras_of_other_families(tmp_path: Path) -> None:
    flux = {"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (16, 3072)}
    assert "Flux" in seen(tmp_path, flux)["problem"]
    other = {"diffusion_model.blocks.0.cross_attn.k.lora_A.weight": (16, 1536)}
    assert "unknown family" in seen(tmp_path, other)["problem"]
