# SPDX-License-Identifier: GPL-3.0-or-later
"""What was learnt on this machine, as the server tells of it."""

from __future__ import annotations

from pathlib import Path

from backend.library import line_styles
from backend.library.line_styles import StyleInfo
from shared.errors import BadRequest
from shared.library_messages import THUMBNAIL_BYTES, LearntEntry


class LineStyleShelf:
    """The artist's lines: a `backend.server.library.LearntShelf`."""

    def read(self) -> tuple[tuple[LearntEntry, ...], str]:
        """All of them, and what is wrong with files that cannot be read."""
        found, refused = line_styles.read_library()
        problem = " ".join(f"{refusal.message} {refusal.remedy}" for refusal in refused)
        return tuple(map(_entry, found)), problem

    def rename(self, id: str, title: str) -> None:
        """See `line_styles.rename_style`."""
        line_styles.rename_style(id, title)

    def delete(self, id: str) -> None:
        """See `line_styles.delete_style`."""
        line_styles.delete_style(id)

    def export(self, id: str, path: str) -> None:
        """See `line_styles.export_style`.

        Raises:
            BadRequest: the path is not absolute.
        """
        line_styles.export_style(id, _absolute(path))

    def take(self, path: str) -> str:
        """See `line_styles.import_style`.

        Returns:
            The style's id here.

        Raises:
            BadRequest: the path is not absolute.
        """
        return line_styles.import_style(_absolute(path)).id


def _absolute(path: str) -> Path:
    place = Path(path).expanduser()
    if not place.is_absolute():
        raise BadRequest(f"{path or 'The path'} is no whole path.", "Give one that begins at the root.")
    return place


def _entry(info: StyleInfo) -> LearntEntry:
    small = info.thumbnail if len(info.thumbnail) <= THUMBNAIL_BYTES else b""
    return LearntEntry(info.id, info.title, info.shipped, info.size_bytes, small)
