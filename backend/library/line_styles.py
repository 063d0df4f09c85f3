# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of line styles: those that ship, and those that the artist taught or was given.

A style keeps its id for good; its title may change, and two may have the same. torch is imported only when a
style is loaded or saved.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from backend import home
from backend.library.line_style_file import (
    StyleNotes,
    check_fits,
    check_title,
    read_notes,
    whole_weights,
    write_style,
)
from backend.weights.files.catalogue import MODELS
from shared.errors import BadRequest, MissingWeights, Refusal

if TYPE_CHECKING:
    import torch

    from models.networks.line_extractor import LineExtractor

SHIPPED = MODELS / "styles"
EXTRACTOR = MODELS / "extractor"
"""As in `line_extractor.py`, which needs torch."""

SUFFIX = ".safetensors"
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class StyleInfo:
    """A line style as the library lists it.

    Args:
        id: Names it for good.
        shipped: It came with the program, and cannot be renamed or deleted.
        created: Day and time, ISO 8601, UTC.
        thumbnail: PNG of 128 px.
    """

    id: str
    title: str
    shipped: bool
    size_bytes: int
    created: str
    thumbnail: bytes


def styles_dir() -> Path:
    """Where the artist's own styles lie; it need not exist yet."""
    return home.home() / "styles"


def list_styles() -> tuple[StyleInfo, ...]:
    """Every style that can be read: those that ship first, then the artist's own by title."""
    return read_library()[0]


def read_library() -> tuple[tuple[StyleInfo, ...], tuple[Refusal, ...]]:
    """Every style that can be read, and what is wrong with the others."""
    found: list[StyleInfo] = []
    refused: list[Refusal] = []
    for path, shipped in _files():
        try:
            found.append(_info(path, shipped))
        except Refusal as refusal:
            refused.append(refusal)
    found.sort(key=lambda info: (not info.shipped, info.title.casefold(), info.created, info.id))
    return tuple(found), tuple(refused)


def loaded_style(id: str) -> LineExtractor:
    """A style, ready to draw where networks compute; kept for the next time.

    Raises:
        BadRequest, MissingWeights: see `load_style`.
    """
    from backend.weights.runtime.device import choose_device
    from backend.weights.runtime.loaded import Key, networks

    return networks().get(Key("line style", id), lambda: load_style(id, choose_device()))


def load_style(id: str, device: torch.device | None = None) -> LineExtractor:
    """Load a style in float32, ready to draw.

    Args:
        id: Of `list_styles`; empty for the general extractor.
        device: Where to put it; the CPU if none is given.

    Raises:
        BadRequest: there is no such style.
        MissingWeights: its file, or the general extractor, is missing or damaged.
    """
    import torch

    from backend.weights.files.small_networks import build_network
    from backend.weights.runtime.line_extractor import load_extractor
    from models.networks.line_extractor import LineExtractor

    if not id:
        return load_extractor(device, EXTRACTOR)
    path = _path(id)
    notes, weights = whole_weights(path, EXTRACTOR)
    tensors = {name: torch.as_tensor(weight) for name, weight in weights.items()}
    try:
        extractor = build_network(LineExtractor, notes.config, tensors)
    except (RuntimeError, TypeError, ValueError) as fault:
        raise MissingWeights(
            f"The line style {notes.title} does not fit its network.",
            "Delete it, and import or learn it again.",
        ) from fault
    return extractor.to(device or torch.device("cpu")).eval().requires_grad_(False)


def save_style(extractor: LineExtractor, title: str, thumbnail: bytes, *, family: str = "") -> StyleInfo:
    """Put a learnt style into the library under a new id.

    Args:
        thumbnail: PNG of 128 px, at most 64 KiB.
        family: Base model that it was learnt with; empty if with none.

    Raises:
        BadRequest: the title cannot be shown.
        ValueError: the thumbnail is none, or a weight is not finite.
    """
    notes = StyleNotes(title, _now(), family, thumbnail, extractor.config)
    weights = {name: weight.detach().cpu().float().numpy() for name, weight in extractor.state_dict().items()}
    path = _new_path()
    write_style(path, notes, weights)
    return _info(path, shipped=False)


def rename_style(id: str, title: str) -> StyleInfo:
    """Give a style of the artist's another title; its id stays.

    Raises:
        BadRequest: no such style, it ships with the program, or the title cannot be shown.
        MissingWeights: its file is damaged.
    """
    check_title(title)
    path = _own_path(id, "renamed")
    notes, weights = whole_weights(path, EXTRACTOR)
    write_style(path, replace(notes, title=title, base=""), weights)
    return _info(path, shipped=False)


def delete_style(id: str) -> None:
    """Delete a style of the artist's; also one that is damaged.

    Raises:
        BadRequest: no such style, or it ships with the program.
    """
    _own_path(id, "deleted").unlink()


def export_style(id: str, path: Path) -> Path:
    """Write a style as one whole file that any installation of the same version can import.

    Args:
        path: The file, replaced if it is there; a folder gets a file named after the title.

    Returns:
        Where the file is.

    Raises:
        BadRequest: no such style.
        MissingWeights: its file is damaged.
        Refusal: the file cannot be written.
    """
    notes, weights = whole_weights(_path(id), EXTRACTOR)
    target = target_of(notes.title, path)
    write_style(target, replace(notes, base=""), weights)
    return target


def import_style(path: Path) -> StyleInfo:
    """Take a style file into the library, after checking all of it.

    Raises:
        BadRequest: it is no line style, or one for another version.
        MissingWeights: it is missing, damaged or cut short.
    """
    notes, header = read_notes(path)
    check_fits(path, notes, header, EXTRACTOR)
    _, weights = whole_weights(path, EXTRACTOR)
    target = _new_path()
    write_style(target, replace(notes, base=""), weights)
    return _info(target, shipped=False)


def target_of(title: str, path: Path) -> Path:
    """The file that an export to a folder or a file writes."""
    target = path / file_name(title) if path.is_dir() else path
    return target if target.suffix == SUFFIX else target.with_name(target.name + SUFFIX)


def file_name(title: str) -> str:
    """A name for a style's file that every file system takes."""
    plain = re.sub(r"[^\w -]+", "", title).strip(" .-")[:60]
    return f"{plain or 'line style'}{SUFFIX}"


def _files() -> list[tuple[Path, bool]]:
    shipped = [(path, True) for path in sorted(SHIPPED.glob(f"*{SUFFIX}"))]
    taken = {path.stem for path, _ in shipped}
    own = [path for path in sorted(styles_dir().glob(f"*{SUFFIX}")) if not path.name.startswith(".")]
    usable = [(path, False) for path in own if ID.fullmatch(path.stem) and path.stem not in taken]
    return shipped + usable


def _info(path: Path, shipped: bool) -> StyleInfo:
    notes, header = read_notes(path)
    return StyleInfo(path.stem, notes.title, shipped, header.size_bytes, notes.created, notes.thumbnail)


def _path(id: str) -> Path:
    for path, _ in _files():
        if path.stem == id:
            return path
    raise BadRequest("This line style is not here any more.", "Choose another one, or import it again.")


def _own_path(id: str, what: str) -> Path:
    path = _path(id)
    if path.parent == SHIPPED:
        raise BadRequest(
            f"This line style came with the program and cannot be {what}.", "Export it to make it yours."
        )
    return path


def _new_path() -> Path:
    return styles_dir() / f"{secrets.token_hex(8)}{SUFFIX}"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
