# SPDX-License-Identifier: GPL-3.0-or-later
"""A region that was copied: its pixels, kept here so that it can be pasted anywhere, also after its picture
was closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..language import tr
from ..wire import acts, errors, geometry, light, pixels
from .canvas import Band, Canvas
from .capture import Plan, Source, Surfaces, read, stroke_layers
from .line_capture import CONTEXT_PX, WHOLE

SMALLEST_PX, LARGEST_PX = 16, 4096
"""Of a region's longer side."""

LEAST_LIGHT, MOST_LIGHT = 0.25, 4.0
"""How far a copy's colours are changed to suit a picture's light."""

MARKED = tr("Select the thing with any selection tool, then press Copy.")


@dataclass(frozen=True)
class Clip:
    """What was copied.

    Args:
        title: Where it comes from, for the names of the pasted layers.
        plan: What was read: the picture ("image") and the region ("mask").
        bands: The rows that were read.
        light: How light that picture is; see `light.lightness`.
    """

    title: str
    plan: Plan
    bands: tuple[tuple[Source, Band], ...]
    light: float

    @property
    def region(self) -> geometry.Bounds:
        """Where the region lies in its picture."""
        return next(source.bounds for source in self.plan.sources if source.name == "mask")


@dataclass(frozen=True)
class Placing:
    """Where a copy lies: its middle, in canvas pixels, and how it was changed; see PasteRequest."""

    x: float
    y: float
    scale: float = 1.0
    turn_deg: float = 0.0
    flip: bool = False
    colours: bool = True
    light: float = 1.0


@dataclass(frozen=True)
class Paste:
    """To place a copy on a canvas."""

    canvas: geometry.Extent
    placing: Placing

    def request(self, plan: Plan, surfaces: Surfaces) -> acts.PasteRequest:
        placing = self.placing
        return acts.PasteRequest(
            canvas=self.canvas,
            area=plan.area,
            source=surfaces["image"],
            region=surfaces["mask"],
            x=placing.x,
            y=placing.y,
            scale=placing.scale,
            turn_deg=placing.turn_deg,
            flip=placing.flip,
            colours=placing.colours,
            light=placing.light,
        )


def plan_copy(canvas: Canvas, source: str) -> tuple[Plan, str]:
    """Decide what to read: the selection of the active layer ("layer") or of the whole picture.

    Returns:
        The plan, and the source's name.

    Raises:
        BadRequest: there is nothing to copy.
    """
    whole = geometry.Bounds.of(canvas.extent)
    selected = canvas.selection_bounds()
    if selected is None:
        raise errors.BadRequest(tr("Nothing is selected to copy."), MARKED)
    region = selected.intersect(whole)
    if region.is_empty:
        raise errors.BadRequest(
            tr("The selection lies outside the picture."), tr("Select a part of the picture.")
        )
    check_size(region.extent)
    area = region.grown(CONTEXT_PX).intersect(whole)
    id, title, there = "", WHOLE, area
    if source == "layer":
        id, title, there = _layer(canvas, region, area)
    sources = (Source("image", id, there, canvas.format), Source("mask", "", region, "grey_u8"))
    return Plan(canvas.extent, area, sources, stroke_layers(canvas.layers()), "paste"), title


def check_size(region: geometry.Extent) -> None:
    """
    Raises:
        BadRequest: too small to hold a thing, or too large.
    """
    size = tr("{0} x {1} pixels").format(region.width, region.height)
    if max(region) < SMALLEST_PX:
        raise errors.BadRequest(
            tr("The selection is only {0}.").format(size), tr("Select a larger part, with a thing in it.")
        )
    if max(region) > LARGEST_PX:
        words = tr("The selection is {0}; at most {1} a side can be copied.").format(size, LARGEST_PX)
        raise errors.BadRequest(words, tr("Select only the thing itself."))


def _layer(
    canvas: Canvas, region: geometry.Bounds, area: geometry.Bounds
) -> tuple[str, str, geometry.Bounds]:
    """The active layer, its name, and where it has pixels in the area."""
    active = canvas.active_layer()
    layer = next((layer for layer in canvas.layers() if layer.id == active), None)
    remedy = tr("Click the layer with the thing, or copy from the whole picture.")
    if layer is None:
        raise errors.BadRequest(tr("No layer is active."), remedy)
    if layer.kind == "other":
        raise errors.BadRequest(tr("The layer “{0}” has no pixels of its own.").format(layer.name), remedy)
    there = canvas.layer_bounds(layer.id)
    if there.intersect(region).is_empty:
        raise errors.BadRequest(
            tr("There is nothing of the layer “{0}” in the selection.").format(layer.name), remedy
        )
    return layer.id, layer.name, there.intersect(area)


def read_clip(canvas: Canvas, plan: Plan, title: str, done: Callable[[Clip], None]) -> Iterator[None]:
    """Read what is to be copied, a slice at a time, and hand it over.

    Raises:
        BadRequest: there is nothing but one colour.
    """
    bands: list[tuple[Source, Band]] = []
    for step in read(canvas, plan):
        if step is not None:
            source, band = step
            bands.append((source, Band(band.bounds, bytes(memoryview(band.data)))))
        yield
    done(clip_of(title, plan, tuple(bands), light.lightness(canvas.sample(light.SAMPLE_PX))))


def clip_of(title: str, plan: Plan, bands: tuple[tuple[Source, Band], ...], lightness: float) -> Clip:
    """
    Raises:
        BadRequest: there is nothing but one colour.
    """
    clip = Clip(title, plan, bands, lightness)
    if _is_flat(clip):
        raise errors.BadRequest(
            tr("There is nothing but one colour in the selection."), tr("Select a part with a thing in it.")
        )
    return clip


def _is_flat(clip: Clip) -> bool:
    """Whether the region shows one colour only."""
    image = next(source for source in clip.plan.sources if source.name == "image")
    if not image.bounds.contains(clip.region):  # clear beside what is drawn
        return False
    size = pixels.BYTES_PER_PIXEL[image.format]
    first = next(_rows(clip, size))[:size]
    return all(row == first * clip.region.width for row in _rows(clip, size))


def _rows(clip: Clip, size: int) -> Iterator[bytes]:
    """The picture's rows within the region."""
    region = clip.region
    for source, band in clip.bands:
        there = band.bounds
        for y in range(max(there.y, region.y), min(there.bottom, region.bottom)):
            start = ((y - there.y) * there.width + region.x - there.x) * size
            if source.name == "image":
                yield band.data[start : start + region.width * size]


def clip_of_picture(title: str, extent: geometry.Extent, bgra: bytes, region: geometry.Bounds) -> Clip:
    """A region of a picture that is no document, such as a file.

    Args:
        bgra: `extent`, row-major, bgra_u8.
        region: of the picture.

    Raises:
        BadRequest: it is too small or too large, or nothing but one colour.
    """
    check_size(region.extent)
    area = region.grown(CONTEXT_PX).intersect(geometry.Bounds.of(extent))
    image, mask = Source("image", "", area, "bgra_u8"), Source("mask", "", region, "grey_u8")
    rows = [
        bgra[4 * (y * extent.width + area.x) : 4 * (y * extent.width + area.right)]
        for y in range(area.y, area.bottom)
    ]
    bands = (image, Band(area, b"".join(rows))), (mask, Band(region, b"\xff" * region.extent.area))
    small = light.lightness(_sample(bgra, extent))
    return clip_of(title, Plan(extent, area, (image, mask), (), "paste"), bands, small)


def _sample(bgra: bytes, extent: geometry.Extent) -> bytes:
    """Some pixels, evenly spread."""
    step = max(1, max(extent) // light.SAMPLE_PX)
    rows = (bgra[4 * extent.width * y : 4 * extent.width * (y + 1)] for y in range(0, extent.height, step))
    return b"".join(row[4 * x : 4 * x + 4] for row in rows for x in range(0, extent.width, step))


def fitted(
    clip: Clip,
    canvas: geometry.Extent,
    into: geometry.Bounds | None,
    lightness: float | None = None,
    *,
    colours: bool = True,
) -> Placing:
    """Where a copy lies at first: as large as fits into a rectangle, else in its own size in the middle.

    Args:
        lightness: Of the picture that it goes into, which its colours are made to suit.
    """
    whole = geometry.Bounds.of(canvas)
    room = whole if into is None or into.is_empty else into
    scale = min(room.width / clip.region.width, room.height / clip.region.height)
    if room is whole:
        scale = min(scale, 1.0)
    middle = room.x + room.width / 2, room.y + room.height / 2
    gain = 1.0 if lightness is None else min(max(lightness / clip.light, LEAST_LIGHT), MOST_LIGHT)
    return Placing(*middle, min(max(scale, 0.01), 100.0), colours=colours, light=round(gain, 2))
