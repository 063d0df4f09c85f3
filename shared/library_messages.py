# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages about things learnt: list them, name them, take them along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from .fields import AtMost, Bytes, Id, Name

LearntKind = Literal["style"]
"""style: an artist's line."""

THUMBNAIL_BYTES = 64 * 1024


@dataclass(frozen=True)
class LearntEntry:
    """A thing that was learnt.

    Args:
        shipped: It came with the program and can be neither renamed nor deleted.
        thumbnail: A small picture as PNG; empty where there is none.
    """

    id: Name
    title: str
    shipped: bool = False
    size_bytes: Bytes = 0
    thumbnail: Annotated[bytes, AtMost(THUMBNAIL_BYTES)] = b""


@dataclass(frozen=True)
class ListLearnt:
    """Tell all of a kind."""

    of: LearntKind
    kind: ClassVar[str] = "list_learnt"


@dataclass(frozen=True)
class RenameLearnt:
    """Give one another name. Answered by LearntThings, as are all that follow."""

    of: LearntKind
    id: Id
    title: str
    kind: ClassVar[str] = "rename_learnt"


@dataclass(frozen=True)
class DeleteLearnt:
    """Remove one for good."""

    of: LearntKind
    id: Id
    kind: ClassVar[str] = "delete_learnt"


@dataclass(frozen=True)
class ExportLearnt:
    """Write one's file to a path on the backend's machine."""

    of: LearntKind
    id: Id
    path: str
    kind: ClassVar[str] = "export_learnt"


@dataclass(frozen=True)
class ImportLearnt:
    """Take up a file from a path on the backend's machine."""

    of: LearntKind
    path: str
    kind: ClassVar[str] = "import_learnt"


@dataclass(frozen=True)
class LearntThings:
    """All of a kind, those that ship first.

    Args:
        imported: Id of the one that was imported just now; empty else.
        problem: Why what was asked for could not be done, with a remedy; empty if nothing went wrong.
    """

    of: LearntKind
    entries: tuple[LearntEntry, ...]
    imported: Id = ""
    problem: str = ""
    kind: ClassVar[str] = "learnt_things"
