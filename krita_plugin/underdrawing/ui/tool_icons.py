# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools' icons, drawn as those of the roles are."""

from __future__ import annotations

from ..qt import QtCore, QtGui
from .icons import Draw, pen

Qt = QtCore.Qt


def _line(painter: QtGui.QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QtGui.QPolygonF([QtCore.QPointF(*point) for point in points]))


def _to_mask(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A dotted selection, half of it filled."""
    fill = QtGui.QColor(accent)
    fill.setAlphaF(0.55)
    painter.fillRect(QtCore.QRectF(4, 5, 16, 14), fill)
    painter.setPen(pen(ink, 1.6, Qt.PenStyle.DashLine))
    painter.drawRect(QtCore.QRectF(4, 5, 16, 14))


def _to_lines(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A hill and a sun as lines, out of a picture."""
    painter.setPen(pen(ink, 1.4))
    painter.drawRect(QtCore.QRectF(3.5, 4.5, 17, 15))
    painter.setPen(pen(accent, 1.9))
    _line(painter, (5.5, 17), (10, 10.5), (13, 14.5), (15, 12.5), (18.5, 17))
    painter.drawEllipse(QtCore.QPointF(15.5, 8.3), 1.6, 1.6)


def _eraser(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A tilted eraser on a broken line."""
    painter.setPen(pen(ink, 1.7))
    body = QtGui.QPolygonF([QtCore.QPointF(*p) for p in ((9, 18), (4.5, 13.5), (14, 4), (20, 10), (12, 18))])
    painter.drawPolygon(body)
    fill = QtGui.QPolygonF(
        [QtCore.QPointF(*p) for p in ((9, 18), (4.5, 13.5), (8.7, 9.3), (14.7, 15.3), (12, 18))]
    )
    painter.setBrush(accent)
    painter.drawPolygon(fill)
    painter.setPen(pen(ink, 1.7))
    _line(painter, (14, 21), (21, 21))


def _iris(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """An eye with its iris in colour."""
    path = QtGui.QPainterPath(QtCore.QPointF(2.5, 12))
    path.quadTo(12, 0.5, 21.5, 12)
    path.quadTo(12, 23.5, 2.5, 12)
    painter.setPen(pen(ink, 1.7))
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(accent)
    painter.drawEllipse(QtCore.QPointF(12, 12), 4.2, 4.2)
    painter.setBrush(ink)
    painter.drawEllipse(QtCore.QPointF(12, 12), 1.6, 1.6)


def _copy(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A line lifted off a sheet onto another."""
    painter.setPen(pen(ink, 1.5))
    painter.drawRect(QtCore.QRectF(4, 3.5, 11, 13))
    painter.drawPolyline(
        QtGui.QPolygonF([QtCore.QPointF(*p) for p in ((18, 8), (20, 8), (20, 20.5), (9, 20.5), (9, 19))])
    )
    painter.setPen(pen(accent, 1.9))
    _line(painter, (6.5, 12.5), (8.5, 7.5), (10.5, 12), (12.5, 7.5))


def _paste(painter: QtGui.QPainter, ink: QtGui.QColor, accent: QtGui.QColor) -> None:
    """A board with a line on it."""
    painter.setPen(pen(ink, 1.5))
    painter.drawRect(QtCore.QRectF(4.5, 4.5, 15, 16))
    painter.setBrush(ink)
    painter.drawRect(QtCore.QRectF(9, 3, 6, 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(accent, 1.9))
    _line(painter, (7.5, 16.5), (10.5, 10), (13, 15.5), (16.5, 10))


TOOLS: dict[str, Draw] = {
    "to_mask": _to_mask,
    "to_lines": _to_lines,
    "eraser": _eraser,
    "iris": _iris,
    "copy": _copy,
    "paste": _paste,
}
