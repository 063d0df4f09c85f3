# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Pictures with holes as people make them, and the ways to fill them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation  # pyright: ignore[reportMissingTypeStubs]
from skimage.restoration import inpaint_biharmonic

from backend.acts.complete.live import LiveCompletion
from backend.acts.region.fill import filled
from backend.acts.region.paint_input import Painted, PaintInput, layers_on_canvas
from backend.acts.report import Quiet
from backend.weights.runtime.completion import load_completion
from benchmarks.held_out import FIRST_SEED, Image8
from benchmarks.shared_data import shared_data
from models.recipes.studio.photographic import render_photographic
from shared.acts import PaintRequest
from shared.geometry import Bounds, Extent
from shared.messages import Surface

STUDIO_PX, PHOTO_PX = 256, 512
"""Side of the studio's pictures, and longest side of a photograph."""

SMALLEST, LARGEST = 0.08, 0.25
"""A hole's width over the picture's shorter side."""

RIM_PX = 4
TELEA_PX = 3
"""What plain filling takes the mean of, and the radius that Telea's looks at."""

Marks = NDArray[np.bool_]
Way = Callable[["Hole"], Image8]


@dataclass(frozen=True)
class Hole:
    """A picture (H,W,3) and which part of it (H,W) is to be filled."""

    true: Image8
    hole: Marks
    seed: int

    @property
    def around(self) -> tuple[slice, slice]:
        """The hole with half of its size on each side, at least 64 pixels: what is looked at."""
        rows, columns = (np.flatnonzero(self.hole.any(axis)) for axis in (1, 0))
        wide = max(int(np.ptp(rows)), int(np.ptp(columns))) + 1
        return tuple(
            _window(int(at[0]), int(at[-1]) + 1, max(wide // 2, 16), side)
            for at, side in zip((rows, columns), self.hole.shape, strict=True)
        )  # pyright: ignore[reportReturnType]

    def with_layer(self, layer: Painted) -> Image8:
        """The picture with what was painted over it."""
        made, box = self.true.copy(), layer.bounds
        here = made[box.y : box.bottom, box.x : box.right]
        here[...] = np.where(layer.pixels[..., 3:] > 0, layer.pixels[..., 2::-1], here)
        return made


def _window(start: int, end: int, margin: int, side: int) -> slice:
    start, end = max(0, start - margin), min(side, end + margin)
    return slice(max(0, min(start, end - 64)), min(side, max(end, start + 64)))


def studio_hole(number: int) -> Hole:
    """A textured scene of the studio that nothing was trained on."""
    scene = render_photographic(FIRST_SEED + number, STUDIO_PX, "held_out")
    return Hole(scene.image, blob(np.random.default_rng([number, 21]), scene.image.shape[:2]), number)


def photographs() -> list[Image8]:
    """Those of the shared data, reduced; none where they are not there."""
    found: list[Image8] = []
    for path in sorted((shared_data() / "photos").glob("*.[jp][pn]g")):
        with Image.open(path) as picture:
            picture.thumbnail((PHOTO_PX, PHOTO_PX))
            found.append(np.asarray(picture.convert("RGB")))
    return found


def photo_hole(photos: Sequence[Image8], number: int) -> Hole:
    photo = photos[number % len(photos)]
    return Hole(photo, blob(np.random.default_rng([number, 22]), photo.shape[:2]), number)


def blob(rng: np.random.Generator, size: tuple[int, ...]) -> Marks:
    """(H,W): a round or long shape with a wavy outline, anywhere but at the very border."""
    height, width = size
    y, x = np.mgrid[:height, :width].astype(np.float64)
    radius = rng.uniform(SMALLEST, LARGEST) * min(size) / 2
    y, x = y - rng.uniform(0.1, 0.9) * height, x - rng.uniform(0.1, 0.9) * width
    slim, turn = rng.uniform(0.6, 1), rng.uniform(0, np.pi)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    angle, outline = np.arctan2(y, x), np.ones(size)
    for waves in (2, 3, 5):
        outline += rng.normal(0, 0.12) * np.cos(waves * angle + rng.uniform(0, 6.28))
    return np.hypot(along, across / slim) < radius * outline


def by_mean(one: Hole) -> Image8:
    """The mean colour of the rim."""
    wider: Marks = np.asarray(binary_dilation(one.hole, iterations=RIM_PX), np.bool_)
    made = one.true.copy()
    made[one.hole] = one.true[wider & ~one.hole].mean(0)
    return made


def by_telea(one: Hole) -> Image8:
    """Source: Telea 2004, by OpenCV.

    Raises:
        ImportError: it is not installed.
    """
    cv2: Any = importlib.import_module("cv2")
    return np.asarray(cv2.inpaint(one.true, one.hole.astype(np.uint8) * 255, TELEA_PX, cv2.INPAINT_TELEA))


def by_biharmonic(one: Hole) -> Image8:
    """Source: Damelin and Hoang 2018, by scikit-image."""
    made, hole = one.true.copy(), one.hole[one.around]
    part = made[one.around].astype(np.float64) / 255
    part[hole] = 0
    solved: Any = inpaint_biharmonic(part, hole, channel_axis=-1)
    made[one.around][hole] = np.rint(solved[hole].clip(0, 1) * 255)
    return made


def by_network(one: Hole) -> Image8:
    """What the completion network alone makes of it, in its sharp form."""
    return one.with_layer(_live().complete(input_of(one), Quiet(), sharp=True))


@cache
def _live() -> LiveCompletion:
    return LiveCompletion(load_completion())


def by_surroundings(one: Hole) -> Image8:
    """Ours."""
    input = input_of(one)
    layers, area = layers_on_canvas(input)
    return one.with_layer(filled(layers, input.request, area, Quiet()))


def input_of(one: Hole) -> PaintInput:
    """The request that the plugin would send: a selection, no strokes, no words."""
    extent = Extent(one.true.shape[1], one.true.shape[0])
    request = PaintRequest(
        canvas=extent,
        area=Bounds.of(extent),
        mask=Surface(extent, "grey_u8", ()),
        image=Surface(extent, "bgra_u8", ()),
        seed=one.seed,
    )
    empty = np.where(one.hole[..., None], np.uint8(0), one.true)
    image = torch.cat([torch.as_tensor(empty[..., ::-1].copy()), torch.full((*one.hole.shape, 1), 255)], -1)
    return PaintInput(
        request, image.byte().numpy(), one.hole.astype(np.uint8)[..., None] * 255, None, None, None
    )
