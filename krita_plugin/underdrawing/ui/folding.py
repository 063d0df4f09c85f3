# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of the panel that folds away under its name."""

from __future__ import annotations

from ..qt import QtCore, QtWidgets

Qt = QtCore.Qt


class Folding(QtWidgets.QWidget):
    """Folded at first. What `fields` holds is seen when it is unfolded.

    Args:
        title: What the artist clicks.
        tip: What is inside.
    """

    def __init__(self, title: str, tip: str, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.fold = QtWidgets.QToolButton()
        self.fold.setText(title)
        self.fold.setToolTip(tip)
        self.fold.setCheckable(True)
        self.fold.setAutoRaise(True)
        self.fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.toggled.connect(self._unfold)
        self.fields = QtWidgets.QWidget()
        self.column = QtWidgets.QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(2)
        self.column.addWidget(self.fold)
        self.column.addWidget(self.fields)
        self._unfold(False)

    def _unfold(self, unfolded: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self.fields.setVisible(unfolded)
