# SPDX-License-Identifier: GPL-3.0-or-later
"""A base model that the artist has: a diffusers folder, a safetensors file, or a hub id kept on this disk."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.weights.files.model_file import ModelFile
from backend.weights.files.recognise import recognise
from backend.weights.files.releases import Release
from backend.weights.runtime.sd15 import SD15
from backend.weights.runtime.sdxl import SDXL
from shared.errors import BadRequest, MissingWeights, Refusal

if TYPE_CHECKING:
    import torch

    from backend.weights.runtime.base_model import BaseModel

RELEASES: dict[str, Release] = {release.base: release for release in (SD15, SDXL)}
AGAIN = "Download the file again, or choose another model."
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
VAE_LEFT_OUT = "Its VAE was left out."


@dataclass(frozen=True)
class Companions:
    """Files that a checkpoint is used with.

    Args:
        vae: An autoencoder instead of its own.
        tiny_vae: A folder of an AutoencoderTiny, for previews.
        encoders: T2I-Adapters by kind of stroke (contour, detail, colour); one may serve two kinds.
        controls: ControlNets by what they see (lines, known).
    """

    vae: Path | None = None
    tiny_vae: Path | None = None
    encoders: Mapping[str, Path] = field(default_factory=dict[str, Path])
    controls: Mapping[str, Path] = field(default_factory=dict[str, Path])


def load_checkpoint(
    place: Path | str,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    *,
    companions: Companions | None = None,
    release: Release | None = None,
) -> BaseModel:
    """Load a checkpoint. Nothing is downloaded, and nothing pickled is opened.

    Args:
        place: A file, a folder, or a hub id (owner/name) whose files are on this disk.
        device, dtype: None for what suits this machine.
        release: What it was made from, where that is known already.

    Raises:
        MissingWeights: it is not there, damaged or incomplete.
        BadRequest: it is of a kind that cannot be painted with.
    """
    path = located(place)
    companions = companions or Companions()
    prediction = ""
    if release is None:
        found = usable(recognise(path), companions)
        release, prediction = RELEASES[found.base], found.prediction
    from backend.weights.runtime.assembly import assembled
    from backend.weights.runtime.device import choose_device, choose_dtype

    device = device or choose_device()
    dtype = dtype or choose_dtype(device)
    with told(path.stem):
        return assembled(path, release, companions, prediction, device, dtype)


def located(place: Path | str) -> Path:
    """Where a checkpoint's files are.

    Raises:
        MissingWeights: nowhere on this disk.
    """
    if Path(place).exists():
        return Path(place)
    if isinstance(place, str) and HUB_ID.fullmatch(place):
        return _kept(place)
    raise MissingWeights(
        f"{Path(place).name} is not there any more.", "Put it back, or choose another model."
    )


def usable(found: ModelFile, companions: Companions) -> ModelFile:
    """The same finding, if it is a whole base model of a known release.

    Raises:
        BadRequest: it is not.
        MissingWeights: it is damaged or incomplete.
    """
    if found.problem == VAE_LEFT_OUT and companions.vae is not None:
        found = replace(found, problem="", remedy="")
    if found.problem:
        refuse = BadRequest if found.base not in (*RELEASES, "unknown") else MissingWeights
        raise refuse(f"{found.title} cannot be used. {found.problem}", found.remedy or AGAIN)
    if found.kind != "checkpoint" or found.base not in RELEASES:
        names = " or ".join(release.title for release in RELEASES.values())
        raise BadRequest(
            f"{found.title} is no whole model to paint with.", f"Choose a checkpoint of {names}."
        )
    return found


class told:  # noqa: N801 - reads as a word after `with`
    """Turns what loaders raise about a bad file into words for the artist."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        from safetensors import SafetensorError

        from backend.weights.runtime.device import is_out_of_memory

        faults = (OSError, SafetensorError, KeyError, ValueError, RuntimeError)
        if not isinstance(fault, faults) or isinstance(fault, Refusal) or is_out_of_memory(fault):
            return
        reason = str(fault).strip(" '\"\n").partition("\n")[0]
        raise MissingWeights(f"{self.name} cannot be loaded: {reason}.", AGAIN) from fault


def _kept(hub_id: str) -> Path:
    """The newest copy of a hub's repository in its cache on this disk.

    Raises:
        MissingWeights: there is none.
    """
    hub: Any = importlib.import_module("huggingface_hub")
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(hub.snapshot_download(hub_id, local_files_only=True))
    except LocalEntryNotFoundError as fault:
        raise MissingWeights(f"{hub_id} is not on this disk.", "Download it first.") from fault
