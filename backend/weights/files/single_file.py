# SPDX-License-Identifier: GPL-3.0-or-later
"""Base models, autoencoders and ControlNets that come in one safetensors file of the original layout.

Their configurations ship in models/configs, so nothing is asked of any network.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from backend.weights.files.clip_tokenizer import END, clip_tokenizer
from backend.weights.files.components import Components, component_class, quiet, scheduler_of
from backend.weights.files.folder import load_network
from backend.weights.files.original_layout import (
    CONTROL,
    UNET,
    VAE,
    Source,
    clip_sources,
    taken,
    unet_sources,
    vae_sources,
)
from backend.weights.files.releases import Release, Text

V_PREDICTION_MARK, ZERO_SNR_MARK = "v_pred", "ztsnr"
"""Empty tensors that some files carry instead of a note on what they predict."""


def load_components(
    path: Path, release: Release, dtype: torch.dtype, *, prediction: str = "", vae: Path | None = None
) -> Components:
    """Load every part of a checkpoint.

    Args:
        prediction: What its UNet foretells, where that is known; "" for what the release did.
        vae: An autoencoder in a file of its own, instead of the checkpoint's.

    Raises:
        KeyError, ValueError, RuntimeError, OSError, safetensors.SafetensorError: something is missing,
            damaged, or of another shape.
    """
    quiet()
    with _opened(path) as stored:
        texts = [_text(release, text, stored, dtype) for text in release.texts]
        return Components(
            vae=_vae(release, stored, VAE, dtype) if vae is None else load_vae(vae, release, dtype),
            unet=_unet(release, stored, dtype),
            text_encoder=texts[0],
            tokenizer=clip_tokenizer(release.texts[0].pad or END),
            scheduler=scheduler_of(_schedule(release, stored, prediction)),
            text_encoder_2=texts[1] if len(texts) > 1 else None,
            tokenizer_2=clip_tokenizer(release.texts[1].pad or END) if len(texts) > 1 else None,
            zeros_when_empty=len(texts) > 1,
        )


def load_vae(path: Path, release: Release, dtype: torch.dtype) -> Any:
    """An autoencoder of its own, in a file of either layout or in a folder.

    Raises: as `load_components`.
    """
    if path.is_dir():
        return load_network(path, "AutoencoderKL", dtype)
    with _opened(path) as stored:
        names = set(stored.keys())
        prefix = next((start for start in (VAE, "vae.") if f"{start}decoder.conv_in.weight" in names), "")
        return _vae(release, stored, prefix, dtype)


def load_controlnet(path: Path, release: Release, dtype: torch.dtype) -> Any:
    """A ControlNet in one file, in either layout.

    Raises: as `load_components`.
    """
    unet = config_of(release, "unet")
    for other in ("out_channels", "up_block_types", "sample_size"):
        unet.pop(other, None)
    network = empty("ControlNetModel", unet)
    wanted = network.state_dict()
    with _opened(path) as stored:
        names = set(stored.keys())
        if "controlnet_mid_block.weight" in names:
            return _filled(network, _as_named(wanted), stored, "", dtype)
        prefix = CONTROL if f"{CONTROL}middle_block_out.0.weight" in names else ""
        return _filled(network, unet_sources(wanted, unet["layers_per_block"]), stored, prefix, dtype)


def config_of(release: Release, part: str) -> dict[str, Any]:
    """The shipped configuration of one part."""
    return json.loads((release.config_folder / f"{part}.json").read_text(encoding="utf-8"))


def empty(kind: str, config: Mapping[str, Any]) -> Any:
    """A network whose weights are shapes only; its buffers are real."""
    accelerate: Any = importlib.import_module("accelerate")
    with accelerate.init_empty_weights(include_buffers=False):
        if kind.startswith("CLIP"):
            return component_class(kind)(component_class("CLIPTextConfig")(**config))
        return component_class(kind).from_config(dict(config))


def _opened(path: Path) -> Any:
    library: Any = importlib.import_module("safetensors")
    return library.safe_open(path, framework="pt")


def _unet(release: Release, stored: Any, dtype: torch.dtype) -> Any:
    config = config_of(release, "unet")
    config["in_channels"] = stored.get_slice(f"{UNET}input_blocks.0.0.weight").get_shape()[1]
    network = empty("UNet2DConditionModel", config)
    return _filled(
        network, unet_sources(network.state_dict(), config["layers_per_block"]), stored, UNET, dtype
    )


def _vae(release: Release, stored: Any, prefix: str, dtype: torch.dtype) -> Any:
    config = config_of(release, "vae")
    network = empty("AutoencoderKL", config)
    wanted = network.state_dict()
    if f"{prefix}decoder.mid_block.resnets.0.conv1.weight" in set(stored.keys()):
        return _filled(network, _as_named(wanted), stored, prefix, dtype)
    return _filled(network, vae_sources(wanted, len(config["block_out_channels"])), stored, prefix, dtype)


def _text(release: Release, text: Text, stored: Any, dtype: torch.dtype) -> Any:
    kind = "CLIPTextModelWithProjection" if text.open_clip else "CLIPTextModel"
    network = empty(kind, config_of(release, text.component))
    sources = clip_sources(network.state_dict(), open_clip=text.open_clip)
    return _filled(network, sources, stored, text.prefix, dtype)


def _filled(
    network: nn.Module, sources: Mapping[str, Source], stored: Any, prefix: str, dtype: torch.dtype
) -> nn.Module:
    state: dict[str, Tensor] = taken(sources, network.state_dict(), stored, prefix, dtype)
    network.load_state_dict(state, strict=True, assign=True)
    return network


def _as_named(wanted: Mapping[str, Tensor]) -> dict[str, Source]:
    return {name: Source(name) for name in wanted}


def _schedule(release: Release, stored: Any, prediction: str) -> dict[str, Any]:
    config = config_of(release, "scheduler")
    marks = set(stored.keys())
    if prediction or V_PREDICTION_MARK in marks:
        config["prediction_type"] = prediction or "v_prediction"
    if ZERO_SNR_MARK in marks:
        config.update(rescale_betas_zero_snr=True, timestep_spacing="trailing")
    return config
