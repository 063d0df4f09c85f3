# SPDX-License-Identifier: GPL-3.0-or-later
"""Base models by id: what can be painted with, and loading one from its diffusers folder.

torch and diffusers are imported only when a family is loaded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from backend.weights.files.catalogue import REPAIR, Family, read_catalogue
from shared.errors import BadRequest, MissingWeights
from shared.messages import FamilyInfo

if TYPE_CHECKING:
    import torch

    from backend.weights.files.model_file import ModelFile
    from backend.weights.runtime.base_model import BaseModel

FILE = "file:"
"""Ids of the artist's own checkpoints begin so; the path follows."""


def list_families() -> tuple[FamilyInfo, ...]:
    """Every family of the catalogue, and whether its files are there; then the artist's own checkpoints."""
    from backend.weights.runtime.own_files import checkpoints

    own = (_found(entry) for entry in checkpoints())
    return (*(_info(family) for family in read_catalogue().values()), *own)


def load_family(id: str, device: torch.device | None = None, dtype: torch.dtype | None = None) -> BaseModel:
    """Load a family, after comparing its files with the catalogue; or a checkpoint of the artist's.

    Args:
        device, dtype: None for what suits this machine.

    Raises:
        BadRequest: there is no family of that id, or it is of a kind that cannot be painted with.
        MissingWeights: a file is missing or damaged.
    """
    if id.startswith(FILE):
        from backend.weights.runtime.checkpoints import load_checkpoint
        from backend.weights.runtime.own_files import companions_of, entry_of

        found = entry_of(Path(id.removeprefix(FILE)))
        return load_checkpoint(found.path, device, dtype, companions=companions_of(found))
    catalogue = read_catalogue()
    if id not in catalogue:
        raise BadRequest(f"There is no base model {id!r} here.", f"Choose one of: {', '.join(catalogue)}.")
    catalogue[id].verify()
    return load_folder(catalogue[id], device, dtype)


def weights_mib(id: str) -> float | None:
    """Bytes of a family's weight files, in MiB; None where it is not known."""
    if id.startswith(FILE):
        from backend.weights.runtime.own_files import entry_of

        return entry_of(Path(id.removeprefix(FILE))).size_bytes / (1 << 20)
    family = read_catalogue().get(id)
    if family is None or family.missing():
        return None
    return sum((family.folder / name).stat().st_size for name in family.files) / (1 << 20)


def load_folder(
    family: Family, device: torch.device | None = None, dtype: torch.dtype | None = None
) -> BaseModel:
    """Load every component of a diffusers folder by the class that its configuration asks for.

    Only safetensors are read, and only from this folder.

    Raises:
        MissingWeights: a file is missing, cut short, or does not fit its configuration.
    """
    from safetensors import SafetensorError

    from backend.weights.runtime.device import choose_device, choose_dtype

    device = device or choose_device()
    dtype = dtype or choose_dtype(device)
    try:
        return _load(family, device, dtype)
    except (OSError, SafetensorError, json.JSONDecodeError, KeyError, ValueError, RuntimeError) as fault:
        from backend.weights.runtime.device import is_out_of_memory

        if is_out_of_memory(fault):
            raise
        reason = str(fault).strip().partition("\n")[0]
        raise MissingWeights(f"{family.title} cannot be loaded: {reason}", REPAIR) from fault


def _load(family: Family, device: torch.device, dtype: torch.dtype) -> BaseModel:
    from backend.weights.files.folder import load_components, load_network
    from backend.weights.runtime.base_model import BaseModel, Extras

    root = family.folder
    parts = load_components(root, dtype)
    return BaseModel(
        vae=parts.vae,
        unet=parts.unet,
        text_encoder=parts.text_encoder,
        tokenizer=parts.tokenizer,
        scheduler=parts.scheduler,
        encoders={
            kind: load_network(root / path, "T2IAdapter", dtype) for kind, path in family.encoders.items()
        },
        resolution=family.resolution,
        steps=family.steps,
        guidance=family.guidance,
        device=device,
        dtype=dtype,
        title=family.title,
        strokes_guided=family.strokes_guided,
        extras=Extras(
            text_encoder_2=parts.text_encoder_2,
            tokenizer_2=parts.tokenizer_2,
            zeros_when_empty=parts.zeros_when_empty,
            student=root / family.student if family.student else None,
            quick_steps=family.quick_steps,
        ),
    )


def _info(family: Family) -> FamilyInfo:
    missing = family.missing()
    note = f"{missing[0]} is missing. {REPAIR}" if missing else ""
    return FamilyInfo(
        family.id,
        family.title,
        family.resolution,
        family.steps,
        family.guidance,
        not missing,
        note,
        family.quick_steps,
    )


def _found(entry: ModelFile) -> FamilyInfo:
    from backend.weights.runtime.checkpoints import RELEASES

    release = RELEASES[entry.base]
    title = f"{entry.title} ({release.title}{', for inpainting' if entry.inpaint else ''})"
    return FamilyInfo(
        f"{FILE}{entry.path}", title, release.resolution, release.steps, release.guidance, ready=True
    )
