# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of tensors in checkpoints of the original releases, for each name of diffusers and transformers.

Stable Diffusion 1.x and XL were released in one file each, with names of the code that trained them. Here the
wanted names come first, and each says where in the file it is: what is missing then has a name to be told.

Source of the names: the released checkpoints themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

UNET = "model.diffusion_model."
VAE = "first_stage_model."
CONTROL = "control_model."

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.attentions.0": "middle_block.1",
    "controlnet_mid_block": "middle_block_out.0",
    "controlnet_cond_embedding.conv_in": "input_hint_block.0",
    "controlnet_cond_embedding.conv_out": "input_hint_block.14",
}
VAE_PARTS = {
    "conv_shortcut": "nin_shortcut",
    "conv_norm_out": "norm_out",
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}
OPEN_CLIP_ENDS = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
    "text_projection.weight": "text_projection",
}
OPEN_CLIP_PARTS = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}
THIRDS = ("q_proj", "k_proj", "v_proj")


@dataclass(frozen=True)
class Source:
    """Where a tensor is in the file, and what is to be done with it.

    Args:
        third: Of a joined query, key and value, which; None for the whole.
        turned: Stored with its sides exchanged.
    """

    name: str
    third: int | None = None
    turned: bool = False

    def take(self, stored: Tensor, shape: torch.Size) -> Tensor:
        """The stored tensor in the wanted form; a 1 x 1 convolution may serve as a matrix."""
        part = stored if self.third is None else stored.chunk(3)[self.third]
        part = part.T.contiguous() if self.turned else part
        if part.dim() == 4 and len(shape) == 2 and part.shape[2:] == (1, 1):
            part = part[..., 0, 0]
        return part


def unet_sources(names: Iterable[str], layers: int) -> dict[str, Source]:
    """For a UNet or a ControlNet.

    Args:
        names: Of its tensors in diffusers; names of modules do as well.
        layers: `layers_per_block` of its config.
    """
    listed = tuple(names)
    attended = {int(m[1]) for name in listed if (m := re.match(r"up_blocks\.(\d+)\.attentions", name))}
    return {name: Source(_unet_name(name, layers, attended)) for name in listed}


def _unet_name(name: str, layers: int, attended: set[int]) -> str:
    each = layers + 1
    if match := re.match(r"down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)", name):
        place = 1 + int(match[1]) * each + int(match[3])
        return _inside(f"input_blocks.{place}", match[2], name[match.end() :])
    if match := re.match(r"up_blocks\.(\d+)\.(resnets|attentions)\.(\d+)", name):
        place = int(match[1]) * each + int(match[3])
        return _inside(f"output_blocks.{place}", match[2], name[match.end() :])
    if match := re.match(r"down_blocks\.(\d+)\.downsamplers\.0\.conv", name):
        return f"input_blocks.{1 + int(match[1]) * each + layers}.0.op{name[match.end() :]}"
    if match := re.match(r"up_blocks\.(\d+)\.upsamplers\.0\.conv", name):
        block = int(match[1])
        return f"output_blocks.{block * each + layers}.{1 + (block in attended)}.conv{name[match.end() :]}"
    if match := re.match(r"mid_block\.resnets\.(\d)", name):
        return f"middle_block.{2 * int(match[1])}{_renamed(name[match.end() :], RESNET)}"
    if match := re.match(r"controlnet_down_blocks\.(\d+)", name):
        return f"zero_convs.{match[1]}.0{name[match.end() :]}"
    if match := re.match(r"controlnet_cond_embedding\.blocks\.(\d+)", name):
        return f"input_hint_block.{2 + 2 * int(match[1])}{name[match.end() :]}"
    return _start_renamed(name, ENDS)


def _inside(block: str, part: str, rest: str) -> str:
    return f"{block}.1{rest}" if part == "attentions" else f"{block}.0{_renamed(rest, RESNET)}"


def vae_sources(names: Iterable[str], blocks: int) -> dict[str, Source]:
    """For an AutoencoderKL with so many blocks."""

    def stored(name: str) -> str:
        name = re.sub(r"up_blocks\.(\d+)\.resnets", lambda m: f"up.{blocks - 1 - int(m[1])}.block", name)
        name = re.sub(
            r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{blocks - 1 - int(m[1])}.upsample", name
        )
        name = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", name)
        name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        return _renamed(name.replace("mid_block.attentions.0", "mid.attn_1"), VAE_PARTS)

    return {name: Source(stored(name)) for name in names}


def clip_sources(names: Iterable[str], *, open_clip: bool) -> dict[str, Source]:
    """For a CLIP text encoder; names with and without `text_model.` before them mean the same."""
    if not open_clip:
        return {name: Source(f"text_model.{name.removeprefix('text_model.')}") for name in names}
    return {name: _open_clip(name.removeprefix("text_model.")) for name in names}


def _open_clip(name: str) -> Source:
    if name in OPEN_CLIP_ENDS:
        return Source(OPEN_CLIP_ENDS[name], turned=name == "text_projection.weight")
    name = re.sub(r"^encoder\.layers\.(\d+)", r"transformer.resblocks.\1", name)
    if match := re.match(r"(.*)self_attn\.([qkv]_proj)\.(weight|bias)$", name):
        return Source(f"{match[1]}attn.in_proj_{match[3]}", third=THIRDS.index(match[2]))
    return Source(_renamed(name, OPEN_CLIP_PARTS))


def taken(
    sources: Mapping[str, Source], wanted: Mapping[str, Tensor], stored: Any, prefix: str, dtype: torch.dtype
) -> dict[str, Tensor]:
    """The wanted tensors out of an open file.

    Args:
        wanted: Tensors of the right shapes by name; their values do not matter.
        stored: An open safetensors file.

    Raises:
        KeyError: one is not in the file; its name there.
        ValueError: one has another shape.
    """
    there = set(stored.keys())
    state: dict[str, Tensor] = {}
    for name, like in wanted.items():
        source = sources[name]
        place = prefix + source.name
        if place not in there:
            place = prefix + source.name.removeprefix("text_model.")  # the first releases were made so
        if place not in there:
            raise KeyError(f"{prefix}{source.name} is missing")
        tensor = source.take(stored.get_tensor(place), like.shape)
        if tensor.shape != like.shape:
            raise ValueError(f"{place} has the shape {tuple(tensor.shape)}, not {tuple(like.shape)}")
        state[name] = tensor.to(dtype, copy=source.third is not None)
    return state


def _renamed(name: str, parts: Mapping[str, str]) -> str:
    """Exchange whole dotted parts."""
    for ours, theirs in parts.items():
        name = re.sub(rf"(^|\.){re.escape(ours)}(\.|$)", rf"\g<1>{theirs}\g<2>", name)
    return name


def _start_renamed(name: str, starts: Mapping[str, str]) -> str:
    for ours, theirs in starts.items():
        if name == ours or name.startswith(f"{ours}."):
            return theirs + name[len(ours) :]
    return name
