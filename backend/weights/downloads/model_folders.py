# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own models: folders that were pointed at once, and what lies in them. Nothing is copied.

`models.json` in the backend's folder names the folders; `caches/models.json` keeps what was recognised, so
that a second scan only asks the system whether a file changed.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from backend import home
from backend.weights.files.model_file import ModelFile
from backend.weights.files.model_search import Note, find_models
from backend.weights.files.recognise import recognise
from shared.errors import BadRequest, Refusal
from shared.version import VERSION

READERS = 4
"""Threads that wait for the disk; what they read is understood by one of them at a time."""

RULES = f"{VERSION}.1"
"""Changes whenever models are recognised in another way: what was kept before is then forgotten."""


def models_folder() -> Path:
    """Where downloads go unless the artist says otherwise; it is always searched."""
    return home.home() / "models"


def folders() -> tuple[Path, ...]:
    """The folders that the artist added, in their order.

    Raises:
        Refusal: the list cannot be read.
    """
    path = _list_path()
    try:
        listing = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Path(str(name)) for name in listing["folders"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Refusal(
            f"The list of your folders, {path}, cannot be read.", "Delete it, and add the folders again."
        ) from fault


def add_folder(path: Path) -> Path:
    """Remember a folder; one that is known already stays where it is.

    Returns:
        Its absolute path, as it was remembered.

    Raises:
        BadRequest: it is no folder, or may not be read.
    """
    folder = path.expanduser().absolute()
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError as fault:
        raise BadRequest(
            f"{folder} cannot be opened as a folder ({fault.strerror}).",
            "Give the folder that holds your models.",
        ) from fault
    known = folders()
    if folder not in known:
        _remember((*known, folder))
    return folder


def remove_folder(path: Path) -> None:
    """Forget a folder; nothing in it is touched.

    Raises:
        BadRequest: it was not added.
    """
    folder = path.expanduser().absolute()
    known = folders()
    if folder not in known:
        raise BadRequest(
            f"{folder} is not among your folders.", "See them with `underdrawing models folders`."
        )
    _remember(tuple(each for each in known if each != folder))


def scan(places: Sequence[Path], report: Note | None = None) -> tuple[ModelFile, ...]:
    """Every model below the folders, in the order of their paths.

    Links are followed, hidden names are not; a file that can be reached in two ways is listed once. Damaged
    and unknown files are entries with their problem.

    Args:
        report: Told what could not be opened.
    """
    tell = report or _nobody
    kept = _read_kept()
    with _no_collection():
        stamps = dict(find_models(places, tell))
        found = {path: _recall(path, kept.get(str(path)), stamp) for path, stamp in stamps.items()}
        found |= _look_at([path for path, entry in found.items() if entry is None])
    entries = [entry for entry in found.values() if entry is not None]
    fresh = {str(entry.path): [stamps[entry.path], _as_kept(entry)] for entry in entries}
    _keep(kept, fresh, places, tell)
    return tuple(sorted(entries, key=lambda entry: str(entry.path)))


def _look_at(paths: list[Path]) -> dict[Path, ModelFile | None]:
    if not paths:
        return {}
    with ThreadPoolExecutor(READERS) as readers:
        return dict(zip(paths, readers.map(recognise, paths), strict=True))


@contextmanager
def _no_collection() -> Generator[None]:
    """Headers are many small objects that live on; looking for garbage there takes longer than reading."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _nobody(note: str) -> None:
    del note


def _list_path() -> Path:
    return home.home() / "models.json"


def _remember(paths: Iterable[Path]) -> None:
    _write(_list_path(), {"folders": [str(path) for path in paths]})


def _kept_path() -> Path:
    return home.home() / "caches" / "models.json"


def _read_kept() -> dict[str, Any]:
    try:
        kept = json.loads(_kept_path().read_text(encoding="utf-8"))
        entries: object = kept["entries"] if kept["rules"] == RULES else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # only a cache: everything is looked at again
    return cast("dict[str, Any]", entries) if isinstance(entries, dict) else {}


def _recall(path: Path, kept: object, stamp: str) -> ModelFile | None:
    try:
        seen, fields = cast("tuple[str, dict[str, Any]]", kept)
        return ModelFile(path=path, **fields) if seen == stamp else None
    except (TypeError, ValueError):
        return None


def _as_kept(entry: ModelFile) -> dict[str, Any]:
    return {name: value for name, value in vars(entry).items() if name != "path" and value != ""}


def _keep(kept: dict[str, Any], fresh: dict[str, Any], places: Sequence[Path], report: Note) -> None:
    """Keep what was found, forget what is gone from these places, and leave other places' entries alone."""
    roots = tuple(f"{place.expanduser().absolute()}{os.sep}" for place in places)
    entries = {path: entry for path, entry in kept.items() if not f"{path}{os.sep}".startswith(roots)} | fresh
    if entries == kept:
        return
    try:
        _write(_kept_path(), {"rules": RULES, "entries": entries})
    except Refusal as refusal:
        report(refusal.message)


def _write(path: Path, listing: object) -> None:
    """Whole or not at all, also when two programs write at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(listing, file)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise Refusal(
            f"{path} cannot be written ({fault.strerror}).",
            "Make room on the disk, or make its folder writable.",
        ) from fault
