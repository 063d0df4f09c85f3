# SPDX-License-Identifier: GPL-3.0-or-later
"""Words drawn by hand, alike in both bindings."""

from __future__ import annotations

from ..qt import QtCore, QtGui

Qt = QtCore.Qt


def write(painter: QtGui.QPainter, box: QtCore.QRect, side: Qt.AlignmentFlag, words: str) -> None:
    """Write one line into a box: at its left, its right or in its middle (AlignHCenter), halfway up."""
    option = QtGui.QTextOption(side | Qt.AlignmentFlag.AlignVCenter)
    option.setWrapMode(QtGui.QTextOption.WrapMode.NoWrap)
    painter.drawText(QtCore.QRectF(box), words, option)
