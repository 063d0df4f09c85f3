# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own model files: which can be painted with, and which belong together; without torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from backend.weights import library
from backend.weights.checkpoints import RELEASES, Companions
from backend.weights.model_file import ModelFile
from backend.weights.recognise import recognise

STROKES = {"lines": ("contour", "detail"), "colour": ("colour",), "picture": ("contour", "detail")}
"""Kinds of stroke that a T2I-Adapter guides, by what it takes in: sketch adapters of XL take pictures."""


def scanned() -> tuple[ModelFile, ...]:
    """Everything in the artist's folders; nothing where no folder was named."""
    return library.scan((*library.folders(), library.models_folder()))


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


def _is_checkpoint(entry: ModelFile) -> bool:
    return entry.kind == "checkpoint" and entry.base in RELEASES


def _place(entry: ModelFile) -> Path:
    """A folder in diffusers layout is named by its weights."""
    return entry.path.parent if (entry.path.parent / "config.json").is_file() else entry.path
