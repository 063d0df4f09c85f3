# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of models: the artist's folders, what is in them, and what can be downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.library import NONE
from ..qt import QtCore, QtGui, QtWidgets, Signal
from ..wire import model_messages
from . import texts

LORA = "LoRA"
"""What the backend calls the kind that a prompt can name."""

Qt = QtCore.Qt
USUAL_PX = 820, 600
FOLDERS_PX = 84
ACTION_PX = 236
TITLE, BASE, KIND, SIZE, ACTION = range(5)


class DownloadRow(QtWidgets.QWidget):
    """Get, or how far the download is, with a button that stops it."""

    get_clicked = Signal()
    stop_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.get = QtWidgets.QPushButton(texts.GET)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.stop = QtWidgets.QToolButton()
        self.stop.setText("✕")
        self.stop.setToolTip(texts.GET_STOP)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(2, 1, 2, 1)
        row.addWidget(self.get)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        self.get.clicked.connect(lambda: self.get_clicked.emit())
        self.stop.clicked.connect(lambda: self.stop_clicked.emit())
        self.show_progress(None)

    def show_progress(self, progress: model_messages.ModelProgress | None) -> None:
        running = progress is not None and progress.running
        self.get.setVisible(not running)
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.get.setText(texts.GET_AGAIN if progress is not None else texts.GET)
        if progress is not None and running:
            self.bar.setValue(round(1000 * progress.done_bytes / max(1, progress.total_bytes)))
            self.bar.setFormat(texts.download_words(progress))


class ModelsWindow(QtWidgets.QDialog):
    """Shows what the backend told. Signals say what the artist asks for.

    Args:
        browse: Folders can be chosen here; else they are typed, for they are another computer's.
    """

    folder_added = Signal(str)
    folder_removed = Signal(str)
    get_clicked = Signal(str)
    stop_clicked = Signal(str)
    look_clicked = Signal()
    use_clicked = Signal(object)

    def __init__(self, *, browse: bool, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.MODELS_TITLE)
        self.resize(*USUAL_PX)
        self._browse = browse
        self._shown = NONE
        self._downloads: Mapping[str, model_messages.ModelProgress] = {}
        self.rows: dict[str, DownloadRow] = {}
        self.folders = QtWidgets.QListWidget()
        self.folders.setMaximumHeight(FOLDERS_PX)
        self.add = QtWidgets.QPushButton(texts.FOLDER_ADD)
        self.remove = QtWidgets.QPushButton(texts.FOLDER_REMOVE)
        self.again = QtWidgets.QPushButton(texts.LOOK_AGAIN)
        self.tree = QtWidgets.QTreeWidget()
        self.details = _words()
        self.problem = _words()
        self._set_up_tree()
        self._lay_out()
        self._connect()
        self.show_models(NONE, {})

    def show_models(
        self, models: model_messages.Models, downloads: Mapping[str, model_messages.ModelProgress]
    ) -> None:
        """Show everything; rows are made anew only when the models are others than before."""
        self._downloads = downloads
        if models != self._shown or self.tree.topLevelItemCount() == 0:
            self._shown = models
            self._show_folders(models)
            self._show_tree(models)
        for id, row in self.rows.items():
            row.show_progress(downloads.get(id))
        failed = [download.problem for download in downloads.values() if download.problem]
        words = [models.problem, *failed, texts.OFFLINE if models.offline and models.target else ""]
        self.problem.setText("\n".join(word for word in words if word))
        self.problem.setVisible(any(words))
        self._show_details()

    def _show_folders(self, models: model_messages.Models) -> None:
        self.folders.clear()
        self.folders.addItems(list(models.folders))
        self.remove.setEnabled(False)
        self.add.setEnabled(bool(models.target))

    def _show_tree(self, models: model_messages.Models) -> None:
        chosen = self._chosen()
        self.tree.clear()
        self.rows = {}
        for state, heading in texts.MODEL_GROUPS.items():
            members = [model for model in models.models if model.state == state]
            if members:
                group = QtWidgets.QTreeWidgetItem(self.tree, [f"{heading} ({len(members)})"])
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setFirstColumnSpanned(True)
                group.setExpanded(True)
                bold = group.font(TITLE)
                bold.setBold(True)
                group.setFont(TITLE, bold)
                for model in members:
                    self._add_row(group, model, chosen)
        if not models.models:
            waiting = texts.MODELS_NONE if models.target else texts.MODELS_WAIT
            QtWidgets.QTreeWidgetItem(self.tree, [waiting]).setFlags(Qt.ItemFlag.NoItemFlags)

    def _add_row(
        self,
        group: QtWidgets.QTreeWidgetItem,
        model: model_messages.ModelInfo,
        chosen: model_messages.ModelInfo | None,
    ) -> None:
        size = texts.size_words(model.size_bytes)
        item = QtWidgets.QTreeWidgetItem(group, [model.title, model.base, model.kind, size])
        item.setTextAlignment(SIZE, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
        item.setToolTip(TITLE, model.place or model.what)
        item.setData(TITLE, Qt.ItemDataRole.UserRole, model)
        if model.state == "unusable":
            grey = self.palette().brush(QtGui.QPalette.ColorGroup.Disabled, QtGui.QPalette.ColorRole.Text)
            for column in range(ACTION):
                item.setForeground(column, grey)
        if model.state == "missing" and model.id:
            self.tree.setItemWidget(item, ACTION, self._download_row(model.id))
        if chosen is not None and (chosen.title, chosen.place) == (model.title, model.place):
            self.tree.setCurrentItem(item)

    def _download_row(self, id: str) -> DownloadRow:
        row = self.rows[id] = DownloadRow()
        row.get.setEnabled(not self._shown.offline)
        row.get_clicked.connect(lambda: self.get_clicked.emit(id))
        row.stop_clicked.connect(lambda: self.stop_clicked.emit(id))
        return row

    def _show_details(self) -> None:
        model = self._chosen()
        if model is None:
            target = texts.DOWNLOADS_GO.format(folder=self._shown.target) if self._shown.target else ""
            self.details.setText(target)
            return
        hint = texts.LORA_HINT if model.kind == LORA and model.state == "ready" else ""
        lines = [model.what, model.problem, model.place, hint]
        if model.licence:
            lines.append(texts.LICENCE.format(licence=model.licence))
        self.details.setText("\n".join(line for line in lines if line))

    def _chosen(self) -> model_messages.ModelInfo | None:
        item = self.tree.currentItem()
        return item.data(TITLE, Qt.ItemDataRole.UserRole) if item is not None else None

    def _use(self) -> None:
        model = self._chosen()
        if model is not None and model.state == "ready":
            self.use_clicked.emit(model)

    def _add_folder(self) -> None:
        if self._browse:
            folder = QtWidgets.QFileDialog.getExistingDirectory(self, texts.FOLDER_CHOOSE)
        else:
            folder, _ = QtWidgets.QInputDialog.getText(self, texts.MODELS_TITLE, texts.FOLDER_TYPE)
        if folder:
            self.folder_added.emit(folder)

    def _remove_folder(self) -> None:
        item = self.folders.currentItem()
        if item is not None:
            self.folder_removed.emit(item.text())

    def _set_up_tree(self) -> None:
        self.tree.setColumnCount(ACTION + 1)
        self.tree.setHeaderLabels(texts.MODEL_COLUMNS)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(False)
        self.tree.setAlternatingRowColors(True)
        header: Any = self.tree.header()
        header.setStretchLastSection(False)
        modes = QtWidgets.QHeaderView.ResizeMode
        header.setSectionResizeMode(TITLE, modes.Stretch)
        for column in (BASE, KIND, SIZE):
            header.setSectionResizeMode(column, modes.ResizeToContents)
        header.setSectionResizeMode(ACTION, modes.Fixed)
        header.resizeSection(ACTION, ACTION_PX)

    def _connect(self) -> None:
        self.add.clicked.connect(lambda: self._add_folder())
        self.remove.clicked.connect(lambda: self._remove_folder())
        self.again.clicked.connect(lambda: self.look_clicked.emit())
        self.folders.itemSelectionChanged.connect(
            lambda: self.remove.setEnabled(self.folders.currentRow() >= 0)
        )
        self.tree.currentItemChanged.connect(lambda *_: self._show_details())
        self.tree.itemActivated.connect(lambda *_: self._use())

    def _lay_out(self) -> None:
        intro = _words()
        intro.setText(texts.FOLDERS_INTRO)
        beside = QtWidgets.QVBoxLayout()
        for button in (self.add, self.remove, self.again):
            beside.addWidget(button)
        beside.addStretch(1)
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self.folders, 1)
        top.addLayout(beside)
        close = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.close)
        column = QtWidgets.QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(intro)
        column.addLayout(top)
        column.addWidget(self.tree, 1)
        column.addWidget(self.details)
        column.addWidget(self.problem)
        column.addWidget(close)


def _words() -> QtWidgets.QLabel:
    label = QtWidgets.QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
