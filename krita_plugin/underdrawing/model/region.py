# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a picture is painted: what is marked or, without a mark, what is drawn; how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..language import tr
from ..wire import acts, errors, geometry
from . import capture
from .canvas import Canvas
from .capture import STROKES, Plan, Source
from .roles import Role, find_roles
from .settings import Settings

MARGIN_PART, MARGIN_PX = 4, 48
"""Without a mark, the region reaches beyond the strokes by a part of their longer side, or so many pixels."""

Marked = Literal["", "selection", "mask"]
"""What marks the region: nothing, the selection, or the Mask layer."""


@dataclass(frozen=True)
class Outlook:
    """What Paint would paint as things are.

    Args:
        is_drawn: Strokes that guide lie in the marked region; anywhere, where nothing is marked.
    """

    marked: Marked = ""
    is_drawn: bool = False


def outlook(canvas: Canvas) -> Outlook:
    """Look at the marks and strokes of a document, for a slow poll.

    On 4096 x 4096 it takes 0.2 ms; once after a stroke 7, for Krita to find the layer's bounds.
    """
    by = marked_by(canvas)
    if by == "mask":
        return Outlook(by, is_drawn_in(canvas, marked(canvas).bounds))
    inside = canvas.selection_bounds() or geometry.Bounds.of(canvas.extent)
    return Outlook(by, is_drawn_in(canvas, inside))


def plan(canvas: Canvas, settings: Settings) -> Plan:
    """Decide what to read for a painting of what is marked, or of what is drawn.

    A stroke layer that is hidden does not guide; the eye of their group only hides them from view.

    Raises:
        BadRequest: nothing is marked, nor drawn where that would do.
    """
    if marked_by(canvas):
        mask, kind = marked_region(canvas, settings)
    else:
        mask, kind = _drawn_region(canvas, settings)
    area = capture.with_context(mask.bounds, canvas.extent, settings.margin())
    return capture.plan_over(canvas, mask, area, kind)


def marked_by(canvas: Canvas) -> Marked:
    """What says where to paint: a selection goes before the Mask layer."""
    if canvas.selection_bounds() is not None:
        return "selection"
    layer = find_roles(canvas.layers()).get(Role.MASK)
    return "mask" if layer is not None and not canvas.layer_bounds(layer.id).is_empty else ""


def marked_region(canvas: Canvas, settings: Settings) -> tuple[Source, acts.Region]:
    """The mask of what is marked, and how much of it is painted.

    All of what was painted onto the Mask layer is; of a selection, as the artist has chosen. Where nothing is
    drawn in it there are no lines to keep to: it is filled from its surroundings.

    Raises:
        BadRequest: nothing is marked.
    """
    mask = marked(canvas)
    inside = not mask.layer and settings.region == "lines" and is_drawn_in(canvas, mask.bounds)
    return mask, "lines" if inside else "selection"


def marked(canvas: Canvas) -> Source:
    """The region that is marked, as a mask: the selection, without one the Mask layer.

    Raises:
        BadRequest: nothing is marked.
    """
    roles = find_roles(canvas.layers())
    layer = roles[Role.MASK].id if Role.MASK in roles else ""
    whole = geometry.Bounds.of(canvas.extent)
    selected = canvas.selection_bounds()
    if selected is not None:
        inside = selected.intersect(whole)
        if inside.is_empty:
            raise errors.BadRequest(
                tr("The selection lies outside the picture."), tr("Select a part of the picture.")
            )
        return Source("mask", "", inside, "grey_u8")
    painted = canvas.layer_bounds(layer).intersect(whole) if layer else geometry.Bounds(0, 0, 0, 0)
    if painted.is_empty:
        raise errors.BadRequest(
            tr("Nothing is marked to be painted."),
            tr("Select a region with any selection tool, or paint over it on the Mask layer."),
        )
    return Source("mask", layer, painted, canvas.format, alpha_only=True)


def drawn(canvas: Canvas) -> tuple[geometry.Bounds, ...]:
    """Where the strokes of each layer that guides lie, within the canvas."""
    roles, whole = find_roles(canvas.layers()), geometry.Bounds.of(canvas.extent)
    guides = [roles[role].id for role in STROKES if role in roles and roles[role].visible]
    found = [canvas.layer_bounds(layer).intersect(whole) for layer in guides]
    return tuple(bounds for bounds in found if not bounds.is_empty)


def is_drawn_in(canvas: Canvas, bounds: geometry.Bounds) -> bool:
    """Whether strokes that guide reach into a rectangle."""
    return any(not inked.intersect(bounds).is_empty for inked in drawn(canvas))


def around_strokes(canvas: Canvas) -> geometry.Bounds:
    """The rectangle of all strokes that guide, with a margin; empty without any."""
    inked = geometry.Bounds(0, 0, 0, 0)
    for bounds in drawn(canvas):
        inked = inked.union(bounds)
    if inked.is_empty:
        return inked
    margin = max(MARGIN_PX, max(inked.extent) // MARGIN_PART)
    return inked.grown(margin).intersect(geometry.Bounds.of(canvas.extent))


def _drawn_region(canvas: Canvas, settings: Settings) -> tuple[Source, acts.Region]:
    """A mask around the strokes, of which only what is drawn is painted."""
    if settings.region != "lines":
        raise errors.BadRequest(
            tr("Nothing is marked to be painted."),
            tr(
                "Select a region with any selection tool, paint over it on the Mask layer, or "
                "choose Inside lines."
            ),
        )
    around = around_strokes(canvas)
    if around.is_empty:
        raise errors.BadRequest(
            tr("Nothing is drawn or marked to be painted."),
            tr("Select a region with any selection tool, or take Contour above and draw."),
        )
    return Source("mask", "", around, "grey_u8", filled=True), "strokes"
