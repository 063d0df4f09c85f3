# SPDX-License-Identifier: GPL-3.0-or-later
"""What the adapter asks of Krita's layers, and layers of our own on their way into a document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from .language import tr
from .model.canvas import Band, LayerInfo, LayerKind
from .model.roles import STYLES, Role
from .model.spaces import Space
from .qt import QtCore
from .wire import errors, geometry

if TYPE_CHECKING:
    from .krita_adapter import Document, Node

ACTIVATE_EVERY_MS = 40
ACTIVATE_TRIES = 25
SEEN_THROUGH = 102
"""Opacity, of 255, of masks and of colours that were not dabbed by hand: what lies below, such as what Live
paints, stays in sight. Their own pixels count in full."""
BEHIND = "behind"
"""Blending mode of masks: seen only where nothing of their group lies below, so that they do not tint what
Live shows."""


def id_of(node: Node) -> str:
    return node.uniqueId().toString()


def kind_of(node: Node) -> LayerKind:
    return {"paintlayer": "paint", "grouplayer": "group"}.get(node.type(), "other")  # pyright: ignore


def find_group(nodes: list[Node], name: str) -> Node | None:
    """The first group of this name."""
    return next((node for node in nodes if node.name() == name and kind_of(node) == "group"), None)


def find_node(nodes: list[Node], layer: str) -> Node | None:
    """The layer with this id, in groups too."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if id_of(node) == layer:
            return node
        waiting.extend(node.childNodes())
    return None


def new_layer(maker: Document, name: str, colour_label: int) -> Node:
    """A layer for the artist's document, made in another, whose history takes the steps of its set-up."""
    layer = maker.createNode(name, "paintlayer")
    layer.setColorLabel(colour_label)
    if is_mask(colour_label):
        layer.setOpacity(SEEN_THROUGH)
        layer.setBlendingMode(BEHIND)
    return layer


def is_mask(colour_label: int) -> bool:
    return colour_label == STYLES[Role.MASK].colour_label


def walk(nodes: list[Node], parent: str) -> Iterator[LayerInfo]:
    for node in nodes:
        id = id_of(node)
        yield LayerInfo(id, node.name(), kind_of(node), parent, node.colorLabel(), node.visible())
        yield from walk(node.childNodes(), id)


def hide(nodes: list[Node], names: set[str]) -> None:
    for node in nodes:
        if id_of(node) in names:
            node.setVisible(False)
        else:
            hide(node.childNodes(), names)


def is_plain(node: Node) -> bool:
    """Whether its projection, laid over what is below with its opacity, is all that the layer does."""
    if node.type() == "filterlayer" or (node.type() == "grouplayer" and node.passThroughMode()):  # pyright: ignore
        return False
    return (node.blendingMode(), node.layerStyleToAsl(), node.inheritAlpha()) == ("normal", "", False)


def is_shown(node: Node) -> bool:
    """Whether a layer and all groups around it are visible."""
    parent = node.parentNode()
    return node.visible() and (parent is None or parent.parentNode() is None or is_shown(parent))


def bands(bounds: geometry.Bounds, rows: int) -> Iterator[geometry.Bounds]:
    rows = max(1, rows)
    for y in range(bounds.y, bounds.bottom, rows):
        yield geometry.Bounds(bounds.x, y, bounds.width, min(rows, bounds.bottom - y))


def space_of(owner: Document | Node) -> Space:
    return owner.colorModel(), owner.colorDepth(), owner.colorProfile()


def keep_active(document: Document, node: Node, is_wrong: Callable[[str], bool], *, times: int = 1) -> None:
    """Make a layer active again after Krita, some turns later, activates the one that was added.

    Args:
        is_wrong: Whether a layer, by its id, is active only because it was added.
        times: How often Krita may do so; after that it is the artist who chose.
    """
    _Activation(document, node, is_wrong, times).check()


def activate(document: Document, node: Node) -> None:
    """Make a layer active because the artist asks for it: nothing that was to be kept takes it back."""
    _Activation.asked += 1
    document.setActiveNode(node)


class _Activation:
    """Looks a few times, until the artist asks for a layer.

    By the layer's id, and by no function that refers to itself: such a ring is freed by whichever thread
    happens to collect garbage. A held layer holds its document's image, and where that outlives the document,
    or ends in another thread, Krita dies.
    """

    asked = 0
    """How often the artist has asked for a layer by now."""

    def __init__(self, document: Document, node: Node, is_wrong: Callable[[str], bool], times: int) -> None:
        self._asked = self.asked
        self._document, self._layer, self._is_wrong = document, id_of(node), is_wrong
        self._tries, self._times = ACTIVATE_TRIES, times

    def check(self) -> None:
        if self._document.rootNode() is None or self._asked != self.asked:
            return
        active = self._document.activeNode()
        if active is not None and self._is_wrong(id_of(active)):
            node = find_node(self._document.topLevelNodes(), self._layer)
            if node is not None:
                self._document.setActiveNode(node)
            self._times -= 1
        self._tries -= 1
        if min(self._tries, self._times) > 0:
            QtCore.QTimer.singleShot(ACTIVATE_EVERY_MS, lambda: self.check())


class KritaSheets:
    """See `model.canvas.Sheets`.

    Args:
        artist: The document that the layers are for.
        clone: A clone of it: there layers can be put into a group without a step in the undo history.
        space: Colour space of the layers.
        added: Called with the layers' ids and that of their group, once they are there.
        close: Lets the clone go.
    """

    def __init__(
        self,
        artist: Document,
        clone: Document,
        layers: Sequence[tuple[str, int]],
        space: Space,
        added: Callable[[Collection[str]], None],
        close: ExitStack,
    ) -> None:
        self._artist, self._clone, self._added, self._close = artist, clone, added, close
        self._nodes = [new_layer(clone, name, label) for name, label in layers]
        for node in self._nodes:
            if space_of(node) != space:
                node.setColorSpace(*space)
            if node.colorLabel() == STYLES[Role.COLOURS].colour_label:
                node.setOpacity(SEEN_THROUGH)

    def write(self, index: int, band: Band) -> None:
        write_rows(self._nodes[index], band)

    def add(self, group: str, title: str, holder: str = "") -> tuple[str, ...]:
        root = self._artist.rootNode()
        if root is None:
            raise errors.Refusal(tr("The document was closed."), tr("Open it again."), code="closed")
        tops = [node for node in self._artist.topLevelNodes() if node.type() != "selectionmask"]
        before = find_group(tops, group)
        ids = tuple(map(id_of, self._nodes))
        if before is not None and not title:
            for node in self._nodes:
                before.addChildNode(node, None)
            self._added(ids)
            return ids
        made = self._clone.createGroupLayer(group if before is None else title)
        if before is not None and any(is_mask(node.colorLabel()) for node in self._nodes):
            made.setPassThroughMode(True)  # else its mask would lie behind nothing but its own layers
        if before is None and holder:
            made.addChildNode(self._clone.createGroupLayer(holder), None)
        for node in self._nodes:
            made.addChildNode(node, None)
        if before is None:  # above a layer by name: "topmost" is elsewhere once the selection has gone
            root.addChildNode(made, tops[-1] if tops else None)
        else:
            before.addChildNode(made, None)
        self._added((*ids, id_of(made)))
        return ids

    def drop(self) -> None:
        self._close.close()


def write_rows(node: Node, band: Band) -> None:
    """
    Raises:
        Refusal: Krita did not take the pixels.
    """
    if node.setPixelData(QtCore.QByteArray(band.data), *band.bounds) is False:
        raise errors.Refusal(tr("Krita did not take the pixels."), tr("Try again."), code="not_pasted")
