# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""The two-way switch: inside lines, or the whole selection."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets, Signal
from . import region_texts as texts
from .icons import Draw, drawn_icon, pen

Qt = QtCore.Qt
Role = QtGui.QPalette.ColorRole
ICON_PX = 14


class Half(QtWidgets.QToolButton):
    """One of the two, with a small picture of what it means in the colours of the theme."""

    def __init__(self, region: str, draw: Draw, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._draw = draw
        self.setText(texts.NAMES[region])
        self.setAccessibleName(texts.NAMES[region])
        self.setToolTip(texts.TIPS[region])
        self.setCheckable(True)
        self.setIconSize(QtCore.QSize(ICON_PX, ICON_PX))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard with the canvas
        small = self.font()
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.9))
        self.setFont(small)
        self.setStyleSheet(
            "QToolButton { padding: 3px 4px; }"
            "QToolButton:checked { background: palette(highlight); color: palette(highlighted-text); }"
            "QToolButton:checked:disabled { background: palette(button); color: palette(button-text); }"
        )
        self.toggled.connect(self._show_icon)
        self._show_icon()

    def changeEvent(self, event: QtCore.QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() in (QtCore.QEvent.Type.PaletteChange, QtCore.QEvent.Type.EnabledChange):
            self._show_icon()

    def _show_icon(self) -> None:
        lit = self.isChecked() and self.isEnabled()
        ink = self.palette().color(Role.HighlightedText if lit else Role.ButtonText)
        self.setIcon(drawn_icon(self._draw, ink, ink, ICON_PX, self.devicePixelRatioF()))


class RegionSwitch(QtWidgets.QWidget):
    """`chosen(region)` tells of the artist's choice: "lines" or "selection"."""

    chosen = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(texts.TITLE)
        self.lines, self.whole = Half("lines", _inside), Half("selection", _whole)
        self.lines.clicked.connect(lambda: self.chosen.emit("lines"))
        self.whole.clicked.connect(lambda: self.chosen.emit("selection"))
        self._group = QtWidgets.QButtonGroup(self)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for half in (self.lines, self.whole):
            self._group.addButton(half)
            row.addWidget(half)

    def show_region(self, region: str, *, masked: bool) -> None:
        """Show what is chosen.

        Args:
            masked: The Mask layer marks the region: all of it is painted, and there is no choice.
        """
        (self.whole if masked or region == "selection" else self.lines).setChecked(True)
        self.whole.setText(texts.WHOLE_MASK if masked else texts.NAMES["selection"])
        for name, half in (("lines", self.lines), ("selection", self.whole)):
            half.setEnabled(not masked)
            half.setToolTip(texts.MASK_DECIDES if masked else texts.TIPS[name])


def _drop() -> QtGui.QPainterPath:
    """A shape as one would draw it."""
    path = QtGui.QPainterPath(QtCore.QPointF(12, 5))
    path.cubicTo(19, 10, 20, 19, 12, 19)
    path.cubicTo(4, 19, 5, 10, 12, 5)
    return path


def _inside(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A shape, filled up to its line."""
    painter.setPen(pen(ink, 1.8))
    painter.setBrush(accent)
    painter.drawPath(_drop())


def _whole(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A filled frame, and the shape's line in it."""
    frame = QtGui.QPainterPath()
    frame.addRect(QtCore.QRectF(2, 3, 20, 18))
    outline = QtGui.QPainterPathStroker(pen(ink, 2.4)).createStroke(_drop())
    painter.fillPath(frame.subtracted(outline), accent)
