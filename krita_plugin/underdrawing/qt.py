# SPDX-License-Identifier: GPL-3.0-or-later
"""The only importer of PyQt: Krita 5 brings PyQt5, Krita 6 brings PyQt6 and refuses the other."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any


def binding() -> str:
    """The PyQt that this Krita brings: "PyQt5" or "PyQt6". The one that is loaded already, never a guess.

    Raises:
        ImportError: no PyQt is loaded, nor does Krita say which it needs.
    """
    for name in ("PyQt6", "PyQt5"):
        if f"{name}.QtCore" in sys.modules:
            return name
    pykrita = sys.modules.get("pykrita")
    if pykrita is not None and hasattr(pykrita, "qt_major_version"):
        return f"PyQt{pykrita.qt_major_version()}"
    raise ImportError("This plugin runs inside Krita, which brings PyQt with it.")


if TYPE_CHECKING:
    from PyQt5 import QtCore, QtGui, QtWidgets, sip
    from PyQt5.QtCore import pyqtSignal as Signal
    from PyQt5.QtWidgets import QAction

    QT6: bool
else:
    _name = binding()
    QT6 = _name == "PyQt6"
    QtCore = importlib.import_module(f"{_name}.QtCore")
    QtGui = importlib.import_module(f"{_name}.QtGui")
    QtWidgets = importlib.import_module(f"{_name}.QtWidgets")
    sip = importlib.import_module(f"{_name}.sip")
    QAction = QtGui.QAction if QT6 else QtWidgets.QAction
    Signal = QtCore.pyqtSignal


def is_any(flags: Any) -> bool:
    """Whether a flag is set. The bindings' flags have types of their own."""
    return bool(flags)


def is_gone(thing: QtCore.QObject) -> bool:
    """Whether Qt has let an object go, or is about to: its children may be gone already."""
    return sip.isdeleted(thing)


def buffer(data: Any) -> Any:
    """A QByteArray's bytes without a copy where the binding allows it; anything that `memoryview` takes."""
    try:
        return memoryview(data)
    except TypeError:
        return data.data()


def bytes_of(image: QtGui.QImage) -> bytes:
    """The pixels of an image of four bytes each: rows without padding."""
    bits = image.constBits()
    return bits.asstring(image.sizeInBytes())


__all__ = [
    "QT6",
    "QAction",
    "QtCore",
    "QtGui",
    "QtWidgets",
    "Signal",
    "binding",
    "buffer",
    "bytes_of",
    "is_any",
    "is_gone",
]
