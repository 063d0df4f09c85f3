# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a job's result: kept in the history, pasted, or told of where its document is gone."""

from __future__ import annotations

from ..language import tr
from ..wire import errors, geometry
from . import roles
from .canvas import Canvas
from .events import Inked, Notice, Painted
from .history import History, Item
from .job import Job


def keep(history: History, job: Job, ending: Painted | Inked) -> Item:
    """Keep a result in the history."""
    if isinstance(ending, Painted):
        return history.add(ending, job.settings)
    return history.add_lines(ending, job.source, job.settings)


def paste_painting(canvas: Canvas, item: Item, data: bytes) -> None:
    """Add a painting as a new layer below the strokes.

    Raises:
        Refusal: it does not fit into the document, or the program did not take it.
    """
    if not geometry.Bounds.of(canvas.extent).contains(item.bounds):
        raise errors.Refusal(
            tr("This painting does not fit into the document."),
            tr("Open a document of at least {0} x {1} pixels.").format(item.bounds.right, item.bounds.bottom),
        )
    group = roles.group_of(canvas.layers())
    canvas.paste_layer(item.name, item.bounds, data, item.format, below=group)


def came_too_late(item: Item) -> Notice:
    """The words for a result whose document was closed."""
    if item.is_lines:
        words = tr("The document was closed before its lines came.")
        return Notice(words, tr("They are kept in the history: open a document and click there."))
    words = tr("The document was closed before its painting came.")
    return Notice(words, tr("It is kept in the history: open a document and click there."))
