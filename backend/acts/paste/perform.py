# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownVariableType=false
"""Lines and colours of a copied region, placed on another canvas, in the worker. See `copy_sketch`.

What was found in a region is kept, so that moving or turning it does not look for its lines again.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from backend.acts.report import Report
from backend.acts.work import Answer, Work
from shared.acts import PastedSketch, PasteRequest
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent

if TYPE_CHECKING:
    from backend.acts.paste.copy_sketch import Copied, Placing

Plane = NDArray[np.uint8]

MOST_COPIES = 4
SMALLEST_PX = 16
"""A region smaller than this both ways holds no thing."""

LINE_PART = 0.0025
"""Width of a pasted line, as a part of the canvas' longer side: half a contour brush of the plugin."""

Key = tuple[Extent, tuple[bytes, ...], tuple[bytes, ...]]

_copies: OrderedDict[Key, Copied] = OrderedDict()
"""What was found last, by the tiles of source and region."""


def paste_sketch(work: Work, report: Report) -> Answer:
    """The copied region's lines, mask and by choice colours, where they lie on the canvas.

    Raises:
        BadRequest: nothing is selected, or it is too small, or without a line, or would lie outside.
        MissingWeights: the line extractor is missing or damaged.
        Cancelled: where report.check() did.
    """
    from backend.acts.paste.copy_sketch import Placing, lit, placed
    from backend.imaging.sketch_domain import drawn

    request = cast("PasteRequest", work.request)
    copy = _copy(work, request, report)
    report.check()
    placing = Placing(request.x, request.y, request.scale, request.turn_deg, request.flip)
    bounds = _box(copy.mask.shape, placing).intersect(Bounds.of(request.canvas))
    if bounds.is_empty:
        raise BadRequest("The copy would lie outside the canvas.", "Move it so that it lies on the picture.")
    here = replace(placing, x=placing.x - bounds.x, y=placing.y - bounds.y)
    copy = lit(placed(copy, here, bounds.extent), request.light)
    ink = thick(drawn(copy.paths, copy.mask.shape), LINE_PART * max(request.canvas))
    colours = _dabs(copy) if request.colours else None
    drawn_in = np.rint(255 * ink).astype(np.uint8).tobytes()
    return Answer(
        bounds,
        PastedSketch(
            work.surface(drawn_in, bounds.extent, "grey_u8"),
            work.surface(copy.mask.tobytes(), bounds.extent, "grey_u8"),
            None if colours is None else work.surface(colours, bounds.extent, "bgra_u8"),
        ),
    )


def thick(ink: NDArray[np.float32], width_px: float) -> NDArray[np.float32]:
    """Lines of one pixel made about so wide; thinner ones are not to be had.

    Args:
        ink: (h,w) in [0, 1].
    """
    from scipy.ndimage import maximum_filter  # pyright: ignore[reportMissingTypeStubs]

    radius = round((width_px - 1) / 2)
    if radius < 1:
        return ink
    across = np.arange(-radius, radius + 1)
    disc = np.hypot(across[:, None], across) <= radius + 0.25
    wide: Any = maximum_filter(ink, footprint=disc)
    return np.asarray(wide, np.float32)


def _copy(work: Work, request: PasteRequest, report: Report) -> Copied:
    key = request.area.extent, request.source.tiles, request.region.tiles
    if key not in _copies:
        _copies[key] = _found(work, report)
        while len(_copies) > MOST_COPIES:
            _copies.popitem(last=False)
    _copies.move_to_end(key)
    return _copies[key]


def _found(work: Work, report: Report) -> Copied:
    from backend.acts.lines.layers import over_white
    from backend.acts.paste.copy_sketch import copied
    from backend.imaging.masks import bounds_of
    from backend.library.line_styles import loaded_style

    mask: Plane = work.pixels["region"].array[..., 0]
    region = bounds_of(mask)
    if region.is_empty:
        raise BadRequest("Nothing is selected to copy.", "Select a thing with any selection tool.")
    if max(region.extent) < SMALLEST_PX:
        words = f"The selection is only {region.width} x {region.height} pixels."
        raise BadRequest(words, "Select a larger part, with a thing in it.")
    report.progress(0, 0, "finding the lines")
    rgb = over_white(work.pixels["source"])
    report.check()
    return copied(np.divide(rgb, 255, dtype=np.float32), region, report, loaded_style(""), mask)


def _box(shape: tuple[int, ...], placing: Placing) -> Bounds:
    """The rectangle of the canvas that the copy's own rectangle, placed, lies in."""
    half = np.array([shape[1] / 2, shape[0] / 2])
    reach = np.abs(placing.matrix()) @ half
    left, top = math.floor(placing.x - reach[0]), math.floor(placing.y - reach[1])
    right, bottom = math.ceil(placing.x + reach[0]), math.ceil(placing.y + reach[1])
    return Bounds(left, top, max(1, right - left), max(1, bottom - top))


def _dabs(copy: Copied) -> bytes:
    """Colours as bgra_u8; all zero where nothing is drawn, as on a layer never drawn on."""
    from backend.imaging.pixels import from_rgba, to_bytes

    layer = from_rgba(copy.colours, "bgra_u8")
    layer[layer[..., 3] == 0] = 0
    return to_bytes(layer)
