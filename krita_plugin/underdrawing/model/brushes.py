# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role has its own brush: the one that the artist drew with last on its layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .canvas import Canvas
from .roles import STYLES, Role, group_of, role_of

SMALLEST_PX = 2.0
PATIENCE = 3
"""A layer that was asked for becomes active some turns later; it is looked for so many times."""


class BrushHand(Protocol):
    """The artist's brush in the painting program."""

    def held(self) -> object:
        """The brush as it is: preset, size, opacity, colour; None where there is none."""
        ...

    def take_up(self, held: object, scale: float) -> None:
        """A brush of before, ready to draw, its size times `scale`."""
        ...

    def take_usual(self, colour: str, size_px: float) -> None:
        """The preset in use, opaque and ready to draw in this colour ("#rrggbb") and size."""
        ...


@dataclass(frozen=True)
class _Kept:
    """A brush, and the longer side of the document that it was used in."""

    held: object
    longer_px: int


class RoleBrushes:
    """In other documents a brush has the same size as a part of the longer side.

    Args:
        hand: The artist's brush. It is known whose it is: of the role that it was last given for.
    """

    def __init__(self, hand: BrushHand) -> None:
        self._hand = hand
        self._kept: dict[Role, _Kept] = {}
        self._known: set[Role] = set()
        self._role: Role | None = None
        self._layer, self._longer_px, self._patience = "", 1, 0

    def follow(self, canvas: Canvas | None) -> None:
        """The artist may have gone to another layer: keep the brush of the role that they left, and give
        back that of the role that they came to, if they have drawn with it before."""
        layer = canvas.active_layer() if canvas is not None else ""
        self._patience = 0 if layer == self._layer else self._patience - 1
        if layer == self._layer or self._patience > 0:
            return
        left, self._layer, self._role = self._role, layer, _role_of(canvas, layer)
        if self._role is not left:
            self._keep(left)
            self._give_back(canvas)
        self._longer_px = max(canvas.extent) if canvas is not None else 1

    def stay(self, canvas: Canvas | None) -> None:
        """The artist went to another layer with a tool that was lent to them: their brush is as it was."""
        if canvas is not None:
            self._layer = canvas.active_layer()

    def come_to(self, canvas: Canvas, role: Role, layer: str) -> None:
        """The artist asked for a role, which is on this layer; `follow` was called before they did."""
        left, self._layer, self._role = self._role, layer, role
        if left is not role:
            self._keep(left)
            self._give_back(canvas)
        if role not in self._known:
            style = STYLES[role]
            self._hand.take_usual(style.brush_colour, max(SMALLEST_PX, style.brush_part * max(canvas.extent)))
        self._known.add(role)
        self._longer_px, self._patience = max(canvas.extent), PATIENCE

    def _keep(self, role: Role | None) -> None:
        held = self._hand.held()
        if role is not None and held is not None:
            self._kept[role] = _Kept(held, self._longer_px)
            self._known.add(role)

    def _give_back(self, canvas: Canvas | None) -> None:
        kept = self._kept.get(self._role) if self._role is not None else None
        if kept is not None and canvas is not None:
            self._hand.take_up(kept.held, max(canvas.extent) / kept.longer_px)


def _role_of(canvas: Canvas | None, layer: str) -> Role | None:
    """What a layer is for; also one of several of a kind."""
    layers = canvas.layers() if canvas is not None else ()
    found = next((one for one in layers if one.id == layer), None)
    return role_of(found, group_of(layers)) if found is not None else None
