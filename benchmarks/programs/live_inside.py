# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: basic, reportMissingModuleSource=false, reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportOptionalMemberAccess=false, reportCallIssue=false, reportArgumentType=false
"""The part of the live benchmark that runs inside Krita; sent there as text, never imported."""

import random

from krita import Krita, Selection
from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QDockWidget, QWidget

PATCH_PX = 16
CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")


def docker():
    found = Krita.instance().activeWindow().qwindow().findChildren(QDockWidget)
    return next(d for d in found if d.objectName() == "underdrawing")


def live():
    return docker().session.live


def begin(edge, region, seed):
    """A picture of flat patches, a square in its middle selected.

    Args:
        edge: Width and height in pixels.
        region: Edge of the square; 0 for none: then Live paints around the strokes.
    """
    app = Krita.instance()
    made = app.createDocument(edge, edge, "bench", "RGBA", "U8", "", 72.0)
    made.setBatchmode(True)
    app.activeWindow().addView(made)
    app.setActiveDocument(made)
    made.waitForDone()
    dice, count = random.Random(seed), edge // PATCH_PX
    rows = [b"".join(dice.randbytes(3) * 1 + b"\xff" for _ in range(count)) for _ in range(count)]
    wide = [b"".join(row[4 * n : 4 * n + 4] * PATCH_PX for n in range(count)) for row in rows]
    made.topLevelNodes()[0].setPixelData(b"".join(row * PATCH_PX for row in wide), 0, 0, edge, edge)
    if region:
        square = Selection()
        square.select((edge - region) // 2, (edge - region) // 2, region, region, 255)
        made.setSelection(square)
    made.refreshProjection()
    made.waitForDone()
    docker().show()
    docker().raise_()


def go(engine):
    """Live on, then to the Contour layer: after the document has come to rest in its window."""
    docker().session.change(None, live_engine=engine, live_place="canvas")
    docker().presenter.live.toggle()
    Krita.instance().action("underdrawing_contour").trigger()


def zoom(share):
    """Show the page in the middle of the view, so large; the canvas widget on the screen: x, y, w, h."""
    window, edge = Krita.instance().activeWindow(), Krita.instance().activeDocument().width()
    found = [w for w in window.qwindow().findChildren(QWidget) if w.metaObject().className() in CANVASES]
    widget = next(w for w in found if w.isVisible())
    scale = min(1.0, widget.width() / edge * share, widget.height() / edge * share)
    window.activeView().canvas().setZoomLevel(scale)
    corner = widget.mapToGlobal(QPoint(0, 0))
    return scale, (corner.x(), corner.y(), widget.width(), widget.height())


def standing():
    """How it goes: strokes answered, whether all is done, and in words."""
    now = live()
    idle = not now._job and (now._work is None or not now._work.is_running)
    return len(now.timings), idle and not now._changed, now.standing.words


def timings():
    return [vars(timing) for timing in live().timings]


def ink():
    """The opacity of all that was drawn, summed up."""
    document = Krita.instance().activeDocument()
    layer = next(n for g in document.topLevelNodes() for n in g.childNodes() if n.name() == "Contour")
    document.waitForDone()
    return sum(bytes(layer.pixelData(0, 0, document.width(), document.height()))[3::4])


def undo():
    Krita.instance().action("edit_undo").trigger()
    Krita.instance().activeDocument().waitForDone()


def end():
    live().turn_off()
    document = Krita.instance().activeDocument()
    document.setModified(False)
    document.close()
