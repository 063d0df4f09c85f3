# SPDX-License-Identifier: GPL-3.0-or-later
"""What Live reads after a stroke, and what it asks for: as little as will do, where it was before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..language import tr
from ..wire import acts, errors, geometry
from . import capture, region
from .canvas import Canvas
from .capture import LIVE, STROKES, Plan, Source, SurfaceName, Surfaces
from .roles import Role, find_roles
from .settings import Settings

EVERYTHING: frozenset[SurfaceName] = frozenset(("image", "mask", "contour", "detail", "colours"))
"""All surfaces of a painting."""

GRID_PX = 64
"""Areas end on a grid of this many pixels, so that a stroke a little further out moves nothing."""
ROOMY = 2.5
"""An area of the last time that is up to so many times larger than needed is kept."""
WHOLE_PIXELS = 1280 * 1280
"""An empty picture of up to so many pixels is painted whole, a larger one around the strokes."""


def plan_live(
    canvas: Canvas, settings: Settings, before: Plan | None, changed: Collection[SurfaceName], *, blank: bool
) -> Plan:
    """Decide what to read: of the surfaces that the last plan named too, only those that changed.

    Args:
        before: The last plan whose surfaces were all read.
        blank: There is nothing in the picture but the strokes; asked only where `may_be_whole`.

    Raises:
        Refusal: nothing is drawn and nothing marked ("no_strokes").
        BadRequest: the selection lies outside the picture.
    """
    mask, kind = _region(canvas, settings, before, blank=blank)
    needed = capture.with_context(mask.bounds, canvas.extent, settings.margin())
    area = _steady(needed, before.area if before is not None else None, canvas.extent)
    plan = capture.plan_over(canvas, mask, area, kind)
    same = before.sources if before is not None and before.area == area else ()
    kept = [s.name for s in plan.sources if s in same and s.name not in changed and not _is_selected(s)]
    return replace(plan, act=LIVE, kept=tuple(kept))


def misses(plan: Plan) -> bool:
    """Whether there are strokes, and all of them lie outside the marked region."""
    mask = next(source for source in plan.sources if source.name == "mask")
    strokes = [source.bounds for source in plan.sources if source.name in STROKES.values()]
    return bool(strokes) and all(mask.bounds.intersect(bounds).is_empty for bounds in strokes)


def longer_side(plan: Plan) -> int:
    """Of the region that is painted, in pixels."""
    return next(max(source.bounds.extent) for source in plan.sources if source.name == "mask")


def drawn_on(canvas: Canvas) -> Collection[SurfaceName]:
    """What a stroke may have changed: the active layer's surface; all where a tool may have moved several."""
    active, layers = canvas.active_layer(), canvas.layers()
    for role, layer in find_roles(layers).items():
        if layer.id == active:
            return ("mask",) if role is Role.MASK else (STROKES[role],)
    found = next((layer for layer in layers if layer.id == active), None)
    return ("image",) if found is not None and found.kind == "paint" else EVERYTHING


def look_of(canvas: Canvas, holder: str) -> object:
    """What changes when layers, their eyes, the selection or the size do; without the group `holder`."""
    layers = canvas.layers()
    ours = {layer.id for layer in layers if layer.name == holder}
    own = tuple(layer for layer in layers if not {layer.id, layer.parent} & ours)
    return own, canvas.selection_bounds(), canvas.extent


@dataclass
class Memory:
    """The last request: the same one again is not worth asking. For the link's thread."""

    last: acts.PaintRequest | None = None


@dataclass(frozen=True)
class Glimpse:
    """To paint the region for a moment's look.

    Args:
        sharp: Take the time for detail.
    """

    settings: Settings
    memory: Memory
    sharp: bool = False

    def request(self, plan: Plan, surfaces: Surfaces) -> acts.PaintRequest:
        """
        Raises:
            Refusal: it is the request of the last time ("unchanged").
        """
        chosen = self.settings
        if chosen.live_engine == "instant":
            chosen = chosen.changed(prompt="", negative_prompt="", steps=0, guidance=0.0)
        painting = capture.Painting(chosen, chosen.seed).request(plan, surfaces)
        instant = chosen.live_engine == "instant"
        request = replace(
            painting, engine="instant" if instant else "full", live=True, quick=not self.sharp, steps=0
        )
        if request == self.memory.last:
            raise errors.Refusal(tr("Nothing changed."), tr("Draw on."), code="unchanged")
        self.memory.last = request
        return request


def may_be_whole(canvas: Canvas, settings: Settings) -> bool:
    """Whether all of the picture is painted if it is blank: nothing is marked, and not only lines count."""
    return settings.region == "selection" and not region.marked_by(canvas)


def _region(
    canvas: Canvas, settings: Settings, before: Plan | None, *, blank: bool
) -> tuple[Source, acts.Region]:
    if region.marked_by(canvas):
        return region.marked_region(canvas, settings)
    needed = region.around_strokes(canvas)
    if needed.is_empty:
        raise errors.Refusal(
            tr("Draw something: Live answers at the end of each stroke."),
            tr("Take Contour, Detail or Colours above, and draw."),
            code="no_strokes",
        )
    whole = geometry.Bounds.of(canvas.extent)
    if blank and whole.extent.area <= WHOLE_PIXELS and may_be_whole(canvas, settings):
        return Source("mask", "", whole, "grey_u8", filled=True), "lines"
    last = next((s.bounds for s in before.sources if s.filled), None) if before is not None else None
    around = _steady(needed, last, canvas.extent)
    return Source("mask", "", around, "grey_u8", filled=True), "strokes"


def _steady(
    needed: geometry.Bounds, last: geometry.Bounds | None, canvas: geometry.Extent
) -> geometry.Bounds:
    """The last rectangle where it will do; else the needed one, out to the grid."""
    whole = geometry.Bounds.of(canvas)
    roomy = ROOMY * needed.extent.area
    if last is not None and whole.contains(last) and last.contains(needed) and last.extent.area <= roomy:
        return last
    x, y = needed.x // GRID_PX * GRID_PX, needed.y // GRID_PX * GRID_PX
    right, bottom = -(-needed.right // GRID_PX) * GRID_PX, -(-needed.bottom // GRID_PX) * GRID_PX
    return geometry.Bounds(x, y, right - x, bottom - y).intersect(whole)


def _is_selected(source: Source) -> bool:
    """Whether it is the selection: that can change within the same rectangle."""
    return source.name == "mask" and not source.layer and not source.filled
