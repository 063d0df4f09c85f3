# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""The panel's own buttons: a role's layer, and Paint."""

from __future__ import annotations

from typing import Any

from ..qt import QtCore, QtGui, QtWidgets
from . import texts
from .drawing import write
from .icons import icon
from .theme import Theme, legible, tint

Qt = QtCore.Qt
Role = QtGui.QPalette.ColorRole


class RoleButton(QtWidgets.QToolButton):
    """One click makes the role's layer, or goes to it. Shows whether it is there, and whether it is active.

    Args:
        role: "contour", "detail", "colours" or "mask".
        colour: Colour label of the role's layer.
    """

    ICON_PX = 28

    def __init__(self, role: str, colour: QtGui.QColor, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._role, self._colour = role, colour
        self._exists, self._active = False, False
        self.setIconSize(QtCore.QSize(self.ICON_PX, self.ICON_PX))
        self.setText(texts.ROLE_NAMES[role])
        self.setToolTip(texts.ROLE_TIPS[role])
        self.setAccessibleName(texts.ROLE_NAMES[role])
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoRaise(True)
        Theme(self, self._show_icon)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QtCore.QSize(words + 2, self.sizeHint().height())

    def show_layer(self, exists: bool, active: bool) -> None:
        """Show whether the layer is there and whether the artist draws on it."""
        if (exists, active) != (self._exists, self._active):
            self._exists, self._active = exists, active
            self._show_icon()
            self.update()

    def _show_icon(self) -> None:
        ink, accent = self.palette().color(Role.WindowText), legible(self._colour, self._ground())
        self.setIcon(icon(self._role, ink, accent, self.ICON_PX, self.devicePixelRatioF()))

    def _ground(self) -> QtGui.QColor:
        window, words = self.palette().color(Role.Window), self.palette().color(Role.ButtonText)
        return tint(window, self._colour, words, 0.25) if self._active else window

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        if self._active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ground())
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)
        painter.end()
        super().paintEvent(event)
        painter.begin(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        chip = QtCore.QRectF(self.width() * 0.2, self.height() - 4.0, self.width() * 0.6, 2.5)
        colour = QtGui.QColor(self._colour)
        colour.setAlphaF(1.0 if self._exists else 0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(chip, 1.2, 1.2)
        if self._exists:
            self._draw_tick(painter)
        painter.end()

    def _draw_tick(self, painter: QtGui.QPainter) -> None:
        x, y = self.width() / 2 + self.ICON_PX / 2 + 1, 7.0
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QtGui.QPen(self.palette().color(Role.WindowText), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        points = ((x, y + 2.5), (x + 2.5, y + 5), (x + 7, y - 0.5))
        painter.drawPolyline(QtGui.QPolygonF([QtCore.QPointF(*point) for point in points]))


class LinesButton(QtWidgets.QToolButton):
    """An eye: shows whether the strokes are in view."""

    ICON_PX = 16

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: bool | None = None
        self.setIconSize(QtCore.QSize(self.ICON_PX, self.ICON_PX))
        self.setToolTip(texts.LINES_TIP)
        self.setAccessibleName(texts.LINES)
        self.setAutoRaise(True)
        self.setEnabled(False)
        Theme(self, self._show_icon)

    def show_lines(self, shown: bool | None) -> None:
        """Show whether the strokes are in view; None where there are none."""
        if shown is not self._shown:
            self._shown = shown
            self._show_icon()
        self.setEnabled(shown is not None)

    def _show_icon(self) -> None:
        ink, name = self.palette().color(Role.WindowText), "closed_eye" if self._shown is False else "eye"
        self.setIcon(icon(name, ink, ink, self.ICON_PX, self.devicePixelRatioF()))


class MenuButton(QtWidgets.QToolButton):
    """Opens its menu, if it has one, without an arrow that says so."""

    def __init__(self, menu: QtWidgets.QMenu | None = None, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        if menu is not None:
            self.setMenu(menu)
        self.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        option = QtWidgets.QStyleOptionToolButton()
        self.initStyleOption(option)
        features: Any = option.features  # of other types in the two bindings
        option.features = features & QtWidgets.QStyleOptionToolButton.ToolButtonFeature.Arrow
        painter = QtWidgets.QStylePainter(self)
        painter.drawComplexControl(QtWidgets.QStyle.ComplexControl.CC_ToolButton, option)


class SwitchButton(QtWidgets.QToolButton):
    """Stays down, and is then as bright as what is selected."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if not (self.isChecked() and self.isEnabled()):
            super().paintEvent(event)
            return
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        ground, words = self.palette().color(Role.Highlight), self.palette().color(Role.HighlightedText)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 3, 3)
        painter.setPen(legible(words, ground))
        write(painter, self.rect(), Qt.AlignmentFlag.AlignHCenter, self.text())


class PaintButton(QtWidgets.QPushButton):
    """The one big button: Paint, or while a job runs its progress and Cancel."""

    MARGIN_PX = 12

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self._note = ""
        self._offer = texts.PAINT, ""
        self.setMinimumHeight(self.fontMetrics().height() + 20)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_idle()

    @property
    def busy(self) -> bool:
        """Whether a click cancels."""
        return self._fraction is not None

    @property
    def fraction(self) -> float:
        """How much of the job is done, 0 to 1."""
        return self._fraction or 0.0

    def show_offer(self, text: str, tip: str) -> None:
        """What a click does while no job runs."""
        if self._offer != (text, tip):
            self._offer = text, tip
            if not self.busy:
                self.show_idle()

    def show_idle(self) -> None:
        """A click paints."""
        self._show(*self._offer, None, "")

    def show_progress(self, fraction: float, note: str) -> None:
        """A click cancels; `fraction` in 0 to 1 is done, `note` says how it stands."""
        self._show(texts.CANCEL, texts.CANCEL_TIP, min(max(fraction, 0.0), 1.0), note)

    def _show(self, text: str, tip: str, fraction: float | None, note: str) -> None:
        self.setText(text)
        self.setToolTip(tip)
        self.setAccessibleDescription(note)
        self._fraction, self._note = fraction, note
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        frame = QtCore.QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QtGui.QPainterPath()
        shape.addRoundedRect(frame, 4, 4)
        accent = self.palette().color(Role.Highlight)
        ground = self.palette().color(Role.Base) if self.busy else self._idle_colour(accent)
        painter.fillPath(shape, ground)
        if self._fraction is not None:
            painter.setClipPath(shape)
            done = QtCore.QRectF(frame)
            done.setWidth(frame.width() * self._fraction)
            painter.fillRect(done, tint(ground, accent, self.palette().color(Role.Text), 1.0))
            painter.setClipping(False)
        painter.setPen(self.palette().color(Role.WindowText) if self.hasFocus() else accent.darker(130))
        painter.drawPath(shape)
        self._draw_words(painter, ground)

    def _idle_colour(self, accent: QtGui.QColor) -> QtGui.QColor:
        if not self.isEnabled():
            return self.palette().color(Role.Button)
        if self.isDown():
            return accent.darker(120)
        return accent.lighter(112) if self.underMouse() else accent

    def _draw_words(self, painter: QtGui.QPainter, ground: QtGui.QColor) -> None:
        inside = self.rect().adjusted(self.MARGIN_PX, 0, -self.MARGIN_PX, 0)
        painter.setFont(self._bold())
        painter.setPen(self._colour_of_words(ground))
        if not self._note:
            write(painter, inside, Qt.AlignmentFlag.AlignHCenter, self.text())
            return
        write(painter, inside, Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setFont(self.font())
        write(painter, self.note_box(), Qt.AlignmentFlag.AlignRight, self._note, wrap=True)

    def note_box(self) -> QtCore.QRect:
        """Where the note stands: beside Cancel, in two lines where it is long."""
        inside = self.rect().adjusted(self.MARGIN_PX, 0, -self.MARGIN_PX, 0)
        text_px = QtGui.QFontMetrics(self._bold()).horizontalAdvance(self.text())
        return inside.adjusted(text_px + self.MARGIN_PX, 0, 0, 0)

    def _bold(self) -> QtGui.QFont:
        font = self.font()
        font.setBold(True)
        return font

    def _colour_of_words(self, ground: QtGui.QColor) -> QtGui.QColor:
        colours = self.palette()
        if not self.isEnabled():
            return colours.color(QtGui.QPalette.ColorGroup.Disabled, Role.ButtonText)
        return colours.color(Role.Text) if self.busy else legible(colours.color(Role.HighlightedText), ground)
