# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain 8-bit layers laid over each other by Qt, as Krita would compose them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .qt import QtGui
from .wire import geometry

OPAQUE = 255


@dataclass(frozen=True)
class Sheet:
    """Part of a layer.

    Args:
        bounds: Where it lies.
        data: BGRA bytes, row-major, not premultiplied; a QByteArray.
        opacity: 0 to `OPAQUE`.
    """

    bounds: geometry.Bounds
    data: Any
    opacity: int


def laid_over(band: geometry.Bounds, sheets: Iterable[Sheet]) -> bytes:
    """BGRA bytes of a band with sheets one over the other, bottom first; all within the band."""
    image = QtGui.QImage(*band.extent, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QtGui.QPainter(image)
    for sheet in sheets:
        extent = sheet.bounds.extent
        layer = QtGui.QImage(sheet.data, *extent, 4 * extent.width, QtGui.QImage.Format.Format_ARGB32)
        painter.setOpacity(sheet.opacity / OPAQUE)
        painter.drawImage(sheet.bounds.x - band.x, sheet.bounds.y - band.y, layer)
    painter.end()
    straight = image.convertToFormat(QtGui.QImage.Format.Format_ARGB32)
    bits: Any = straight.constBits()
    return bits.asstring(straight.sizeInBytes())
