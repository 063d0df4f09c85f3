# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Paint inside the lines: of the mask only what lines enclose, and the strokes that stand alone.

1. Read what the lines enclose, at a bounded size.
2. Narrow the mask to it, with soft rims: everywhere else the layer's alpha is exactly 0.
3. Spread each dab over the area it lies in, before the network sees it.
4. Lay strokes that enclose nothing over what was painted, in their dab's or their own colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from backend.acts.report import Report
from backend.imaging import masks, resize, strokes
from backend.imaging.area_colours import coloured_rest, spread, standing_alone, stroke_colours
from backend.imaging.areas import Areas, Marks, drawn_over, read_areas
from backend.imaging.line_gaps import WIDEST_PX
from backend.imaging.pixels import Floats
from backend.imaging.scene import Layers, Scene, read_colours, read_ink
from shared.acts import PaintRequest
from shared.errors import Refusal
from shared.geometry import Bounds, Extent

LARGEST_PX = 1024
"""Longest side in which areas are read; rims stay sharp beyond it, as they come from distances."""

KNOWN_PX = 256
"""Gaps as wide as `WIDEST_PX` are closed in a drawing of this size, wider ones in a larger drawing."""

PREVIEW_PX = 256
FIGURE_BGRA, RIM_BGRA, CLOSING_BGRA = (222, 230, 235, 255), (60, 60, 60, 255), (40, 40, 220, 255)

INNER_COVER = 0.75
"""Of a stroke within an area, as paint: a smile is seen, and is softer than ink."""

ENCLOSES_NOTHING = "No lines enclose anything here, so the whole selection was painted."
NOTHING_DRAWN = (
    "Nothing that is drawn can be painted.",
    "Draw in dark lines or dab colours, with their strength above 0; or select a region.",
)
CLOSED = "Closed an open outline with a straight line. To choose where it ends, close it yourself."


@dataclass(frozen=True)
class Inside:
    """What of a request is painted inside lines.

    Attributes:
        areas: (h,w), read of the layers' crop, at its size or smaller.
        crop: Where that is.
        alone: (h,w) dabs that stand alone.
        note: Words for the artist; empty where all is as drawn.
    """

    areas: Areas
    crop: Bounds
    alone: Floats
    note: str = ""

    @property
    def scale(self) -> float:
        """Canvas pixels to a pixel of the areas."""
        return max(self.crop.height / self.alone.shape[0], self.crop.width / self.alone.shape[1])

    @property
    def is_empty(self) -> bool:
        return not (self.areas.encloses or self.areas.single.any() or self.alone.any())

    def cover(self, ink: Floats, bounds: Bounds) -> Floats:
        """(height, width) in [0, 1] of a rectangle of the crop: the alpha of what is painted.

        Args:
            ink: (height, width), the lines' in that rectangle.
        """
        made = self._sharpened(self.areas.depth, bounds)
        if self.areas.single.any():
            np.maximum(made, ink * (self.enlarged(widened(self.areas.single), bounds) > 0.25), out=made)
        if self.alone.any():
            np.maximum(made, self.enlarged(self.alone, bounds), out=made)
        return made

    def quick_cover(self, ink: Floats, bounds: Bounds) -> Floats:
        """The same, with strokes that stand alone as they are at the size of the areas.

        Args:
            ink: (h,w) of all lines.
        """
        depth, half = self.areas.depth, np.float32(0.5)
        if self.areas.single.any():
            depth = np.maximum(depth, ink * widened(self.areas.single) - half)
        if self.alone.any():
            depth = np.maximum(depth, self.alone - half)
        return self._sharpened(depth, bounds)

    def _sharpened(self, depth: Floats, bounds: Bounds) -> Floats:
        """The cover of a figure, from pixels to its rim: sharp at any size."""
        made = self.enlarged(np.maximum(depth, -2), bounds)
        if self.scale != 1:
            made = made * np.float32(self.scale)
        return np.clip(made + np.float32(0.5), 0, 1)

    def enlarged(self, plane: Floats, bounds: Bounds) -> Floats:
        """A rectangle at the canvas' size of a plane at the size of the areas."""
        inner, size = bounds.shifted(-self.crop.x, -self.crop.y), (self.crop.height, self.crop.width)
        if plane.shape != size:
            planes = torch.as_tensor(plane)[None, None]
            plane = interpolate(planes, size, mode="bilinear", align_corners=False)[0, 0].numpy()
        return plane[inner.y : inner.bottom, inner.x : inner.right]

    def areas_at(self, crop: Bounds, size: tuple[int, int]) -> Areas:
        """The areas of another crop at another size (height, width)."""
        height, width = self.alone.shape
        rows = _places(crop.y - self.crop.y, crop.height, size[0], self.crop.height / height)
        columns = _places(crop.x - self.crop.x, crop.width, size[1], self.crop.width / width)
        known = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
        at = np.ix_(rows.clip(0, height - 1), columns.clip(0, width - 1))
        scale = np.float32(self.scale * size[0] / crop.height)
        return Areas(
            np.where(known, self.areas.numbers[at], 0).astype(np.int32),
            np.where(known, self.areas.depth[at] * scale, -np.inf).astype(np.float32),
            self.areas.single[at] & known,
            self.areas.inner[at] & known,
        )


def _places(start: int, length: int, count: int, scale: float) -> NDArray[np.int64]:
    """Which pixel of the areas lies under the middle of each of `count` pixels over a length."""
    return np.floor((start + (np.arange(count) + 0.5) * length / count) / scale).astype(np.int64)


def inside_lines(layers: Layers, request: PaintRequest, area: Bounds) -> Inside | None:
    """Read what lines enclose within the mask.

    Args:
        layers: cut to the canvas.
        area: where they lie on it.

    Returns:
        None where the whole mask is to be painted: it was asked for, or nothing is drawn.
    """
    if request.region == "selection":
        return None
    crop = Bounds(0, 0, layers.mask.shape[1], layers.mask.shape[0])
    factor = -(-max(crop.extent) // LARGEST_PX)
    return inside_of(
        read_ink_of(layers, request, crop, factor),
        _dabs(layers, request, crop, factor),
        crop,
        own_edges(area, request.canvas),
    )


def inside_of(ink: Floats, dabs: Floats, crop: Bounds, edges: tuple[bool, ...]) -> Inside | None:
    """What lines enclose and what stands alone.

    Args:
        ink: (h,w) of all lines.
        dabs: (h,w,4) RGB and coverage.
        crop: what they show of the layers.
        edges: which sides (left, top, right, bottom) are the canvas' own.

    Returns:
        None where nothing is drawn.
    """
    if not (ink.any() or dabs[..., 3].any()):
        return None
    areas = read_areas(ink, widest_px=WIDEST_PX * max(1.0, _longest(ink) / KNOWN_PX), rim=edges)
    alone = dabs[..., 3] * standing_alone(dabs, areas)
    return Inside(areas, crop, alone, CLOSED if areas.closed else "")


def narrowed(
    layers: Layers, request: PaintRequest, area: Bounds
) -> tuple[Layers, PaintRequest, Inside | None]:
    """The layers and the request as they are painted: inside lines the mask is what is enclosed.

    Returns:
        The mask's own edges are the lines then, so it is neither grown nor feathered.

    Raises:
        Refusal: only what is drawn was to be painted, and nothing is ("no_strokes").
    """
    inside = inside_lines(layers, request, area)
    require_strokes(request, inside)
    if inside is None:
        return layers, request, None
    mask = narrowed_mask(layers, request, inside)
    if request.region == "lines" and not (inside.areas.encloses and bool(mask.any())):
        words = ENCLOSES_NOTHING if bool(inside.areas.single.any()) else ""
        return layers, request, replace(inside, areas=nothing_enclosed(inside.areas), note=words)
    if not mask.any():
        require_strokes(request, None)
        return layers, request, None
    return replace(layers, mask=mask), replace(request, grow_px=0, feather_px=0), inside


def require_strokes(request: PaintRequest, inside: Inside | None) -> None:
    """
    Raises:
        Refusal: only what is drawn was to be painted, and nothing is ("no_strokes").
    """
    if request.region == "strokes" and (inside is None or inside.is_empty):
        raise Refusal(*NOTHING_DRAWN, code="no_strokes")


def nothing_enclosed(areas: Areas) -> Areas:
    none = np.zeros_like(areas.single)
    return Areas(np.zeros_like(areas.numbers), np.full_like(areas.depth, -np.inf), none, none)


def narrowed_mask(layers: Layers, request: PaintRequest, inside: Inside) -> masks.Mask:
    """(H,W) uint8: the mask times the cover."""
    made, box = np.zeros_like(layers.mask), masks.bounds_of(layers.mask)
    place = np.s_[box.y : box.bottom, box.x : box.right]
    made[place] = np.rint(layers.mask[place] * inside.cover(read_ink_of(layers, request, box, 1), box))
    return made


def spread_scene(scene: Scene, inside: Inside | None, crop: Bounds, *, all_areas: bool = False) -> Scene:
    """The scene with each dab over the area it lies in.

    Args:
        crop: of the layers, that the scene shows.
        all_areas: Areas without a dab have a colour, too: for a network that would show what lies behind.
    """
    if inside is None:
        return scene
    areas = inside.areas_at(crop, scene.size)
    if not areas.encloses:
        return scene
    made = spread(_last(scene.dabs()), areas)
    made = strokes.weighted_colours(coloured_rest(made, areas) if all_areas else made)
    return replace(scene, spread=torch.as_tensor(made).permute(2, 0, 1)[None].contiguous())


def with_strokes(
    picture: Tensor, layers: Layers, inside: Inside | None, crop: Bounds, scene: Scene
) -> Tensor:
    """The painted scene (1,3,H,W) with strokes that enclose nothing laid over it as paint."""
    if inside is None:
        return picture
    areas = inside.areas_at(crop, scene.size)
    if not (areas.single.any() or areas.inner.any()):
        return picture
    factor = max(1, round(crop.width / scene.size[1]))
    weighted = [read_colours(layer, crop, factor) for layer in (layers.contour, layers.detail)]
    paint = stroke_paint(
        [strokes.colour_raster(_last(planes)) for planes in weighted],
        _last(scene.dabs()),
        _last(torch.maximum(scene.contour, scene.detail))[..., 0],
        areas,
    )
    return laid_over(picture, paint)


def stroke_paint(lines: Sequence[Floats], dabs: Floats, ink: Floats, areas: Areas) -> Tensor | None:
    """(1,4,h,w) colour and coverage of strokes that enclose nothing; None where there are none.

    Args:
        lines: (h,w,4) RGB and coverage of each line layer.
        dabs: (h,w,4) RGB and coverage.
        ink: (h,w) of all lines.
    """
    if not (areas.single.any() or areas.inner.any()):
        return None
    own = np.where(lines[1][..., 3:] > lines[0][..., 3:], lines[1], lines[0])
    colours = stroke_colours(own, dabs, areas.single)
    cover = ink * np.maximum(widened(areas.single), INNER_COVER * widened(areas.inner))
    planes = torch.as_tensor(np.concatenate([colours, cover[..., None]], -1).astype(np.float32))
    return planes.permute(2, 0, 1)[None].contiguous()


def laid_over(picture: Tensor, paint: Tensor | None) -> Tensor:
    return picture if paint is None else torch.lerp(picture, paint[:, :3], paint[:, 3:])


def note_of(inside: Inside | None) -> str:
    return "" if inside is None else inside.note


def show_closure(inside: Inside | None, report: Report) -> None:
    """Before anything is painted, show an outline that had to be closed, and where."""
    if inside is None or not inside.areas.closed:
        return
    picture = outline_picture(inside)
    report.preview(0, picture.shape[1], picture.shape[0], picture.tobytes())


def outline_picture(inside: Inside) -> NDArray[np.uint8]:
    """(h,w,4) bgra_u8, at most PREVIEW_PX: the figure's thin outline, the closing lines in red."""
    areas, step = inside.areas, -(-max(inside.areas.depth.shape) // PREVIEW_PX)
    closing = drawn_over(np.zeros_like(areas.single), areas.closed)
    rim, red = (
        resize.block_max(np.ascontiguousarray(marks[..., None]), step)[..., 0]
        for marks in (np.abs(areas.depth) <= step, closing)
    )
    made = np.full((*rim.shape, 4), 255, np.uint8)
    made[resize.block_max((areas.depth > 0)[..., None], step)[..., 0]] = FIGURE_BGRA
    made[rim] = RIM_BGRA
    made[red] = CLOSING_BGRA
    return made


def _last(planes: Tensor) -> Floats:
    """(h,w,C) of (1,C,h,w)."""
    return planes[0].permute(1, 2, 0).numpy()


def widened(marks: Marks) -> Floats:
    """A pixel further out, so that soft rims of strokes belong to them."""
    planes = torch.as_tensor(marks.astype(np.float32))[None, None]
    return max_pool2d(planes, 3, 1, 1)[0, 0].numpy()


def read_ink_of(layers: Layers, request: PaintRequest, crop: Bounds, factor: int) -> Floats:
    """(h,w) of all lines that count."""
    on = [
        read_ink(layer, crop, factor)
        for layer, share in (
            (layers.contour, request.strengths.contour),
            (layers.detail, request.strengths.detail),
        )
        if layer is not None and share
    ]
    if not on:
        return np.zeros((-(-crop.height // factor), -(-crop.width // factor)), np.float32)
    return torch.stack(on).amax(0)[0, 0].numpy()


def _dabs(layers: Layers, request: PaintRequest, crop: Bounds, factor: int) -> Floats:
    """(h,w,4) RGB and coverage."""
    weighted = read_colours(layers.colours if request.strengths.colour else None, crop, factor)
    return strokes.colour_raster(weighted[0].permute(1, 2, 0).numpy())


def _longest(ink: Floats) -> int:
    """Longest side of what is drawn."""
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    return int(max(np.ptp(rows), np.ptp(columns))) if len(rows) else 0


def own_edges(area: Bounds, canvas: Extent) -> tuple[bool, bool, bool, bool]:
    """Which sides of the layers are the canvas' own."""
    return area.x <= 0, area.y <= 0, area.right >= canvas.width, area.bottom >= canvas.height
