# SPDX-License-Identifier: GPL-3.0-or-later
"""LoRA files, told from the names and shapes of their tensors, and their relatives that cannot be used.

Names come from kohya's trainer (`lora_unet_down_blocks_0_...lora_down.weight`, or with the original
numbering `lora_unet_input_blocks_4_1_...`) or from diffusers and peft (`unet.down_blocks.0...lora_A.weight`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend.weights.files.header import TensorInfo
from backend.weights.files.model_file import Base, Finding, Layout, Prediction
from backend.weights.files.unet_names import side

Tensors = Mapping[str, TensorInfo]

DOWN = (
    ".lora_down.weight",
    ".lora_A.weight",
    ".lora_A.default.weight",
    ".lora.down.weight",
    "_lora.down.weight",
    ".lora_linear_layer.down.weight",
)
"""Endings of the matrix that leads into the low rank."""

RELATIVES = {
    ".hada_w1_a": "LoHa",
    ".lokr_w1": "LoKr",
    ".lokr_w1_a": "LoKr",
    ".oft_blocks": "OFT",
    ".oft_diag": "OFT",
    ".on_input": "IA3",
    ".diff": "a full difference",
}
VARIANTS = {".dora_scale": "DoRA", ".lora_magnitude_vector": "DoRA", ".lora_mid.weight": "Tucker convolution"}
PLAIN = "Use a plain LoRA."

TEXT = re.compile(r"attn2[._](?:processor[._])?to_k")
WIDTHS: dict[int, Base] = {768: "sd15", 1024: "sd2", 2048: "sdxl", 1280: "sdxl_refiner", 128: "embedded"}
DEEP = re.compile(
    r"(?:input_blocks_4_1|down_blocks[._][12][._]attentions[._]0)[._]transformer_blocks[._]1[._]"
)
"""Only XL has more than one transformer at a place."""

FEW = re.compile(r"lcm|lightning|turbo|hyper|dmd|tcd|\d+[ _-]?steps?", re.IGNORECASE)
TITLES = ("modelspec.title", "ss_output_name", "title", "modelspec.description")


def read_lora(tensors: Tensors, metadata: Mapping[str, str]) -> Finding | None:
    """A LoRA or a relative; None where no tensor is named like one."""
    first = next((name for name in tensors if name.endswith(DOWN)), "")
    if not first:
        return _relative(tensors)
    base, layout = _base(tensors), _layout(first)
    found = Finding("lora", base, layout, prediction=_prediction(metadata), few_steps=few_steps(metadata))
    found = replace(found, rank=side(tensors, first, 0))
    variant = _ending(tensors, VARIANTS)
    if variant:
        return replace(found, problem=f"It is a LoRA of a kind not known here ({variant}).", remedy=PLAIN)
    return found


def few_steps(metadata: Mapping[str, str]) -> str:
    """How the file came to paint in few steps, where its maker says so."""
    said = (FEW.search(metadata.get(place, "")) for place in TITLES)
    return next((word[0] for word in said if word), "")


def _relative(tensors: Tensors) -> Finding | None:
    kin = _ending(tensors, RELATIVES)
    if not kin:
        return None
    problem = f"It changes a model in a way not known here ({kin})."
    return Finding("lora", _base(tensors), _layout(next(iter(tensors))), problem=problem, remedy=PLAIN)


def _ending(names: Iterable[str], endings: Mapping[str, str]) -> str:
    sought = tuple(endings)
    name = next((name for name in names if name.endswith(sought)), "")
    return next((what for ending, what in endings.items() if name.endswith(ending)), "")


def _layout(name: str) -> Layout:
    return "kohya" if name.startswith(("lora_unet_", "lora_te", "lora_prior")) else "diffusers"


def _prediction(metadata: Mapping[str, str]) -> Prediction:
    return "v_prediction" if metadata.get("ss_v_parameterization", "").lower() == "true" else ""


def _base(tensors: Tensors) -> Base:
    """By what cross-attention reads; else by what only one family has."""
    for name in tensors:
        if TEXT.search(name) and name.endswith(DOWN):
            return WIDTHS.get(side(tensors, name, 1), "unknown")
    text = "\n".join(tensors)
    if re.search(r"double_blocks|single_transformer_blocks|single_blocks", text):
        return "flux"
    if re.search(r"joint_blocks|attn[._]add_k_proj", text):
        return "sd3"
    if re.search(r"lora_te[12]_|text_encoder_2\.", text) or DEEP.search(text):
        return "sdxl"
    return _by_text_encoder(tensors)


def _by_text_encoder(tensors: Tensors) -> Base:
    for name in tensors:
        if re.match(r"lora_te_|text_encoder\.", name) and re.search(r"q_proj", name) and name.endswith(DOWN):
            return WIDTHS.get(side(tensors, name, 1), "unknown")
    return "unknown"
