# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""What the network sees at a stroke.

From stroke to stroke nearly all layers stay as they are. What was made of a layer is kept under the names of
its tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from backend.acts.complete.complete import NOTHING_TO_GO_BY, flattened
from backend.acts.region.inside_lines import (
    ENCLOSES_NOTHING,
    Inside,
    inside_of,
    own_edges,
    require_strokes,
    stroke_paint,
    widened,
)
from backend.imaging.area_colours import coloured_rest, spread
from backend.imaging.pixels import Floats
from backend.imaging.scene import Layers
from backend.imaging.sketch_domain import drawn, sketch_paths
from backend.imaging.small_scene import small_colours, small_ink, small_mask, small_picture
from shared.acts import PaintRequest
from shared.errors import BadRequest
from shared.geometry import Bounds
from shared.messages import Surface

Made = TypeVar("Made")


class Memo:
    """What was made last of each thing, and of what."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Hashable, Any]] = {}

    def get(self, name: str, source: Hashable | None, make: Callable[[], Made]) -> Made:
        """The thing made of the same source as last time, or made now.

        Args:
            source: Equal sources give equal things; None is never equal.
        """
        known = self._made.get(name)
        if source is None or known is None or known[0] != source:
            known = self._made[name] = (source, make())
        return known[1]


@dataclass(frozen=True)
class Frame:
    """Which part of the layers is seen, and how large."""

    crop: Bounds
    size: tuple[int, int]
    area: Bounds


@dataclass(frozen=True)
class LiveScene:
    """
    Attributes:
        mask, picture, lines: (1,C,h,w); lines in the sketch domain.
        colours, dabs: (1,4,h,w), as the network is to see them and as they were drawn.
        paint: (1,4,h,w) colour and coverage of strokes that enclose nothing; None where there are none.
        ink: (h,w) of all lines.
        inside: What is painted inside lines; None where the whole mask is.
        note: Words for the artist.
        source: What region and strokes were made of; None if that has no name.
    """

    mask: Tensor
    picture: Tensor
    lines: Tensor
    colours: Tensor
    dabs: Tensor
    paint: Tensor | None
    ink: Floats
    inside: Inside | None
    note: str
    source: Hashable | None


def read_live(
    memo: Memo, layers: Layers, request: PaintRequest, frame: Frame, *, sharp: bool = False
) -> LiveScene:
    """Read what changed, keep the rest.

    Args:
        sharp: Read strokes as paint, too: at a stroke they lie over the preview as they are.

    Raises:
        BadRequest: there is nothing to go by.
    """
    at = frame.crop, frame.size
    picture, clear = memo.get(
        "picture", source_of(request.image, frame), lambda: small_picture(layers.image, *at)
    )
    selected = memo.get(
        "mask",
        source_of(request.mask, frame, request.grow_px),
        lambda: small_mask(layers.mask, *at, grow_px=request.grow_px),
    )
    ink, inked = _ink(memo, layers, request, frame)
    lines = memo.get("lines", inked, lambda: _in_sketch_domain(ink))
    colours = request.colours if request.strengths.colour else None
    dabs = memo.get(
        "dabs",
        source_of(colours, frame),
        lambda: flattened(small_colours(layers.colours if colours else None, *at)),
    )
    dabbed = source_of(colours, frame)
    source = None if inked is None or dabbed is None else (inked, dabbed, request.region)
    inside, note = memo.get("inside", source, lambda: _inside(ink, dabs, request, frame))
    if inside is None:
        mask, laid, paint = torch.maximum(selected, clear), dabs, None
    else:
        within, laid = memo.get("laid", source, lambda: _laid(ink, dabs, inside))
        paint = _paint(memo, layers, request, ink, dabs, inside, frame) if sharp else None
        mask = torch.maximum(selected * within, clear)
    if bool((mask > 0.5).all()) and not bool(lines.any()) and not bool(dabs[:, 3:].any()):
        raise BadRequest(*NOTHING_TO_GO_BY)
    return LiveScene(mask, picture, lines, laid, dabs, paint, ink, inside, note, source)


def source_of(surface: Surface | None, *rest: Hashable) -> Hashable | None:
    """What a thing is made of; None where the surface's tiles have no names."""
    if surface is not None and not surface.tiles:
        return None
    return (surface, *rest)


def _ink(memo: Memo, layers: Layers, request: PaintRequest, frame: Frame) -> tuple[Floats, Hashable | None]:
    """(h,w) of all lines that count, and what it is made of."""
    inks: list[Floats] = []
    sources: list[Hashable | None] = []
    for name, layer, surface, share in (
        ("contour", layers.contour, request.contour, request.strengths.contour),
        ("detail", layers.detail, request.detail, request.strengths.detail),
    ):
        if layer is not None and share:
            sources.append(source_of(surface, name, frame))
            inks.append(memo.get(name, sources[-1], partial(small_ink, layer, frame.crop, frame.size)))
    ink = np.maximum.reduce(inks) if inks else np.zeros(frame.size, np.float32)
    return ink, None if None in sources else (tuple(sources), frame)


def _in_sketch_domain(ink: Floats) -> Tensor:
    return torch.as_tensor(drawn(sketch_paths(ink), (ink.shape[0], ink.shape[1])))[None, None]


def _inside(ink: Floats, dabs: Tensor, request: PaintRequest, frame: Frame) -> tuple[Inside | None, str]:
    """What is painted inside lines, and words for the artist."""
    if request.region == "selection":
        return None, ""
    inside = inside_of(ink, _last(dabs), frame.crop, own_edges(frame.area, request.canvas))
    require_strokes(request, inside)
    if inside is None or inside.is_empty:
        return None, ""
    if request.region == "lines" and not inside.areas.encloses:
        return None, ENCLOSES_NOTHING if ink.any() else ""
    return inside, inside.note


def _laid(ink: Floats, dabs: Tensor, inside: Inside) -> tuple[Tensor, Tensor]:
    """(1,1,h,w) what is painted; (1,4,h,w) the colours for it."""
    areas = inside.areas
    within = (areas.depth > -0.5) | ((widened(areas.single) > 0) & (ink > 0)) | (inside.alone > 0)
    laid = coloured_rest(spread(_last(dabs), areas), areas)
    return torch.as_tensor(within.astype(np.float32))[None, None], _first(laid)


def _paint(
    memo: Memo, layers: Layers, request: PaintRequest, ink: Floats, dabs: Tensor, inside: Inside, frame: Frame
) -> Tensor | None:
    """(1,4,h,w) colour and coverage of strokes that enclose nothing; None where there are none."""
    if not (inside.areas.single.any() or inside.areas.inner.any()):
        return None
    lines = [
        memo.get(
            f"{name} colours",
            source_of(surface, name, frame),
            partial(small_colours, layer, frame.crop, frame.size),
        )
        for name, layer, surface in (
            ("contour", layers.contour, request.contour),
            ("detail", layers.detail, request.detail),
        )
    ]
    return stroke_paint([_last(each) for each in lines], _last(dabs), ink, inside.areas)


def _last(planes: Tensor) -> Floats:
    """(h,w,C) of (1,C,h,w)."""
    return planes[0].permute(1, 2, 0).numpy()


def _first(planes: Floats) -> Tensor:
    """(1,C,h,w) of (h,w,C)."""
    return torch.as_tensor(planes).permute(2, 0, 1)[None].contiguous()
