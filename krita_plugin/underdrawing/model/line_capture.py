# SPDX-License-Identifier: GPL-3.0-or-later
"""From an open document to a request for lines: what to extract from, what to learn from."""

from __future__ import annotations

from dataclasses import dataclass

from ..language import tr
from ..wire import acts, errors, geometry
from .canvas import Canvas, LayerInfo
from .capture import Plan, Source, SurfaceName, Surfaces, stroke_layers
from .region import marked
from .roles import Role, find_roles, group_of

CONTEXT_PX = 48
"""The picture around a selection that the extractor sees too."""

WHOLE = "picture"
"""Source of lines that were extracted from the whole picture, in their layers' names."""

_LINES: dict[Role, SurfaceName] = {Role.CONTOUR: "contour", Role.DETAIL: "detail"}


@dataclass(frozen=True)
class Extraction:
    """To find the lines of what was read."""

    style: str
    clean: bool

    def request(self, plan: Plan, surfaces: Surfaces) -> acts.ExtractRequest:
        return acts.ExtractRequest(
            canvas=plan.canvas,
            area=plan.area,
            image=surfaces["image"],
            mask=surfaces.get("mask"),
            style=self.style,
            clean=self.clean,
        )


@dataclass(frozen=True)
class Lesson:
    """To learn the line in which the picture was drawn over."""

    title: str
    minutes: float
    family: str

    def request(self, plan: Plan, surfaces: Surfaces) -> acts.LearnStyleRequest:
        return acts.LearnStyleRequest(
            area=plan.area,
            picture=surfaces["picture"],
            contour=surfaces.get("contour"),
            detail=surfaces.get("detail"),
            title=self.title,
            minutes=self.minutes,
            family=self.family,
        )


def plan_extraction(canvas: Canvas, source: str) -> tuple[Plan, str]:
    """Decide what to read: the active layer ("layer") or the whole picture, within the selection if any; or
    the picture within what is marked to be painted ("marked").

    Returns:
        The plan, and the source's name.

    Raises:
        BadRequest: there is nothing to extract lines from.
    """
    layers = canvas.layers()
    if source == "marked":
        mask = marked(canvas)
        area = mask.bounds.grown(CONTEXT_PX).intersect(geometry.Bounds.of(canvas.extent))
        picture = Source("image", "", area, canvas.format)
        return Plan(canvas.extent, area, (picture, mask), stroke_layers(layers), "extract"), WHOLE
    if source == "layer":
        layer = _picture_layer(canvas, layers)
        id, name = layer.id, layer.name
        there = canvas.layer_bounds(layer.id).intersect(geometry.Bounds.of(canvas.extent))
        if there.is_empty:
            words = tr("There is nothing on the layer “{0}”.").format(name)
            raise errors.BadRequest(words, tr("Click the layer with the picture, or choose Whole picture."))
    else:
        id, name, there = "", WHOLE, geometry.Bounds.of(canvas.extent)
    area, mask = _within_selection(canvas, there)
    sources = (Source("image", id, area, canvas.format), *mask)
    return Plan(canvas.extent, area, sources, stroke_layers(layers), "extract"), name


def plan_lesson(canvas: Canvas) -> Plan:
    """Decide what to read: the picture and the lines over it, within the selection if any.

    Raises:
        BadRequest: there are no lines.
    """
    layers = canvas.layers()
    whole = geometry.Bounds.of(canvas.extent)
    selected = canvas.selection_bounds()
    area = whole if selected is None else selected.intersect(whole)
    if area.is_empty:
        raise errors.BadRequest(
            tr("The selection lies outside the picture."), tr("Select a part of the picture.")
        )
    roles, lines = find_roles(layers), list[Source]()
    for role, name in _LINES.items():
        layer = roles.get(role)
        if layer is not None and layer.visible:
            inked = canvas.layer_bounds(layer.id).intersect(area)
            if not inked.is_empty:
                lines.append(Source(name, layer.id, inked, canvas.format))
    if not lines:
        raise errors.BadRequest(
            tr("There are no lines to learn from."),
            tr(
                "Draw over the picture on the Contour and Detail layers, as you like your lines; "
                "then press Teach my line."
            ),
        )
    picture = Source("picture", "", area, canvas.format)
    return Plan(canvas.extent, area, (picture, *lines), stroke_layers(layers), "teach")


def _picture_layer(canvas: Canvas, layers: tuple[LayerInfo, ...]) -> LayerInfo:
    """The active layer, if it can hold a picture."""
    active = canvas.active_layer()
    layer = next((layer for layer in layers if layer.id == active), None)
    remedy = tr("Click the layer with the picture, or choose Whole picture.")
    if layer is None:
        raise errors.BadRequest(tr("No layer is active."), remedy)
    if {layer.id, layer.parent} & set(stroke_layers(layers)) or _in_group(layer, layers):
        raise errors.BadRequest(
            tr("The layer “{0}” holds strokes and no picture.").format(layer.name), remedy
        )
    if layer.kind == "other":
        raise errors.BadRequest(tr("The layer “{0}” has no pixels of its own.").format(layer.name), remedy)
    return layer


def _in_group(layer: LayerInfo, layers: tuple[LayerInfo, ...]) -> bool:
    """Whether the layer lies somewhere in the strokes' group."""
    group, parents = group_of(layers), {other.id: other.parent for other in layers}
    above = layer.parent
    while above and above != group:
        above = parents.get(above, "")
    return bool(group) and above == group


def _within_selection(canvas: Canvas, there: geometry.Bounds) -> tuple[geometry.Bounds, tuple[Source, ...]]:
    """The area to be read, and the selection as its mask where there is one."""
    selected = canvas.selection_bounds()
    if selected is None:
        return there, ()
    marked = selected.intersect(there)
    if marked.is_empty:
        raise errors.BadRequest(
            tr("There is nothing of the picture in the selection."),
            tr("Select a part of it, or drop the selection to find the lines of all."),
        )
    return marked.grown(CONTEXT_PX).intersect(there), (Source("mask", "", marked, "grey_u8"),)
