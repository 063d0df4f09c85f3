# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of learnt lines: use, rename, export, import, delete."""

from __future__ import annotations

from collections.abc import Sequence

from ..qt import QtCore, QtWidgets, Signal
from ..wire import library_messages
from . import texts
from .line_art import png_icon

Qt = QtCore.Qt
USUAL_PX = 520, 420
ICON_PX, CELL_PX = 104, 132


class StylesWindow(QtWidgets.QDialog):
    """Shows what the backend told. Signals say what the artist asks for.

    Args:
        browse: Files can be chosen here; else they are typed, for they are another computer's.
    """

    use_clicked = Signal(str)
    renamed = Signal(str, str)
    deleted = Signal(str)
    exported = Signal(str, str)
    imported = Signal(str)

    def __init__(self, *, browse: bool, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.STYLES_TITLE)
        self.resize(*USUAL_PX)
        self._browse = browse
        self._shown: tuple[library_messages.LearntEntry, ...] | None = None
        self.grid = QtWidgets.QListWidget()
        self.grid.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.grid.setIconSize(QtCore.QSize(ICON_PX, ICON_PX))
        self.grid.setGridSize(QtCore.QSize(CELL_PX, CELL_PX + 24))
        self.grid.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.grid.setMovement(QtWidgets.QListView.Movement.Static)
        self.grid.setWordWrap(True)
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.use = QtWidgets.QPushButton(texts.STYLE_USE)
        self.rename = QtWidgets.QPushButton(texts.STYLE_RENAME)
        self.export = QtWidgets.QPushButton(texts.STYLE_EXPORT)
        self.take = QtWidgets.QPushButton(texts.STYLE_IMPORT)
        self.delete = QtWidgets.QPushButton(texts.STYLE_DELETE)
        self._lay_out()
        self._connect()
        self._show_possible()

    def show_styles(
        self, styles: Sequence[library_messages.LearntEntry], chosen: str, problem: str, *, told: bool
    ) -> None:
        """Show all; those that are shown already stay as they are.

        Args:
            chosen: The style that lines are drawn in.
            problem: Why what was asked for could not be done.
            told: The backend has told its styles.
        """
        if tuple(styles) != self._shown:
            self._fill(tuple(styles), self.current() or chosen)
        nothing = texts.STYLES_NONE if told else texts.STYLES_WAIT
        self.words.setText(problem or ("" if styles else nothing))
        self.words.setVisible(bool(self.words.text()))
        self.take.setEnabled(told)
        items = (self.grid.item(row) for row in range(self.grid.count()))
        for item in filter(None, items):
            font = item.font()
            font.setBold(item.data(Qt.ItemDataRole.UserRole).id == chosen)
            item.setFont(font)

    def current(self) -> str:
        """Id of the selected style, or ""."""
        entry = self._entry()
        return entry.id if entry is not None else ""

    def _fill(self, styles: tuple[library_messages.LearntEntry, ...], current: str) -> None:
        self._shown = styles
        self.grid.clear()
        for entry in styles:
            item = QtWidgets.QListWidgetItem(png_icon(entry.thumbnail), entry.title)
            words = texts.STYLE_SHIPPED if entry.shipped else texts.STYLE_OWN
            item.setToolTip(words.format(title=entry.title, size=texts.size_words(entry.size_bytes)))
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.grid.addItem(item)
            if entry.id == current:
                self.grid.setCurrentItem(item)
        self._show_possible()

    def _entry(self) -> library_messages.LearntEntry | None:
        item = self.grid.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def _show_possible(self) -> None:
        entry = self._entry()
        self.use.setEnabled(entry is not None)
        self.export.setEnabled(entry is not None)
        for button in (self.rename, self.delete):
            button.setEnabled(entry is not None and not entry.shipped)

    def _use(self) -> None:
        if entry := self._entry():
            self.use_clicked.emit(entry.id)

    def _rename(self) -> None:
        if entry := self._entry():
            title, sure = QtWidgets.QInputDialog.getText(
                self, texts.STYLES_TITLE, texts.STYLE_NAME, text=entry.title
            )
            if sure and title.strip():
                self.renamed.emit(entry.id, title.strip())

    def _delete(self) -> None:
        if entry := self._entry():
            words = texts.STYLE_DELETE_SURE.format(title=entry.title)
            buttons = QtWidgets.QMessageBox.StandardButton
            if QtWidgets.QMessageBox.question(self, texts.STYLES_TITLE, words) == buttons.Yes:
                self.deleted.emit(entry.id)

    def _export(self) -> None:
        if entry := self._entry():
            name = f"{entry.title}.safetensors"
            if self._browse:
                path, _ = QtWidgets.QFileDialog.getSaveFileName(
                    self, texts.STYLE_EXPORT, name, texts.STYLE_FILES
                )
            else:
                path = self._typed(name)
            if path:
                self.exported.emit(entry.id, path)

    def _import(self) -> None:
        if self._browse:
            path, _ = QtWidgets.QFileDialog.getOpenFileName(self, texts.STYLE_IMPORT, "", texts.STYLE_FILES)
        else:
            path = self._typed("")
        if path:
            self.imported.emit(path)

    def _typed(self, name: str) -> str:
        path, _ = QtWidgets.QInputDialog.getText(self, texts.STYLES_TITLE, texts.STYLE_PATH, text=name)
        return path.strip()

    def _connect(self) -> None:
        self.use.clicked.connect(lambda: self._use())
        self.rename.clicked.connect(lambda: self._rename())
        self.export.clicked.connect(lambda: self._export())
        self.take.clicked.connect(lambda: self._import())
        self.delete.clicked.connect(lambda: self._delete())
        self.grid.currentItemChanged.connect(lambda *_: self._show_possible())
        self.grid.itemActivated.connect(lambda *_: self._use())

    def _lay_out(self) -> None:
        row = QtWidgets.QHBoxLayout()
        for button in (self.use, self.rename, self.export, self.take, self.delete):
            row.addWidget(button)
        close = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.close)
        column = QtWidgets.QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(self.grid, 1)
        column.addWidget(self.words)
        column.addLayout(row)
        column.addWidget(close)
