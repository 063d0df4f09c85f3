# SPDX-License-Identifier: GPL-3.0-or-later
"""models/downloads.toml: every model that can be fetched, its files, its licence and what it is good for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import tomllib

from backend.weights.files.catalogue import MODELS, REPAIR
from shared.errors import BadRequest, MissingWeights

DOWNLOADS = MODELS / "downloads.toml"


@dataclass(frozen=True)
class RemoteFile:
    """One file of an entry.

    Args:
        name: In the repository.
        to: Where it goes in the entry's folder.
        about_bytes: Its length as far as it was known when the list was written.
        sha256: "" where only the hub knows it.
    """

    name: str
    to: str
    about_bytes: int
    sha256: str = ""


@dataclass(frozen=True)
class Download:
    """Something that can be fetched.

    Args:
        kind, base: As in `model_file`.
        why: What it is good for, in a sentence to the artist.
    """

    id: str
    title: str
    kind: str
    base: str
    repo: str
    revision: str
    licence: str
    why: str
    files: tuple[RemoteFile, ...]

    @property
    def about_bytes(self) -> int:
        return sum(file.about_bytes for file in self.files)


def read_downloads(path: Path = DOWNLOADS) -> dict[str, Download]:
    """Every entry by its id.

    Raises:
        MissingWeights: the list is missing or cannot be read.
    """
    try:
        listing = tomllib.loads(path.read_text(encoding="utf-8"))
        models = cast("dict[str, dict[str, Any]]", listing["models"])
        return {id: _entry(id, fields) for id, fields in models.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as fault:
        raise MissingWeights(
            f"The list of downloads, {path.name}, cannot be read ({fault}).", REPAIR
        ) from fault


def _entry(id: str, fields: dict[str, Any]) -> Download:
    words = {name: str(fields[name]) for name in ("title", "kind", "base", "repo", "licence", "why")}
    files = cast("list[dict[str, Any]]", fields["files"])
    return Download(id, revision=str(fields.get("revision", "main")), files=tuple(map(_file, files)), **words)


def _file(fields: dict[str, Any]) -> RemoteFile:
    name = str(fields["name"])
    to = str(fields.get("to", name))
    if Path(to).is_absolute() or ".." in Path(to).parts:
        raise ValueError(f"{to} leaves its folder")
    return RemoteFile(name, to, int(fields["about_bytes"]), str(fields.get("sha256", "")))


def find_entry(id: str, path: Path = DOWNLOADS) -> Download:
    """Raises BadRequest where there is no such entry."""
    known = read_downloads(path)
    if id not in known:
        raise BadRequest(f"There is no model {id!r} to fetch.", f"Choose one of: {', '.join(known)}.")
    return known[id]
