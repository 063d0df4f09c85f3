# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions that completion learns to fill: turned rectangles that grow, free-hand strokes, objects, all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Kind = Literal["rectangle", "free", "object", "whole"]
Mask = NDArray[np.uint8]

SHARES: dict[Kind, float] = {"rectangle": 0.35, "free": 0.25, "object": 0.2, "whole": 0.2}
"""How often each kind is drawn."""

FIRST_AREA, LAST_AREA = 0.08, 0.5
"""Largest rectangle, as a share of the picture, at the beginning and at the end of the training."""

SMALLEST_AREA = 0.01


def draw_kind(rng: Generator, shares: Mapping[Kind, float] = SHARES) -> Kind:
    """One of the kinds, as often as its share says."""
    kinds = list(shares)
    weights = np.array([shares[kind] for kind in kinds])
    return kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]


def completion_mask(rng: Generator, kind: Kind, silhouette: Mask, progress: float) -> Mask:
    """Mark what is missing.

    Args:
        rng: source of all choices.
        kind: an object that is not in the picture becomes a free-hand region.
        silhouette: (H,W), 0 or 255, the objects of the picture.
        progress: of the training, 0 to 1: rectangles grow with it.

    Returns:
        (H,W), 255 is missing, 0 is known; never empty.
    """
    height, width = silhouette.shape
    canvas = Image.new("L", (width, height))
    if kind == "whole":
        return np.full_like(silhouette, 255)
    if kind == "rectangle":
        _rectangle(rng, canvas, progress)
    elif kind == "object" and silhouette.any():
        spread = Image.fromarray(silhouette).filter(
            ImageFilter.BoxBlur(int(rng.integers(1, canvas.width // 16 + 2)))
        )
        canvas.paste(255, mask=spread.point([0, *[255] * 255]))
    else:
        _free_hand(rng, canvas)
    mask = np.where(np.asarray(canvas) > 0, 255, 0).astype(np.uint8)
    return mask if mask.any() else np.full_like(mask, 255)


def _rectangle(rng: Generator, canvas: Image.Image, progress: float) -> None:
    """Any angle; its area evenly between the smallest and the largest that is allowed by now."""
    width, height = canvas.size
    largest = FIRST_AREA + (LAST_AREA - FIRST_AREA) * min(progress, 1.0)
    area = rng.uniform(SMALLEST_AREA, largest) * width * height
    ratio = np.exp(rng.uniform(-0.8, 0.8))
    half = np.sqrt(area) * np.array([ratio**0.5, ratio**-0.5]) / 2
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = rng.uniform(0.1, 0.9, 2) * (width, height)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn.T + centre
    ImageDraw.Draw(canvas).polygon([(float(x), float(y)) for x, y in corners], fill=255)


def _free_hand(rng: Generator, canvas: Image.Image) -> None:
    """One to four strokes of a broad brush."""
    draw = ImageDraw.Draw(canvas)
    size = np.array(canvas.size)
    for _ in range(int(rng.integers(1, 5))):
        points = [rng.uniform(0, 1, 2) * size]
        heading = rng.uniform(0, 2 * np.pi)
        for _ in range(int(rng.integers(1, 9))):
            heading += rng.normal(0, 0.7)
            step = rng.uniform(0.04, 0.2) * size * [np.cos(heading), np.sin(heading)]
            points.append(np.clip(points[-1] + step, 0, size))
        radius = float(rng.uniform(0.02, 0.12) * size[0])
        line = [(float(x), float(y)) for x, y in points]
        draw.line(line, fill=255, width=max(1, int(2 * radius)), joint="curve")
        for x, y in line:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
