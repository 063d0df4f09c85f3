# SPDX-License-Identifier: GPL-3.0-or-later
"""Base models in diffusers' folder layout: safetensors only, and only from that folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import torch

from backend.weights.files.components import Components, component_class, quiet, scheduler_of

INDEX = "model_index.json"
WEIGHTS = ("diffusion_pytorch_model", "model")
HALF = "fp16"


def load_components(root: Path, dtype: torch.dtype) -> Components:
    """Load every part of a folder.

    Raises:
        OSError, ValueError, KeyError, RuntimeError, safetensors.SafetensorError: a file is missing, damaged,
            or does not fit its configuration.
    """
    quiet()
    index = _json(root / INDEX) if (root / INDEX).is_file() else {}
    second = _has(index, "text_encoder_2")
    return Components(
        vae=load_network(root / "vae", "AutoencoderKL", dtype),
        unet=load_network(root / "unet", "UNet2DConditionModel", dtype),
        text_encoder=load_network(root / "text_encoder", "CLIPTextModel", dtype),
        tokenizer=_tokenizer(root / "tokenizer"),
        scheduler=scheduler_of(_json(root / "scheduler" / "scheduler_config.json")),
        text_encoder_2=_second(root, dtype) if second else None,
        tokenizer_2=_tokenizer(root / "tokenizer_2") if second else None,
        zeros_when_empty=second and bool(index.get("force_zeros_for_empty_prompt", True)),
    )


def load_network(folder: Path, kind: str, dtype: torch.dtype) -> Any:
    """One network of a folder; where only half precision is there, that is taken.

    Raises: as `load_components`.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {folder.name} is missing")
    width = "dtype" if kind.startswith("CLIP") else "torch_dtype"
    options: dict[str, Any] = {"use_safetensors": True, "local_files_only": True, width: dtype}
    if variant := _variant(folder):
        options["variant"] = variant
    return component_class(kind).from_pretrained(folder, **options)


def _variant(folder: Path) -> str:
    """`fp16` where the weights are there under no other name."""
    names = {path.name for path in folder.glob("*.safetensors*")}
    whole = any(
        name.startswith(f"{stem}{end}") for name in names for stem in WEIGHTS for end in (".safe", "-0")
    )
    return HALF if not whole and any(f".{HALF}" in name for name in names) else ""


def _second(root: Path, dtype: torch.dtype) -> Any:
    return load_network(root / "text_encoder_2", "CLIPTextModelWithProjection", dtype)


def _tokenizer(folder: Path) -> Any:
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {folder.name} is missing")
    return component_class("CLIPTokenizer").from_pretrained(folder, local_files_only=True)


def _has(index: dict[str, Any], part: str) -> bool:
    """A part left out on purpose is [null, null]."""
    named: list[object] = index.get(part) or [None]
    return named[0] is not None


def _json(path: Path) -> dict[str, Any]:
    listing = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(listing, dict):
        raise ValueError(f"{path.name} is no list of settings")  # noqa: TRY004 - the file's value is wrong
    return cast("dict[str, Any]", listing)
