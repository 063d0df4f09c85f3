# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""What the panel shows: the backend's state, a preview, a note, an error in words."""

from __future__ import annotations

from collections.abc import Sequence

from ..qt import QtCore, QtGui, QtWidgets, Signal
from . import texts
from .buttons import MenuButton
from .theme import tint

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


class Dot(QtWidgets.QWidget):
    """A small disc whose colour says how something is, with a rim that is seen in every theme."""

    SIDE_PX = 10

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._mood = "off"
        self.setFixedSize(self.SIDE_PX, self.SIDE_PX)

    def show_mood(self, mood: str) -> None:
        """`mood` is a key of MOODS."""
        self._mood = mood
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(Role.WindowText))
        painter.setBrush(QtGui.QColor(MOODS[self._mood]))
        painter.drawEllipse(QtCore.QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class StatusLine(QtWidgets.QWidget):
    """A coloured dot and a few words, with a button and a menu at the right."""

    def __init__(
        self, beside: QtWidgets.QToolButton, menu: QtWidgets.QMenu, parent: QtWidgets.QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._dot = Dot()
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        button = MenuButton(menu)
        button.setText("☰")
        button.setAutoRaise(True)
        button.setToolTip(texts.MENU_TIP)
        button.setAccessibleName(texts.MENU_TIP)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.addWidget(self._dot)
        row.addWidget(self.words, 1)
        row.addWidget(beside)
        row.addWidget(button)

    def show_state(self, mood: str, words: str, tip: str = "") -> None:
        """Show words beside a dot; `mood` is a key of MOODS, `tip` tells more."""
        self._dot.show_mood(mood)
        self.words.setText(words)
        self.words.setToolTip(tip or words)


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


class Card(QtWidgets.QFrame):
    """Words on a ground tinted with the colour of a mood, which is seen in full at its left edge."""

    EDGE_PX = 3
    PART = 0.15

    def __init__(self, mood: str, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QtGui.QColor(MOODS[mood])
        self.hide()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        colours = self.palette()
        words = colours.color(Role.WindowText)
        painter.fillRect(self.rect(), tint(colours.color(Role.Window), self._colour, words, self.PART))
        painter.fillRect(0, 0, self.EDGE_PX, self.height(), self._colour)


class NoteCard(Card):
    """What is to be known of a result; no fault."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("off", parent)
        self.words = _words()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(10, 4, 7, 4)
        column.addWidget(self.words)

    def show_note(self, words: str) -> None:
        self.words.setText(words)
        self.show()


class ErrorCard(Card):
    """What is wrong and what to do about it, until the artist dismisses it."""

    dismissed = Signal()
    shown = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("bad", parent)
        self._log: tuple[str, ...] = ()
        self._message, self._remedy = _words(), _words()
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

    def show_error(self, message: str, remedy: str, log: Sequence[str]) -> None:
        """Show an error; without `log` there is no log to open."""
        self._message.setText(message)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._log = tuple(log)
        self._show_log.setVisible(bool(log))
        self.show()
        self.shown.emit()

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


def _words() -> QtWidgets.QLabel:
    label = QtWidgets.QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _small_button(text: str) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setText(text)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
