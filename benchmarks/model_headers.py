# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Names and shapes of real models without their weights, and files that have the headers of such models.

The networks are made on torch's meta device, which keeps shapes and no numbers. The files are sparse: they
have their full length and take almost no room.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Shapes = dict[str, tuple[int, ...]]
"""Shape of every tensor, by its name."""

SIZES = {"F16": 2, "F32": 4}

UNETS: dict[str, dict[str, Any]] = {
    "sd15": {"cross_attention_dim": 768},
    "sd2": {
        "cross_attention_dim": 1024,
        "attention_head_dim": (5, 10, 20, 20),
        "use_linear_projection": True,
    },
    "sdxl": {
        "cross_attention_dim": 2048,
        "attention_head_dim": (5, 10, 20),
        "block_out_channels": (320, 640, 1280),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 2, 10),
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
}
CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIP_G = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20}
OPEN_CLIP = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 23,
    "num_attention_heads": 16,
}


def write_header(
    path: Path, shapes: Mapping[str, tuple[int, ...]], notes: Mapping[str, str] | None = None
) -> Path:
    """A sparse safetensors file with these tensors in half precision.

    Args:
        notes: Its metadata.
    """
    listing: dict[str, object] = {"__metadata__": dict(notes or {"format": "pt"})}
    end = 0
    for name, shape in shapes.items():
        begin, end = end, end + SIZES["F16"] * math.prod(shape)
        listing[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(listing, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    os.truncate(path, 8 + len(text) + end)
    return path


@cache
def unet(base: str, channels: int = 4) -> Shapes:
    """A UNet in diffusers' names; `base` is a key of UNETS."""
    return _shapes("UNet2DConditionModel", sample_size=64, in_channels=channels, **UNETS[base])


@cache
def controlnet(base: str) -> Shapes:
    config = {name: value for name, value in UNETS[base].items() if name != "up_block_types"}
    return _shapes("ControlNetModel", **config)


@cache
def vae() -> Shapes:
    blocks: dict[str, Any] = {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "block_out_channels": (128, 256, 512, 512),
        "layers_per_block": 2,
    }
    return _shapes("AutoencoderKL", latent_channels=4, **blocks)


@cache
def tiny_vae() -> Shapes:
    return _shapes("AutoencoderTiny")


@cache
def adapter(kind: str, channels: int) -> Shapes:
    """A T2I-Adapter; `kind` is diffusers' word: full_adapter, full_adapter_xl, light_adapter."""
    widths = [320, 640, 1280] if kind == "light_adapter" else [320, 640, 1280, 1280]
    fold = 16 if kind == "full_adapter_xl" else 8
    config: dict[str, Any] = {"in_channels": channels, "channels": widths, "downscale_factor": fold}
    return _shapes("T2IAdapter", adapter_type=kind, **config)


def text_encoder(size: Mapping[str, int]) -> Shapes:
    """CLIP's text tower, its names beginning with "text_model."; `size` is CLIP_L, CLIP_G or OPEN_CLIP."""
    return _text_encoder(tuple(sorted(size.items())))


@cache
def _text_encoder(size: tuple[tuple[str, int], ...]) -> Shapes:
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    config: dict[str, Any] = dict(size)
    with torch.device("meta"):
        state = CLIPTextModel(CLIPTextConfig(**config)).state_dict()
    bare = {name.removeprefix("text_model."): tuple(tensor.shape) for name, tensor in state.items()}
    return _prefixed("text_model.", bare)


def _shapes(name: str, **config: Any) -> Shapes:
    """Of the network of this class in diffusers."""
    import diffusers
    import torch

    network: Any = getattr(diffusers, name)
    with torch.device("meta"):
        return {name: tuple(tensor.shape) for name, tensor in network(**config).state_dict().items()}


def checkpoint(base: str, channels: int = 4) -> Shapes:
    """A whole model in the original names, as it is published in one file; `base` is a key of UNETS."""
    named = {f"model.diffusion_model.{name}": shape for name, shape in original_unet(unet(base, channels))}
    named |= {f"first_stage_model.{name}": shape for name, shape in original_vae(vae())}
    if base == "sdxl":
        named |= _prefixed("conditioner.embedders.0.transformer.", text_encoder(CLIP_L))
        named |= _prefixed("conditioner.embedders.1.model.", dict(open_clip(text_encoder(CLIP_G))))
    elif base == "sd2":
        named |= _prefixed("cond_stage_model.model.", dict(open_clip(text_encoder(OPEN_CLIP))))
    else:
        named |= _prefixed("cond_stage_model.transformer.", text_encoder(CLIP_L))
    return named


def _prefixed(prefix: str, shapes: Shapes) -> Shapes:
    return {prefix + name: shape for name, shape in shapes.items()}


HEADS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}


def original_unet(shapes: Shapes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A UNet's tensors in the original names: two residual blocks a level on the way down, three up."""
    for name, shape in shapes.items():
        layer, _, kind = name.rpartition(".")
        if layer in HEADS:
            yield f"{HEADS[layer]}.{kind}", shape
        else:
            yield _original_block(name, shapes), shape


def _original_block(name: str, shapes: Shapes) -> str:
    half, *parts = name.split(".")
    level = 0 if half == "mid_block" else int(parts.pop(0))
    what, place = parts[0], int(parts[1])
    rest = ".".join(parts[2:])
    if what == "resnets":
        layer, _, kind = rest.rpartition(".")
        rest = f"{RESNET[layer]}.{kind}"
    if half == "mid_block":
        return f"middle_block.{1 if what == 'attentions' else 2 * place}.{rest}"
    if what == "downsamplers":
        return f"input_blocks.{3 * level + 3}.0.{rest.replace('conv', 'op')}"
    if what == "upsamplers":
        attends = f"up_blocks.{level}.attentions.0.norm.weight" in shapes
        return f"output_blocks.{3 * level + 2}.{1 + attends}.{rest}"
    number = 3 * level + place + (half == "down_blocks")
    side = "input" if half == "down_blocks" else "output"
    return f"{side}_blocks.{number}.{int(what == 'attentions')}.{rest}"


def original_vae(shapes: Shapes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """An autoencoder's tensors in the original names; there the decoder counts levels from the picture."""
    for name, shape in shapes.items():
        name = re.sub(r"up_blocks\.(\d)\.resnets", lambda m: f"up.{3 - int(m[1])}.block", name)
        name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{3 - int(m[1])}.upsample", name)
        name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
        name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        if "mid_block.attentions.0" in name:
            name = name.replace("mid_block.attentions.0", "mid.attn_1").replace("group_norm", "norm")
            name = re.sub(r"to_([qkv])\.", r"\1.", name).replace("to_out.0", "proj_out")
            shape = (*shape, 1, 1) if len(shape) == 2 else shape
        yield name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut"), shape


def open_clip(shapes: Shapes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A text tower in OpenCLIP's names, where queries, keys and values lie in one tensor."""
    inner = {
        "layer_norm": "ln_",
        "self_attn.out_proj": "attn.out_proj",
        "mlp.fc1": "mlp.c_fc",
        "mlp.fc2": "mlp.c_proj",
    }
    for name, shape in shapes.items():
        name = name.removeprefix("text_model.")
        name = re.sub(r"^embeddings\.token_embedding", "token_embedding", name)
        name = re.sub(r"^embeddings\.position_embedding\.weight", "positional_embedding", name)
        name = name.replace("encoder.layers", "transformer.resblocks").replace("final_layer_norm", "ln_final")
        for ours, theirs in inner.items():
            name = name.replace(ours, theirs)
        if "self_attn.q_proj" in name:
            name = name.replace("self_attn.q_proj.", "attn.in_proj_")
            shape = (3 * shape[0], *shape[1:])
        if "self_attn" not in name:
            yield name, shape


TRAINED = re.compile(r"(?:to_[qkv]|to_out\.0|ff\.net\.0\.proj|ff\.net\.2|proj_in|proj_out)\.weight$")
TEXT_TRAINED = re.compile(r"(?:[qkv]_proj|out_proj|fc[12])\.weight$")


def kohya_lora(base: str, rank: int = 16) -> Shapes:
    """A LoRA of all attention layers, as kohya's trainer writes it."""
    named: Shapes = {}
    encoders = {"lora_te": CLIP_L} if base == "sd15" else {"lora_te1": CLIP_L, "lora_te2": CLIP_G}
    trained = {f"lora_unet.{n}": s for n, s in unet(base).items() if TRAINED.search(n) and "attentions" in n}
    for prefix, size in encoders.items():
        layers = text_encoder(size).items()
        trained |= {f"{prefix}.{n}": s for n, s in layers if TEXT_TRAINED.search(n)}
    for name, (out, into, *rest) in trained.items():
        flat = name.removesuffix(".weight").replace(".", "_")
        named[f"{flat}.alpha"] = ()
        named[f"{flat}.lora_down.weight"] = (rank, into, *rest)
        named[f"{flat}.lora_up.weight"] = (out, rank, *rest)
    return named


def peft_lora(base: str, rank: int = 16) -> Shapes:
    """A LoRA of the UNet's attention layers, as diffusers' trainers write it."""
    trained = {n: s for n, s in unet(base).items() if TRAINED.search(n) and ".attn" in n}
    named: Shapes = {}
    for name, (out, into) in trained.items():
        layer = f"unet.{name.removesuffix('.weight')}"
        named |= {f"{layer}.lora_A.weight": (rank, into), f"{layer}.lora_B.weight": (out, rank)}
    return named
