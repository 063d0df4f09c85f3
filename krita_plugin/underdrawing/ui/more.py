# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the panel that folds away: model, steps, seed, border, grain, what should not appear."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..qt import QtWidgets, Signal
from . import texts
from .folding import Folding
from .inputs import KeepKeys, dim_placeholder
from .theme import Theme

LARGEST_SEED = 2**32 - 1
LARGEST_STEPS = 150
LARGEST_BORDER_PX = 512


class More(Folding):
    """Every field tells of the artist's changes by `changed(name, value)`."""

    changed = Signal(str, object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(texts.MORE, texts.MORE_TIP, parent)
        self._make_fields()
        self._lay_out()

    def show_families(self, families: Sequence[tuple[str, str]]) -> None:
        """Offer these models, as (id, title)."""
        before = [(self.family.itemData(i), self.family.itemText(i)) for i in range(self.family.count())]
        if before == list(families):
            return
        chosen = self.family.currentData()
        self.family.blockSignals(True)
        self.family.clear()
        for family, title in families:
            self.family.addItem(title, family)
        self.family.setCurrentIndex(max(0, self.family.findData(chosen)))
        self.family.blockSignals(False)

    def show_family(self, family: str) -> None:
        """Choose a model without telling of a change; an unknown one is left out."""
        self.family.blockSignals(True)
        self.family.setCurrentIndex(max(0, self.family.findData(family)))
        self.family.blockSignals(False)

    def show_number(self, name: str, value: int) -> None:
        """Show `steps`, `seed`, `grow_px` or `feather_px` without telling of a change."""
        box = self._numbers[name]
        if box.hasFocus() or int(box.value()) == value:
            return
        box.blockSignals(True)
        box.setValue(value)
        box.blockSignals(False)

    def show_quick(self, quick: bool, *, possible: bool) -> None:
        """Show whether to paint in a few steps; a model that cannot does not offer it."""
        self.quick.blockSignals(True)
        self.quick.setChecked(quick)
        self.quick.blockSignals(False)
        self.quick.setVisible(possible)
        self.steps.setEnabled(not (quick and possible))

    def show_random_seed(self, random: bool) -> None:
        """Show whether every painting takes a new seed."""
        self.random_seed.blockSignals(True)
        self.random_seed.setChecked(random)
        self.random_seed.blockSignals(False)
        self.seed.setEnabled(not random)

    def show_match(self, *, match_grain: bool, shadow: bool) -> None:
        """Show what is done for a painting to belong to its picture, without telling of a change."""
        for box, on in ((self.match_grain, match_grain), (self.shadow, shadow)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)

    def show_negative(self, words: str) -> None:
        """Show what should not appear, without telling of a change."""
        if self.negative.text() != words:
            self.negative.setText(words)

    def _make_fields(self) -> None:
        self.family = QtWidgets.QComboBox()
        self.family.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self.family.currentIndexChanged.connect(self._choose_family)
        self.steps = _spin(0, LARGEST_STEPS, texts.STEPS_TIP)
        self.steps.setSpecialValueText(texts.STEPS_DEFAULT)
        self.quick = QtWidgets.QCheckBox(texts.QUICK)
        self.quick.setToolTip(texts.QUICK_TIP)
        self.quick.toggled.connect(self._choose_quick)
        self.grow = _spin(0, LARGEST_BORDER_PX, texts.GROW_TIP, texts.PIXELS)
        self.feather = _spin(0, LARGEST_BORDER_PX, texts.FEATHER_TIP, texts.PIXELS)
        self.seed = _spin(0, LARGEST_SEED, texts.SEED_TIP)
        self._numbers = {
            "steps": self.steps,
            "seed": self.seed,
            "grow_px": self.grow,
            "feather_px": self.feather,
        }
        for name, box in self._numbers.items():
            box.valueChanged.connect(self._teller(name))
        self.random_seed = QtWidgets.QCheckBox(texts.RANDOM_SEED)
        self.random_seed.setToolTip(texts.RANDOM_SEED_TIP)
        self.random_seed.toggled.connect(self._choose_random)
        self.match_grain = QtWidgets.QCheckBox(texts.MATCH_GRAIN)
        self.match_grain.setToolTip(texts.MATCH_GRAIN_TIP)
        self.shadow = QtWidgets.QCheckBox(texts.SHADOW)
        self.shadow.setToolTip(texts.SHADOW_TIP)
        for name, ticked in (("match_grain", self.match_grain), ("shadow", self.shadow)):
            ticked.toggled.connect(self._flag_teller(name))
        self.negative = QtWidgets.QLineEdit()
        self.negative.setPlaceholderText(texts.NEGATIVE)
        self.negative.textEdited.connect(self._choose_negative)
        Theme(self.negative, lambda: dim_placeholder(self.negative))
        self._keys = KeepKeys(self)
        for field in (self.steps, self.grow, self.feather, self.seed, self.negative):
            field.installEventFilter(self._keys)

    def _lay_out(self) -> None:
        form = QtWidgets.QFormLayout(self.fields)
        form.setContentsMargins(4, 0, 0, 2)
        form.setSpacing(4)
        form.addRow(QtWidgets.QLabel(texts.FAMILY))
        form.addRow(self.family)
        form.addRow(texts.STEPS, self.steps)
        form.addRow("", self.quick)
        form.addRow(texts.SEED, self.seed)
        form.addRow("", self.random_seed)
        form.addRow(texts.GROW, self.grow)
        form.addRow(texts.FEATHER, self.feather)
        form.addRow("", self.match_grain)
        form.addRow("", self.shadow)
        form.addRow(self.negative)

    def _teller(self, name: str) -> Callable[[float], None]:
        def tell(value: float) -> None:
            self.changed.emit(name, int(value))

        return tell

    def _flag_teller(self, name: str) -> Callable[[bool], None]:
        def tell(on: bool) -> None:
            self.changed.emit(name, on)

        return tell

    def _choose_family(self, _index: int) -> None:
        self.changed.emit("family", self.family.currentData())

    def _choose_negative(self, words: str) -> None:
        self.changed.emit("negative_prompt", words)

    def _choose_quick(self, quick: bool) -> None:
        self.steps.setEnabled(not quick)
        self.changed.emit("quick", quick)

    def _choose_random(self, random: bool) -> None:
        self.seed.setEnabled(not random)
        self.changed.emit("random_seed", random)


def _spin(smallest: int, largest: int, tip: str, suffix: str = "") -> QtWidgets.QDoubleSpinBox:
    """A box for whole numbers. (QSpinBox ends at 2**31 - 1, seeds do not.)"""
    box = QtWidgets.QDoubleSpinBox()
    box.setDecimals(0)
    box.setRange(smallest, largest)
    box.setSuffix(suffix)
    box.setToolTip(tip)
    box.setMinimumWidth(50)
    box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
    box.setKeyboardTracking(False)
    return box
