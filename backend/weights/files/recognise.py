# SPDX-License-Identifier: GPL-3.0-or-later
"""Which model a file or a folder holds, told from its header and never from its name.

A pickled file is refused unopened: opening one can run whatever its maker wrote into it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from backend.weights.files.header import Header, read_header
from backend.weights.files.lora_names import few_steps, read_lora
from backend.weights.files.model_file import Base, Finding, Kind, ModelFile, Prediction, model_file
from backend.weights.files.part_names import read_part
from backend.weights.files.unet_names import read_controlnet, read_unet, refused
from shared.errors import Refusal

SAFE = ".safetensors"
PICKLED = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl"})
QUANTISED = frozenset({".gguf"})
SUFFIXES = frozenset({SAFE}) | PICKLED | QUANTISED
"""Endings of everything that is listed."""

INDEX = "model_index.json"
PARTS: dict[str, tuple[Kind, str]] = {
    "unet": ("unet", "diffusion_pytorch_model"),
    "vae": ("vae", "diffusion_pytorch_model"),
    "text_encoder": ("text_encoder", "model"),
    "text_encoder_2": ("text_encoder", "model"),
}
"""Folders of a family in diffusers layout that hold weights: what must be in them, and its file's name."""
WHOLE_PARTS = ("unet", "vae", "text_encoder", "tokenizer")

NAMELESS = ("diffusion_pytorch_model", "model", "pytorch_lora_weights", "learned_embeds", "pytorch_model")
"""Names that say nothing; the folder's name says more."""

PREDICTIONS: dict[str, Prediction] = {
    "epsilon": "epsilon",
    "v": "v_prediction",
    "v_prediction": "v_prediction",
}
UNKNOWN = "It is no model that is known here."
STAY = "It can stay where it is."


def recognise(path: Path) -> ModelFile:
    """Say what a file, or a folder in diffusers layout, is.

    Never raises for what lies there: a damaged, pickled or unknown file is an entry with its problem.
    """
    if path.is_dir():
        return _folder(path)
    try:
        size = path.stat().st_size
    except OSError as fault:
        return _unreadable(path, 0, f"It cannot be read ({fault.strerror}).", "Scan the folder again.")
    if path.suffix.lower() in PICKLED:
        return _unreadable(
            path,
            size,
            "It is a pickled file; opening one can run programs, so it is not opened.",
            "Get the same model as .safetensors.",
        )
    if path.suffix.lower() in QUANTISED:
        return _unreadable(path, size, "It is a GGUF file.", "Get the same model as .safetensors.")
    try:
        return model_file(path, title_of(path), size, find(read_header(path)))
    except Refusal as refusal:
        return _unreadable(path, size, refusal.message, refusal.remedy)


def find(header: Header) -> Finding:
    """What the names and shapes say; the maker's notes only where these are silent."""
    tensors = header.tensors
    found = (
        read_controlnet(tensors)
        or read_unet(tensors)
        or read_lora(tensors, header.metadata)
        or read_part(tensors)
        or refused(Finding("unknown"), UNKNOWN, STAY)
    )
    return _with_notes(found, header)


def title_of(path: Path) -> str:
    """The file's name without its ending, or the nearest folder's that says something."""
    if path.stem.removesuffix(".fp16") not in NAMELESS:
        return path.stem
    return folder_title(path.parent.parent if path.parent.name in PARTS else path.parent)


def folder_title(path: Path) -> str:
    """A folder's name; in the hub's own cache the repository's (models--owner--name/snapshots/commit)."""
    if path.parent.name == "snapshots":
        return path.parent.parent.name.rpartition("--")[2]
    return path.name


def _with_notes(found: Finding, header: Header) -> Finding:
    if not found.prediction and found.kind in ("checkpoint", "unet", "lora"):
        said = header.metadata.get("modelspec.prediction_type", "")
        found = replace(found, prediction=PREDICTIONS.get(said, ""))
    if not found.few_steps and found.kind in ("checkpoint", "unet"):
        found = replace(found, few_steps=few_steps(header.metadata))
    return found


def _unreadable(path: Path, size: int, problem: str, remedy: str) -> ModelFile:
    return ModelFile(path, "unknown", "unknown", title_of(path), size, problem=problem, remedy=remedy)


def _folder(path: Path) -> ModelFile:
    title = folder_title(path)
    try:
        index = _json(path / INDEX)
        size, found = _read_parts(path, index)
        if not found.prediction:
            said = str(_json(path / "scheduler" / "scheduler_config.json").get("prediction_type", ""))
            found = replace(found, prediction=PREDICTIONS.get(said, ""))
    except Refusal as refusal:
        found = Finding("checkpoint", layout="diffusers", problem=refusal.message, remedy=refusal.remedy)
        size = _size(path)
    return model_file(path, title, size, found)


def _read_parts(path: Path, index: dict[str, Any]) -> tuple[int, Finding]:
    """Bytes of all parts, and what their headers say together."""
    size, unet = 0, Finding("unet", layout="diffusers")
    for part, (kind, stem) in PARTS.items():
        if not _has(path, index, part):
            continue
        files = part_files(path / part, stem)
        headers = [read_header(file) for file in files]
        size += sum(header.size_bytes for header in headers)
        if len(headers) == 1:
            found = find(headers[0])
            if found.kind != kind:
                raise Refusal(f"Its {part} is none.", "Download the folder again.")
            unet = found if part == "unet" else unet
    found = replace(unet, kind="checkpoint", layout="diffusers")
    lacking = next((part for part in WHOLE_PARTS if not (path / part).is_dir()), "")
    if lacking and "transformer" in index:
        return size, Finding("checkpoint", _transformer(path), "diffusers")
    return size, refused(
        found, f"Its {lacking} was left out.", "Get the complete folder."
    ) if lacking else found


def _has(path: Path, index: dict[str, Any], part: str) -> bool:
    """Whether the folder is to have the part: the index names its class, and null for one left out."""
    match index.get(part):
        case [str(), *_]:
            return True
        case [None, *_]:
            return False
        case _:
            return (path / part).is_dir()


def part_files(folder: Path, stem: str) -> list[Path]:
    """The weight files that make up one part: whole, half precision, or cut in pieces.

    Raises:
        Refusal: there is none that can be read.
    """
    for name in (f"{stem}{SAFE}", f"{stem}.fp16{SAFE}"):
        if (folder / name).is_file():
            return [folder / name]
    for pattern in (f"{stem}-?????-of-?????{SAFE}", f"{stem}.fp16-?????-of-?????{SAFE}"):
        if pieces := sorted(folder.glob(pattern)):
            return pieces
    if any(file.suffix in PICKLED for file in folder.glob(f"*{stem}*")):
        raise Refusal(
            f"Its {folder.name} is pickled; opening it can run programs.",
            "Get the folder with .safetensors files.",
        )
    raise Refusal(f"The weights of its {folder.name} are missing.", "Download the folder again.")


def _transformer(path: Path) -> Base:
    try:
        first = part_files(path / "transformer", "diffusion_pytorch_model")[0]
        return find(read_header(first)).base
    except Refusal:
        return "unknown"


def _json(path: Path) -> dict[str, Any]:
    try:
        listing = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as fault:
        raise Refusal(f"Its {path.name} cannot be read.", "Download the folder again.") from fault
    if not isinstance(listing, dict):
        raise Refusal(f"Its {path.name} cannot be read.", "Download the folder again.")
    return cast("dict[str, Any]", listing)


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob(f"*{SAFE}") if file.is_file())
