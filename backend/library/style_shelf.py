# SPDX-License-Identifier: GPL-3.0-or-later
"""The learnt lines of this machine, as the server tells of them."""

from __future__ import annotations

from pathlib import Path

from backend.library import line_styles
from backend.library.line_styles import StyleInfo
from shared.errors import BadRequest
from shared.line_messages import THUMBNAIL_BYTES, StyleEntry, Styles


class LineStyleShelf:
    """What `backend.server.styles` asks of the library of line styles."""

    def styles(self) -> Styles:
        """All of them, and what is wrong with files that cannot be read."""
        found, refused = line_styles.read_library()
        problem = " ".join(f"{refusal.message} {refusal.remedy}" for refusal in refused)
        return Styles(tuple(map(_entry, found)), problem=problem)

    def rename(self, style: str, title: str) -> None:
        """See `line_styles.rename_style`."""
        line_styles.rename_style(style, title)

    def delete(self, style: str) -> None:
        """See `line_styles.delete_style`."""
        line_styles.delete_style(style)

    def export(self, style: str, path: str) -> None:
        """See `line_styles.export_style`.

        Raises:
            BadRequest: the path is not absolute.
        """
        line_styles.export_style(style, _absolute(path))

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


def _entry(info: StyleInfo) -> StyleEntry:
    small = info.thumbnail if len(info.thumbnail) <= THUMBNAIL_BYTES else b""
    return StyleEntry(info.id, info.title, info.shipped, info.size_bytes, small)
