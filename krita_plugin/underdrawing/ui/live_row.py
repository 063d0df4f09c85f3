# SPDX-License-Identifier: GPL-3.0-or-later
"""Live's part of the panel: on and off, how it goes, and what becomes of the picture it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..qt import QAction, QtCore, QtGui, QtWidgets, Signal
from . import live_texts
from .buttons import MenuButton, SwitchButton
from .cards import Dot, PreviewCard

Qt = QtCore.Qt
Button = TypeVar("Button", bound=QtWidgets.QToolButton)


class LiveRow(QtWidgets.QWidget):
    """`changed(name, value)` tells of the choice of engine ("live_engine") and place ("live_place")."""

    toggled = Signal()
    refine_clicked = Signal()
    keep_clicked = Signal()
    changed = Signal(str, object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = _set_up(SwitchButton(), live_texts.LIVE, live_texts.LIVE_TIP)
        self.switch.clicked.connect(lambda: self.toggled.emit())
        self.refine = _set_up(QtWidgets.QToolButton(), live_texts.REFINE, live_texts.REFINE_TIP)
        self.refine.clicked.connect(lambda: self.refine_clicked.emit())
        self.keep = _set_up(QtWidgets.QToolButton(), live_texts.KEEP, live_texts.KEEP_TIP)
        self.keep.clicked.connect(lambda: self.keep_clicked.emit())
        self.options = _set_up(MenuButton(self._make_menu()), "", live_texts.OPTIONS_TIP)
        self.options.setArrowType(Qt.ArrowType.DownArrow)
        self._dot, self.words = Dot(), QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.preview = PreviewCard()
        self._lay_out()
        self.show_standing("off", "", "")

    def show_on(self, on: bool, *, can_keep: bool) -> None:
        """Show whether Live is on, and whether there is a picture to keep."""
        self.switch.setChecked(on)
        self.keep.setVisible(on)
        self.keep.setEnabled(can_keep)

    def show_standing(self, mood: str, words: str, tip: str) -> None:
        """Show how it goes; `mood` is a key of MOODS."""
        self._dot.show_mood(mood)
        if self.words.text() != words:
            self.words.setText(words)
        self.words.setToolTip(tip or words)
        self._standing.setVisible(bool(words))

    def show_choices(self, engine: str, place: str) -> None:
        """Tick what is chosen."""
        for actions, chosen in ((self._engines, engine), (self._places, place)):
            for value, action in actions.items():
                action.setChecked(value == chosen)

    def show_image(self, image: QtGui.QImage | None) -> None:
        """Show a picture here, or none."""
        self.preview.show_image(image)

    def _make_menu(self) -> QtWidgets.QMenu:
        menu = QtWidgets.QMenu(self)
        self._engines = self._add_choice(menu, "live_engine", live_texts.ENGINE_TITLE, live_texts.ENGINES)
        self._places = self._add_choice(menu, "live_place", live_texts.PLACE_TITLE, live_texts.PLACES)
        return menu

    def _add_choice(
        self, menu: QtWidgets.QMenu, name: str, title: str, choices: dict[str, str]
    ) -> dict[str, QAction]:
        menu.addSection(title)
        actions: dict[str, QAction] = {}
        for value, words in choices.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.triggered.connect(self._teller(name, value))
            actions[value] = action
        return actions

    def _teller(self, name: str, value: str) -> Callable[..., None]:
        def tell(*_: object) -> None:
            self.changed.emit(name, value)

        return tell

    def _lay_out(self) -> None:
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(3)
        buttons.addWidget(self.switch, 2)
        buttons.addWidget(self.refine, 2)
        buttons.addWidget(self.keep, 1)
        buttons.addWidget(self.options)
        self._standing = QtWidgets.QWidget()
        line = QtWidgets.QHBoxLayout(self._standing)
        line.setContentsMargins(2, 0, 0, 0)
        line.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.words, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(buttons)
        column.addWidget(self._standing)
        column.addWidget(self.preview)


def _set_up(button: Button, text: str, tip: str) -> Button:
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text or tip)
    button.setSizePolicy(
        QtWidgets.QSizePolicy.Policy.Expanding if text else QtWidgets.QSizePolicy.Policy.Fixed,
        QtWidgets.QSizePolicy.Policy.Fixed,
    )
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays with the canvas
    return button
