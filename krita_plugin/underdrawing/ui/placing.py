# SPDX-License-Identifier: GPL-3.0-or-later
"""What shows while a copy is placed: where it lies, its size, turn and side, and its colours."""

from __future__ import annotations

from collections.abc import Callable

from ..qt import QtCore, QtWidgets, Signal
from . import tool_texts as texts
from .inputs import KeepKeys

FARTHEST_PX = 16384
LARGEST_PERCENT = 1000


class PlacingCard(QtWidgets.QFrame):
    """`changed(name, value)` tells of every change, in the names and units of `model.clip.Placing`."""

    changed = Signal(str, object)
    done_clicked = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.done = QtWidgets.QPushButton(texts.PLACE_DONE)
        self.done.setToolTip(texts.PLACE_DONE_TIP)
        self.done.clicked.connect(lambda: self.done_clicked.emit())
        self.middle_x = _number(-FARTHEST_PX, FARTHEST_PX, texts.PLACE_X_TIP, texts.PIXELS)
        self.middle_y = _number(-FARTHEST_PX, FARTHEST_PX, texts.PLACE_Y_TIP, texts.PIXELS)
        self.scale = _number(1, LARGEST_PERCENT, texts.PLACE_SCALE_TIP, texts.PERCENT)
        self.turn = _number(-180, 180, texts.PLACE_TURN_TIP, texts.DEGREES)
        self.turn.setWrapping(True)
        self.light = _number(25, 400, texts.PLACE_LIGHT_TIP, texts.LIGHT_PERCENT)
        self.flip = _choice(texts.PLACE_FLIP, texts.PLACE_FLIP_TIP)
        self.colours = _choice(texts.PLACE_COLOURS, texts.PLACE_COLOURS_TIP)
        self._connect()
        self._lay_out()
        self.hide()

    def show_placing(
        self, x: float, y: float, scale: float, turn_deg: float, *, flip: bool, colours: bool, light: float
    ) -> None:
        """Show where the copy lies, without telling of a change; a field that is typed in stays."""
        self.show()
        shown = (
            (self.middle_x, x),
            (self.middle_y, y),
            (self.scale, 100 * scale),
            (self.turn, turn_deg),
            (self.light, 100 * light),
        )
        self.light.setEnabled(colours)
        for box, value in shown:
            if not box.hasFocus() and round(box.value()) != round(value):
                box.blockSignals(True)
                box.setValue(round(value))
                box.blockSignals(False)
        for check, on in ((self.flip, flip), (self.colours, colours)):
            check.blockSignals(True)
            check.setChecked(on)
            check.blockSignals(False)

    def show_words(self, words: str) -> None:
        """Show what is happening."""
        self.words.setText(words or texts.PLACED)

    def _connect(self) -> None:
        numbers = (
            (self.middle_x, "x", 1.0),
            (self.middle_y, "y", 1.0),
            (self.scale, "scale", 100.0),
            (self.turn, "turn_deg", 1.0),
            (self.light, "light", 100.0),
        )
        for box, name, unit in numbers:
            box.valueChanged.connect(self._teller(name, unit))
        for check, name in ((self.flip, "flip"), (self.colours, "colours")):
            check.toggled.connect(self._teller_of_choice(name))
        self._keys = KeepKeys(self)
        for box in (self.middle_x, self.middle_y, self.scale, self.turn, self.light):
            box.installEventFilter(self._keys)

    def _teller(self, name: str, unit: float) -> Callable[[int], None]:
        def tell(value: int) -> None:
            self.changed.emit(name, value / unit)

        return tell

    def _teller_of_choice(self, name: str) -> Callable[[bool], None]:
        def tell(on: bool) -> None:
            self.changed.emit(name, on)

        return tell

    def _lay_out(self) -> None:
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(4, 3, 4, 3)
        grid.setSpacing(3)
        grid.addWidget(self.words, 0, 0)
        grid.addWidget(self.done, 0, 1)
        pairs = (
            (self.middle_x, self.middle_y),
            (self.scale, self.turn),
            (self.colours, self.light),
        )
        for row, pair in enumerate(pairs, 1):
            for column, widget in enumerate(pair):
                grid.addWidget(widget, row, column)
                grid.setColumnStretch(column, 1)
        grid.addWidget(self.flip, len(pairs) + 1, 0, 1, 2)


def _number(smallest: int, largest: int, tip: str, suffix: str) -> QtWidgets.QSpinBox:
    box = QtWidgets.QSpinBox()
    box.setRange(smallest, largest)
    box.setSuffix(suffix)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setMinimumWidth(40)
    box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
    box.setButtonSymbols(QtWidgets.QAbstractSpinBox.ButtonSymbols.NoButtons)
    box.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight)
    box.setAccelerated(True)
    return box


def _choice(words: str, tip: str) -> QtWidgets.QCheckBox:
    box = QtWidgets.QCheckBox(words)
    box.setToolTip(tip)
    return box
