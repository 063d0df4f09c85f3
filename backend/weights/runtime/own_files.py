# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own model files: which can be painted with, and which belong together; without torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from backend.weights.downloads import fetching as downloads
from backend.weights.downloads import model_folders as library
from backend.weights.files.download_list import Download, read_downloads
from backend.weights.files.model_file import ModelFile
from backend.weights.files.recognise import recognise
from backend.weights.runtime.checkpoints import RELEASES, Companions

STROKES = {"lines": ("contour", "detail"), "colour": ("colour",), "picture": ("contour", "detail")}
"""Kinds of stroke that a T2I-Adapter guides, by what it takes in: sketch adapters of XL take pictures."""


CONTROL_WORDS = {"inpaint": "known", "scribble": "lines", "sketch": "lines", "line": "lines"}


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
    ours = [entry for entry in ours if _base(entry) == checkpoint.base]
    encoders: dict[str, Path] = {}
    controls: dict[str, Path] = {}
    tiny: Path | None = None
    for entry in ours:
        if entry.kind == "t2i_adapter":
            lines = entry.guides != "picture" or _sees(entry) == "lines"
            for stroke in STROKES.get(entry.guides, ()) if lines else ():
                encoders.setdefault(stroke, _place(entry))
        elif entry.kind == "controlnet" and (sees := _sees(entry)):
            controls.setdefault(sees, _place(entry))
        elif entry.kind == "tiny_vae" and _place(entry).is_dir():
            tiny = tiny or _place(entry)
    if "contour" in encoders:
        controls.pop("lines", None)  # both would hold the lines twice as firmly, and the adapter is quicker
    if checkpoint.inpaint:
        controls.pop("known", None)
    return Companions(encoders=encoders, controls=controls, tiny_vae=tiny)


def _base(entry: ModelFile) -> str:
    """Its family; a small decoder's is known only of one that was fetched."""
    fetched = _download(entry)
    return fetched.base if entry.base == "unknown" and fetched else entry.base


def _download(entry: ModelFile) -> Download | None:
    """What was fetched, if the file came so."""
    places = {downloads.place(known): known for known in read_downloads().values()}
    return next((places[folder] for folder in (entry.path, *entry.path.parents) if folder in places), None)


def _sees(entry: ModelFile) -> str:
    """What picture a guide takes. Its weights do not tell, so its name, or that of its folder, must."""
    name = f"{entry.path.parent.name} {entry.path.stem}".lower()
    return next((sees for word, sees in CONTROL_WORDS.items() if word in name), "")


def _is_checkpoint(entry: ModelFile) -> bool:
    return entry.kind == "checkpoint" and entry.base in RELEASES


def _place(entry: ModelFile) -> Path:
    """A folder in diffusers layout is named by its weights."""
    return entry.path.parent if (entry.path.parent / "config.json").is_file() else entry.path
