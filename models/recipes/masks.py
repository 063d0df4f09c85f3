# SPDX-License-Identifier: GPL-3.0-or-later
"""The regions a painter marks: what a network is asked to repaint."""

from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from models.recipes.studio.spreading import figure_areas

Kind = Literal["object", "box", "free"]

SHARES: dict[Kind, float] = {"object": 0.5, "box": 0.25, "free": 0.25}
"""How often each kind is drawn; the whole picture as mask is up to the caller."""

FIGURE_SHARE = 0.45
"""How often lessons repaint exactly what is drawn, as painting inside the lines does."""

GROWN = 0.016
"""Share of the width by which such a region reaches past the figure at most."""


def lesson_mask(rng: Generator, silhouette: NDArray[np.uint8], ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mark a region to learn from: often the figure and what its lines enclose, else any as `random_mask`.

    Nothing of the figure is left outside its own region: whoever paints inside the lines has none there.

    Args:
        rng: source of all choices.
        silhouette: (H,W), 0 or 255, the object of the picture.
        ink: (H,W), of contour and detail lines together.

    Returns:
        (H,W), 0 = keep, 255 = repaint; never empty.
    """
    if rng.random() >= FIGURE_SHARE or not silhouette.any():
        return random_mask(rng, silhouette)
    figure = (silhouette > 0) | (figure_areas(ink, silhouette > 0) > 0)
    most_px: int = round(GROWN * silhouette.shape[1])
    return _grown(figure, int(rng.integers(0, most_px + 1))).astype(np.uint8) * 255


def _grown(marks: NDArray[np.bool_], by_px: int) -> NDArray[np.bool_]:
    image = Image.fromarray(marks.astype(np.uint8) * 255)
    return np.asarray(image.filter(ImageFilter.BoxBlur(by_px))) > 0 if by_px else marks


def random_mask(rng: Generator, silhouette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mark a region of a picture: around its object, a turned box, or free-hand.

    Args:
        rng: source of all choices.
        silhouette: (H,W), 0 or 255, the object of the picture.

    Returns:
        (H,W), 0 = keep, 255 = repaint; never empty.
    """
    kinds = list(SHARES)
    kind = kinds[int(rng.choice(len(kinds), p=list(SHARES.values())))]
    height, width = silhouette.shape
    canvas = Image.new("L", (width, height))
    if kind == "object" and silhouette.any():
        radius_px = int(rng.integers(2, max(3, width // 12)))
        canvas = Image.fromarray(silhouette).filter(ImageFilter.BoxBlur(radius_px))
    elif kind == "box":
        _box(rng, canvas)
    else:
        _strokes(rng, canvas)
    mask = (np.asarray(canvas) > 0).astype(np.uint8) * 255
    return mask if mask.any() else np.full_like(mask, 255)


def _box(rng: Generator, canvas: Image.Image) -> None:
    width, height = canvas.size
    centre = rng.uniform(0.25, 0.75, 2) * (width, height)
    half = rng.uniform(0.12, 0.45, 2) * (width, height)
    angle = rng.normal(0, 0.25)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn.T + centre
    ImageDraw.Draw(canvas).polygon([(float(x), float(y)) for x, y in corners], fill=255)


def _strokes(rng: Generator, canvas: Image.Image) -> None:
    draw = ImageDraw.Draw(canvas)
    size = np.array(canvas.size)
    for _ in range(int(rng.integers(1, 4))):
        points = [rng.uniform(0.1, 0.9, 2) * size]
        for _ in range(int(rng.integers(2, 7))):
            points.append(np.clip(points[-1] + rng.normal(0, 0.18, 2) * size, 0, size))
        radius_px = float(rng.uniform(0.04, 0.14) * size[0])
        line = [(float(x), float(y)) for x, y in points]
        draw.line(line, fill=255, width=int(2 * radius_px), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius_px, y - radius_px, x + radius_px, y + radius_px), fill=255)
