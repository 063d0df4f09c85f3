# SPDX-License-Identifier: GPL-3.0-or-later
"""Base models by id: what can be painted with, and loading one from its diffusers folder.

torch and diffusers are imported only when a family is loaded.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

from backend.weights.catalogue import REPAIR, Family, read_catalogue
from shared.errors import BadRequest, MissingWeights
from shared.messages import FamilyInfo

if TYPE_CHECKING:
    import torch

    from backend.weights.base_model import BaseModel

CLASSES = {
    "AutoencoderKL": "diffusers.models.autoencoders.autoencoder_kl",
    "UNet2DConditionModel": "diffusers.models.unets.unet_2d_condition",
    "T2IAdapter": "diffusers.models.adapter",
    "DDIMScheduler": "diffusers.schedulers.scheduling_ddim",
    "CLIPTextModel": "transformers.models.clip.modeling_clip",
    "CLIPTokenizer": "transformers.models.clip.tokenization_clip",
}
"""Modules of the classes that diffusers folders are made of."""


def list_families() -> tuple[FamilyInfo, ...]:
    """Every family of the catalogue, and whether its files are there."""
    return tuple(_info(family) for family in read_catalogue().values())


def load_family(id: str, device: torch.device | None = None, dtype: torch.dtype | None = None) -> BaseModel:
    """Load a family, after comparing its files with the catalogue.

    Args:
        device, dtype: None for what suits this machine.

    Raises:
        BadRequest: there is no family of that id.
        MissingWeights: a file is missing or damaged.
    """
    catalogue = read_catalogue()
    if id not in catalogue:
        raise BadRequest(f"There is no base model {id!r} here.", f"Choose one of: {', '.join(catalogue)}.")
    catalogue[id].verify()
    return load_folder(catalogue[id], device, dtype)


def load_folder(
    family: Family, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> BaseModel:
    """Load every component of a diffusers folder by the class that its configuration asks for.

    Only safetensors are read, and only from this folder.

    Raises:
        MissingWeights: a file is missing, cut short, or does not fit its configuration.
    """
    from safetensors import SafetensorError

    from backend.weights.device import choose_device, choose_dtype

    device = device or choose_device()
    dtype = dtype or choose_dtype(device)
    try:
        return _load(family, device, dtype)
    except (OSError, SafetensorError, json.JSONDecodeError, KeyError, ValueError, RuntimeError) as fault:
        from backend.weights.device import is_out_of_memory

        if is_out_of_memory(fault):
            raise
        reason = str(fault).strip().partition("\n")[0]
        raise MissingWeights(f"{family.title} cannot be loaded: {reason}", REPAIR) from fault


def _load(family: Family, device: torch.device, dtype: torch.dtype) -> BaseModel:
    from backend.weights.base_model import BaseModel

    root = family.folder
    importlib.import_module("transformers.utils.logging").disable_progress_bar()

    def network(kind: str, folder: str, dtype_name: str = "torch_dtype") -> Any:
        if not (root / folder).is_dir():
            raise FileNotFoundError(f"the folder {folder} is missing")
        options: dict[str, Any] = {"use_safetensors": True, "local_files_only": True, dtype_name: dtype}
        return _class(kind).from_pretrained(root / folder, **options)

    return BaseModel(
        vae=network("AutoencoderKL", "vae"),
        unet=network("UNet2DConditionModel", "unet"),
        text_encoder=network("CLIPTextModel", "text_encoder", "dtype"),
        tokenizer=_class("CLIPTokenizer").from_pretrained(root / "tokenizer", local_files_only=True),
        scheduler=_class("DDIMScheduler").from_pretrained(root / "scheduler", local_files_only=True),
        encoders={kind: network("T2IAdapter", path) for kind, path in family.encoders.items()},
        resolution=family.resolution,
        steps=family.steps,
        guidance=family.guidance,
        device=device,
        dtype=dtype,
        title=family.title,
        strokes_guided=family.strokes_guided,
    )


def _class(kind: str) -> Any:
    """A component's class; only its own module is imported, because the whole of diffusers takes seconds."""
    return getattr(importlib.import_module(CLASSES[kind]), kind)


def _info(family: Family) -> FamilyInfo:
    missing = family.missing()
    note = f"{missing[0]} is missing. {REPAIR}" if missing else ""
    return FamilyInfo(
        family.id, family.title, family.resolution, family.steps, family.guidance, not missing, note
    )
