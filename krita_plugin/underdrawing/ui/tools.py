# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools below the roles, and what shows while an iris is dabbed or a copy placed."""

from __future__ import annotations

from collections.abc import Callable

from ..qt import QtCore, QtGui, QtWidgets, Signal
from . import tool_texts as texts
from .buttons import MenuButton
from .icons import drawn_icon
from .inputs import StrengthBar
from .placing import PlacingCard
from .theme import Theme, legible
from .tool_icons import TOOLS

Qt = QtCore.Qt
ICON_PX, SWATCH_PX = 16, 16
COLUMNS = 3
ACCENT = "#5badde"
LARGEST_IRIS = 4.0
LASTING = ("eraser", "iris")
"""Tools that are taken up and laid down."""


class ToolButton(MenuButton):
    """One tool, with its name beside; Copy has a menu."""

    def __init__(self, name: str, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._draw = TOOLS[name]
        self.setIconSize(QtCore.QSize(ICON_PX, ICON_PX))
        self.setText(texts.NAMES[name])
        self.setToolTip(texts.TIPS[name])
        self.setAccessibleName(texts.NAMES[name])
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoRaise(True)
        self.setCheckable(name in LASTING)
        small = self.font()
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.9))
        self.setFont(small)
        Theme(self, self._show_icon)

    def _show_icon(self) -> None:
        colours, roles = self.palette(), QtGui.QPalette.ColorRole
        accent = legible(QtGui.QColor(ACCENT), colours.color(roles.Window))
        ink = colours.color(roles.WindowText)
        self.setIcon(drawn_icon(self._draw, ink, accent, ICON_PX, self.devicePixelRatioF()))


class IrisBar(QtWidgets.QWidget):
    """Colour and size of the irises, and which eye comes next."""

    colour_chosen = Signal(str)
    size_chosen = Signal(float)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.size_bar = StrengthBar(texts.IRIS_SIZE, tip=texts.IRIS_SIZE_TIP, largest=LARGEST_IRIS)
        self.size_bar.changed.connect(self.size_chosen)
        self.swatches = {
            colour: self._swatch(colour, name)
            for colour, name in {"": texts.IRIS_COLOUR_NOW, **texts.IRIS_COLOURS}.items()
        }
        colours = QtWidgets.QHBoxLayout()
        colours.setSpacing(1)
        for swatch in self.swatches.values():
            colours.addWidget(swatch)
        colours.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(3)
        column.addWidget(self.words)
        column.addLayout(colours)
        column.addWidget(self.size_bar)
        self.hide()

    def show_iris(self, left: int, colour: str, size: float) -> None:
        """Show the tool; `left` eyes are still to come, 0 hides it."""
        self.setVisible(left > 0)
        self.words.setText(texts.IRIS_STEPS.get(left, ""))
        self.size_bar.show_value(size)
        for name, swatch in self.swatches.items():
            swatch.setChecked(name == colour)

    def _swatch(self, colour: str, name: str) -> QtWidgets.QToolButton:
        button = QtWidgets.QToolButton()
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        if colour:
            dot = QtGui.QPixmap(SWATCH_PX, SWATCH_PX)
            dot.fill(QtGui.QColor(colour))
            button.setIcon(QtGui.QIcon(dot))
        else:
            button.setText("✎")
        button.setIconSize(QtCore.QSize(SWATCH_PX, SWATCH_PX))
        button.clicked.connect(lambda: self.colour_chosen.emit(colour))
        return button


class ToolsRow(QtWidgets.QWidget):
    """Signals say what the artist did; `show_...` methods show what is."""

    chosen = Signal(str)
    """A tool's name."""
    copied = Signal(str)
    """Where from: a key of `texts.COPY_SOURCES`."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {name: ToolButton(name) for name in TOOLS}
        self.iris = IrisBar()
        self.placing = PlacingCard()
        grid = QtWidgets.QGridLayout()
        grid.setSpacing(0)
        for place, (name, button) in enumerate(self.buttons.items()):
            grid.addWidget(button, place // COLUMNS, place % COLUMNS)
            if name != "copy":
                button.clicked.connect(self._teller(name))
        self._offer_sources()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(grid)
        column.addWidget(self.iris)
        column.addWidget(self.placing)

    def show_active(self, tool: str) -> None:
        """Show which tool the artist holds; "" for none."""
        for name in LASTING:
            self.buttons[name].setChecked(name == tool)

    def show_possible(self, *, is_open: bool, has_clip: bool, is_free: bool) -> None:
        """Show what can be done: is a document open, was something copied, are no lines looked for."""
        for name, button in self.buttons.items():
            button.setEnabled(is_open or name == "copy")
        self.buttons["paste"].setEnabled(is_open and has_clip)
        self.buttons["to_lines"].setEnabled(is_open and is_free)

    def _offer_sources(self) -> None:
        menu = QtWidgets.QMenu(self)
        for source, words in texts.COPY_SOURCES.items():
            menu.addAction(words).triggered.connect(self._teller_of_source(source))
        self.buttons["copy"].setMenu(menu)

    def _teller(self, name: str) -> Callable[..., None]:
        return lambda *_: self.chosen.emit(name)

    def _teller_of_source(self, source: str) -> Callable[..., None]:
        return lambda *_: self.copied.emit(source)
