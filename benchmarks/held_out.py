# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Held-out pictures of the studio as paintings to be done: never trained on, the same for every run.

Pictures of the split "held_out" show other icons and other individuals under other seeds than any that the
family was trained on. Each is given to the real paint act as an artist would give it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.acts.paint.paint import paint
from backend.acts.region.paint_input import Painted, PaintInput
from backend.acts.report import Quiet
from backend.weights.runtime.base_model import BaseModel
from models.recipes.masks import random_mask
from models.recipes.studio import Sample, render
from models.recipes.studio.hands import EXACT, Hand, draw, wobbly_hand
from models.recipes.studio.line_styles import STYLES, draw_in_style
from shared.acts import PaintRequest, Region
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat, Surface

Image8 = NDArray[np.uint8]
EDGE_PX = 256
FIRST_SEED = 1_000_000
"""Seeds of the pictures to measure on; training counts from 0."""

FEATHER_PX = 4
"""As the docker has it unless the artist changes it."""

MARKER = Hand(width=8.0)

Guide = Literal["contour", "detail", "colour", "text"]
GUIDES: tuple[Guide, ...] = ("contour", "detail", "colour", "text")


@dataclass(frozen=True)
class Task:
    """A picture to be painted.

    Args:
        sample: The truth and its strokes.
        region: (H,W) uint8, 255 is to be painted; the rest of the picture is there.
        seed: Of the painting.
        without: Guides that are withheld.
        quick: In a few steps.
        scope: How much of the region is painted.
    """

    sample: Sample
    region: Image8
    seed: int
    without: tuple[Guide, ...] = ()
    quick: bool = False
    scope: Region = "selection"

    def hurried(self) -> Task:
        """The same for the few-step student."""
        return replace(self, quick=True)

    def lacking(self, guide: Guide) -> Task:
        return replace(self, without=(*self.without, guide))


def whole(number: int, *, by_hand: bool = False, size: int = EDGE_PX) -> Task:
    """Paint all of a picture from its exact lines, or from lines as someone sketches them quickly."""
    sample = render(FIRST_SEED + number, size, "held_out", hand=_hand(number, by_hand))
    return Task(sample, np.full((size, size), 255, np.uint8), number)


def part(number: int) -> Task:
    """Paint a region of a picture into what is around it."""
    sample = render(FIRST_SEED + number, EDGE_PX, "held_out", hand=EXACT)
    return Task(sample, random_mask(np.random.default_rng([number, 7]), sample.mask), number)


def in_tool(task: Task, number: int) -> Task:
    """The same drawing in one of the studio's eight tools, from fineliner to chalk."""
    styles = list(STYLES)
    contour, detail = draw_in_style(task.sample, styles[number % len(styles)], number)
    return replace(task, sample=replace(task.sample, contour=contour, detail=detail))


def in_marker(task: Task, number: int) -> Task:
    """The same drawing with a pen four times as broad."""
    rng, lines = np.random.default_rng([number, 9]), task.sample.lines
    contour, detail = (draw(rng, list(each), MARKER, lines.size) for each in (lines.contour, lines.detail))
    return replace(task, sample=replace(task.sample, contour=contour, detail=detail))


def _hand(number: int, by_hand: bool) -> Hand:
    return wobbly_hand(np.random.default_rng([number, 5])) if by_hand else EXACT


def painted(model: BaseModel, task: Task) -> Image8:
    """The picture with the painted layer over it, (H,W,3)."""
    return laid_over(task, paint(model, input_of(task), Quiet()))


def laid_over(task: Task, layer: Painted) -> Image8:
    """The picture with that layer over it, (H,W,3)."""
    result = task.sample.image.copy()
    box = layer.bounds
    below = result[box.y : box.bottom, box.x : box.right].astype(np.float32)
    alpha = layer.pixels[..., 3:].astype(np.float32) / 255
    laid = below + (layer.pixels[..., 2::-1].astype(np.float32) - below) * alpha
    result[box.y : box.bottom, box.x : box.right] = laid.round().astype(np.uint8)
    return result


def input_of(task: Task) -> PaintInput:
    """The request that the plugin would send."""
    sample, without = task.sample, task.without
    extent = Extent(*sample.image.shape[1::-1])
    request = PaintRequest(
        canvas=extent,
        area=Bounds.of(extent),
        mask=_named(extent, "grey_u8"),
        image=_named(extent, "bgra_u8"),
        contour=None if "contour" in without else _named(extent, "bgra_u8"),
        detail=None if "detail" in without else _named(extent, "bgra_u8"),
        colours=None if "colour" in without else _named(extent, "bgra_u8"),
        prompt="" if "text" in without else sample.caption,
        seed=task.seed,
        feather_px=FEATHER_PX,
        quick=task.quick,
        region=task.scope,
    )
    opaque = np.full((*sample.image.shape[:2], 1), 255, np.uint8)
    return PaintInput(
        request,
        np.concatenate([sample.image[..., ::-1], opaque], -1),
        task.region[..., None],
        None if request.contour is None else _inked(sample.contour),
        None if request.detail is None else _inked(sample.detail),
        None if request.colours is None else np.ascontiguousarray(sample.colours[..., [2, 1, 0, 3]]),
    )


def _named(extent: Extent, format: PixelFormat) -> Surface:
    return Surface(extent, format, (b"",) * len(list(Bounds.of(extent).tiles(256))))


def _inked(ink: Image8) -> Image8:
    """Black lines on transparency."""
    return np.concatenate([np.zeros((*ink.shape, 3), np.uint8), ink[..., None]], -1)
