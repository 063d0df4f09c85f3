# SPDX-License-Identifier: GPL-3.0-or-later
"""The window that asks before a line is learnt."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets
from . import texts

Qt = QtCore.Qt
PICTURE_PX = 320
SHORTEST_MIN, LONGEST_MIN = 0.1, 120.0


class TeachDialog(QtWidgets.QDialog):
    """Shows what will be learnt from, and asks for a name and for how long.

    Args:
        picture: The picture with the lines over it; None where there is none to show.
        title: A name to begin with.
    """

    def __init__(
        self,
        picture: QtGui.QImage | None,
        title: str,
        minutes: float,
        parent: QtWidgets.QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.TEACH_TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QtWidgets.QLineEdit(title)
        self.name.selectAll()
        self.minutes = QtWidgets.QDoubleSpinBox()
        self.minutes.setRange(SHORTEST_MIN, LONGEST_MIN)
        self.minutes.setDecimals(1)
        self.minutes.setSuffix(texts.TEACH_MINUTES_SUFFIX)
        self.minutes.setValue(minutes)
        self.picture = QtWidgets.QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if picture is not None:
            self.picture.setPixmap(QtGui.QPixmap.fromImage(picture))
        self._lay_out()
        self.name.textChanged.connect(lambda: self.start.setEnabled(bool(self.title)))
        self.start.setEnabled(bool(self.title))

    @property
    def title(self) -> str:
        """The name, without the spaces around it."""
        return self.name.text().strip()

    def _lay_out(self) -> None:
        intro = QtWidgets.QLabel(texts.TEACH_INTRO)
        intro.setWordWrap(True)
        intro.setMinimumWidth(PICTURE_PX)
        form = QtWidgets.QFormLayout()
        form.addRow(texts.TEACH_NAME, self.name)
        form.addRow(texts.TEACH_MINUTES, self.minutes)
        buttons = QtWidgets.QDialogButtonBox()
        self.start = buttons.addButton(texts.TEACH_START, QtWidgets.QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(intro)
        column.addWidget(self.picture)
        column.addLayout(form)
        column.addWidget(buttons)
