# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about line art: extract lines, learn the artist's own line, keep the learnt styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .geometry import Bounds, Extent
from .surfaces import Surface

THUMBNAIL_BYTES = 64 * 1024
"""A style's thumbnail is no larger."""


@dataclass(frozen=True)
class ExtractRequest:
    """Find the lines of a picture: contour and detail.

    All surfaces have the extent of `area`.

    Args:
        canvas: Extent of the whole document.
        area: Part of the canvas that the surfaces show.
        image: The layer or picture; what is transparent counts as white.
        mask: grey_u8; where it is 0 there will be no lines. None for everywhere.
        style: Id of a style from Styles; empty for the general line.
        clean: Drop specks, close small gaps and even the lines.
    """

    canvas: Extent
    area: Bounds
    image: Surface
    mask: Surface | None = None
    style: str = ""
    clean: bool = False

    kind: ClassVar[str] = "extract"


@dataclass(frozen=True)
class LearnStyleRequest:
    """Learn the artist's line from a picture and the lines drawn over it.

    It gives way to other jobs and goes on after them. Cancelled, it keeps what was learnt: the same request
    goes on there.

    Args:
        area: Part of the canvas that the surfaces show; they have its extent.
        picture: What was drawn over, without the lines.
        contour, detail: The artist's lines; ink is what is dark and opaque. One of them may be missing.
        title: The new style's name.
        minutes: How long to learn at most.
        family: Id of the base model whose features are used.
    """

    area: Bounds
    picture: Surface
    contour: Surface | None = None
    detail: Surface | None = None
    title: str = ""
    minutes: float = 10.0
    family: str = "embedded"

    kind: ClassVar[str] = "learn_style"


@dataclass(frozen=True)
class StyleEntry:
    """A learnt line.

    Args:
        shipped: It came with the program and can be neither renamed nor deleted.
        thumbnail: A small picture as PNG, at most 64 KiB; empty where there is none.
    """

    id: str
    title: str
    shipped: bool = False
    size_bytes: int = 0
    thumbnail: bytes = b""


@dataclass(frozen=True)
class ListStyles:
    """Tell all styles."""

    kind: ClassVar[str] = "list_styles"


@dataclass(frozen=True)
class RenameStyle:
    """Give a style another name. Answered by Styles, as are all that follow."""

    style: str
    title: str
    kind: ClassVar[str] = "rename_style"


@dataclass(frozen=True)
class DeleteStyle:
    """Remove a style for good."""

    style: str
    kind: ClassVar[str] = "delete_style"


@dataclass(frozen=True)
class ExportStyle:
    """Write a style's file to a path on the backend's machine."""

    style: str
    path: str
    kind: ClassVar[str] = "export_style"


@dataclass(frozen=True)
class ImportStyle:
    """Take up a style's file from a path on the backend's machine."""

    path: str
    kind: ClassVar[str] = "import_style"


@dataclass(frozen=True)
class Styles:
    """All styles, those that ship first.

    Args:
        style: Id of the one that was imported just now; empty else.
        problem: Why what was asked for could not be done, with a remedy; empty if nothing went wrong.
    """

    styles: tuple[StyleEntry, ...]
    style: str = ""
    problem: str = ""
    kind: ClassVar[str] = "styles"
