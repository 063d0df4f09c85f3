# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the panel about line art: extract, weigh, teach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..wire import ink
from . import texts
from .cards import PreviewCard
from .folding import Folding
from .icons import icon
from .inputs import StrengthBar
from .theme import Theme

Qt = QtCore.Qt
ICON_PX = 24


class LearningRow(QtWidgets.QWidget):
    """How far a learning is, with a button that stops it and a picture that improves; or what was learnt."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setMinimumWidth(60)
        self.stop = QtWidgets.QToolButton()
        self.stop.setText("✕")
        self.stop.setToolTip(texts.LEARN_STOP)
        self.stop.setAccessibleName(texts.LEARN_STOP)
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.preview = PreviewCard(self)
        row = QtWidgets.QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.preview)
        self.show_none("")

    def show_progress(self, fraction: float, words: str, image: QtGui.QImage | None) -> None:
        """Show a learning; `words` says how it stands."""
        self.show()
        self.bar.show()
        self.stop.show()
        self.bar.setValue(round(1000 * min(max(fraction, 0.0), 1.0)))
        self.bar.setFormat("")
        self.words.setText(words)
        self.words.show()
        self.preview.show_image(image)

    def show_none(self, learnt: str) -> None:
        """Show that nothing is being learnt; `learnt` says what was."""
        self.bar.hide()
        self.stop.hide()
        self.preview.show_image(None)
        self.words.setText(learnt)
        self.words.setVisible(bool(learnt))
        self.setVisible(bool(learnt))


class LineArt(Folding):
    """Signals say what the artist did; `show_...` methods show what is."""

    extract_clicked = Signal()
    teach_clicked = Signal()
    styles_clicked = Signal()
    stop_clicked = Signal()
    changed = Signal(str, object)
    weighed = Signal(float, float)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(texts.LINE_ART, texts.LINE_ART_TIP, parent)
        self.extract = QtWidgets.QPushButton(texts.EXTRACT)
        self.extract.setToolTip(texts.EXTRACT_TIP)
        self.source = _choice(texts.SOURCE_TIP)
        for key, words in texts.SOURCES.items():
            self.source.addItem(words, key)
        self.style_choice = _choice(texts.STYLE_TIP)
        self.style_choice.setIconSize(QtCore.QSize(ICON_PX, ICON_PX))
        self.styles = QtWidgets.QToolButton()
        self.styles.setText("…")
        self.styles.setToolTip(texts.STYLES_OPEN)
        self.styles.setAccessibleName(texts.STYLES_OPEN)
        self.weight = StrengthBar(texts.WEIGHT, tip=texts.WEIGHT_TIP, largest=ink.LARGEST_WEIGHT)
        self.threshold = StrengthBar(
            texts.THRESHOLD, tip=texts.THRESHOLD_TIP, largest=ink.LARGEST_THRESHOLD, natural=0.0
        )
        self.clean = QtWidgets.QCheckBox(texts.CLEAN)
        self.clean.setToolTip(texts.CLEAN_TIP)
        self.teach = QtWidgets.QPushButton(texts.TEACH)
        self.teach.setToolTip(texts.TEACH_TIP)
        self.learning = LearningRow()
        self._shown: tuple[tuple[str, str, bytes], ...] | None = None
        self._lay_out()
        self._connect()
        self.show_styles(())
        Theme(self, self._show_icon)

    def show_styles(self, styles: Sequence[tuple[str, str, bytes]]) -> None:
        """Offer the general line and these, as (id, title, PNG)."""
        if tuple(styles) == self._shown:
            return
        self._shown = tuple(styles)
        with _quiet(self.style_choice):
            chosen = self.style_choice.currentData()
            self.style_choice.clear()
            self.style_choice.addItem(texts.STYLE_GENERAL, "")
            self._show_icon()
            for id, title, picture in styles:
                self.style_choice.addItem(png_icon(picture), title, id)
            self.style_choice.setCurrentIndex(max(0, self.style_choice.findData(chosen)))

    def _show_icon(self) -> None:
        """Of the general line; the others have pictures."""
        colour = self.palette().color(QtGui.QPalette.ColorRole.ButtonText)
        self.style_choice.setItemIcon(0, icon("contour", colour, colour, ICON_PX, self.devicePixelRatioF()))

    def show_choices(self, source: str, style: str, clean: bool) -> None:
        """Show what is chosen, without telling of a change."""
        for box, value in ((self.source, source), (self.style_choice, style)):
            with _quiet(box):
                box.setCurrentIndex(max(0, box.findData(value)))
        with _quiet(self.clean):
            self.clean.setChecked(clean)

    def show_weights(self, weight: float, threshold: float) -> None:
        self.weight.show_value(weight)
        self.threshold.show_value(threshold)

    def show_possible(self, *, extract: bool, teach: bool) -> None:
        """Show whether lines can be extracted, and one can be taught, just now."""
        self.extract.setEnabled(extract)
        self.teach.setEnabled(teach)

    def _connect(self) -> None:
        self.extract.clicked.connect(lambda: self.extract_clicked.emit())
        self.teach.clicked.connect(lambda: self.teach_clicked.emit())
        self.styles.clicked.connect(lambda: self.styles_clicked.emit())
        self.learning.stop.clicked.connect(lambda: self.stop_clicked.emit())
        self.source.currentIndexChanged.connect(self._teller("line_source", self.source))
        self.style_choice.currentIndexChanged.connect(self._teller("line_style", self.style_choice))
        self.clean.toggled.connect(lambda: self.changed.emit("line_clean", self.clean.isChecked()))
        for bar in (self.weight, self.threshold):
            bar.changed.connect(lambda: self.weighed.emit(self.weight.value, self.threshold.value))

    def _teller(self, name: str, box: QtWidgets.QComboBox) -> Callable[[int], None]:
        def tell(_index: int) -> None:
            self.changed.emit(name, box.currentData())

        return tell

    def _lay_out(self) -> None:
        rows = QtWidgets.QVBoxLayout(self.fields)
        rows.setContentsMargins(4, 0, 0, 2)
        rows.setSpacing(4)
        for widgets in ((self.extract, self.source), (self.style_choice, self.styles)):
            row = QtWidgets.QHBoxLayout()
            row.setSpacing(4)
            for widget in widgets:
                row.addWidget(widget, 0 if widget is self.styles else 1)
            rows.addLayout(row)
        rows.addWidget(self.weight)
        rows.addWidget(self.threshold)
        last = QtWidgets.QHBoxLayout()
        last.addWidget(self.clean, 1)
        last.addWidget(self.teach, 1)
        rows.addLayout(last)
        self.column.addWidget(self.learning)


class _quiet:  # noqa: N801 - used like a function
    """A widget tells of no change within the block."""

    def __init__(self, widget: QtWidgets.QWidget) -> None:
        self._widget = widget

    def __enter__(self) -> None:
        self._widget.blockSignals(True)

    def __exit__(self, *_: Any) -> None:
        self._widget.blockSignals(False)


def png_icon(png: bytes) -> QtGui.QIcon:
    """A small picture; an empty icon where the bytes are none."""
    pixmap = QtGui.QPixmap()
    pixmap.loadFromData(png)
    return QtGui.QIcon(pixmap)


def _choice(tip: str) -> QtWidgets.QComboBox:
    box = QtWidgets.QComboBox()
    box.setToolTip(tip)
    box.setMinimumWidth(60)
    box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
    return box
