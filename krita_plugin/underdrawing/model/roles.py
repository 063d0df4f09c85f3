# SPDX-License-Identifier: GPL-3.0-or-later
"""What a layer is for: contour, detail, colours or mask. Known again by its name and colour label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .canvas import Canvas, LayerInfo

GROUP = "Underdrawing"
"""Top-level group that holds the role layers."""


class Role(str, Enum):
    CONTOUR = "contour"
    DETAIL = "detail"
    COLOURS = "colours"
    MASK = "mask"


@dataclass(frozen=True)
class RoleStyle:
    """How a role's layer looks and is drawn on.

    Args:
        colour_label: Krita's label number; see LayerInfo.
        brush_colour: Foreground colour to begin with, as "#rrggbb".
        brush_px: Brush size to begin with, as a part of the canvas' longer side.
    """

    title: str
    colour_label: int
    brush_colour: str
    brush_part: float


STYLES: dict[Role, RoleStyle] = {
    Role.CONTOUR: RoleStyle("Contour", 1, "#101014", 0.005),
    Role.DETAIL: RoleStyle("Detail", 2, "#3c3c44", 0.003),
    Role.COLOURS: RoleStyle("Colours", 4, "#d98e73", 0.03),
    Role.MASK: RoleStyle("Mask", 6, "#e0403a", 0.06),
}

_NAMES = {
    Role.CONTOUR: re.compile(r"contours?\b", re.IGNORECASE),
    Role.DETAIL: re.compile(r"details?\b", re.IGNORECASE),
    Role.COLOURS: re.compile(r"colou?rs?\b", re.IGNORECASE),
    Role.MASK: re.compile(r"mask\b", re.IGNORECASE),
}


def role_of(layer: LayerInfo, group: str) -> Role | None:
    """The role of a layer, or None.

    Inside the group the name is enough; elsewhere the colour label must fit too, so that an artist's own
    layer called "Details" is left alone.
    """
    if layer.kind != "paint":
        return None
    inside = bool(group) and layer.parent == group
    for role, pattern in _NAMES.items():
        if pattern.match(layer.name) and (inside or layer.colour_label == STYLES[role].colour_label):
            return role
    return None


def group_of(layers: tuple[LayerInfo, ...]) -> str:
    """Id of the top-level group of the roles, or ""."""
    return next((g.id for g in layers if g.kind == "group" and not g.parent and g.name == GROUP), "")


def find_roles(layers: tuple[LayerInfo, ...]) -> dict[Role, LayerInfo]:
    """The layer of every role that has one; the topmost where several would do, but one that is seen before
    one that is hidden."""
    group = group_of(layers)
    found: dict[Role, LayerInfo] = {}
    for layer in sorted(layers, key=lambda layer: layer.visible):
        role = role_of(layer, group)
        if role is not None:
            found[role] = layer
    return found


def lines_shown(layers: tuple[LayerInfo, ...]) -> bool | None:
    """Whether the group of the roles is in view; None where there is none."""
    group = group_of(layers)
    return next((layer.visible for layer in layers if layer.id == group), None)


def show_lines(canvas: Canvas, visible: bool) -> None:
    """Show or hide the group of the roles; hidden strokes still guide."""
    group = group_of(canvas.layers())
    if group:
        canvas.show_layer(group, visible)


def assign(canvas: Canvas, role: Role, holder: str = "") -> tuple[str, bool]:
    """Make the role's layer active and its group visible, creating them where they are missing.

    Args:
        holder: See `Canvas.create_layer`.

    Returns:
        The layer's id, and whether it was created.
    """
    show_lines(canvas, True)
    found = find_roles(canvas.layers()).get(role)
    if found is not None:
        canvas.activate(found.id)
        return found.id, False
    style = STYLES[role]
    made = canvas.create_layer(style.title, colour_label=style.colour_label, group=GROUP, holder=holder)
    return made, True
