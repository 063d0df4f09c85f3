# SPDX-License-Identifier: GPL-3.0-or-later
"""The window that asks for a backend on another machine."""

from __future__ import annotations

from ..model.remote import Remote, parse
from ..qt import QtWidgets
from ..wire import errors
from . import texts


class RemoteDialog(QtWidgets.QDialog):
    """Address, secret and certificate. `exec` says whether the artist chose; `remote` what.

    Args:
        remote: The one in use; None for this computer.
    """

    WIDTH_PX = 460

    def __init__(self, remote: Remote | None, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.remote = remote
        self.setWindowTitle(texts.REMOTE_TITLE)
        self.setMinimumWidth(self.WIDTH_PX)
        self.address = QtWidgets.QLineEdit(remote.address if remote else "")
        self.address.setPlaceholderText(texts.REMOTE_ADDRESS_EXAMPLE)
        self.token = QtWidgets.QLineEdit(remote.token if remote else "")
        self.token.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        self.token.setToolTip(texts.REMOTE_TOKEN_TIP)
        self.certificate = QtWidgets.QLineEdit(remote.certificate if remote else "")
        self.certificate.setPlaceholderText(texts.REMOTE_CERTIFICATE_NONE)
        self.words = QtWidgets.QLabel()
        self.words.setWordWrap(True)
        self.words.hide()
        self._lay_out(remote is not None)

    def _lay_out(self, is_remote: bool) -> None:
        browse = QtWidgets.QToolButton()
        browse.setText("…")
        browse.setToolTip(texts.REMOTE_BROWSE)
        browse.clicked.connect(lambda: self._browse())
        file = QtWidgets.QHBoxLayout()
        file.addWidget(self.certificate, 1)
        file.addWidget(browse)
        intro = QtWidgets.QLabel(texts.REMOTE_INTRO)
        intro.setWordWrap(True)
        form = QtWidgets.QFormLayout()
        form.addRow(texts.REMOTE_ADDRESS, self.address)
        form.addRow(texts.REMOTE_TOKEN, self.token)
        form.addRow(texts.REMOTE_CERTIFICATE, file)
        kinds = QtWidgets.QDialogButtonBox.ButtonRole
        buttons = QtWidgets.QDialogButtonBox()
        self.connect_button = buttons.addButton(texts.REMOTE_CONNECT, kinds.AcceptRole)
        self.here_button = buttons.addButton(texts.REMOTE_HERE, kinds.ActionRole)
        self.here_button.setEnabled(is_remote)
        buttons.addButton(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        self.here_button.clicked.connect(lambda: self._choose(None))
        column = QtWidgets.QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(intro)
        column.addLayout(form)
        column.addWidget(self.words)
        column.addWidget(buttons)

    def _take(self) -> None:
        try:
            self._choose(parse(self.address.text(), self.token.text(), self.certificate.text()))
        except errors.Refusal as refusal:
            self.words.setText(f"{refusal.message} {refusal.remedy}")
            self.words.show()

    def _choose(self, remote: Remote | None) -> None:
        self.remote = remote
        self.accept()

    def _browse(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, texts.REMOTE_BROWSE, "", texts.REMOTE_FILES)
        if path:
            self.certificate.setText(path)
