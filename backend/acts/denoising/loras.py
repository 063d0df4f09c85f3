# SPDX-License-Identifier: GPL-3.0-or-later
"""LoRAs that the prompt asks for by name: `<lora:ink-lines:0.8>`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from backend.adapters.attached import attached
from backend.adapters.lora import Lora, LoraPart, read_lora
from backend.weights.downloads import model_folders as library
from backend.weights.runtime.base_model import BaseModel
from shared.errors import BadRequest

TAG = re.compile(r"<lora:(?P<name>[^:<>]+)(?::(?P<strength>-?\d+(?:\.\d+)?))?>")
LARGEST_STRENGTH = 4.0
TEXT_ENCODERS = ("text_encoder", "text_encoder_2")


class Tag(NamedTuple):
    """A LoRA by its file's name without the ending, and how strongly it counts."""

    name: str
    strength: float


def read_tags(prompt: str) -> tuple[str, list[Tag]]:
    """Split a prompt into what is to be read and what is to be loaded.

    Raises:
        BadRequest: a strength beyond reason.
    """
    tags = [Tag(found["name"].strip(), float(found["strength"] or 1)) for found in TAG.finditer(prompt)]
    for tag in tags:
        if abs(tag.strength) > LARGEST_STRENGTH:
            raise BadRequest(
                f"A strength of {tag.strength:g} for {tag.name} is too much.",
                f"Stay within -{LARGEST_STRENGTH:g} and {LARGEST_STRENGTH:g}; 1 is as trained.",
            )
    words = re.sub(r"\s{2,}", " ", TAG.sub(" ", prompt)) if tags else prompt
    return re.sub(r"\s+,", ",", words).strip(" ,") if tags else prompt, tags


def loras_of(model: BaseModel, tags: Sequence[Tag]) -> list[Lora]:
    """Read the files that the tags name.

    Raises:
        BadRequest: one is not there, or does not fit the model.
    """
    if not tags:
        return []
    places = (*library.folders(), library.models_folder())
    known = {file.title: file.path for file in library.scan(places) if file.kind == "lora"}
    networks = networks_of(model)
    return [read_lora(_path(tag.name, known), networks, strength=tag.strength) for tag in tags]


def networks_of(model: BaseModel) -> dict[str, Any]:
    """What a LoRA can change, by the component's name."""
    encoders = [reader.encoder for reader in model.text.readers]
    return {"unet": model.unet, **dict(zip(TEXT_ENCODERS, encoders, strict=False))}


def unet_parts(loras: Sequence[Lora]) -> list[LoraPart]:
    return [lora.parts["unet"] for lora in loras if "unet" in lora.parts]


@contextmanager
def words_under(model: BaseModel, loras: Sequence[Lora]) -> Generator[None]:
    """Read prompts as the LoRAs' text encoders do."""
    with ExitStack() as stack:
        for component, network in networks_of(model).items():
            parts = [lora.parts[component] for lora in loras if component in lora.parts]
            if component != "unet" and parts:
                stack.enter_context(attached(network, parts))
        yield


def _path(name: str, known: dict[str, Path]) -> Path:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Add its folder under Models, or take it out."
    raise BadRequest(f"There is no LoRA called {name} in your folders.", remedy)
