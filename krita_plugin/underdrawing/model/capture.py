# SPDX-License-Identifier: GPL-3.0-or-later
"""From an open document to a request: which area, which layers, read in slices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from ..wire import acts, geometry, messages
from .canvas import Band, Canvas, LayerInfo
from .roles import Role, find_roles, group_of
from .settings import Settings

CONTEXT_PART = 3
"""The picture around the mask reaches out by the mask's longer side divided by this."""
CONTEXT_MIN_PX = 64

LIVE = "live"
"""The act of plans whose results are only shown for a moment."""

SurfaceName = Literal["image", "mask", "contour", "detail", "colours", "picture"]

Surfaces = dict[SurfaceName, messages.Surface]

STROKES: dict[Role, SurfaceName] = {
    Role.CONTOUR: "contour",
    Role.DETAIL: "detail",
    Role.COLOURS: "colours",
}
"""The surface of each kind of stroke that guides."""
FILLED_BYTES = 1 << 18
"""Of a filled mask, made in one go."""


@dataclass(frozen=True)
class Source:
    """One surface to be read.

    Args:
        layer: Id of its layer; "" for the picture and the selection.
        bounds: The part of the area that has pixels; the rest is zero.
        alpha_only: The surface is grey_u8, made from the layer's opacity.
        filled: Nothing is read: all of it is 255.
    """

    name: SurfaceName
    layer: str
    bounds: geometry.Bounds
    format: messages.PixelFormat
    alpha_only: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Plan:
    """What is to be read for one job.

    Args:
        area: What all surfaces show, within the canvas: of a painting the marked region with its context.
        without: Layers that are guidance and not part of the picture.
        act: Names the kind of job; the surfaces of one kind are compared with those of its last job.
        kept: Surfaces that are not read, for they are as in the last job of this kind and area.
        region: Of a painting: how much of its mask is painted.
    """

    canvas: geometry.Extent
    area: geometry.Bounds
    sources: tuple[Source, ...]
    without: tuple[str, ...]
    act: str = "paint"
    kept: tuple[SurfaceName, ...] = ()
    region: acts.Region = "selection"


class Order(Protocol):
    """What is to be done with the surfaces that were read."""

    def request(self, plan: Plan, surfaces: Surfaces) -> acts.Request:
        """
        Args:
            surfaces: Each of the extent of `plan.area`; a mask if the plan has one.
        """
        ...


def with_context(marked: geometry.Bounds, canvas: geometry.Extent, margin_px: int) -> geometry.Bounds:
    """The marked rectangle with its margin and its context around, within the canvas."""
    context = max(CONTEXT_MIN_PX, -(-max(marked.extent) // CONTEXT_PART))
    return marked.grown(margin_px + context).intersect(geometry.Bounds.of(canvas))


def plan_over(canvas: Canvas, mask: Source, area: geometry.Bounds, region: acts.Region) -> Plan:
    """The picture and the strokes of an area, and a mask of what is to be painted in it."""
    layers = canvas.layers()
    roles = find_roles(layers)
    sources = [mask, Source("image", "", area, canvas.format)]
    for role, name in STROKES.items():
        layer = roles.get(role)
        if layer is not None and layer.visible:
            inked = canvas.layer_bounds(layer.id).intersect(area)
            if not inked.is_empty:
                sources.append(Source(name, layer.id, inked, canvas.format))
    return Plan(canvas.extent, area, tuple(sources), stroke_layers(layers), region=region)


def stroke_layers(layers: tuple[LayerInfo, ...]) -> tuple[str, ...]:
    """The layers that hold strokes and are no part of the picture; their group stands for what is in it."""
    group = group_of(layers)
    strokes = [role.id for role in find_roles(layers).values() if not group or role.parent != group]
    return (*([group] if group else []), *strokes)


def read(canvas: Canvas, plan: Plan) -> Iterator[tuple[Source, Band] | None]:
    """Read all surfaces, a slice at a time. None marks a step without rows."""
    for source in plan.sources:
        if source.name in plan.kept:
            continue
        if source.filled:
            bands = filled(source.bounds)
        elif source.layer:
            bands = canvas.read_layer(source.layer, source.bounds)
        elif source.name == "mask":
            bands = canvas.read_selection(source.bounds)
        else:
            bands = canvas.read_picture(source.bounds, plan.without)
        for band in bands:
            yield None if band is None else (source, band)


def filled(bounds: geometry.Bounds) -> Iterator[Band]:
    """A grey_u8 mask over all of a rectangle."""
    rows = max(1, FILLED_BYTES // bounds.width)
    for top in range(bounds.y, bounds.bottom, rows):
        band = geometry.Bounds(bounds.x, top, bounds.width, min(rows, bounds.bottom - top))
        yield Band(band, b"\xff" * band.extent.area)


@dataclass(frozen=True)
class Painting:
    """To paint the masked region, or as much of it as the plan says."""

    settings: Settings
    seed: int

    def request(self, plan: Plan, surfaces: Surfaces) -> acts.PaintRequest:
        settings = self.settings
        return acts.PaintRequest(
            canvas=plan.canvas,
            area=plan.area,
            mask=surfaces["mask"],
            image=surfaces.get("image"),
            contour=surfaces.get("contour"),
            detail=surfaces.get("detail"),
            colours=surfaces.get("colours"),
            prompt=settings.prompt,
            negative_prompt=settings.negative_prompt,
            strengths=settings.strengths,
            steps=settings.steps,
            guidance=settings.guidance,
            seed=self.seed,
            family=settings.family,
            grow_px=settings.grow_px,
            feather_px=settings.feather_px,
            quick=settings.quick,
            region=plan.region,
            match_grain=settings.match_grain,
            shadow=settings.shadow,
        )
