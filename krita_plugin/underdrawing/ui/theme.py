# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""Colours that can be read in every theme, and that follow when the artist takes another one."""

from __future__ import annotations

from collections.abc import Callable

from ..qt import QtCore, QtGui, QtWidgets

LEGIBLE = 4.5
"""Least contrast of words and icons with what they stand on: WCAG 2.1, level AA."""
STEPS = 20

Event = QtCore.QEvent.Type


def contrast(one: QtGui.QColor, other: QtGui.QColor) -> float:
    """How well two opaque colours can be told apart, 1 to 21.

    Source: W3C, WCAG 2.1, "contrast ratio".
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(ground: QtGui.QColor, colour: QtGui.QColor, part: float) -> QtGui.QColor:
    """A ground with a part of a colour over it, 0 to 1."""
    pairs = zip(_channels(ground), _channels(colour), strict=True)
    return QtGui.QColor(*(round(below + (above - below) * part) for below, above in pairs))


def legible(colour: QtGui.QColor, ground: QtGui.QColor) -> QtGui.QColor:
    """The colour, as much lighter or darker as it takes to be read on a ground."""
    ends = QtGui.QColor("white"), QtGui.QColor("black")
    end = max(ends, key=lambda end: contrast(end, ground))
    tries = (mixed(colour, end, step / STEPS) for step in range(STEPS))
    return next((found for found in tries if contrast(found, ground) >= LEGIBLE), end)


def tint(ground: QtGui.QColor, colour: QtGui.QColor, words: QtGui.QColor, part: float) -> QtGui.QColor:
    """A ground with a part of a colour over it, or with less where the words on it could not be read."""
    tries = (mixed(ground, colour, part * (STEPS - step) / STEPS) for step in range(STEPS))
    return next((found for found in tries if contrast(found, words) >= LEGIBLE), ground)


class Theme(QtCore.QObject):
    """Calls `show` at once, and again whenever a widget's palette or style is another one."""

    def __init__(self, widget: QtWidgets.QWidget, show: Callable[[], None]) -> None:
        super().__init__(widget)
        self._show, self._is_showing = show, False
        widget.installEventFilter(self)
        show()

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in (Event.PaletteChange, Event.StyleChange) and not self._is_showing:
            self._is_showing = True  # what is shown may change the palette
            self._show()
            self._is_showing = False
        return False


def _channels(colour: QtGui.QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def _luminance(colour: QtGui.QColor) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
