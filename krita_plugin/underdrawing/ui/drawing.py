# SPDX-License-Identifier: GPL-3.0-or-later
"""Words drawn by hand, alike in both bindings."""

from __future__ import annotations

from ..qt import QtCore, QtGui

Qt = QtCore.Qt


def write(
    painter: QtGui.QPainter, box: QtCore.QRect, side: Qt.AlignmentFlag, words: str, *, wrap: bool = False
) -> None:
    """Write into a box: at its left, its right or in its middle (AlignHCenter), halfway up.

    Args:
        wrap: In as many lines as it takes; else in one.
    """
    option = QtGui.QTextOption(side | Qt.AlignmentFlag.AlignVCenter)
    modes = QtGui.QTextOption.WrapMode
    option.setWrapMode(modes.WordWrap if wrap else modes.NoWrap)
    painter.drawText(QtCore.QRectF(box), words, option)
