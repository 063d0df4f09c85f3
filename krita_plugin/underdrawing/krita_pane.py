# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer that Live shows its picture on: it comes, changes and goes without a step in the undo history.

Three facts of Krita's make that possible (seen in 5.1.5). `setChildNodes` on a group without children puts a
layer into it, and on a group with one child takes that out, both past the undo history. `setPixelData` writes
past it too, but tells nobody. And what is done to a layer through the wrapper that another document made it
with goes into that document's history: so a change of the blending mode, which has the picture composed anew
just where the layer lies, ends up in the history of a scratch document that nobody sees.

The group is the layer's only neighbour in the stack and belongs to the artist's history, so no step of that
ever refers to a layer that is not there.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from .krita_nodes import find_group, id_of, keep_active, space_of, write_rows
from .model.canvas import Band
from .model.spaces import SPACES
from .wire import messages

if TYPE_CHECKING:
    from .krita_adapter import Document, Node

GREY_LABEL = 8


class KritaPane:
    """See `model.canvas.Pane`.

    Args:
        document: The artist's.
        scratch: A small clone of it, which makes the layer and keeps the steps nobody is to see.
        holder: A group without children in the document.
        format: Of the layer's pixels.
        active: The layer that is to be active.
        close: Lets the scratch document go.
    """

    def __init__(
        self,
        document: Document,
        scratch: Document,
        holder: Node,
        name: str,
        format: messages.PixelFormat,
        active: Node | None,
        close: ExitStack,
    ) -> None:
        self._document, self._close = document, close
        layer = scratch.createNode(name, "paintlayer")
        if space_of(layer) != SPACES[format]:
            layer.setColorSpace(*SPACES[format])
        layer.setColorLabel(GREY_LABEL)
        layer.setLocked(True)
        self._layer: Node | None = layer
        holder.setChildNodes([layer])
        holder.setCollapsed(True)
        own = id_of(layer)
        if active is not None:
            keep_active(document, active, own.__eq__)

    def is_there(self) -> bool:
        holder = self._holder()
        group = holder.parentNode() if holder is not None else None
        return group is not None and group.parentNode() is not None

    def write(self, band: Band) -> None:
        if self._layer is not None:
            write_rows(self._layer, band)

    def show(self) -> None:
        if self._layer is not None:
            self._layer.setBlendingMode("normal")

    def drop(self) -> None:
        holder = self._holder()
        if holder is not None:
            holder.setChildNodes([])
        self._layer = None  # before its maker: a document must not end while a layer of it is held
        self._close.close()

    def _holder(self) -> Node | None:
        """Looked up each time: an artist's document, too, must not end while a layer of it is held."""
        if self._document.rootNode() is None or self._layer is None:
            return None
        return self._layer.parentNode()


def clear_holder(holder: Node) -> None:
    """Take out what an earlier run left behind, such as in a file that was saved by itself."""
    for _ in holder.childNodes():
        holder.setChildNodes([])


def add_holder(document: Document, group: Node, name: str) -> Node:
    """A new group at the bottom of a group, as one undo step; the artist's active layer stays active.

    Krita adds on top only, so the layers below are moved over it one by one, past the undo history and
    keeping their order.
    """
    active = document.activeNode()
    holder = document.createGroupLayer(name)
    below = group.childNodes()
    group.addChildNode(holder, None)
    for node in below:
        group.setChildNodes([node])
    if active is not None:
        moved = {id_of(holder), *map(id_of, below)} - {id_of(active)}
        keep_active(document, active, moved.__contains__)
    return holder


def lay_pane(
    document: Document,
    group: Node | None,
    names: tuple[str, str],
    format: messages.PixelFormat,
    active: Node | None,
    scratch: AbstractContextManager[Document],
) -> KritaPane:
    """A new pane in the group's holder, which is made where it is missing.

    Args:
        names: Of the holder and the pane.
        active: The layer that is to be active.
        scratch: Gives a document for as long as the pane is there.

    Raises:
        KeyError: there is no group.
    """
    if group is None:
        raise KeyError(names[0])
    holder = find_group(group.childNodes(), names[0]) or add_holder(document, group, names[0])
    clear_holder(holder)
    with ExitStack() as guard:
        maker = guard.enter_context(scratch)
        close = ExitStack()
        pane = KritaPane(document, maker, holder, names[1], format, active, close)
        close.push(guard.pop_all())
    return pane
