# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own model files: which can be painted with, and which belong together; without torch."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backend.weights.checkpoints import RELEASES, Companions
from backend.weights.model_file import Kind, ModelFile
from backend.weights.recognise import recognise
from shared.errors import BadRequest

LIBRARY = "backend.weights.library"
STROKES = {"lines": ("contour", "detail"), "colour": ("colour",), "picture": ("contour", "detail")}
"""Kinds of stroke that a T2I-Adapter guides, by what it takes in: sketch adapters of XL take pictures."""


def scanned() -> tuple[ModelFile, ...]:
    """Everything in the artist's folders; nothing where no folder was named."""
    if importlib.util.find_spec(LIBRARY) is None:
        return ()
    library: Any = importlib.import_module(LIBRARY)
    return tuple(library.scan(library.folders()))


def checkpoints() -> tuple[ModelFile, ...]:
    """Whole base models that can be painted with."""
    return tuple(entry for entry in scanned() if entry.usable and _is_checkpoint(entry))


def entry_of(path: Path) -> ModelFile:
    """What a checkpoint's file or folder is."""
    return next((entry for entry in scanned() if entry.path == path), None) or recognise(path)


def companions_of(checkpoint: ModelFile, files: Iterable[ModelFile] | None = None) -> Companions:
    """What the artist has that guides this checkpoint's strokes, and its previews.

    Args:
        files: None for everything in the artist's folders.
    """
    ours = [entry for entry in (scanned() if files is None else files) if entry.usable]
    encoders: dict[str, Path] = {}
    for entry in ours:
        if entry.kind == "t2i_adapter" and entry.base == checkpoint.base and _place(entry).is_dir():
            for stroke in STROKES.get(entry.guides, ()):
                encoders.setdefault(stroke, _place(entry))
    return Companions(encoders=encoders)


def file_named(kind: Kind, name: str, base: str, files: Iterable[ModelFile] | None = None) -> ModelFile:
    """The artist's file of that name, with or without its ending.

    Args:
        base: The family it is wanted for; a file of another family is refused.

    Raises:
        BadRequest: there is none, it cannot be used, or it was made for another family.
    """
    word = {"lora": "LoRA", "textual_inversion": "textual inversion"}.get(kind, "file")
    alike = [
        entry
        for entry in (scanned() if files is None else files)
        if entry.kind == kind and name.lower() in (entry.title.lower(), entry.path.name.lower())
    ]
    if not alike:
        raise BadRequest(f"There is no {word} {name!r} here.", "Look at its name in the list of models.")
    fitting = next((entry for entry in alike if entry.base == base), alike[0])
    if fitting.problem:
        raise BadRequest(f"The {word} {name} cannot be used. {fitting.problem}", fitting.remedy)
    if fitting.base not in (base, "unknown"):
        titles = {release.base: release.title for release in RELEASES.values()}
        made_for = titles.get(fitting.base, "another base model")
        raise BadRequest(
            f"The {word} {name} was made for {made_for}.",
            "Choose one made for this base model, or another model.",
        )
    return fitting


def _is_checkpoint(entry: ModelFile) -> bool:
    return entry.kind == "checkpoint" and entry.base in RELEASES


def _place(entry: ModelFile) -> Path:
    """A folder in diffusers layout is named by its weights."""
    return entry.path.parent if (entry.path.parent / "config.json").is_file() else entry.path
