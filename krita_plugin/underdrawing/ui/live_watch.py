# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportIncompatibleMethodOverride=false
"""While Live is on: when a stroke ends, when a command changes something, when the document is to be saved.

Krita keeps its own filter in front of all others on the canvas and swallows what it uses. So this one sits on
the native window, which passes every event of pen and mouse on just once; of each it looks at the type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..qt import QAction, QtCore, QtWidgets
from .pen_watch import CANVASES, PRESSES, RELEASES

Event = QtCore.QEvent.Type

BEFORE = (
    "file_save",
    "file_save_as",
    "file_export_file",
    "file_export_advanced",
    "save_incremental_version",
    "save_incremental_backup",
    "file_close",
    "file_close_all",
    "file_quit",
    "flatten_image",
    "merge_layer",
    "copy_merged",
    "render_animation",
)
"""Commands that would take the preview for a part of the picture."""
CHANGING = (
    "edit_undo",
    "edit_redo",
    "clear",
    "cut",
    "paste",
    "paste_at",
    "fill_foreground_color",
    "fill_background_color",
    "fill_pattern",
    "invert",
    "mirrorNodeX",
    "mirrorNodeY",
    "rotateLayer180",
    "rotateLayerCW90",
    "rotateLayerCCW90",
    "layersize",
    "stroke_selection",
    "deselect",
    "reselect",
    "select_all",
    "select_opaque",
    "feather",
    "growselection",
    "shrinkselection",
)
"""Commands that may change strokes, mask or picture without a stroke."""
SETTLE_MS = 120
"""Krita works a command off in this time, as a rule."""


class LiveWatch(QtCore.QObject):
    """
    Args:
        ended: Called at the next turn of the event loop after a stroke.
        touched: Called a moment after a command that may have changed something.
        leaving: Called before the picture is saved, exported or closed.
    """

    def __init__(
        self,
        ended: Callable[[], None],
        touched: Callable[[], None],
        leaving: Callable[[], None],
        parent: QtCore.QObject,
    ) -> None:
        super().__init__(parent)
        self._ended, self._touched, self._leaving = ended, touched, leaving
        self._window: QtCore.QObject | None = None
        self._closable: list[QtCore.QObject] = []
        self._is_down = False
        self._actions: list[QAction] = []
        self._slots: list[tuple[Any, str, Callable[..., None]]] = []

    def start(self, window: QtWidgets.QWidget, actions: Mapping[str, QAction | None]) -> None:
        """Watch a window, its documents and Krita's commands; those watched before are let go."""
        self.stop()
        self._window = window.windowHandle()
        self._closable = [window, *window.findChildren(QtWidgets.QMdiSubWindow)]
        for watched in self._all():
            watched.installEventFilter(self)
        self._watch(actions, BEFORE, "hovered", self._leaving)
        self._watch(actions, CHANGING, "triggered", self._after_command)

    def stop(self) -> None:
        """Watch nothing more."""
        for watched in self._all():
            try:
                watched.removeEventFilter(self)
            except RuntimeError:  # the widget is gone already, and its filter with it
                continue
        for action, signal, slot in self._slots:
            try:
                getattr(action, signal).disconnect(slot)
            except (RuntimeError, TypeError):
                continue
        self._window, self._is_down = None, False
        self._closable, self._actions, self._slots = [], [], []

    def _all(self) -> list[QtCore.QObject]:
        window = [] if self._window is None else [self._window]
        return [*window, *self._closable, *self._actions]

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802 - Qt's name
        kind = event.type()
        if watched is self._window:
            if kind in PRESSES:
                self._is_down = _is_over_canvas(event)
            elif kind in RELEASES and self._is_down:
                self._is_down = False
                QtCore.QTimer.singleShot(0, self._ended)
        elif kind == Event.Close or (kind == Event.Shortcut and watched in self._actions):
            self._leaving()
        return False

    def _watch(
        self,
        actions: Mapping[str, QAction | None],
        names: Iterable[str],
        signal: str,
        slot: Callable[..., None],
    ) -> None:
        for name in names:
            action = actions.get(name)
            if action is None:
                continue
            heard = _heedless(slot)
            getattr(action, signal).connect(heard)
            self._slots.append((action, signal, heard))
            if signal == "hovered":
                action.installEventFilter(self)
                self._actions.append(action)

    def _after_command(self) -> None:
        QtCore.QTimer.singleShot(SETTLE_MS, self._touched)


def _is_over_canvas(event: Any) -> bool:
    """Whether a press of pen or mouse is on Krita's canvas."""
    at = event.globalPosition().toPoint() if hasattr(event, "globalPosition") else event.globalPos()
    widget: QtWidgets.QWidget | None = QtWidgets.QApplication.widgetAt(at)
    return widget is not None and widget.metaObject().className() in CANVASES  # pyright: ignore[reportUnnecessaryComparison]


def _heedless(slot: Callable[[], None]) -> Callable[..., None]:
    """A slot that does without what its signal brings along."""

    def hear(*_: object) -> None:
        slot()

    return hear
