# SPDX-License-Identifier: GPL-3.0-or-later
"""The only `import krita`: an open document as a Canvas, and the few other things that are asked of Krita.

Reading never writes, hides or refreshes anything in the artist's document. Where Krita has to compose or
convert something for us, it does so in a clone of the document, which shares its tiles and is closed again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager

from krita import (
    DockWidget,
    DockWidgetFactory,
    DockWidgetFactoryBase,
    Document,
    Extension,
    Krita,
    ManagedColor,
    Node,
    Window,
)

from .blend import OPAQUE, Sheet, laid_over
from .model.canvas import Band, Bands, LayerInfo, LayerKind
from .model.roles import RoleStyle
from .model.spaces import SPACES, Space, is_same, read_as
from .qt import QtCore, QtGui, QtWidgets, buffer
from .wire import errors, geometry, messages, pixels

BAND_BYTES = 1 << 21
"""Read in one go: takes well under a millisecond."""
CONVERTED_PIXELS = 1 << 16
"""Converted to sRGB in one go: takes 2 to 10 ms."""
COMPOSED_PIXELS = 1 << 18
"""Composed anew in one go: takes a millisecond by Qt, many by Krita in a clone."""

ACTIVATE_EVERY_MS = 40
ACTIVATE_TRIES = 25


def active_canvas() -> KritaCanvas | None:
    """The document that the artist works on; None where there is none, or it is not ready yet."""
    document = Krita.instance().activeDocument()
    if document is None or document.rootNode() is None or document.activeNode() is None:
        return None
    return KritaCanvas(document)


def take_brush(style: RoleStyle, extent: geometry.Extent) -> None:
    """Give the artist a fitting colour and brush size."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window is not None else None
    if view is not None:
        colour = ManagedColor.fromQColor(QtGui.QColor(style.brush_colour), view.canvas())
        view.setForeGroundColor(colour)
        view.setBrushSize(max(2.0, style.brush_part * max(extent)))


class KritaCanvas:
    """A document of Krita's; see Canvas."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @property
    def id(self) -> str:
        """Stays the same while the document is open; no other open one has it."""
        root = self._document.rootNode()
        return _id(root) if root is not None else ""

    @property
    def extent(self) -> geometry.Extent:
        return geometry.Extent(self._document.width(), self._document.height())

    @property
    def format(self) -> messages.PixelFormat:
        return read_as(_space_of(self._document))

    def is_alive(self) -> bool:
        return self._document.rootNode() is not None

    def is_stroke_in_progress(self) -> bool:
        if bool(QtWidgets.QApplication.mouseButtons()):
            return True
        if not self._document.tryBarrierLock():  # a stroke of the pen, or one still being worked off
            return True
        self._document.unlock()
        return False

    def layers(self) -> tuple[LayerInfo, ...]:
        return tuple(_walk(self._document.topLevelNodes(), ""))

    def layer_bounds(self, layer: str) -> geometry.Bounds:
        return self._inked(self._node(layer))

    def read_layer(self, layer: str, bounds: geometry.Bounds) -> Bands:
        node = self._node(layer)
        read = node.projectionPixelData if node.childNodes() else node.pixelData
        yield from self._in_srgb(read, _space_of(node), bounds)

    def read_picture(self, bounds: geometry.Bounds, without: Collection[str]) -> Bands:
        hidden = [self._node(layer) for layer in without]
        inked = geometry.Bounds(0, 0, 0, 0)
        for node in filter(_is_shown, hidden):
            inked = inked.union(self._inked(node).intersect(bounds))
        document = self._document
        if inked.is_empty:
            yield from self._in_srgb(document.pixelData, _space_of(document), bounds)
            return
        plain = self._plain_others(hidden, bounds)
        if plain is not None and len(plain) == 1 and plain[0].opacity() == OPAQUE:
            yield from self._in_srgb(plain[0].projectionPixelData, _space_of(plain[0]), bounds)
        elif plain is not None and is_same(_space_of(document), SPACES["bgra_u8"]):
            yield from self._blended(bounds, inked, plain)
        else:
            yield from self._composed(bounds, inked, {_id(node) for node in hidden})

    def selection_bounds(self) -> geometry.Bounds | None:
        selection = self._document.selection()
        if selection is None or selection.width() <= 0 or selection.height() <= 0:
            return None
        found = geometry.Bounds(selection.x(), selection.y(), selection.width(), selection.height())
        return found.intersect(geometry.Bounds.of(self.extent))

    def read_selection(self, bounds: geometry.Bounds) -> Bands:
        selection = self._document.selection()
        if selection is not None:
            for band in _bands(bounds, BAND_BYTES // max(1, bounds.width)):
                yield Band(band, buffer(selection.pixelData(*band)))

    def create_layer(self, name: str, *, colour_label: int, group: str) -> str:
        tops = self._document.topLevelNodes()
        before = next((n for n in tops if n.name() == group and _kind(n) == "group"), None)
        if before is not None:
            layer = _new_layer(self._document, name, colour_label)
            before.addChildNode(layer, None)
        else:
            with self._maker(None) as maker:  # so that group and layer are one step in the undo history
                layer = _new_layer(maker, name, colour_label)
                made = maker.createGroupLayer(group)
                made.addChildNode(layer, None)
                self._root().addChildNode(made, None)
            group_id = _id(made)
            self._activate_once(layer, lambda active: active == group_id)
        self._document.setActiveNode(layer)
        return _id(layer)

    def paste_layer(
        self,
        name: str,
        bounds: geometry.Bounds,
        data: bytes,
        format: messages.PixelFormat,
        *,
        below: str = "",
    ) -> str:
        if len(data) != bounds.extent.area * pixels.BYTES_PER_PIXEL[format]:
            raise ValueError(f"{len(data)} bytes are not {bounds} of {format}")
        space = SPACES[format]
        active = self._document.activeNode()
        with self._maker(space) as document:
            node = document.createNode(name, "paintlayer")
            if not is_same(_space_of(node), space):
                node.setColorSpace(*space)
            if node.setPixelData(QtCore.QByteArray(data), *bounds) is False:
                raise errors.Refusal("Krita did not take the painting.", "Paint again.", code="not_pasted")
            self._root().addChildNode(node, self._under(below))
        made = _id(node)
        if active is not None:
            self._activate_once(active, lambda now: now == made)
        return made

    def active_layer(self) -> str:
        node = self._document.activeNode()
        return _id(node) if node is not None else ""

    def activate(self, layer: str) -> None:
        self._document.setActiveNode(self._node(layer))

    def show_layer(self, layer: str, visible: bool) -> None:
        node = self._node(layer)
        if node.visible() != visible:
            node.setVisible(visible)
            self._document.refreshProjection()

    def annotation(self, key: str) -> bytes:
        return bytes(buffer(self._document.annotation(key)))

    def set_annotation(self, key: str, value: bytes) -> None:
        self._document.setAnnotation(key, "Underdrawing", QtCore.QByteArray(value))

    # Inside

    def _root(self) -> Node:
        root = self._document.rootNode()
        if root is None:
            raise errors.Refusal("The document was closed.", "Open it again.", code="closed")
        return root

    def _under(self, layer: str) -> Node | None:
        """The top-level layer directly below that one; None for "the topmost"."""
        tops = self._document.topLevelNodes()
        return next((below for below, node in itertools.pairwise(tops) if _id(node) == layer), None)

    def _node(self, layer: str) -> Node:
        waiting = self._document.topLevelNodes()
        while waiting:
            node = waiting.pop()
            if _id(node) == layer:
                return node
            waiting.extend(node.childNodes())
        raise KeyError(layer)

    def _inked(self, node: Node) -> geometry.Bounds:
        found = node.bounds()
        bounds = geometry.Bounds(found.x(), found.y(), found.width(), found.height())
        return bounds.intersect(geometry.Bounds.of(self.extent))

    def _plain_others(self, hidden: list[Node], bounds: geometry.Bounds) -> list[Node] | None:
        """What shows within `bounds` without the top-level layers `hidden`, bottom first.

        Returns:
            None where laying them one over the other would not give what Krita shows.
        """
        names = {_id(node) for node in hidden}
        tops = self._document.topLevelNodes()
        if not names <= {_id(node) for node in tops} or self._document.backgroundColor().alpha() > 0:
            return None
        others = [n for n in tops if _id(n) not in names and n.visible() and n.type() != "selectionmask"]
        others = [
            n for n in others if n.type() != "paintlayer" or not self._inked(n).intersect(bounds).is_empty
        ]
        space = _space_of(self._document)
        return others if all(_is_plain(n) and is_same(_space_of(n), space) for n in others) else None

    def _blended(self, bounds: geometry.Bounds, inked: geometry.Bounds, layers: list[Node]) -> Bands:
        """The rows that are inked, composed by Qt from plain 8-bit layers; all others as Krita shows them."""
        document = self._document
        inks = [(node, self._inked(node)) for node in layers]
        for band in _bands(bounds, COMPOSED_PIXELS // bounds.width):
            if band.intersect(inked).is_empty:
                yield from self._in_srgb(document.pixelData, _space_of(document), band)
                continue
            parts = [(node, ink.intersect(band)) for node, ink in inks]
            shown = [(node, part) for node, part in parts if not part.is_empty]
            sheets = (Sheet(part, node.projectionPixelData(*part), node.opacity()) for node, part in shown)
            yield Band(band, laid_over(band, sheets))

    def _composed(self, bounds: geometry.Bounds, inked: geometry.Bounds, hidden: set[str]) -> Bands:
        """The rows that are inked, composed a few at a time in a clone without the hidden layers."""
        document = self._document
        rows = max(1, COMPOSED_PIXELS // bounds.width)
        with self._clone() as clone:
            _hide(clone.topLevelNodes(), hidden)
            yield None
            at = geometry.Bounds.of(self.extent)
            for band in _bands(bounds, rows):
                if band.intersect(inked).is_empty:
                    yield from self._in_srgb(document.pixelData, _space_of(document), band)
                    continue
                if band == at:
                    clone.refreshProjection()
                else:
                    clone.resizeImage(band.x - at.x, band.y - at.y, band.width, band.height)
                at = band
                yield from self._in_srgb(
                    lambda x, y, w, h, at=at: clone.pixelData(x - at.x, y - at.y, w, h),
                    _space_of(document),
                    band,
                )

    def _in_srgb(
        self, read: Callable[[int, int, int, int], QtCore.QByteArray], space: Space, bounds: geometry.Bounds
    ) -> Bands:
        """What `read` gives, in this canvas' format; converted in a clone where its space is another."""
        format = self.format
        if is_same(space, SPACES[format]):
            rows = BAND_BYTES // (bounds.width * pixels.BYTES_PER_PIXEL[format])
            for band in _bands(bounds, rows):
                yield Band(band, buffer(read(*band)))
            return
        with self._maker(None) as document:
            yield None
            for band in _bands(bounds, CONVERTED_PIXELS // bounds.width):
                node = document.createNode("conversion", "paintlayer")
                if _space_of(node) != space:
                    node.setColorSpace(*space)
                node.setPixelData(read(*band), *band)
                if not node.setColorSpace(*SPACES[format]) or _space_of(node) != SPACES[format]:
                    raise errors.Refusal(
                        f"Krita cannot convert {' '.join(space)} to sRGB.",
                        "Convert the image to RGB (Image > Convert Image Color Space).",
                        code="colour_space",
                    )
                yield Band(band, buffer(node.pixelData(*band)))

    @contextmanager
    def _maker(self, space: Space | None) -> Generator[Document]:
        """Where nodes of a colour space can be made without a step in the artist's undo history."""
        if space is not None and is_same(_space_of(self._document), space):
            yield self._document
            return
        with self._clone() as clone:
            clone.resizeImage(0, 0, 1, 1)  # so that nothing is composed again
            yield clone

    @contextmanager
    def _clone(self) -> Generator[Document]:
        clone = self._document.clone()
        clone.setBatchmode(True)
        try:
            yield clone
        finally:
            clone.close()

    def _activate_once(self, node: Node, is_wrong: Callable[[str], bool]) -> None:
        """Make a layer active again after Krita, some turns later, activates the one that was added."""
        document, tries = self._document, [ACTIVATE_TRIES]

        def check() -> None:
            if document.rootNode() is None or node.parentNode() is None:
                return
            active = document.activeNode()
            if active is not None and is_wrong(_id(active)):
                document.setActiveNode(node)
                return
            tries[0] -= 1
            if tries[0] > 0:
                QtCore.QTimer.singleShot(ACTIVATE_EVERY_MS, check)

        check()


def _id(node: Node) -> str:
    return node.uniqueId().toString()


def _kind(node: Node) -> LayerKind:
    return {"paintlayer": "paint", "grouplayer": "group"}.get(node.type(), "other")  # pyright: ignore


def _new_layer(owner: Document, name: str, colour_label: int) -> Node:
    layer = owner.createNode(name, "paintlayer")
    layer.setColorLabel(colour_label)
    return layer


def _walk(nodes: list[Node], parent: str) -> Iterator[LayerInfo]:
    for node in nodes:
        id = _id(node)
        yield LayerInfo(id, node.name(), _kind(node), parent, node.colorLabel(), node.visible())
        yield from _walk(node.childNodes(), id)


def _hide(nodes: list[Node], names: set[str]) -> None:
    for node in nodes:
        if _id(node) in names:
            node.setVisible(False)
        else:
            _hide(node.childNodes(), names)


def _is_plain(node: Node) -> bool:
    """Whether its projection, laid over what is below with its opacity, is all that the layer does."""
    if node.type() == "filterlayer" or (node.type() == "grouplayer" and node.passThroughMode()):  # pyright: ignore
        return False
    return (node.blendingMode(), node.layerStyleToAsl(), node.inheritAlpha()) == ("normal", "", False)


def _is_shown(node: Node) -> bool:
    """Whether a layer and all groups around it are visible."""
    parent = node.parentNode()
    return node.visible() and (parent is None or parent.parentNode() is None or _is_shown(parent))


def _bands(bounds: geometry.Bounds, rows: int) -> Iterator[geometry.Bounds]:
    rows = max(1, rows)
    for y in range(bounds.y, bounds.bottom, rows):
        yield geometry.Bounds(bounds.x, y, bounds.width, min(rows, bounds.bottom - y))


def _space_of(owner: Document | Node) -> Space:
    return owner.colorModel(), owner.colorDepth(), owner.colorProfile()


__all__ = [
    "DockWidget",
    "DockWidgetFactory",
    "DockWidgetFactoryBase",
    "Extension",
    "Krita",
    "KritaCanvas",
    "Window",
    "active_canvas",
    "take_brush",
]
