# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""The panel's own buttons: a role's layer, and Paint."""

from __future__ import annotations

from ..qt import QtCore, QtGui, QtWidgets
from . import texts
from .drawing import write
from .icons import icon

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
        self._colour, self._exists, self._active = colour, False, False
        ink = self.palette().color(Role.WindowText)
        self.setIcon(icon(role, ink, colour, self.ICON_PX, self.devicePixelRatioF()))
        self.setIconSize(QtCore.QSize(self.ICON_PX, self.ICON_PX))
        self.setText(texts.ROLE_NAMES[role])
        self.setToolTip(texts.ROLE_TIPS[role])
        self.setAccessibleName(texts.ROLE_NAMES[role])
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoRaise(True)

    def minimumSizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(44, self.sizeHint().height())

    def show_layer(self, exists: bool, active: bool) -> None:
        """Show whether the layer is there and whether the artist draws on it."""
        if (exists, active) != (self._exists, self._active):
            self._exists, self._active = exists, active
            self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        if self._active:
            fill = QtGui.QColor(self._colour)
            fill.setAlphaF(0.25)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
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
        ink = self.palette().color(Role.WindowText)
        self._icons = {
            shown: icon(name, ink, ink, self.ICON_PX, self.devicePixelRatioF())
            for shown, name in ((True, "eye"), (False, "closed_eye"))
        }
        self.setIconSize(QtCore.QSize(self.ICON_PX, self.ICON_PX))
        self.setToolTip(texts.LINES_TIP)
        self.setAccessibleName(texts.LINES)
        self.setAutoRaise(True)
        self.show_lines(None)

    def show_lines(self, shown: bool | None) -> None:
        """Show whether the strokes are in view; None where there are none."""
        self.setIcon(self._icons[shown is not False])
        self.setEnabled(shown is not None)


class PaintButton(QtWidgets.QPushButton):
    """The one big button: Paint, or while a job runs its progress and Cancel."""

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
        painter.fillPath(shape, self.palette().color(Role.Base) if self.busy else self._idle_colour(accent))
        if self._fraction is not None:
            painter.setClipPath(shape)
            done = QtCore.QRectF(frame)
            done.setWidth(frame.width() * self._fraction)
            painter.fillRect(done, accent)
            painter.setClipping(False)
        painter.setPen(self.palette().color(Role.WindowText) if self.hasFocus() else accent.darker(130))
        painter.drawPath(shape)
        self._draw_words(painter)

    def _idle_colour(self, accent: QtGui.QColor) -> QtGui.QColor:
        if not self.isEnabled():
            return self.palette().color(Role.Button)
        if self.isDown():
            return accent.darker(120)
        return accent.lighter(112) if self.underMouse() else accent

    def _draw_words(self, painter: QtGui.QPainter) -> None:
        group = QtGui.QPalette.ColorGroup.Active if self.isEnabled() else QtGui.QPalette.ColorGroup.Disabled
        painter.setPen(
            self.palette().color(group, Role.HighlightedText if self.isEnabled() else Role.ButtonText)
        )
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        inside = self.rect().adjusted(12, 0, -12, 0)
        if not self._note:
            write(painter, inside, Qt.AlignmentFlag.AlignHCenter, self.text())
            return
        painter.setPen(self.palette().color(Role.Text))
        write(painter, inside, Qt.AlignmentFlag.AlignLeft, self.text())
        room = inside.width() - painter.fontMetrics().horizontalAdvance(self.text()) - 12
        font.setBold(False)
        painter.setFont(font)
        note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, room)
        write(painter, inside, Qt.AlignmentFlag.AlignRight, note)
