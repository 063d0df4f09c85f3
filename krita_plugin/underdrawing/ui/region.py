# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture file, and a box dragged around what is to be copied of it."""

from __future__ import annotations

from pathlib import Path

from ..qt import QtCore, QtGui, QtWidgets, buffer
from ..wire import errors, geometry
from . import tool_texts as texts

Qt = QtCore.Qt
SHOWN_PX = 640
"""The longer side of the picture in the window."""


def read_file(path: Path) -> QtGui.QImage:
    """A picture file, upright, as BGRA of 8 bits.

    Raises:
        Refusal: it is no picture that Qt can read.
    """
    reader = QtGui.QImageReader(str(path))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        raise errors.Refusal(texts.FILE_UNREADABLE.format(name=path.name), texts.FILE_REMEDY)
    return image.convertToFormat(QtGui.QImage.Format.Format_ARGB32)


class RegionPicture(QtWidgets.QLabel):
    """The picture; a box can be dragged on it."""

    def __init__(self, image: QtGui.QImage, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        shown = QtGui.QPixmap.fromImage(image)
        if max(image.width(), image.height()) > SHOWN_PX:
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            shown = shown.scaled(SHOWN_PX, SHOWN_PX, keep, smooth)
        self.setPixmap(shown)
        self.setFixedSize(shown.size())
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._image = geometry.Extent(image.width(), image.height())
        self._band = QtWidgets.QRubberBand(QtWidgets.QRubberBand.Shape.Rectangle, self)
        self._from = QtCore.QPoint()

    def region(self) -> geometry.Bounds:
        """What is marked, in pixels of the picture; all of it without a box."""
        box = self._band.geometry()
        if self._band.isHidden() or min(box.width(), box.height()) < 3:
            return geometry.Bounds.of(self._image)
        scale = self._image.width / self.width()
        marked = geometry.Bounds(*(round(v * scale) for v in (box.x(), box.y(), box.width(), box.height())))
        return marked.intersect(geometry.Bounds.of(self._image))

    def mousePressEvent(self, ev: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._from = self._place()
        self._band.setGeometry(QtCore.QRect(self._from, QtCore.QSize()))
        self._band.show()

    def mouseMoveEvent(self, ev: QtGui.QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._band.setGeometry(QtCore.QRect(self._from, self._place()).normalized().intersected(self.rect()))

    def _place(self) -> QtCore.QPoint:
        return self.mapFromGlobal(QtGui.QCursor.pos())


class RegionDialog(QtWidgets.QDialog):
    """Asks what is to be copied of a picture; `region` says it once accepted."""

    def __init__(self, name: str, image: QtGui.QImage, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.FILE_CHOOSE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name, self.image = name, image
        self.picture = RegionPicture(image)
        buttons = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        self.take = buttons.addButton(texts.FILE_COPY, QtWidgets.QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(QtWidgets.QLabel(texts.FILE_INTRO))
        column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(buttons)

    @property
    def region(self) -> geometry.Bounds:
        return self.picture.region()


def patterns() -> str:
    """The files that Qt can read, as a file dialog takes them."""
    names = QtGui.QImageReader.supportedImageFormats()
    formats = sorted({bytes(buffer(name)).decode("ascii") for name in names})
    return " ".join(f"*.{name}" for name in formats)
