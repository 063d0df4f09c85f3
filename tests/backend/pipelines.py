# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pipelines of SD 1.5's and XL's own classes with random weights, in folders and in single files."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, T2IAdapter, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from backend.weights.files.clip_tokenizer import END, clip_tokenizer
from backend.weights.files.original_layout import (
    CONTROL,
    UNET,
    VAE,
    Source,
    clip_sources,
    unet_sources,
    vae_sources,
)
from backend.weights.files.releases import Release
from backend.weights.runtime.checkpoints import RELEASES, Companions, load_checkpoint

CPU = torch.device("cpu")
SMALL: dict[str, dict[str, dict[str, Any]]] = {
    "sd15": {
        "unet": {"block_out_channels": [8, 8, 16, 16], "cross_attention_dim": 16, "attention_head_dim": 2},
        "text_encoder": {"hidden_size": 16},
    },
    "sdxl": {
        "unet": {
            "block_out_channels": [8, 8, 16],
            "cross_attention_dim": 40,
            "attention_head_dim": [1, 2, 2],
            "transformer_layers_per_block": [1, 1, 2],
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 6 * 8 + 24,
        },
        "text_encoder": {"hidden_size": 16},
        "text_encoder_2": {"hidden_size": 24, "projection_dim": 24},
    },
}
WIDTHS = {"sd15": 16, "sdxl": 40}


def small_release(folder: Path, base: str) -> Release:
    """The release with its shipped configurations made small."""
    release = RELEASES[base]
    folder.mkdir(parents=True, exist_ok=True)
    for file in release.config_folder.glob("*.json"):
        config = json.loads(file.read_text()) | SMALL[base].get(file.stem, {})
        if file.stem in ("unet", "vae"):
            config |= {"layers_per_block": 1 if base == "sd15" else 2, "norm_num_groups": 4}
        if file.stem == "vae":
            config |= {"block_out_channels": [4, 4, 8, 8]}
        if file.stem.startswith("text"):
            config |= {"intermediate_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2}
        (folder / file.name).write_text(json.dumps(config))
    return replace(release, configs=folder, words_width=WIDTHS[base], resolution=64, steps=2, guidance=3.0)


def write_folder(folder: Path, release: Release, *, inpaint: bool = False, seed: int = 0) -> Path:
    """A pipeline as diffusers saves it."""
    torch.manual_seed(seed)
    configs = {file.stem: json.loads(file.read_text()) for file in release.config_folder.glob("*.json")}
    unet = configs["unet"] | ({"in_channels": 9} if inpaint else {})
    UNet2DConditionModel(**unet).save_pretrained(folder / "unet")
    AutoencoderKL(**configs["vae"]).save_pretrained(folder / "vae")
    DDIMScheduler(**configs["scheduler"]).save_pretrained(folder / "scheduler")
    index: dict[str, Any] = {"_class_name": release.pipelines[inpaint], "unet": ["diffusers", "x"]}
    for text, end in zip(release.texts, ("", "_2"), strict=False):
        kind = CLIPTextModelWithProjection if text.open_clip else CLIPTextModel
        kind(CLIPTextConfig(**configs[text.component])).save_pretrained(folder / text.component)
        clip_tokenizer(text.pad or END).save_pretrained(folder / f"tokenizer{end}")
        index[text.component] = ["transformers", kind.__name__]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def write_single(file: Path, folder: Path, release: Release) -> Path:
    """The same pipeline in one file, in the names of the original release."""
    layers = json.loads((folder / "unet/config.json").read_text())["layers_per_block"]
    unet = UNet2DConditionModel.from_pretrained(folder / "unet").state_dict()
    vae = AutoencoderKL.from_pretrained(folder / "vae").state_dict()
    state = renamed(unet, unet_sources(unet, layers), UNET)
    state |= {
        name: tensor[..., None, None] if is_matrix(name) else tensor
        for name, tensor in renamed(vae, vae_sources(vae, 4), VAE).items()
    }
    for text in release.texts:
        kind = CLIPTextModelWithProjection if text.open_clip else CLIPTextModel
        words = kind.from_pretrained(folder / text.component).state_dict()
        state |= renamed(words, clip_sources(words, open_clip=text.open_clip), text.prefix)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, file)
    return file


def is_matrix(name: str) -> bool:
    """The first releases kept the autoencoder's attention as 1 x 1 convolutions."""
    return "attn_1" in name and name.endswith("weight") and "norm" not in name


def renamed(state: dict[str, Tensor], sources: dict[str, Source], prefix: str) -> dict[str, Tensor]:
    """Tensors under their original names; queries, keys and values joined where they were."""
    stored: dict[str, Tensor] = {}
    thirds: dict[str, list[Tensor]] = {}
    for name, tensor in state.items():
        source = sources[name]
        if source.third is not None:
            thirds.setdefault(prefix + source.name, [tensor] * 3)[source.third] = tensor
        else:
            stored[prefix + source.name] = tensor.T if source.turned else tensor
    return stored | {name: torch.cat(parts) for name, parts in thirds.items()}


def write_adapter(folder: Path, base: str, channels: int, *, seed: int = 3) -> Path:
    """A public T2I-Adapter: light and full ones answer alike."""
    torch.manual_seed(seed)
    blocks = SMALL[base]["unet"]["block_out_channels"]
    widths = blocks if base == "sd15" else [*blocks, blocks[-1]]
    kind, factor = ("full_adapter", 8) if base == "sd15" else ("full_adapter_xl", 16)
    T2IAdapter(
        in_channels=channels, channels=widths, num_res_blocks=1, downscale_factor=factor, adapter_type=kind
    ).save_pretrained(folder)
    return folder


def write_control(folder: Path, unet: Any, *, seed: int = 4) -> Path:
    """A ControlNet with an effect: its last layers are not zero as a fresh one's are."""
    torch.manual_seed(seed)
    known = inspect.signature(ControlNetModel.__init__).parameters
    config = {name: value for name, value in unet.config.items() if name in known}
    config |= {"in_channels": 4, "conditioning_embedding_out_channels": (4, 4, 4, 8)}
    control = ControlNetModel(**config)
    for name, weight in control.named_parameters():
        if "controlnet" in name:
            torch.nn.init.normal_(weight, std=0.3)
    control.save_pretrained(folder)
    return folder


def write_control_file(file: Path, folder: Path) -> Path:
    """A ControlNet of a folder in one file, in the original names."""
    control = ControlNetModel.from_pretrained(folder)
    state = control.state_dict()
    sources = unet_sources(state, control.config.layers_per_block)
    save_file({name: t.contiguous() for name, t in renamed(state, sources, CONTROL).items()}, file)
    return file


def load(place: Path, release: Release, companions: Companions | None = None) -> Any:
    return load_checkpoint(place, CPU, torch.float32, companions=companions, release=release)
