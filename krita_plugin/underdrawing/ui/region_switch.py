# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""The two-way switch: inside lines, or the whole selection."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets, Signal
from . import region_texts as texts
from .drawing import write
from .icons import GRID_PX, Draw, pen

Qt = QtCore.Qt
Role = QtGui.QPalette.ColorRole
ICON_PX, GAP_PX = 14, 5
LIT = 0.45
"""Opacity of the highlight behind what is chosen: words on it stay readable in every theme."""


class Half(QtWidgets.QAbstractButton):
    """One of the two, with a small picture of what it means; painted in the theme's colours of the moment."""

    def __init__(self, region: str, draw: Draw, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._draw = draw
        self.setText(texts.NAMES[region])
        self.setToolTip(texts.TIPS[region])
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard with the canvas
        small = self.font()
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.9))
        self.setFont(small)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) + ICON_PX + 3 * GAP_PX
        return QtCore.QSize(width, max(metrics.height(), ICON_PX) + 2 * GAP_PX)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(ICON_PX + 2 * GAP_PX, self.sizeHint().height())

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        palette, frame = self.palette(), QtGui.QPainterPath()
        frame.addRoundedRect(QtCore.QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        lit, accent = self.isChecked(), palette.color(Role.Highlight)
        painter.fillPath(frame, palette.color(Role.Button))
        if lit or self.underMouse():
            accent.setAlphaF(LIT if lit and self.isEnabled() else LIT / 2)
            painter.fillPath(frame, accent)
        edge = Role.Highlight if (lit and self.isEnabled()) or self.hasFocus() else Role.Dark
        painter.setPen(palette.color(edge))
        painter.drawPath(frame)
        enabled = self.isEnabled() or lit  # what is chosen can be read, if not changed
        group = QtGui.QPalette.ColorGroup.Active if enabled else QtGui.QPalette.ColorGroup.Disabled
        self._write(painter, palette.color(group, Role.ButtonText))

    def _write(self, painter: QtGui.QPainter, ink: QtGui.QColor) -> None:
        """Icon and words, together in the middle."""
        room = self.width() - ICON_PX - 3 * GAP_PX
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        across = ICON_PX + GAP_PX + self.fontMetrics().horizontalAdvance(words)
        left = max(GAP_PX, (self.width() - across) // 2)
        painter.setPen(ink)
        inside = self.rect().adjusted(left + ICON_PX + GAP_PX, 0, 0, 0)
        write(painter, inside, Qt.AlignmentFlag.AlignLeft, words)
        painter.translate(left, (self.height() - ICON_PX) / 2)
        painter.scale(ICON_PX / GRID_PX, ICON_PX / GRID_PX)
        self._draw(painter, ink, ink)


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
