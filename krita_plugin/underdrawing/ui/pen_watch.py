# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""Notices when the pen or mouse is lifted from Krita's canvas; only while somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..qt import QtCore, QtGui, QtWidgets

CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas", "KisRhiCanvas")
"""Class names of the widgets that Krita's canvas is drawn in."""

Event = QtCore.QEvent.Type
PRESSES = Event.MouseButtonPress, Event.TabletPress
RELEASES = Event.MouseButtonRelease, Event.TabletRelease


class PenWatch(QtCore.QObject):
    """
    Args:
        lifted: Called after each stroke, at the next turn of the event loop. A pen that Qt reports as a
            mouse, too, counts once.
    """

    def __init__(self, lifted: Callable[[], None], parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._lifted = lifted
        self._on, self._down = False, False

    def watch(self, on: bool) -> None:
        """Begin or end to look."""
        app: Any = QtWidgets.QApplication.instance()
        if on != self._on and app is not None:
            self._on, self._down = on, False
            (app.installEventFilter if on else app.removeEventFilter)(self)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        kind = event.type()
        if kind in PRESSES:
            painting = isinstance(event, (QtGui.QMouseEvent, QtGui.QTabletEvent)) and (
                event.button() == QtCore.Qt.MouseButton.LeftButton
            )
            self._down = painting and watched.metaObject().className() in CANVASES
        elif kind in RELEASES and self._down:
            self._down = False
            QtCore.QTimer.singleShot(0, self._lifted)
        return False
