# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools that lend the artist another brush for a while: a line eraser, and irises.

The strokes are the artist's own, made with the program's own brush, so undo and the feel of the pen are too.
When a tool is laid down the brush is as it was before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from ..language import tr
from ..wire import errors, geometry
from . import region
from .canvas import Canvas, LayerInfo
from .events import Notice
from .roles import Role, assign, find_roles

Tool = Literal["", "eraser", "iris"]

ERASER_PART, ERASER_MIN_PX = 0.02, 6.0
"""Size of the line eraser, as a part of the canvas' longer side."""

IRISES = 2
FACE_PARTS, EYES_PARTS, CANVAS_PARTS = 12, 7, 40
"""An iris is so many times in the width of a face, of a pair of eyes, and in a canvas where nothing is
marked. A marked region lower than half its width is taken for a pair of eyes."""
IRIS_MIN_PX = 3.0


class Hand(Protocol):
    """The artist's brush in the painting program, and the selection."""

    def held(self) -> object:
        """The brush as it is, for `take_back`."""
        ...

    def take_back(self, held: object) -> None: ...

    def take_eraser(self, size_px: float) -> None:
        """The brush that is in use, as an eraser of this size."""
        ...

    def take_dab(self, size_px: float, colour: str) -> None:
        """A hard round brush that makes dabs of exactly this size, however hard the pen is pressed.

        Args:
            colour: "#rrggbb"; "" for the colour in use.
        """
        ...

    def fill_selection(self, canvas: Canvas, layer: str, colour: str, done: Callable[[], None]) -> None:
        """Fill the selection on a layer of the active document and drop it: one undo step.

        The active layer stays active. `done` is called once it is filled, maybe some turns later, or never
        where the artist went on meanwhile.
        """
        ...

    def drop_selection(self, canvas: str) -> None:
        """Select nothing, if the canvas of this id is the active one. No undo step."""
        ...


class Tools:
    """
    Args:
        tell: Called after every change of `active`, `left`, `size` and `colour`.
        say: Given the words for the artist where a tool cannot be used.
    """

    def __init__(
        self,
        hand: Hand,
        *,
        tell: Callable[[], None],
        say: Callable[[Notice], None],
    ) -> None:
        self.active: Tool = ""
        self.left = 0
        self.size, self.colour = 1.0, ""
        self._hand, self._tell, self._say = hand, tell, say
        self._held: object = None
        self._canvas, self._layers, self._arrived = "", frozenset[str](), False
        self._natural_px = IRIS_MIN_PX

    def toggle_eraser(self, canvas: Canvas) -> None:
        """Take up the line eraser on a layer of lines, or lay it down."""
        was = self.active
        self.end()
        if was == "eraser":
            return
        lines = _line_layers(canvas)
        if not lines:
            self._say(
                Notice(
                    tr("There are no lines to erase yet."),
                    tr("Press To lines to find those of what is marked, or draw some."),
                )
            )
            self._tell()
            return
        names = [layer.id for layer in lines]
        if canvas.active_layer() not in names:
            canvas.activate(names[-1])
        self._take_up("eraser", canvas, names)
        self._hand.take_eraser(max(ERASER_MIN_PX, ERASER_PART * max(canvas.extent)))
        self._tell()

    def toggle_iris(self, canvas: Canvas) -> None:
        """Take up the iris tool on the Colours layer, or lay it down. It lays itself down after two dabs."""
        was = self.active
        self.end()
        if was == "iris":
            return
        self._natural_px = iris_px(canvas)
        layer, _ = assign(canvas, Role.COLOURS)
        self._take_up("iris", canvas, [layer])
        self.left = IRISES
        self._dip()
        self._tell()

    def change_iris(self, *, size: float | None = None, colour: str | None = None) -> None:
        """Another size, 1 for the natural one, or colour, "" for the one in use before."""
        self.size = self.size if size is None else size
        self.colour = self.colour if colour is None else colour
        if self.active == "iris":
            if colour == "":
                self._hand.take_back(self._held)
            self._dip()
        self._tell()

    def dabbed(self) -> None:
        """The pen was lifted from the canvas."""
        if self.active != "iris":
            return
        self.left -= 1
        if self.left == 0:
            self.end()
        self._tell()

    def follow(self, canvas: Canvas | None) -> None:
        """Lay the tool down where the artist went on to another layer or document."""
        if not self.active:
            return
        if canvas is None or canvas.id != self._canvas:
            self.end()
        elif canvas.active_layer() in self._layers:
            self._arrived = True
        elif self._arrived:  # a new layer becomes active only some turns later
            self.end()

    def end(self) -> None:
        """Lay the tool down: the brush is as before."""
        if self.active:
            self.active, self.left = "", 0
            self._hand.take_back(self._held)
            self._tell()

    def _take_up(self, tool: Tool, canvas: Canvas, layers: list[str]) -> None:
        self._held = self._hand.held()
        self.active, self._canvas = tool, canvas.id
        self._layers, self._arrived = frozenset(layers), False

    def _dip(self) -> None:
        self._hand.take_dab(max(IRIS_MIN_PX, self.size * self._natural_px), self.colour)


def iris_px(canvas: Canvas) -> float:
    """How large an iris is in what is marked, as a face or a pair of eyes, else on the whole canvas."""
    try:
        marked = region.marked(canvas).bounds
    except errors.Refusal:
        return max(IRIS_MIN_PX, max(canvas.extent) / CANVAS_PARTS)
    return max(IRIS_MIN_PX, marked.width / _parts(marked))


def _parts(marked: geometry.Bounds) -> int:
    return EYES_PARTS if marked.height < marked.width / 2 else FACE_PARTS


def _line_layers(canvas: Canvas) -> list[LayerInfo]:
    """The layers of lines that guide, bottom first."""
    layers = canvas.layers()
    roles = find_roles(layers)
    ids = {roles[role].id for role in (Role.CONTOUR, Role.DETAIL) if role in roles}
    return [layer for layer in layers if layer.id in ids and layer.visible]
