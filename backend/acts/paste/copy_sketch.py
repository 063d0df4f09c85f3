# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Copy what a picture shows, not its pixels: lines and colours of a region, drawn into another picture.

The lines of the region come over as strokes that stay editable, and by choice its colours, as flat as a brush
lays them. The other picture's own light and texture fill them in, as completion paints the region anew.

Source: smart copy-paste of Portenier et al. 2018, "FaceShop"; the light of colours and lines, and what of the
colours comes along, are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import (  # pyright: ignore[reportMissingTypeStubs]
    binary_dilation,
    binary_erosion,
    distance_transform_edt,
)
from skimage.measure import label

from backend.acts.lines.extract import extract
from backend.acts.region.paint_input import PaintInput
from backend.acts.report import Report
from backend.imaging.colour_domain import colour_domain, undrawn
from backend.imaging.masks import bounds_of
from backend.imaging.pixels import Floats, Picture, Pixels, from_rgba
from backend.imaging.sketch_domain import Path, drawn, picture_edges, sketch_paths
from models.networks.line_extractor import LineExtractor
from models.networks.line_fill import BALLS_PX, enclosed_areas
from shared.acts import PaintRequest
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.light import SAMPLE_PX, lightness
from shared.messages import PixelFormat, Surface

Mask = NDArray[np.uint8]
Marks = NDArray[np.bool_]

CONTEXT_PX = 32
"""Lines are looked for with so much around the region, so that its border makes none."""

DARK, LIGHT = 2.0, 98.0
"""Percentiles that count as the darkest and the lightest of a picture."""

SPREAD = 2.5
"""Natural logarithm of light over dark in an evened picture: that of an ordinary one."""

SPARSE, SPARSE_SPREAD = 0.05, 0.3
"""Where what counts as dark and light differs less than this, a few thin lines on paper may be all there is:
then these shares, in percent, of the darkest and the lightest count."""

DARKEST = 1 / 512

OWN_SHARE = 0.12
"""Where areas that lines enclose make up so much of a region, they are the thing: what they lie on stays
behind. Why: docs/decisions/a-copy-is-strokes.md."""

NEAR_SHARE, NEAR_PX = 0.04, 6
"""So far around a thing, as a share of the region's longer side and at least, the other picture is painted
anew: it has to close up to it."""
GROUND_SHARE, SAME_TONE = 0.1, 0.06
"""An area that holds so much of the region's border is ground; an enclosed one whose mean colour is so near
to the ground's (0 to 1, Euclidean) is seen through: the hole of a handle."""

SPECK_SHARE = 0.05
"""A part that is smaller than this share of the largest is left behind."""

EDGE_PX, FAR_TONE = 2, 9.0
"""As far as a line's own colour may reach; a colour unlike all."""

CLEAR_PX = 1
"""Of a thing no colour comes along so near to what it lies on."""

RIM_SHARE = 0.05
"""Where no thing was found: along the border of the region, this share of its longer side, no colour comes
along, as it may belong to what was around it there."""

WALL, BALLS_ACROSS = 1 / 3, 16
"""Ink that encloses; a gap that counts as closed is not larger than an eighth of the region."""


@dataclass(frozen=True)
class Copied:
    """A region as lines and colours.

    Attributes:
        paths: strokes, x and y in pixels from the region's corner.
        colours: (h,w,4) flat RGB, and coverage in [0, 1].
        mask: (h,w), 255 is the region.
    """

    paths: tuple[Path, ...]
    colours: Floats
    mask: Mask


@dataclass(frozen=True)
class Placing:
    """Where a copy goes: scaled, flipped, then turned around its middle, its middle at (x, y) of the canvas.

    Args:
        turn_deg: clockwise as seen on the canvas.
        flip: left and right changed over.
    """

    x: float
    y: float
    scale: float = 1.0
    turn_deg: float = 0.0
    flip: bool = False

    def matrix(self) -> NDArray[np.float64]:
        """(2,2): from the copy to the canvas."""
        angle = np.deg2rad(self.turn_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return turn @ np.diag([-self.scale if self.flip else self.scale, self.scale])


def evened(rgb: Floats) -> Floats:
    """The same picture in a usual light: a gain or gamma of all channels changes nothing.

    Args:
        rgb: (H,W,3) in [0, 1].
    """
    tones = np.log(np.maximum(rgb, DARKEST))
    dark, light = np.percentile(tones, (DARK, LIGHT))
    if light - dark < SPARSE_SPREAD:
        dark, light = np.percentile(tones, (SPARSE, 100 - SPARSE))
    if light - dark < 1e-3:
        return np.ones_like(rgb)
    share = ((tones - dark) / (light - dark)).clip(0, 1)
    return np.exp(SPREAD * (share - 1)).astype(np.float32)


def copied(
    rgb: Floats,
    region: Bounds,
    report: Report,
    extractor: LineExtractor | None = None,
    mask: Mask | None = None,
) -> Copied:
    """Take a region of a picture as lines and colours.

    Args:
        rgb: (H,W,3) in [0, 1].
        region: of the picture.
        extractor: finds the lines; without one edges are taken for lines.
        mask: (H,W), 255 belongs to the region; the whole rectangle if not given.

    Raises:
        BadRequest: the region lies outside the picture, or there is not a line in it.
    """
    whole = Bounds(0, 0, rgb.shape[1], rgb.shape[0])
    region = region.intersect(whole)
    if region.is_empty:
        raise BadRequest("The region to copy lies outside the picture.", "Select a part of the picture.")
    near = region.grown(CONTEXT_PX).intersect(whole)
    ink = _ink(evened(_cut(rgb, near)), report, extractor)
    inside = np.full((region.height, region.width), 255, np.uint8) if mask is None else _cut(mask, region)
    ink = _cut(ink, region.shifted(-near.x, -near.y)) * (inside > 0)
    paths = sketch_paths(ink)
    if not paths:
        raise BadRequest("There are no lines in the region to copy.", "Select a part with a thing in it.")
    flat = colour_domain(_cut(rgb, region))
    covered = _enclosed(drawn(paths, inside.shape) > WALL, inside > 0, flat)
    if covered.sum() >= OWN_SHARE * (inside > 0).sum():
        away = np.asarray(distance_transform_edt(~covered))
        inside = inside * (away <= max(NEAR_PX, NEAR_SHARE * max(inside.shape)))
        paths = sketch_paths(ink * (inside > 0))
    else:
        covered |= _inner(inside)
    return Copied(tuple(paths), np.concatenate([flat, covered[..., None]], -1).astype(np.float32), inside)


def _cut(planes: NDArray[Any], bounds: Bounds) -> NDArray[Any]:
    return planes[bounds.y : bounds.bottom, bounds.x : bounds.right]


def _ink(rgb: Floats, report: Report, extractor: LineExtractor | None) -> Floats:
    if extractor is None:
        return picture_edges(rgb)
    opaque = np.concatenate([rgb, np.ones_like(rgb[..., :1])], -1)
    lines = extract(extractor, Picture(from_rgba(opaque, "bgra_u8"), "bgra_u8"), report)
    return np.divide(np.maximum(*lines), 255, dtype=np.float32)


def _inner(mask: Mask) -> Marks:
    """(h,w): all but the rim."""
    rim_px = RIM_SHARE * max(mask.shape)
    return np.asarray(distance_transform_edt(np.pad(mask > 0, 1)))[1:-1, 1:-1] > rim_px


def _enclosed(walls: Marks, inside: Marks, flat: Floats) -> Marks:
    """(h,w): areas that lines enclose, that do not reach the border and look unlike the ground."""
    border = inside & ~np.asarray(binary_erosion(inside), np.bool_)
    edges = np.asarray(binary_dilation(walls, iterations=EDGE_PX), np.bool_)
    found = np.zeros_like(inside)
    for ball_px in (ball for ball in BALLS_PX if ball * BALLS_ACROSS <= max(walls.shape)):
        areas = enclosed_areas(walls, ball_px)
        held = np.bincount(areas[border], minlength=int(areas.max()) + 1)
        is_own = held == 0
        is_own[0] = False
        means, is_ground = (
            _means(np.where(edges, 0, areas), flat, len(held)),
            held > GROUND_SHARE * border.sum(),
        )
        apart = np.linalg.norm(means[:, None] - means[None, is_ground], axis=-1)
        is_own &= (apart > SAME_TONE).all(1)
        found |= is_own[areas] & inside
    found &= _large_parts(np.asarray(binary_dilation(found, iterations=EDGE_PX), np.bool_))
    ground = ~found & ~walls
    return found & ~np.asarray(binary_dilation(ground, iterations=CLEAR_PX), np.bool_)


def _large_parts(marks: Marks) -> Marks:
    """Without specks beside the thing."""
    parts = np.asarray(label(marks), np.int32)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return (sizes >= SPECK_SHARE * sizes.max())[parts] & marks


def _means(areas: NDArray[np.int32], rgb: Floats, count: int) -> Floats:
    """(count,3): the mean colour of each area; of what is in none, and of an empty one, one far from all."""
    numbers = areas.ravel()
    counts = np.bincount(numbers, minlength=count)
    sums = [np.bincount(numbers, rgb[..., channel].ravel(), count) for channel in range(3)]
    means = np.stack(sums, -1) / np.maximum(counts, 1)[:, None]
    means[counts == 0] = means[0] = FAR_TONE
    return means.astype(np.float32)


def lit(copy: Copied, gain: float) -> Copied:
    """The same copy, its colours multiplied by the gain: in another light."""
    colours = copy.colours.copy()
    drawn_on = colours[..., 3] > 0
    colours[drawn_on, :3] = (colours[drawn_on, :3] * np.float32(gain)).clip(0, 1)
    return replace(copy, colours=colours)


def lightness_of(rgb: Floats) -> float:
    """`shared.light.lightness` of (H,W,3) in [0, 1]."""
    image = Image.fromarray(np.rint(255 * rgb).astype(np.uint8))
    image.thumbnail((SAMPLE_PX, SAMPLE_PX), Image.Resampling.BOX)
    return lightness(image.convert("RGBA").tobytes("raw", "BGRA"))


def placed(copy: Copied, placing: Placing, canvas: Extent) -> Copied:
    """The copy on a canvas: rasters of its size, strokes in its pixels.

    Raises:
        BadRequest: nothing of it lies on the canvas, or it would have no size.
    """
    if not placing.scale > 0:
        raise BadRequest(f"A copy scaled by {placing.scale:g} has no size.", "Give a scale above 0.")
    matrix = placing.matrix()
    middle = np.array([copy.mask.shape[1] / 2, copy.mask.shape[0] / 2])
    there = np.array([placing.x, placing.y])
    paths = tuple((path - middle) @ matrix.T + there for path in copy.paths)
    back = np.linalg.inv(matrix)
    shift = middle - back @ there
    terms = (*back[0], shift[0], *back[1], shift[1])

    def warped(plane: NDArray[Any], way: Image.Resampling) -> NDArray[Any]:
        image = Image.fromarray(plane).transform(
            (canvas.width, canvas.height), Image.Transform.AFFINE, terms, way
        )
        return np.asarray(image)

    mask = warped(copy.mask, Image.Resampling.NEAREST)
    if not mask.any():
        raise BadRequest("The copy would lie outside the canvas.", "Move it so that it lies on the picture.")
    planes = [warped(np.ascontiguousarray(copy.colours[..., c]), Image.Resampling.BILINEAR) for c in range(4)]
    colours = np.where(
        planes[3][..., None] > 0.5,
        np.stack([*planes[:3], np.ones_like(planes[3])], -1),
        undrawn((canvas.height, canvas.width)),
    )
    return Copied(paths, colours.astype(np.float32), np.asarray(mask, np.uint8))


def input_of(copy: Copied, image: Pixels, *, colours: bool, seed: int = 0, feather_px: int = 0) -> PaintInput:
    """The request that paints a placed copy into a picture.

    Args:
        copy: of `placed`, on the picture's canvas.
        image: (H,W,4) bgra_u8.
        colours: whether its colours come along.

    Raises:
        BadRequest: it would lie outside.
    """
    if bounds_of(copy.mask).is_empty:
        raise BadRequest("The copy would lie outside the canvas.", "Move it so that it lies on the picture.")
    extent = Extent(image.shape[1], image.shape[0])
    ink = drawn(copy.paths, (extent.height, extent.width))
    lines = np.zeros((*ink.shape, 4), np.uint8)
    lines[..., 3] = np.rint(ink * 255)
    request = PaintRequest(
        canvas=extent,
        area=Bounds.of(extent),
        mask=_named(extent, "grey_u8"),
        image=_named(extent, "bgra_u8"),
        contour=_named(extent, "bgra_u8"),
        colours=_named(extent, "bgra_u8") if colours else None,
        seed=seed,
        feather_px=feather_px,
    )
    strokes = from_rgba(copy.colours, "bgra_u8") if colours else None
    return PaintInput(request, image, copy.mask[..., None], lines, None, strokes)


def _named(extent: Extent, format: PixelFormat) -> Surface:
    return Surface(extent, format, (b"",) * len(list(Bounds.of(extent).tiles(256))))
