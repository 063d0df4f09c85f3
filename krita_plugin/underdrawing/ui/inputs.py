# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""The panel's own inputs: words and strengths."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets, Signal, is_any
from . import texts
from .drawing import write
from .theme import Theme, legible, mixed, tint

Qt = QtCore.Qt
Role = QtGui.QPalette.ColorRole


class KeepKeys(QtCore.QObject):
    """Event filter for text fields: Krita would else take Space, Delete and Ctrl+Backspace as shortcuts."""

    EDITING = (
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_A,
        Qt.Key.Key_C,
        Qt.Key.Key_V,
        Qt.Key.Key_X,
        Qt.Key.Key_Y,
        Qt.Key.Key_Z,
    )

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and isinstance(event, QtGui.QKeyEvent):
            with_control = event.modifiers() & (
                Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            )
            if not is_any(with_control) or event.key() in self.EDITING:
                event.accept()
                return True
        return super().eventFilter(watched, event)


def dim_placeholder(field: QtWidgets.QWidget) -> None:
    """Have what an empty field says stand back behind what is typed, but be read."""
    colours = field.palette()
    words, ground = colours.color(Role.Text), colours.color(Role.Base)
    colours.setColor(Role.PlaceholderText, legible(mixed(ground, words, 0.6), ground))
    field.setPalette(colours)


class PromptField(QtWidgets.QPlainTextEdit):
    """Two lines for words; Ctrl+Enter asks to paint."""

    submitted = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(texts.PROMPT)
        self.setToolTip(texts.PROMPT_TIP)
        self.setAccessibleName(texts.PROMPT)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 14)
        self._keys = KeepKeys(self)
        self.installEventFilter(self._keys)
        Theme(self, lambda: dim_placeholder(self))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and is_any(event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


class StrengthBar(QtWidgets.QWidget):
    """A bar to drag, as Krita's own sliders are: 0 to 200 percent, double-click for 100.

    Args:
        label: Name of what it weighs.
        tip: What it does.
        largest: At its right end; 1 is 100 percent.
        natural: What a double-click chooses.
    """

    changed = Signal(float)
    STEP = 0.05

    def __init__(
        self,
        label: str,
        *,
        tip: str = texts.STRENGTH_TIP,
        largest: float = 2.0,
        natural: float = 1.0,
        parent: QtWidgets.QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._label, self._value = label, natural
        self._largest, self._natural = largest, natural
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self.setMinimumHeight(self.fontMetrics().height() + 6)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(90, self.fontMetrics().height() + 6)

    @property
    def value(self) -> float:
        """The strength, 0 to the largest."""
        return self._value

    def show_value(self, value: float) -> None:
        """Show a strength without telling of a change."""
        self._value = min(max(value, 0.0), self._largest)
        self.update()

    def _choose(self, value: float) -> None:
        before = self._value
        self.show_value(round(value / self.STEP) * self.STEP)
        if self._value != before:
            self.changed.emit(self._value)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if is_any(event.buttons() & Qt.MouseButton.LeftButton):
            x = self.mapFromGlobal(QtGui.QCursor.pos()).x()
            self._choose(self._largest * x / max(1, self.width()))

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._choose(self._natural)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:  # noqa: N802 - Qt's name
        if not self.hasFocus():
            event.ignore()
            return
        self._choose(self._value + self.STEP * (1 if event.angleDelta().y() > 0 else -1))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802 - Qt's name
        steps: dict[int, int] = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: 1,
        }
        if event.key() in steps:
            self._choose(self._value + steps[event.key()] * self.STEP)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        frame = QtCore.QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QtGui.QPainterPath()
        outline.addRoundedRect(frame, 2, 2)
        base, words = self.palette().color(Role.Base), self.palette().color(Role.Text)
        painter.fillPath(outline, base)
        fill = tint(base, self.palette().color(Role.Highlight), words, 0.55 if self.isEnabled() else 0.2)
        painter.setClipPath(outline)
        filled = QtCore.QRectF(frame)
        filled.setWidth(frame.width() * self._value / self._largest)
        painter.fillRect(filled, fill)
        natural_x = frame.left() + frame.width() * self._natural / self._largest
        painter.fillRect(QtCore.QRectF(natural_x, frame.bottom() - 4, 1, 4), self.palette().color(Role.Mid))
        painter.setClipping(False)
        painter.setPen(self.palette().color(Role.Highlight if self.hasFocus() else Role.Dark))
        painter.drawPath(outline)
        painter.setPen(words)
        inside = self.rect().adjusted(8, 0, -8, 0)
        write(painter, inside, Qt.AlignmentFlag.AlignLeft, self._label)
        percent = f"{round(100 * self._value)} %"
        write(painter, inside, Qt.AlignmentFlag.AlignRight, percent)
