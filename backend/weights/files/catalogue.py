# SPDX-License-Identifier: GPL-3.0-or-later
"""models/catalogue.toml: every base model that this program knows, without torch.

A family's files are named with their SHA-256, so that a damaged file is found before it paints nonsense.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import tomllib

from shared.errors import MissingWeights

MODELS = Path(__file__).parents[3] / "models"
CATALOGUE = MODELS / "catalogue.toml"
REPAIR = "Run `python3 install.py` again: it puts the shipped weights back."
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Family:
    """A base model as the catalogue describes it.

    Args:
        folder: In diffusers layout.
        resolution: Side of the pictures that it was trained on, in pixels.
        steps, guidance: Defaults that suit it.
        encoders: Folder of the stroke encoder, relative to `folder`, by kind (contour, detail, colour).
        strokes_guided: See `BaseModel`.
        student: LoRA of the few-step student, relative to `folder`; empty if there is none.
        quick_steps: Steps that it paints in.
        files: SHA-256 of every weight file, by its path relative to `folder`.
    """

    id: str
    title: str
    folder: Path
    resolution: int
    steps: int
    guidance: float
    licence: str
    encoders: Mapping[str, str]
    files: Mapping[str, str]
    strokes_guided: bool = False
    student: str = ""
    quick_steps: int = 0

    def missing(self) -> tuple[str, ...]:
        """Files that are not there; looks at names only."""
        return tuple(name for name in ("model_index.json", *self.files) if not (self.folder / name).is_file())

    def verify(self) -> None:
        """Read every weight file and compare.

        Raises:
            MissingWeights: a file is missing or is not what the catalogue says.
        """
        if absent := self.missing():
            raise MissingWeights(f"{self.title}: {absent[0]} is missing.", REPAIR)
        for name, wanted in self.files.items():
            if sha256(self.folder / name) != wanted:
                raise MissingWeights(f"{self.title}: {name} is damaged.", REPAIR)


def read_catalogue(path: Path = CATALOGUE) -> dict[str, Family]:
    """Every family by its id.

    Raises:
        MissingWeights: the catalogue is missing or cannot be read.
    """
    try:
        listing = tomllib.loads(path.read_text(encoding="utf-8"))
        families = cast("dict[str, dict[str, Any]]", listing["families"])
        return {id: _family(id, entry, path.parent) for id, entry in families.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as fault:
        raise MissingWeights(f"The list of models, {path.name}, cannot be read ({fault}).", REPAIR) from fault


def verify_extractor(path: Path = CATALOGUE) -> int:
    """Read the files of the line extractor that the catalogue lists and compare; how many there are.

    Raises:
        MissingWeights: the catalogue lists none, or a file is missing or is not what the catalogue says.
    """
    return _verify(path, "extractor", "line extractor")


def verify_completion(path: Path = CATALOGUE) -> int:
    """As `verify_extractor`, for the completion network."""
    return _verify(path, "completion", "completion network")


def _verify(path: Path, section: str, title: str) -> int:
    try:
        entry: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))[section]
        folder, files = path.parent / str(entry["path"]), dict[str, str](entry["files"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise MissingWeights(f"{path.name} lists no {title}.", REPAIR) from fault
    for name, wanted in files.items():
        if not (folder / name).is_file():
            raise MissingWeights(f"{title.capitalize()}: {name} is missing.", REPAIR)
        if sha256(folder / name) != wanted:
            raise MissingWeights(f"{title.capitalize()}: {name} is damaged.", REPAIR)
    return len(files)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _family(id: str, entry: dict[str, Any], root: Path) -> Family:
    return Family(
        id=id,
        title=str(entry["title"]),
        folder=root / str(entry["path"]),
        resolution=int(entry["resolution"]),
        steps=int(entry["steps"]),
        guidance=float(entry["guidance"]),
        licence=str(entry["licence"]),
        encoders=dict(entry.get("adapters", {})),
        files=dict(entry.get("files", {})),
        strokes_guided=bool(entry.get("strokes_guided", False)),
        student=str(entry.get("student", "")),
        quick_steps=int(entry.get("quick_steps", 0)),
    )
