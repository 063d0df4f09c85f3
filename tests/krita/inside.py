# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests do inside Krita, on its main thread. The harness sends this text to the driver plugin."""

import hashlib

from krita import Krita, Selection
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QDockWidget, QScrollArea, QWidget

app = Krita.instance()
DOCKER = "underdrawing"


def window():
    return app.activeWindow()


def document():
    return app.activeDocument()


def new_document(width, height, model="RGBA", depth="U8"):
    """Open a white document of one opaque layer and make it active."""
    made = app.createDocument(width, height, "test", model, depth, "", 72.0)
    window().addView(made)
    made.waitForDone()
    app.setActiveDocument(made)


def open_document(path):
    opened = app.openDocument(path)
    window().addView(opened)
    opened.waitForDone()
    app.setActiveDocument(opened)


def tidy():
    """End what a test left: its job, its words, its documents."""
    session().cancel()
    session().dismiss()
    close_documents()


def close_documents():
    """Close all, saving nothing and asking nothing."""
    for view in app.views():
        view.document().setBatchmode(True)
        view.document().setModified(False)
    for open_one in app.documents():
        open_one.setBatchmode(True)
        open_one.close()


def zoom(level):
    """Show one canvas pixel as `level` screen pixels, the page in the middle of the view."""
    window().activeView().canvas().setZoomLevel(level)


def canvas_frame():
    """The canvas widget on the screen: x, y, width, height."""
    names = ("KisOpenGLCanvas2", "KisQPainterCanvas")
    widgets = window().qwindow().findChildren(QWidget)
    return frame(next(w for w in widgets if w.metaObject().className() in names and w.isVisible()))


def frame(widget):
    """A widget on the screen: x, y, width, height."""
    corner = widget.mapToGlobal(QPoint(0, 0))
    return corner.x(), corner.y(), widget.width(), widget.height()


def docker():
    return next(d for d in window().qwindow().findChildren(QDockWidget) if d.objectName() == DOCKER)


def show_docker():
    """Put the docker in sight, with room below the layers, as an artist would arrange it."""
    main = window().qwindow()
    others = {other.objectName(): other for other in main.findChildren(QDockWidget)}
    for name in ("PresetDocker", "ColorSelectorNg", "sharedtooldocker"):
        others[name].hide()
    docker().show()
    docker().raise_()
    main.resizeDocks([others["KisLayerBox"], docker()], [240, 600], Qt.Orientation.Vertical)
    main.resizeDocks([docker()], [300], Qt.Orientation.Horizontal)


def session():
    """The plugin's session: its state and rules."""
    return docker().session


def part(name):
    """A widget of the panel by a dotted path ("roles.contour", "paint")."""
    found = docker().panel
    for word in name.split("."):
        found = found[word] if isinstance(found, dict) else getattr(found, word)
    return found


def part_frame(name):
    reveal(name)
    return frame(part(name))


def reveal(name):
    """Scroll the panel as far as needed."""
    docker().panel.findChild(QScrollArea).ensureWidgetVisible(part(name))


def history_frame(index):
    """A thumbnail of the history on the screen: x, y, width, height."""
    reveal("history")
    strip = part("history")
    box = strip.visualItemRect(strip.item(index))
    corner = strip.viewport().mapToGlobal(box.topLeft())
    return corner.x(), corner.y(), box.width(), box.height()


def nodes(parent=None):
    """All layers below `parent`, bottom first, each group before what lies in it; not the selection."""
    found = []
    for node in (parent or document().rootNode()).childNodes():
        if node.type() != "selectionmask":
            found += [node, *nodes(node)]
    return found


def node(name):
    return next(n for n in nodes() if n.name() == name)


def names():
    return [n.name() for n in nodes()]


def top_names():
    return [n.name() for n in document().topLevelNodes() if n.type() != "selectionmask"]


def select(x, y, width, height):
    selection = Selection()
    selection.select(x, y, width, height, 255)
    document().setSelection(selection)


def selected():
    """The selection's rectangle: x, y, width, height."""
    found = document().selection()
    return found.x(), found.y(), found.width(), found.height()


def select_white(path):
    """Select what is white in a grey picture as large as the document."""
    mask = QImage(path).convertToFormat(QImage.Format.Format_Grayscale8)
    width, height = mask.width(), mask.height()
    rows = mask.constBits().asstring(mask.bytesPerLine() * height)
    data = b"".join(rows[y * mask.bytesPerLine() : y * mask.bytesPerLine() + width] for y in range(height))
    selection = Selection()
    selection.select(0, 0, width, height, 255)
    selection.setPixelData(data, 0, 0, width, height)
    document().setSelection(selection)


def fill_layer(name, path):
    """Put a picture with transparency on an 8-bit layer."""
    image = QImage(path).convertToFormat(QImage.Format.Format_ARGB32)
    width, height = image.width(), image.height()
    node(name).setPixelData(image.constBits().asstring(4 * width * height), 0, 0, width, height)
    document().refreshProjection()
    document().waitForDone()


def pixels(name, x, y, width, height):
    return bytes(node(name).pixelData(x, y, width, height))


def merged():
    """The picture as the artist sees it."""
    document().refreshProjection()
    document().waitForDone()
    return bytes(document().pixelData(0, 0, document().width(), document().height()))


def digest_around(x, y, width, height):
    """A digest of the picture as the artist sees it, but for a rectangle."""
    document().refreshProjection()
    document().waitForDone()
    across, down = document().width(), document().height()
    found = hashlib.sha256()
    for box in (
        (0, 0, across, y),
        (0, y, x, height),
        (x + width, y, across - x - width, height),
        (0, y + height, across, down - y - height),
    ):
        if box[2] > 0 and box[3] > 0:
            found.update(document().pixelData(*box))
    return found.hexdigest()


def bounds(name):
    box = node(name).bounds()
    return box.x(), box.y(), box.width(), box.height()


def trigger(action):
    app.action(action).trigger()
