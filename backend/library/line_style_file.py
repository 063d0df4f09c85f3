# SPDX-License-Identifier: GPL-3.0-or-later
"""One line style as one safetensors file: the weights of a line extractor, and notes of where they come from.

A file is whole, or it names the general extractor that it completes: those that ship hold only what differs.
Everything here works without torch, because the library is listed in the process that must stay small.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from backend.weights.files.catalogue import REPAIR, sha256
from backend.weights.files.header import Header, read_header
from shared.errors import BadRequest, MissingWeights, Refusal

Arrays = dict[str, NDArray[Any]]

EXTRACTOR_WEIGHTS, EXTRACTOR_CONFIG = "model.safetensors", "config.json"
SIGN, VERSION = "underdrawing_line_style", "1"
MOST_BYTES = 20 << 20
MOST_THUMBNAIL_BYTES = 64 << 10
MOST_TITLE = 80
PNG = b"\x89PNG\r\n\x1a\n"
DTYPES = ("F16", "F32")

AGAIN = "Export it again where it came from."


@dataclass(frozen=True)
class StyleNotes:
    """What a style file says of itself.

    Args:
        title: 1 to 80 printable characters.
        created: Day and time, ISO 8601, UTC.
        family: Id of the base model that it was learnt with; empty if with none.
        thumbnail: PNG of at most 64 KiB.
        config: What makes the extractor again.
        base: SHA-256 of the general extractor's weights that the file completes; empty if it is whole.
    """

    title: str
    created: str
    family: str
    thumbnail: bytes
    config: Mapping[str, Any]
    base: str = ""

    def __post_init__(self) -> None:
        check_title(self.title)
        if not self.thumbnail.startswith(PNG) or len(self.thumbnail) > MOST_THUMBNAIL_BYTES:
            raise ValueError(f"the thumbnail is no PNG of at most {MOST_THUMBNAIL_BYTES} bytes")

    def words(self) -> dict[str, str]:
        """As safetensors keeps it: words by name."""
        return {
            SIGN: VERSION,
            "title": self.title,
            "created": self.created,
            "family": self.family,
            "thumbnail": base64.b64encode(self.thumbnail).decode("ascii"),
            "config": json.dumps(dict(self.config), sort_keys=True),
            "base": self.base,
        }


def check_title(title: str) -> None:
    """Raises BadRequest: empty, too long, or with characters that cannot be shown."""
    if not title.strip() or len(title) > MOST_TITLE or not title.isprintable():
        raise BadRequest(
            "A line style needs a name that can be shown.",
            f"Give it a name of 1 to {MOST_TITLE} characters, on one line.",
        )


def read_notes(path: Path) -> tuple[StyleNotes, Header]:
    """Read a style file's notes and header, without its weights.

    Raises:
        MissingWeights: it is not there, damaged or cut short, or its notes cannot be read.
        BadRequest: it is too large, no line style, or of a later version.
    """
    _check_size(path)
    header = read_header(path)
    words = header.metadata
    if SIGN not in words:
        raise BadRequest(
            f"{path.name} is no line style.",
            "Choose a file that `Export` or `underdrawing style export` wrote.",
        )
    if words[SIGN] != VERSION:
        raise BadRequest(
            f"{path.name} was made by a later version of this program.",
            "Update Underdrawing, then try again.",
        )
    try:
        return _notes(words), header
    except (KeyError, ValueError, TypeError, binascii.Error, Refusal) as fault:
        raise MissingWeights(f"{path.name} is damaged: its notes cannot be read.", AGAIN) from fault


def write_style(path: Path, notes: StyleNotes, weights: Mapping[str, NDArray[Any]]) -> None:
    """Write a style in half precision, at once or not at all.

    Raises:
        ValueError: a weight is not finite in half precision, or the file would be larger than it may be.
        Refusal: the file cannot be written there.
    """
    from safetensors.numpy import save

    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
        halves = {name: np.ascontiguousarray(weight, np.float16) for name, weight in weights.items()}
    if not halves or not all(np.isfinite(half).all() for half in halves.values()):
        raise ValueError("a style needs weights that are finite")
    written = save(halves, metadata=notes.words())
    if len(written) > MOST_BYTES:
        raise ValueError(f"a style of {len(written)} bytes is larger than {MOST_BYTES}")
    replace_file(path, written)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in its place in one move, so that a half-written one is never seen.

    Raises:
        Refusal: it cannot be written there.
    """
    part = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        os.replace(part, path)  # noqa: PTH105 - Path.replace would do the same
    except OSError as fault:
        with contextlib.suppress(OSError):
            part.unlink()
        reason = fault.strerror or str(fault)
        raise Refusal(
            f"{path} cannot be written ({reason}).", "Choose another place, or make room."
        ) from fault


def whole_weights(path: Path, extractor: Path) -> tuple[StyleNotes, Arrays]:
    """Read all weights of a style; what the file lacks comes from the general extractor.

    Args:
        extractor: The general extractor's folder.

    Raises:
        MissingWeights: damaged, not finite, or it completes another extractor than the one that is here.
        BadRequest: as `read_notes`.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    notes, header = read_notes(path)
    if any(info.dtype not in DTYPES for info in header.tensors.values()):
        raise MissingWeights(f"{path.name} is damaged: its numbers are of an unknown kind.", AGAIN)
    if notes.base and notes.base != _digest(extractor):
        raise MissingWeights(
            f"The line style {notes.title} belongs to another version of the line extractor.", REPAIR
        )
    try:
        own = load(path.read_bytes())
        weights = {**load((extractor / EXTRACTOR_WEIGHTS).read_bytes()), **own} if notes.base else own
    except (OSError, SafetensorError, ValueError) as fault:
        raise MissingWeights(f"{path.name} is damaged: its weights cannot be read.", AGAIN) from fault
    if not all(np.isfinite(weight).all() for weight in own.values()):
        raise MissingWeights(f"{path.name} is damaged: a weight is no number.", AGAIN)
    return notes, weights


def check_fits(path: Path, notes: StyleNotes, header: Header, extractor: Path) -> None:
    """Compare a style with the general extractor that is here: the same network, tensor by tensor.

    Raises:
        BadRequest: it is a style for another network.
        MissingWeights: the general extractor is missing.
    """
    try:
        config = json.loads((extractor / EXTRACTOR_CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise MissingWeights("The line extractor is missing or damaged.", REPAIR) from fault
    there = {name: info.shape for name, info in read_header(extractor / EXTRACTOR_WEIGHTS).tensors.items()}
    here = {name: info.shape for name, info in header.tensors.items()}
    part = bool(notes.base) and here.items() <= there.items()
    if dict(notes.config) != config or not (part or here == there):
        raise BadRequest(
            f"{path.name} was learnt with another version of the line extractor.",
            "Export it again from the same version of Underdrawing, or learn the line again.",
        )


def _notes(words: Mapping[str, str]) -> StyleNotes:
    config = json.loads(words["config"])
    if not isinstance(config, dict):
        raise TypeError("the configuration is no list of settings")
    thumbnail = base64.b64decode(words["thumbnail"], validate=True)
    _check_picture(thumbnail)
    return StyleNotes(
        title=words["title"],
        created=words["created"],
        family=words["family"],
        thumbnail=thumbnail,
        config=cast("dict[str, Any]", config),
        base=words["base"],
    )


def _check_picture(png: bytes) -> None:
    """Raises ValueError: not a small PNG that can be opened."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if max(picture.size) > 512:
                raise ValueError("the thumbnail is too large")
            picture.verify()
    except (OSError, SyntaxError) as fault:
        raise ValueError("the thumbnail cannot be opened") from fault


def _check_size(path: Path) -> None:
    """Raises BadRequest: larger than any style is; a missing file is left to `read_header`."""
    try:
        size = path.stat().st_size
    except OSError:
        return
    if size > MOST_BYTES:
        raise BadRequest(
            f"{path.name} has {size >> 20} MiB, more than any line style.",
            "Choose a file that `Export` wrote.",
        )


def _digest(extractor: Path) -> str:
    weights = extractor / EXTRACTOR_WEIGHTS
    if not weights.is_file():
        raise MissingWeights("The line extractor is missing.", REPAIR)
    return sha256(weights)
