# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks through folders and finds what may be a model, by endings only, with a stamp that changes with it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from backend.weights.files.recognise import INDEX, SUFFIXES

Note = Callable[[str], None]
"""Takes one sentence about something that was passed over."""

Entries = list[tuple[str, str, os.stat_result]]
"""Name, path and status of what lies in a folder."""


def find_models(places: Iterable[Path], report: Note) -> Iterator[tuple[Path, str]]:
    """Files that may be models and folders in diffusers layout, each with its stamp.

    Hidden names are passed over, links are followed, and no file or folder is met twice.

    Args:
        report: Told what could not be opened.
    """
    met: set[tuple[int, int] | str] = set()
    for place in places:
        folder = place.expanduser().absolute()
        try:
            if not _is_met(met, str(folder), folder.stat()):
                yield from _below(folder, met, report)
        except OSError as fault:
            report(f"{folder} was passed over ({fault.strerror}).")


def _below(root: Path, met: set[tuple[int, int] | str], report: Note) -> Iterator[tuple[Path, str]]:
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        entries = _list(folder, report)
        whole = any(name == INDEX for name, *_ in entries)
        if whole:
            yield folder, _folder_stamp(entries)
        inner: list[Path] = []
        for name, path, status in entries:
            is_folder = stat.S_ISDIR(status.st_mode)
            if (is_folder and whole) or not (is_folder or _is_model(name)) or _is_met(met, path, status):
                continue  # what lies in the folders of a whole model is part of it
            if is_folder:
                inner.append(Path(path))
            else:
                yield Path(path), _stamp(status)
        waiting += reversed(inner)


def _list(folder: Path, report: Note) -> Entries:
    """What lies in a folder, by name."""
    found: Entries = []
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208
    except OSError as fault:
        report(f"{folder} was passed over ({fault.strerror}).")
        return found
    for name in names:
        path = f"{folder}{os.sep}{name}"
        try:
            found.append((name, path, os.stat(path)))  # noqa: PTH116 - a Path for each name takes longer
        except OSError as fault:
            report(f"{path} was passed over ({fault.strerror}).")
    return found


def _is_model(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - a Path for each name takes longer


def _is_met(met: set[tuple[int, int] | str], path: str, status: os.stat_result) -> bool:
    """Whether it was met before, by its place on the disk where the system tells it."""
    place = (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(path)
    known = place in met
    met.add(place)
    return known


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size}:{status.st_mtime_ns}"


def _folder_stamp(entries: Entries) -> str:
    """Of all that is read to recognise it: the files in the folder and those one level below."""
    files = list(entries)
    for _, path, status in entries:
        if stat.S_ISDIR(status.st_mode):
            files += _list(Path(path), lambda note: None)
    return ";".join(f"{name}={_stamp(status)}" for name, _, status in files)
