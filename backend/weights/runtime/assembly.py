# SPDX-License-Identifier: GPL-3.0-or-later
"""A checkpoint's parts and its companions become one BaseModel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from backend.weights.files import folder, single_file
from backend.weights.files.adapter_file import load_adapter
from backend.weights.files.components import Components
from backend.weights.files.releases import Release
from backend.weights.runtime.base_model import BaseModel, Extras
from backend.weights.runtime.checkpoints import Companions
from backend.weights.runtime.controls import CONTROLS, Control


def assembled(
    path: Path,
    release: Release,
    companions: Companions,
    prediction: str,
    device: torch.device,
    dtype: torch.dtype,
) -> BaseModel:
    """Load everything and put it on the device.

    Raises: as `single_file.load_components`.
    """
    if path.is_dir():
        parts = folder.load_components(path, dtype)
        if companions.vae is not None:
            parts = Components(**{**vars(parts), "vae": single_file.load_vae(companions.vae, release, dtype)})
    else:
        parts = single_file.load_components(path, release, dtype, prediction=prediction, vae=companions.vae)
    return base_model(parts, release, companions, path.stem, device, dtype)


def base_model(
    parts: Components,
    release: Release,
    companions: Companions,
    title: str,
    device: torch.device,
    dtype: torch.dtype,
) -> BaseModel:
    """Put loaded parts together with the release's defaults."""
    width = int(parts.unet.config.cross_attention_dim)
    if width != release.words_width:
        raise ValueError(f"its UNet reads words of width {width}, {release.title} {release.words_width}")
    return BaseModel(
        vae=parts.vae,
        unet=parts.unet,
        text_encoder=parts.text_encoder,
        tokenizer=parts.tokenizer,
        scheduler=parts.scheduler,
        encoders=_encoders(companions, dtype),
        resolution=release.resolution,
        steps=release.steps,
        guidance=release.guidance,
        device=device,
        dtype=dtype,
        title=title,
        extras=Extras(
            text_encoder_2=parts.text_encoder_2,
            tokenizer_2=parts.tokenizer_2,
            zeros_when_empty=parts.zeros_when_empty,
            tiny=folder.load_network(companions.tiny_vae, "AutoencoderTiny", dtype)
            if companions.tiny_vae
            else None,
            controls=_controls(companions, release, dtype),
            upcast=release.heeds_upcast and bool(parts.vae.config.force_upcast),
        ),
    )


def _encoders(companions: Companions, dtype: torch.dtype) -> dict[str, Any]:
    """Each T2I-Adapter once, even where it serves two kinds of stroke."""
    loaded = {
        path: folder.load_network(path, "T2IAdapter", dtype) if path.is_dir() else load_adapter(path, dtype)
        for path in set(companions.encoders.values())
    }
    return {kind: loaded[path] for kind, path in companions.encoders.items()}


def _controls(companions: Companions, release: Release, dtype: torch.dtype) -> dict[str, Control]:
    def network(path: Path) -> Any:
        if path.is_dir():
            return folder.load_network(path, "ControlNetModel", dtype)
        return single_file.load_controlnet(path, release, dtype)

    return {name: CONTROLS[name].of(network(path)) for name, path in companions.controls.items()}
