# SPDX-License-Identifier: GPL-3.0-or-later
"""Learnt words (textual inversions) that prompts name: those of the artist's files that fit the model."""

from __future__ import annotations

from collections.abc import Sequence

from backend.adapters.inversion import Inversion, named_in, read_inversion
from backend.weights.files.model_file import ModelFile
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.own_files import scanned
from shared.errors import BadRequest


def inversions_of(
    model: BaseModel, prompts: Sequence[str], files: Sequence[ModelFile] | None = None
) -> list[Inversion]:
    """Read the files whose names stand in a prompt; of two of one name the one that fits.

    Args:
        files: None for everything in the artist's folders.

    Raises:
        BadRequest: a file that is named cannot be read, or was made for another base model.
    """
    if not any(prompt.strip() for prompt in prompts):
        return []
    named: dict[str, list[ModelFile]] = {}
    for file in scanned() if files is None else files:
        if file.kind == "textual_inversion" and file.usable and _is_named(file.title, prompts):
            named.setdefault(file.title, []).append(file)
    return [_read(model, name, alike) for name, alike in named.items()]


def _is_named(title: str, prompts: Sequence[str]) -> bool:
    return any(title in prompt and named_in(title).search(prompt) for prompt in prompts)


def _read(model: BaseModel, name: str, alike: Sequence[ModelFile]) -> Inversion:
    for file in alike[:-1]:
        try:
            return read_inversion(file.path, name, model.text.readers)
        except BadRequest:
            continue
    return read_inversion(alike[-1].path, name, model.text.readers)
