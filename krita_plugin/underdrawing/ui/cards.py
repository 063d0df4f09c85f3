# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""What the panel shows: the backend's state, a preview, an error in words, recent paintings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..qt import QtCore, QtGui, QtWidgets, Signal
from . import texts
from .drawing import write

Qt = QtCore.Qt
Role = QtGui.QPalette.ColorRole


def image_of(width: int, height: int, bgra: bytes) -> QtGui.QImage:
    """An image of its own from BGRA bytes.

    Raises:
        ValueError: The bytes are not width x height pixels.
    """
    if len(bgra) != width * height * 4:
        raise ValueError(f"{len(bgra)} bytes are not {width} x {height} BGRA pixels")
    return QtGui.QImage(bgra, width, height, width * 4, QtGui.QImage.Format.Format_ARGB32).copy()


MOODS = {"good": "#7fb069", "busy": "#e0b13c", "bad": "#d1605e", "off": "#8a8a8a"}


class StatusLine(QtWidgets.QWidget):
    """A coloured dot and a few words, with a button and a menu at the right."""

    DOT_PX = 8

    def __init__(
        self, beside: QtWidgets.QToolButton, menu: QtWidgets.QMenu, parent: QtWidgets.QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._dot = QtWidgets.QLabel()
        self._dot.setFixedSize(self.DOT_PX, self.DOT_PX)
        self._words = QtWidgets.QLabel()
        self._words.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred
        )
        button = QtWidgets.QToolButton()
        button.setText("☰")
        button.setAutoRaise(True)
        button.setToolTip(texts.MENU_TIP)
        button.setAccessibleName(texts.MENU_TIP)
        button.setMenu(menu)
        button.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.addWidget(self._dot)
        row.addWidget(self._words, 1)
        row.addWidget(beside)
        row.addWidget(button)

    def show_state(self, mood: str, words: str, tip: str = "") -> None:
        """Show words beside a dot; `mood` is a key of MOODS, `tip` tells more."""
        colour = MOODS[mood]
        self._dot.setStyleSheet(f"background: {colour}; border-radius: {self.DOT_PX // 2}px;")
        self._words.setText(words)
        self._words.setToolTip(tip or words)


class PreviewCard(QtWidgets.QWidget):
    """The job's picture as it stands, kept in proportion."""

    LARGEST_PX = 220

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QtGui.QImage | None = None
        self.hide()

    def show_image(self, image: QtGui.QImage | None) -> None:
        """Show a picture, or hide without one."""
        self._image = image
        if image is not None:
            width = max(1, min(self.parentWidget().width(), 2 * self.LARGEST_PX))
            self.setFixedHeight(min(self.LARGEST_PX, max(48, round(width * image.height() / image.width()))))
        self.setVisible(image is not None)
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if self._image is None:
            return
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        size = QtCore.QSizeF(self._image.size())
        size.scale(QtCore.QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(QtCore.QRectF(QtCore.QPointF(left, top), size), self._image)


class ErrorCard(QtWidgets.QFrame):
    """What is wrong and what to do about it, or what is to be known, until the artist dismisses it."""

    dismissed = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._log: tuple[str, ...] = ()
        self.setObjectName("underdrawing_error")
        self._message, self._remedy = QtWidgets.QLabel(), QtWidgets.QLabel()
        for label in (self._message, self._remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self._message.font()
        font.setBold(True)
        self._message.setFont(font)
        self._show_log, dismiss = _small_button(texts.SHOW_LOG), _small_button(texts.DISMISS)
        self._show_log.clicked.connect(self._open_log)
        dismiss.clicked.connect(self.dismissed)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self._show_log)
        buttons.addStretch(1)
        buttons.addWidget(dismiss)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(10, 7, 7, 5)
        column.setSpacing(4)
        column.addWidget(self._message)
        column.addWidget(self._remedy)
        column.addLayout(buttons)
        self.hide()

    def show_error(self, message: str, remedy: str, log: Sequence[str], *, mood: str = "bad") -> None:
        """Show an error, or what is to be known, in another mood; without `log` there is no log to open."""
        colour = QtGui.QColor(MOODS[mood])
        self.setStyleSheet(
            f"#underdrawing_error {{ background: rgba({colour.red()}, {colour.green()}, {colour.blue()}, 38);"
            f" border: none; border-left: 3px solid {MOODS[mood]}; border-radius: 3px; }}"
        )
        self._message.setText(message)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._log = tuple(log)
        self._show_log.setVisible(bool(log))
        self.show()

    def words(self) -> str:
        """All that it says."""
        return f"{self._message.text()} {self._remedy.text()}".strip()

    def _open_log(self) -> None:
        show_log(self, self._log)


def show_log(parent: QtWidgets.QWidget, lines: Sequence[str]) -> None:
    """Open a window with a log's last lines, ready to be copied. It does not block Krita."""
    window = QtWidgets.QDialog(parent)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    window.setWindowTitle(texts.LOG_TITLE)
    window.resize(760, 420)
    text = QtWidgets.QPlainTextEdit("\n".join(lines))
    text.setReadOnly(True)
    text.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
    text.moveCursor(QtGui.QTextCursor.MoveOperation.End)
    QtWidgets.QVBoxLayout(window).addWidget(text)
    window.show()


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
            group = QtGui.QPalette.ColorGroup.Disabled
            painter.setPen(self.palette().color(group, Role.Text))
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


def _small_button(text: str) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setText(text)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
