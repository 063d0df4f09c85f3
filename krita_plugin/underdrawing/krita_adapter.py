# SPDX-License-Identifier: GPL-3.0-or-later
"""The only `import krita`: an open document as a Canvas, and the few other things that are asked of Krita.

Reading never writes, hides or refreshes anything in the artist's document. Where Krita has to compose or
convert something for us, it does so in a clone of the document, which shares its tiles and is closed again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager

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
from .krita_nodes import (
    KritaSheets,
    activate,
    bands,
    find_group,
    find_node,
    hide,
    id_of,
    is_plain,
    is_shown,
    keep_active,
    new_layer,
    space_of,
    walk,
    write_rows,
)
from .krita_pane import KritaPane, lay_pane
from .language import tr
from .model.canvas import Band, Bands, LayerInfo
from .model.spaces import SPACES, Space, is_same, read_as
from .qt import QtCore, QtGui, QtWidgets, buffer, bytes_of
from .wire import errors, geometry, messages, pixels

BAND_BYTES = 1 << 21
"""Read in one go: takes well under a millisecond."""
CONVERTED_PIXELS = 1 << 16
"""Converted to sRGB in one go: takes 2 to 10 ms."""
COMPOSED_PIXELS = 1 << 18
"""Composed anew in one go: takes a millisecond by Qt, many by Krita in a clone."""


def active_canvas() -> KritaCanvas | None:
    """The document that the artist works on; None where there is none, or it is not ready yet."""
    document = Krita.instance().activeDocument()
    if document is None or document.rootNode() is None or document.activeNode() is None:
        return None
    return KritaCanvas(document)


def active_thumbnail(edge_px: int) -> QtGui.QImage | None:
    """The active document as it is seen, its longer side so many pixels; None where there is none."""
    canvas = active_canvas()
    return None if canvas is None else canvas.thumbnail(edge_px)


class KritaCanvas:
    """A document of Krita's; see Canvas."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @property
    def id(self) -> str:
        """Stays the same while the document is open; no other open one has it."""
        root = self._document.rootNode()
        return id_of(root) if root is not None else ""

    @property
    def extent(self) -> geometry.Extent:
        return geometry.Extent(self._document.width(), self._document.height())

    @property
    def format(self) -> messages.PixelFormat:
        return read_as(space_of(self._document))

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
        return tuple(walk(self._document.topLevelNodes(), ""))

    def layer_bounds(self, layer: str) -> geometry.Bounds:
        return self._inked(self._node(layer))

    def read_layer(self, layer: str, bounds: geometry.Bounds) -> Bands:
        node = self._node(layer)
        read = node.projectionPixelData if node.childNodes() else node.pixelData
        yield from self._in_srgb(read, space_of(node), bounds)

    def read_picture(self, bounds: geometry.Bounds, without: Collection[str]) -> Bands:
        hidden = [self._node(layer) for layer in without]
        inked = geometry.Bounds(0, 0, 0, 0)
        for node in filter(is_shown, hidden):
            inked = inked.union(self._inked(node).intersect(bounds))
        document = self._document
        if inked.is_empty:
            yield from self._in_srgb(document.pixelData, space_of(document), bounds)
            return
        plain = self._plain_others(hidden, bounds)
        if plain is not None and len(plain) == 1 and plain[0].opacity() == OPAQUE:
            yield from self._in_srgb(plain[0].projectionPixelData, space_of(plain[0]), bounds)
        elif plain is not None and is_same(space_of(document), SPACES["bgra_u8"]):
            yield from self._blended(bounds, inked, plain)
        else:
            yield from self._composed(bounds, inked, {id_of(node) for node in hidden})

    def selection_bounds(self) -> geometry.Bounds | None:
        selection = self._document.selection()
        if selection is None or selection.width() <= 0 or selection.height() <= 0:
            return None
        found = geometry.Bounds(selection.x(), selection.y(), selection.width(), selection.height())
        return found.intersect(geometry.Bounds.of(self.extent))

    def read_selection(self, bounds: geometry.Bounds) -> Bands:
        selection = self._document.selection()
        if selection is not None:
            for band in bands(bounds, BAND_BYTES // max(1, bounds.width)):
                yield Band(band, buffer(selection.pixelData(*band)))

    def create_layer(self, name: str, *, colour_label: int, group: str, holder: str = "") -> str:
        before = find_group(self._document.topLevelNodes(), group)
        with self._maker(None) as maker:  # so that all is one step in the undo history
            layer = new_layer(maker, name, colour_label)
            if before is not None:
                before.addChildNode(layer, None)
            else:
                made = maker.createGroupLayer(group)
                if holder:
                    made.addChildNode(maker.createGroupLayer(holder), None)
                made.addChildNode(layer, None)
                self._root().addChildNode(made, None)
                group_id = id_of(made)  # Krita activates it as it comes, and again after what is in it
                keep_active(self._document, layer, lambda active: active == group_id, times=2)
        self._document.setActiveNode(layer)
        return id_of(layer)

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
            if not is_same(space_of(node), space):
                node.setColorSpace(*space)
            if node.setPixelData(QtCore.QByteArray(data), *bounds) is False:
                raise errors.Refusal(
                    tr("Krita did not take the painting."), tr("Paint again."), code="not_pasted"
                )
            self._root().addChildNode(node, self._under(below))
        made = id_of(node)
        if active is not None:
            keep_active(self._document, active, lambda now: now == made)
        return made

    def open_pane(
        self, group: str, holder: str, name: str, format: messages.PixelFormat, active: str = ""
    ) -> KritaPane:
        found = find_group(self._document.topLevelNodes(), group)
        stays = self._node(active) if active else self._document.activeNode()
        return lay_pane(self._document, found, (holder, name), format, stays, self._maker(None))

    def new_sheets(self, layers: Sequence[tuple[str, int]], format: messages.PixelFormat) -> KritaSheets:
        close = ExitStack()
        with ExitStack() as guard:
            clone = guard.enter_context(self._maker(None))
            active = self._document.activeNode()

            def added(ids: Collection[str]) -> None:
                if active is not None:
                    keep_active(self._document, active, lambda now: now in ids)

            sheets = KritaSheets(self._document, clone, layers, SPACES[format], added, close)
            close.push(guard.pop_all())
        return sheets

    def read_own(self, layer: str, bounds: geometry.Bounds, format: messages.PixelFormat) -> Bands:
        node = self._node(layer)
        if not is_same(space_of(node), SPACES[format]):
            raise KeyError(layer)
        rows = BAND_BYTES // (bounds.width * pixels.BYTES_PER_PIXEL[format])
        for band in bands(bounds, rows):
            yield Band(band, buffer(node.pixelData(*band)))

    def write_own(self, layer: str, band: Band) -> None:
        write_rows(self._node(layer), band)

    def refresh(self, layers: Collection[str]) -> None:
        self._document.refreshProjection()

    def active_layer(self) -> str:
        node = self._document.activeNode()
        return id_of(node) if node is not None else ""

    def activate(self, layer: str) -> None:
        activate(self._document, self._node(layer))

    def show_layer(self, layer: str, visible: bool) -> None:
        node = self._node(layer)
        if node.visible() != visible:
            node.setVisible(visible)
            self._document.refreshProjection()

    def annotation(self, key: str) -> bytes:
        return bytes(buffer(self._document.annotation(key)))

    def set_annotation(self, key: str, value: bytes) -> None:
        self._document.setAnnotation(key, "Underdrawing", QtCore.QByteArray(value))

    def sample(self, edge_px: int) -> bytes:
        return bytes_of(self.thumbnail(edge_px))

    def thumbnail(self, edge_px: int) -> QtGui.QImage:
        """The picture as it is seen, its longer side so many pixels at most; over white where it is clear."""
        factor = min(1.0, edge_px / max(self.extent))
        width, height = (max(1, round(edge * factor)) for edge in self.extent)
        small = QtGui.QImage(width, height, QtGui.QImage.Format.Format_RGB32)
        small.fill(QtCore.Qt.GlobalColor.white)
        painter = QtGui.QPainter(small)
        painter.drawImage(0, 0, self._document.thumbnail(width, height))
        painter.end()
        return small

    # Inside

    def _root(self) -> Node:
        root = self._document.rootNode()
        if root is None:
            raise errors.Refusal(tr("The document was closed."), tr("Open it again."), code="closed")
        return root

    def _under(self, layer: str) -> Node | None:
        """The top-level layer directly below that one; None for "the topmost"."""
        tops = self._document.topLevelNodes()
        return next((below for below, node in itertools.pairwise(tops) if id_of(node) == layer), None)

    def _node(self, layer: str) -> Node:
        node = find_node(self._document.topLevelNodes(), layer)
        if node is None:
            raise KeyError(layer)
        return node

    def _inked(self, node: Node) -> geometry.Bounds:
        found = node.bounds()
        bounds = geometry.Bounds(found.x(), found.y(), found.width(), found.height())
        return bounds.intersect(geometry.Bounds.of(self.extent))

    def _plain_others(self, hidden: list[Node], bounds: geometry.Bounds) -> list[Node] | None:
        """What shows within `bounds` without the top-level layers `hidden`, bottom first.

        Returns:
            None where laying them one over the other would not give what Krita shows.
        """
        names = {id_of(node) for node in hidden}
        tops = self._document.topLevelNodes()
        if not names <= {id_of(node) for node in tops} or self._document.backgroundColor().alpha() > 0:
            return None
        others = [n for n in tops if id_of(n) not in names and n.visible() and n.type() != "selectionmask"]
        others = [
            n for n in others if n.type() != "paintlayer" or not self._inked(n).intersect(bounds).is_empty
        ]
        space = space_of(self._document)
        return others if all(is_plain(n) and is_same(space_of(n), space) for n in others) else None

    def _blended(self, bounds: geometry.Bounds, inked: geometry.Bounds, layers: list[Node]) -> Bands:
        """The rows that are inked, composed by Qt from plain 8-bit layers; all others as Krita shows them."""
        document = self._document
        inks = [(node, self._inked(node)) for node in layers]
        for band in bands(bounds, COMPOSED_PIXELS // bounds.width):
            if band.intersect(inked).is_empty:
                yield from self._in_srgb(document.pixelData, space_of(document), band)
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
            hide(clone.topLevelNodes(), hidden)
            yield None
            at = geometry.Bounds.of(self.extent)
            for band in bands(bounds, rows):
                if band.intersect(inked).is_empty:
                    yield from self._in_srgb(document.pixelData, space_of(document), band)
                    continue
                if band == at:
                    clone.refreshProjection()
                else:
                    clone.resizeImage(band.x - at.x, band.y - at.y, band.width, band.height)
                at = band
                yield from self._in_srgb(
                    lambda x, y, w, h, at=at: clone.pixelData(x - at.x, y - at.y, w, h),
                    space_of(document),
                    band,
                )

    def _in_srgb(
        self, read: Callable[[int, int, int, int], QtCore.QByteArray], space: Space, bounds: geometry.Bounds
    ) -> Bands:
        """What `read` gives, in this canvas' format; converted in a clone where its space is another."""
        format = self.format
        if is_same(space, SPACES[format]):
            rows = BAND_BYTES // (bounds.width * pixels.BYTES_PER_PIXEL[format])
            for band in bands(bounds, rows):
                yield Band(band, buffer(read(*band)))
            return
        with self._maker(None) as document:
            yield None
            for band in bands(bounds, CONVERTED_PIXELS // bounds.width):
                node = document.createNode("conversion", "paintlayer")
                if space_of(node) != space:
                    node.setColorSpace(*space)
                node.setPixelData(read(*band), *band)
                if not node.setColorSpace(*SPACES[format]) or space_of(node) != SPACES[format]:
                    raise errors.Refusal(
                        tr("Krita cannot convert {0} to sRGB.").format(" ".join(space)),
                        tr("Convert the image to RGB (Image > Convert Image Color Space)."),
                        code="colour_space",
                    )
                yield Band(band, buffer(node.pixelData(*band)))

    @contextmanager
    def _maker(self, space: Space | None) -> Generator[Document]:
        """Where nodes of a colour space can be made without a step in the artist's undo history."""
        if space is not None and is_same(space_of(self._document), space):
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


__all__ = [
    "DockWidget",
    "DockWidgetFactory",
    "DockWidgetFactoryBase",
    "Document",
    "Extension",
    "Krita",
    "KritaCanvas",
    "ManagedColor",
    "Node",
    "Window",
    "active_canvas",
    "active_thumbnail",
]
