# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel's few icons, drawn in the palette's own colours so that they suit every theme."""

from __future__ import annotations

from collections.abc import Callable

from ..qt import QtCore, QtGui

Qt = QtCore.Qt
GRID_PX = 24
"""Icons are drawn on a grid of this many units."""

Draw = Callable[[QtGui.QPainter, QtGui.QColor, QtGui.QColor], None]
"""Draws in ink and accent."""


def icon(name: str, ink: QtGui.QColor, accent: QtGui.QColor, size_px: int, ratio: float) -> QtGui.QIcon:
    """An icon for a kind of stroke layer, or an eye.

    Args:
        name: "contour", "detail", "colours", "mask", "eye" or "closed_eye".
        ink: The palette's text colour.
        accent: The colour label of the role's layer.
        size_px: Edge in logical pixels.
        ratio: Device pixels per logical pixel.
    """
    return drawn_icon(_DRAW[name], ink, accent, size_px, ratio)


def drawn_icon(
    draw: Draw, ink: QtGui.QColor, accent: QtGui.QColor, size_px: int, ratio: float
) -> QtGui.QIcon:
    """An icon by a function that draws it on the grid."""
    pixmap = QtGui.QPixmap(round(size_px * ratio), round(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(pixmap)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.scale(size_px / GRID_PX, size_px / GRID_PX)
    draw(painter, ink, accent)
    painter.end()
    return QtGui.QIcon(pixmap)


def pen(colour: QtGui.QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QtGui.QPen:
    return QtGui.QPen(QtGui.QBrush(colour), width, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _pear() -> QtGui.QPainterPath:
    """A pear's outline: a shape that anyone can tell from a blob."""
    path = QtGui.QPainterPath(QtCore.QPointF(12, 4.5))
    path.cubicTo(15.5, 4.5, 15, 9, 17, 11.5)
    path.cubicTo(20.5, 16, 18, 21, 12, 21)
    path.cubicTo(6, 21, 3.5, 16, 7, 11.5)
    path.cubicTo(9, 9, 8.5, 4.5, 12, 4.5)
    return path


def _stalk() -> QtGui.QPainterPath:
    path = QtGui.QPainterPath(QtCore.QPointF(12, 4.5))
    path.cubicTo(12, 3.5, 12.5, 2.5, 13.5, 2)
    return path


def _contour(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    painter.setPen(pen(accent, 2.2))
    painter.drawPath(_pear())
    painter.drawPath(_stalk())


def _detail(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    faint = QtGui.QColor(ink)
    faint.setAlphaF(0.5)
    painter.setPen(pen(faint, 1.4))
    painter.drawPath(_pear())
    painter.drawPath(_stalk())
    painter.setPen(pen(accent, 1.5))
    for x, y, length in ((7.6, 14.5, 3.2), (9.2, 17.2, 3.4), (10.2, 11.2, 2.6)):
        stroke = QtGui.QPainterPath(QtCore.QPointF(x, y))
        stroke.quadTo(x + length * 0.4, y + 1.8, x + length, y + 1.6)
        painter.drawPath(stroke)
    painter.drawLine(QtCore.QPointF(14.6, 15), QtCore.QPointF(15.8, 17.6))


def _colours(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    painter.setPen(pen(ink, 1.1))
    dabs = (
        ("#e0b13c", 8.2, 8.2, 4.6, 3.4),
        ("#c8553d", 15.6, 11, 4.4, 3.6),
        ("#5b8fb9", 9.4, 16.6, 5.2, 3.6),
    )
    for colour, x, y, across, down in dabs:
        painter.save()
        painter.translate(x, y)
        painter.rotate(-24)
        painter.setBrush(QtGui.QColor(colour))
        painter.drawEllipse(QtCore.QPointF(0, 0), across, down)
        painter.restore()


def _mask(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    fill = QtGui.QColor(accent)
    fill.setAlphaF(0.4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawPath(_pear())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(accent, 1.6, Qt.PenStyle.DotLine))
    painter.drawPath(_pear())


def _lid(y: float) -> QtGui.QPainterPath:
    """From one corner of an eye to the other, over a height in the middle."""
    path = QtGui.QPainterPath(QtCore.QPointF(3, 12))
    path.quadTo(12, y, 21, 12)
    return path


def _eye(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    painter.setPen(pen(ink, 1.8))
    painter.drawPath(_lid(1))
    painter.drawPath(_lid(23))
    painter.setBrush(ink)
    painter.drawEllipse(QtCore.QPointF(12, 12), 2.6, 2.6)


def _closed_eye(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    painter.setPen(pen(ink, 1.8))
    painter.drawPath(_lid(23))
    for x, y, to_x, to_y in ((6, 15, 4.2, 18), (12, 17.5, 12, 21), (18, 15, 19.8, 18)):
        painter.drawLine(QtCore.QPointF(x, y), QtCore.QPointF(to_x, to_y))


_DRAW = {
    "contour": _contour,
    "detail": _detail,
    "colours": _colours,
    "mask": _mask,
    "eye": _eye,
    "closed_eye": _closed_eye,
}
