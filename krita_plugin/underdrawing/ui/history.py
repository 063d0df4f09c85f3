# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""Recent results in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..qt import QtCore, QtGui, QtWidgets, Signal
from . import texts
from .drawing import write
from .theme import legible, mixed

Qt = QtCore.Qt
Role = QtGui.QPalette.ColorRole


@dataclass(frozen=True)
class Thumbnail:
    """One recent painting: its key, its words and a small picture."""

    key: str
    tip: str
    image: QtGui.QImage


class HistoryStrip(QtWidgets.QListWidget):
    """Recent paintings in a row; a click puts one back."""

    chosen = Signal(str)
    EDGE_PX = 52
    EMPTY_PX = 34

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(texts.HISTORY)
        self.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.setFlow(QtWidgets.QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QtWidgets.QListView.Movement.Static)
        self.setIconSize(QtCore.QSize(self.EDGE_PX, self.EDGE_PX))
        self.setSpacing(2)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(self.EMPTY_PX)
        self.itemClicked.connect(self._choose)
        self._shown: tuple[str, ...] = ()

    def show_items(self, items: Sequence[Thumbnail]) -> None:
        """Show these, the newest first; does nothing when they are shown already."""
        keys = tuple(item.key for item in items)
        if keys == self._shown:
            return
        self._shown = keys
        self.clear()
        for item in items:
            entry = QtWidgets.QListWidgetItem(QtGui.QIcon(_square(item.image, self.EDGE_PX)), "")
            entry.setToolTip(item.tip)
            entry.setData(Qt.ItemDataRole.UserRole, item.key)
            entry.setData(Qt.ItemDataRole.AccessibleTextRole, item.tip)
            self.addItem(entry)
        self.setFixedHeight(self.EDGE_PX + 26 if items else self.EMPTY_PX)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._choose(item)
        else:
            super().keyPressEvent(event)

    def _choose(self, item: QtWidgets.QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self.count() == 0:
            painter = QtGui.QPainter(self.viewport())
            words, ground = self.palette().color(Role.Text), self.palette().color(Role.Base)
            painter.setPen(legible(mixed(ground, words, 0.6), ground))
            write(painter, self.viewport().rect(), Qt.AlignmentFlag.AlignHCenter, texts.HISTORY_EMPTY)


def _square(image: QtGui.QImage, edge_px: int) -> QtGui.QPixmap:
    """The middle of an image as a square."""
    edge = min(image.width(), image.height())
    middle = image.copy((image.width() - edge) // 2, (image.height() - edge) // 2, edge, edge)
    return QtGui.QPixmap.fromImage(
        middle.scaled(
            edge_px, edge_px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    )
