# SPDX-License-Identifier: GPL-3.0-or-later
"""A canvas that knows of all that is laid on it which thing and which part shows where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.recipes.studio.fields import blurred, local_range, lowest_near, sharp_rims
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.textures import Surface
from shared.geometry import Bounds

Floats = NDArray[np.floating]

FAINT, CLEAR = 0.03, 0.06
"""Step in brightness at a border below which nobody would draw it, and from which everybody would."""

_SOFT_PX = 1.3  # borders blurred more than this belong to what is out of focus
_INK_GAIN = 1.5  # a rim of one pixel, softened, comes back to full ink


@dataclass(frozen=True)
class Photograph:
    """A scene and its lines.

    image: (H,W,3) uint8. contour, detail: (H,W) ink, 255 on 0, about 1.5 px wide. known: (H,W), 255 where the
    lines are certain, 0 where one artist would draw a line and another would not.
    """

    image: Pixels
    contour: Pixels
    detail: Pixels
    known: Pixels


@dataclass(frozen=True)
class Look:
    """Colour (3,), strength of texture in brightness and colour, direction (3,) of the latter."""

    colour: Floats
    roughness: float
    rough_tint: float
    tint: Floats


@dataclass
class Canvas:
    """What was laid so far. Things, parts and drawn strokes are kept at twice the size, for smooth lines."""

    size: int

    def __post_init__(self) -> None:
        fine, plain = (2 * self.size, 2 * self.size), (self.size, self.size)
        self.image = np.zeros((*plain, 3), np.float32)
        self.flat = self.image.copy()  # the same without texture
        self.rough = np.zeros(plain, np.float32)  # strength of the texture
        self.soft = np.zeros(plain, np.float32)  # blur of what is out of focus, px
        self.things = np.zeros(fine, np.uint16)
        self.parts = np.zeros(fine, np.uint16)
        self.strokes = np.zeros(fine, np.uint8)
        self.count = 0

    def lay(
        self, place: Bounds, alpha: Floats, flat: Floats, surface: Surface, look: Look, ids: Pixels
    ) -> None:
        """Lay one thing before the others.

        Args:
            place: where. alpha: (H,W) of it. flat: (H,W,3) colour without texture.
            ids: (2H,2W) part that owns each point, 0 where the thing is not.
        """
        here, fine = _slices(place, 1), _slices(place, 2)
        light, tint = (
            surface.light[: place.height, : place.width],
            surface.tint[: place.height, : place.width],
        )
        rough = look.roughness * (0.3 + 0.7 * flat.mean(-1))
        textured = flat + (rough * light)[..., None] + look.tint * (look.rough_tint * tint)[..., None]
        cover = alpha[..., None]
        self.image[here] += (textured - self.image[here]) * cover
        self.flat[here] += (flat - self.flat[here]) * cover
        self.rough[here] += (rough - self.rough[here]) * alpha
        self.soft[here] *= 1 - alpha
        mine = ids > 0
        self.count += 1
        self.things[fine][mine] = self.count
        self.parts[fine][mine] = 256 * self.count + ids[mine].astype(np.uint16)
        self.strokes[fine][mine] = 0

    def draw_strokes(self, strokes: list[NDArray[np.float64]]) -> None:
        """Fine lines (n,2), in x, y at twice the size, on the thing that was laid last."""
        pixels = np.zeros((*self.strokes.shape, 4), np.uint8)
        drawing = surface_on(pixels).getCanvas()
        paint = skia.Paint(
            Color=skia.ColorWHITE, AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=3
        )
        for line in strokes:
            path = skia.Path()
            path.addPoly([skia.Point(float(x), float(y)) for x, y in line], False)
            drawing.drawPath(path, paint)
        self.strokes = np.maximum(self.strokes, np.where(self.things == self.count, pixels[..., 3], 0))

    def defocus(self, sigma_px: float) -> None:
        """Blur all that was laid so far."""
        self.image = blurred(self.image, sigma_px)
        self.rough *= 1 / (1 + sigma_px)
        self.soft[:] = sigma_px

    def developed(self) -> Photograph:
        """The picture, and the lines that follow from what shows where."""
        things = sharp_rims(self.things)
        parts = sharp_rims(self.parts) & ~things
        step = local_range(self.flat, 3).max(-1) + 0.5 * local_range(self.rough, 3)
        noise = 0.35 * self.rough
        sharp = lowest_near(self.soft)
        certain = (step > CLEAR + noise) & (sharp < _SOFT_PX)
        gone = step < FAINT
        contour, detail = _ink(things), np.maximum(_ink(parts), halved(self.strokes / np.float32(255)))
        contour, detail = np.where(gone, 0, contour), np.where(gone, 0, detail)
        near = blurred(np.maximum(contour, detail), 1.0) > 0.02
        known = np.where(near & ~certain & ~gone, 0, 255).astype(np.uint8)
        return Photograph(_bytes(self.image), _bytes(contour), _bytes(detail), known)


def _ink(rims: NDArray[np.bool_]) -> Floats:
    return (_INK_GAIN * halved(blurred(rims.astype(np.float32), 0.8))).clip(0, 1)


def _slices(place: Bounds, scale: int) -> tuple[slice, slice]:
    return (
        slice(scale * place.y, scale * place.bottom),
        slice(scale * place.x, scale * place.right),
    )


def halved(field: Floats) -> Floats:
    """Means of 2 x 2 points of (2H,2W) or (2H,2W,channels)."""
    upper, lower = field[::2], field[1::2]
    return (upper[:, ::2] + upper[:, 1::2] + lower[:, ::2] + lower[:, 1::2]) * np.float32(0.25)


def _bytes(field: NDArray[np.floating]) -> Pixels:
    return np.rint(field.clip(0, 1) * 255).astype(np.uint8)
