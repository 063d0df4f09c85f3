# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Held-out pictures drawn in eight known line styles, and rulers for drawings of them.

Examples and pictures to measure on are of the held-out split under seeds of their own: nothing is learnt from
what is measured, and the general extractor has seen neither.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]
from skimage.feature import canny
from skimage.filters import gaussian
from skimage.metrics import structural_similarity

from backend.acts.line_style.example import Example
from backend.acts.line_style.losses import Distance, drawing_of
from backend.imaging.pixels import luminance
from benchmarks.held_out import EDGE_PX, FIRST_SEED, Image8
from models.recipes.studio import Sample, render
from models.recipes.studio.hands import EXACT
from models.recipes.studio.line_styles import STYLES, draw_in_style

Ink = NDArray[np.float32]
"""(2,H,W) in [0, 1]: contour and detail."""

STYLE_NAMES: tuple[str, ...] = tuple(STYLES)
SIDE_PX, PART_PX = 512, 256
"""Of the pictures, examples and others alike: a line is as wide as its picture is large. What is measured is
a part of it, as large as the embedded family sees at once."""

FIRST_EXAMPLE, EXAMPLES = 500, 24
"""The example is the busiest of so many pictures from that one on."""

NEAR_PX = 2
"""In a picture of 256 px; twice as much in one of 512 px."""


class Truth(NamedTuple):
    """A part (H,W,3) of a held-out picture, and how it is drawn in a style."""

    picture: Image8
    ink: Ink


class Scores(NamedTuple):
    """Of one drawing: boundary F at 2 px, structural similarity, and the stand-in for LPIPS, of contour and
    detail together; and boundary F of each kind alone, NaN where the truth has none of it."""

    f2: float
    ssim: float
    lpips: float
    f2_contour: float
    f2_detail: float


def truth_of(number: int, style: str) -> Truth:
    """The part of the held-out picture of that number that has the most lines, the same for every style."""
    sample = _sample(number, SIDE_PX)
    inks = np.stack(draw_in_style(sample, style, number)).astype(np.float32) / np.float32(255)
    down, across = _busiest_part(np.maximum(sample.contour, sample.detail) > 127)
    return Truth(
        np.ascontiguousarray(sample.image[down, across]), np.ascontiguousarray(inks[:, down, across])
    )


def example_of(style: str) -> Example:
    """The one example of a style: a busy picture with contour and detail, the same for every style."""
    number = busiest()
    sample = _sample(number, SIDE_PX)
    return Example(sample.image, *draw_in_style(sample, style, number))


@lru_cache(maxsize=1)
def busiest() -> int:
    """Number of the picture with the most of the kind of line that it has less of."""

    def lines(number: int) -> float:
        sample = render(FIRST_SEED + number, EDGE_PX, "held_out", hand=EXACT)
        return min(float((ink > 127).mean()) for ink in (sample.contour, sample.detail))

    return max(range(FIRST_EXAMPLE, FIRST_EXAMPLE + EXAMPLES), key=lines)


def _busiest_part(lines: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Where most lines are, of nine places that overlap by half."""
    offsets = range(0, SIDE_PX - PART_PX + 1, PART_PX // 2)
    places = [(slice(y, y + PART_PX), slice(x, x + PART_PX)) for y in offsets for x in offsets]
    return max(places, key=lambda place: int(lines[place].sum()))


@lru_cache(maxsize=128)
def _sample(number: int, size: int) -> Sample:
    return render(FIRST_SEED + number, size, "held_out", hand=EXACT)


def scores(drawn: Ink, truth: Ink, distance: Distance) -> Scores:
    """Compare a drawing with the true one."""
    pages = [drawing_of(torch.as_tensor(ink)[None]) for ink in (drawn, truth)]
    mine, true = (page[0, 0].numpy() for page in pages)
    with torch.inference_mode():
        apart = float(distance(*pages))
    return Scores(
        boundary_f2(drawn.max(0) > 0.5, truth.max(0) > 0.5),
        float(np.asarray(structural_similarity(mine, true, data_range=1.0))),
        apart,
        *(boundary_f2(mine > 0.5, true > 0.5) for mine, true in zip(drawn, truth, strict=True)),
    )


def boundary_f2(drawn: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Harmonic mean of the shares of drawn and of true ink near the other; NaN if there is no true ink.

    Args:
        drawn, truth: (H,W), part of a picture of `SIDE_PX`.
    """
    if not truth.any():
        return math.nan
    if not drawn.any():
        return 0.0
    near_px = NEAR_PX * SIDE_PX / 256
    precision = float((_distance(truth)[drawn] <= near_px).mean())
    recall = float((_distance(drawn)[truth] <= near_px).mean())
    return 2 * precision * recall / max(precision + recall, 1e-9)


def canny_ink(picture: Image8) -> Ink:
    """Canny's edges of a picture's lightness as contour; the detail stays empty."""
    grey = _grey(picture)
    edges = canny(grey, sigma=1.5, low_threshold=0.04, high_threshold=0.1)
    return np.stack([edges, np.zeros_like(edges)]).astype(np.float32)


def xdog_ink(picture: Image8, sigma: float = 1.0, sharpness: float = 20.0, tone: float = 0.75) -> Ink:
    """Extended difference of Gaussians as contour; the detail stays empty.

    Source: Winnemoeller, Kyprianidis, Olsen 2012, equations 5 and 7, with k = 1.6 and phi = 10.
    """
    grey = _grey(picture)
    fine, coarse = (np.asarray(gaussian(grey, s), np.float32) for s in (sigma, 1.6 * sigma))
    response = (1 + sharpness) * fine - sharpness * coarse
    light = np.where(response >= tone, 1.0, 1 + np.tanh(10 * (response - tone)))
    return np.stack([1 - light.clip(0, 1), np.zeros_like(light)]).astype(np.float32)


def _grey(picture: Image8) -> NDArray[np.float32]:
    return luminance(picture.astype(np.float32) / np.float32(255))


def _distance(marks: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(distance_transform_edt(~marks), np.float64)
