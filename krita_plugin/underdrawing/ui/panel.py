# SPDX-License-Identifier: GPL-3.0-or-later
"""The docker's panel, the most used at the top: it stays in sight where the docker is low."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..qt import QtCore, QtGui, QtWidgets, Signal, is_gone
from . import texts
from .buttons import LinesButton, PaintButton, RoleButton
from .cards import ErrorCard, NoteCard, PreviewCard, StatusLine
from .history import HistoryStrip
from .inputs import PromptField, StrengthBar
from .line_art import LineArt
from .live_row import LiveRow
from .more import More
from .region_switch import RegionSwitch
from .tools import ToolsRow

Qt = QtCore.Qt
SMALLEST_PX = 240, 190
"""So low that Paint is just in sight."""
USUAL_PX = 300, 520
STRENGTHS = {
    "contour": texts.CONTOUR_STRENGTH,
    "detail": texts.DETAIL_STRENGTH,
    "colour": texts.COLOUR_STRENGTH,
}


class Panel(QtWidgets.QWidget):
    """All rows of the docker. Signals say what the artist did; `show_...` methods show what is.

    Args:
        role_colours: Colour of each role's layer label, in the buttons' order.
    """

    paint_clicked = Signal()
    cancel_clicked = Signal()
    role_clicked = Signal(str)
    lines_clicked = Signal()
    setting_changed = Signal(str, object)
    start_clicked = Signal()
    stop_clicked = Signal()
    log_clicked = Signal()
    remote_clicked = Signal()
    models_clicked = Signal()

    def __init__(self, role_colours: Mapping[str, str], parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LinesButton()
        self.status = StatusLine(self.lines, self._make_menu())
        self.roles = {role: RoleButton(role, QtGui.QColor(colour)) for role, colour in role_colours.items()}
        self.tools = ToolsRow()
        self.prompt = PromptField()
        self.strengths = {name: StrengthBar(label) for name, label in STRENGTHS.items()}
        self.line_art = LineArt()
        self.more = More()
        self.paint = PaintButton()
        self.region = RegionSwitch()
        self.live = LiveRow()
        self.preview = PreviewCard()
        self.note = NoteCard()
        self.error = ErrorCard()
        self.history = HistoryStrip()
        self._connect()
        self._lay_out()
        self.setMinimumSize(*SMALLEST_PX)

    def sizeHint(self) -> QtCore.QSize:  # noqa: N802 - Qt's name
        return QtCore.QSize(*USUAL_PX)

    def show_prompt(self, words: str) -> None:
        """Show words without telling of a change; a space that is just being typed at the end stays."""
        if self.prompt.toPlainText().strip() != words:
            self.prompt.blockSignals(True)
            self.prompt.setPlainText(words)
            self.prompt.blockSignals(False)

    def _make_menu(self) -> QtWidgets.QMenu:
        menu = QtWidgets.QMenu(self)
        for text, signal in (
            (texts.START, self.start_clicked),
            (texts.STOP, self.stop_clicked),
            (texts.SHOW_LOG, self.log_clicked),
            (texts.MODELS_MENU, self.models_clicked),
            (texts.REMOTE_MENU, self.remote_clicked),
        ):
            menu.addAction(text).triggered.connect(_telling(signal))
        return menu

    def _connect(self) -> None:
        for role, button in self.roles.items():
            button.clicked.connect(_telling(self.role_clicked, role))
        self.lines.clicked.connect(_telling(self.lines_clicked))
        for name, bar in self.strengths.items():
            bar.changed.connect(_telling_value(self.setting_changed, name))
        self.prompt.textChanged.connect(
            lambda: self.setting_changed.emit("prompt", self.prompt.toPlainText().strip())
        )
        self.prompt.submitted.connect(self._ask_to_paint)
        self.more.changed.connect(self.setting_changed)
        self.error.shown.connect(lambda: QtCore.QTimer.singleShot(0, self._reveal_error))
        self.paint.clicked.connect(
            lambda: (self.cancel_clicked if self.paint.busy else self.paint_clicked).emit()
        )

    def _ask_to_paint(self) -> None:
        if not self.paint.busy:
            self.paint_clicked.emit()

    def _reveal_error(self) -> None:
        """Scroll the error into sight, once it has its place."""
        if not is_gone(self):
            self._scroll.ensureWidgetVisible(self.error, 0, 0)

    def _lay_out(self) -> None:
        roles = QtWidgets.QHBoxLayout()
        roles.setSpacing(2)
        for button in self.roles.values():
            roles.addWidget(button, 1)
        bars = QtWidgets.QVBoxLayout()
        bars.setSpacing(3)
        for bar in self.strengths.values():
            bars.addWidget(bar)
        rows = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(rows)
        column.setContentsMargins(4, 2, 4, 4)
        column.setSpacing(6)
        column.addWidget(self.status)
        column.addLayout(roles)
        column.addWidget(self.tools)
        column.addWidget(self.prompt)
        column.addWidget(self.paint)
        column.addWidget(self.region)
        column.addWidget(self.live)
        column.addWidget(self.note)
        column.addWidget(self.error)
        column.addWidget(self.preview)
        column.addLayout(bars)
        column.addWidget(self.line_art)
        column.addWidget(self.more)
        column.addWidget(self.history)
        column.addStretch(1)
        self._scroll = QtWidgets.QScrollArea()
        self._scroll.setWidget(rows)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)


def _telling(signal: Any, *values: object) -> Callable[..., None]:
    """A slot that emits a signal with these values, whatever it is called with."""

    def tell(*_: object) -> None:
        signal.emit(*values)

    return tell


def _telling_value(signal: Any, name: str) -> Callable[[float], None]:
    """A slot that passes its value on under a name."""

    def tell(value: float) -> None:
        signal.emit(name, value)

    return tell
