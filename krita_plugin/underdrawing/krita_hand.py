# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's brush in Krita; see `model.tools.Hand` and `model.brushes.BrushHand`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .krita_adapter import Krita, ManagedColor, active_canvas
from .krita_nodes import ACTIVATE_EVERY_MS, ACTIVATE_TRIES
from .model.canvas import Canvas
from .qt import QtCore, QtGui

BRUSH = "KritaShape/KisToolBrush"
ERASES, PRESSURE = "erase_action", "disable_pressure"
"""Checkable actions: whether the brush erases; whether the pen's pressure counts (so, despite its name)."""
FILL = "fill_selection_foreground_color"
HARD_ROUND = "b) Basic-1", "b) Basic-2 Opacity", "b) Basic-5 Size"
"""Krita's own presets, the best first; any that is there will do without pressure."""


@dataclass(frozen=True)
class Held:
    """A brush with all that the tools change of it."""

    preset: Any
    size_px: float
    colour: ManagedColor
    opacity: float
    flow: float
    blending: str
    erases: bool
    pressure: bool


class KritaHand:
    """Of the active window's view. Without a view nothing happens."""

    def held(self) -> Held | None:
        view = _view()
        if view is None:
            return None
        return Held(
            view.currentBrushPreset(),
            view.brushSize(),
            view.foregroundColor(),
            view.paintingOpacity(),
            view.paintingFlow(),
            view.currentBlendingMode(),
            _is_on(ERASES),
            _is_on(PRESSURE),
        )

    def take_back(self, held: object) -> None:
        view = _view()
        if view is None or not isinstance(held, Held):
            return
        if view.currentBrushPreset().name() != held.preset.name():
            view.setCurrentBrushPreset(held.preset)
        _switch(ERASES, held.erases)
        _switch(PRESSURE, held.pressure)
        view.setForeGroundColor(held.colour)
        view.setCurrentBlendingMode(held.blending)
        view.setPaintingOpacity(held.opacity)
        view.setPaintingFlow(held.flow)
        view.setBrushSize(held.size_px)

    def take_up(self, held: object, scale: float) -> None:
        if isinstance(held, Held):
            self.take_back(replace(held, erases=False, size_px=held.size_px * scale))

    def take_usual(self, colour: str, size_px: float) -> None:
        view = _view()
        if view is None:
            return
        _switch(ERASES, False)
        view.setForeGroundColor(_managed(colour, view))
        view.setPaintingOpacity(1.0)
        view.setBrushSize(size_px)

    def take_eraser(self, size_px: float) -> None:
        view = _view()
        if view is not None:
            _trigger(BRUSH)
            _switch(ERASES, True)
            view.setBrushSize(size_px)

    def take_dab(self, size_px: float, colour: str) -> None:
        view = _view()
        if view is None:
            return
        _trigger(BRUSH)
        presets = Krita.instance().resources("preset")
        found = next((presets[name] for name in HARD_ROUND if name in presets), None)
        if found is not None and view.currentBrushPreset().name() != found.name():
            view.setCurrentBrushPreset(found)
        _switch(ERASES, False)
        _switch(PRESSURE, False)
        if colour:
            view.setForeGroundColor(_managed(colour, view))
        view.setCurrentBlendingMode("normal")
        view.setPaintingOpacity(1.0)
        view.setPaintingFlow(1.0)
        view.setBrushSize(size_px)

    def fill_selection(self, canvas: Canvas, layer: str, colour: str, done: Callable[[], None]) -> None:
        filling = _Filling(canvas, layer, colour, canvas.active_layer(), done)
        canvas.activate(layer)
        QtCore.QTimer.singleShot(ACTIVATE_EVERY_MS, lambda: filling.try_now())

    def drop_selection(self, canvas: str) -> None:
        _drop_selection(canvas)


class _Filling:
    """Waits until a layer is active, for else another one would be filled; then fills the selection on it.

    No function that refers to itself: see `krita_nodes`.
    """

    def __init__(
        self, canvas: Canvas, layer: str, colour: str, before: str, done: Callable[[], None]
    ) -> None:
        self._canvas, self._layer, self._colour = canvas, layer, colour
        self._before, self._done = before, done
        self._tries = ACTIVATE_TRIES

    def try_now(self) -> None:
        active, view = active_canvas(), _view()
        if active is None or view is None or active.id != self._canvas.id:
            return
        if active.active_layer() == self._layer:
            self._fill(view)
        elif self._tries > 0:
            self._tries -= 1
            QtCore.QTimer.singleShot(ACTIVATE_EVERY_MS, lambda: self.try_now())

    def _fill(self, view: Any) -> None:
        held = view.foregroundColor()
        view.setForeGroundColor(_managed(self._colour, view))
        _trigger(FILL)
        view.document().waitForDone()
        view.setForeGroundColor(held)
        self._canvas.activate(self._before)
        _drop_selection(self._canvas.id)
        self._done()


def _drop_selection(canvas: str) -> None:
    active, document = active_canvas(), Krita.instance().activeDocument()
    if active is not None and document is not None and active.id == canvas:
        document.setSelection(None)


def _view() -> Any:
    window = Krita.instance().activeWindow()
    view = window.activeView() if window is not None else None
    return view if view is not None and view.document() is not None else None


def _managed(colour: str, view: Any) -> ManagedColor:
    return ManagedColor.fromQColor(QtGui.QColor(colour), view.canvas())


def _is_on(name: str) -> bool:
    action = Krita.instance().action(name)
    return action is not None and action.isChecked()


def _switch(name: str, on: bool) -> None:
    if _is_on(name) != on:
        _trigger(name)


def _trigger(name: str) -> None:
    action = Krita.instance().action(name)
    if action is not None:
        action.trigger()
