# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Colours made alike, whoever laid them: a picture's colours become the flat areas that a brush leaves.

Source: the colour domain of Portenier et al. 2018, "FaceShop": a median, then bilateral filtering again and
again. Ours: all differences at once for the bilateral filter, and the part's mode by a histogram.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import median_filter  # pyright: ignore[reportMissingTypeStubs]

from backend.imaging.pixels import Floats
from models.networks.sketch_fusion import NEUTRAL_GREY

MEDIAN_PX = 5
"""Side of the median's window."""

ROUNDS = 3
"""Bilateral filterings; a further one changes little."""

REACH_PX, TONE = 2, 0.08
"""Half window of the bilateral filter, whose sigma is half of it, and how far apart two colours may be."""

MODE_BINS = 12
"""Steps per channel in which the most frequent colour is looked for."""

Marks = NDArray[np.bool_]


def colour_domain(rgb: Floats) -> Floats:
    """Flatten the colours of a picture; edges between areas stay.

    Args:
        rgb: (H,W,3) in [0, 1].

    Returns:
        (H,W,3) in [0, 1]; a picture of one colour comes back as it is.

    Raises:
        ValueError: not (H,W,3), or a value that is no number.
    """
    if rgb.ndim != 3 or rgb.shape[-1] != 3 or not np.isfinite(rgb).all():
        raise ValueError(f"a picture is (H,W,3) of finite numbers, not {rgb.shape}")
    flat = np.stack([median_filter(rgb[..., c], MEDIAN_PX, mode="nearest") for c in range(3)], -1)
    for _ in range(ROUNDS):
        flat = _bilateral(flat)
    return flat.clip(0, 1)


def flat_strokes(strokes: Floats) -> Floats:
    """Flatten colour strokes, so that a brush's bristles and shades do not count; bare places stay bare.

    Found at half size, as strokes have no finer colour, in one pass: it is done at every stroke.

    Args:
        strokes: (H,W,4): RGB, anything where undrawn, and coverage in [0, 1].

    Returns:
        The same with flat colours, neutral grey where undrawn.
    """
    height, width = strokes.shape[:2]
    even = np.pad(strokes, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    even[..., :3] *= even[..., 3:]
    half: Floats = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2]) * np.float32(0.25)
    rgb = np.divide(half[..., :3], np.maximum(half[..., 3:], 1e-6), dtype=np.float32)
    flat = _bilateral(rgb, half[..., 3]).repeat(2, 0).repeat(2, 1)[:height, :width]
    cover = strokes[..., 3:]
    return np.concatenate([np.where(cover > 0, flat, NEUTRAL_GREY), cover], -1).astype(np.float32)


def _bilateral(rgb: Floats, share: Floats | None = None) -> Floats:
    """One pass: the mean of the near pixels of a like colour, weighted by their shares (H,W).

    Where the share is 0 no colour is looked for: it is 0.

    Source: Tomasi and Manduchi 1998.
    """
    wide = np.pad(rgb, ((REACH_PX, REACH_PX), (REACH_PX, REACH_PX), (0, 0)), mode="edge")
    stride = wide.shape[1]
    planes = np.ascontiguousarray(wide.reshape(-1, 3).T)
    shares = None if share is None else np.pad(share, REACH_PX).reshape(-1)
    rows, columns = np.nonzero(np.ones(rgb.shape[:2]) if share is None else share)
    middle = (rows + REACH_PX) * stride + columns + REACH_PX
    here = planes[:, middle]
    total, weights = np.zeros_like(here), np.full(len(rows), 1e-6, np.float32)
    for dy in range(-REACH_PX, REACH_PX + 1):
        for dx in range(-REACH_PX, REACH_PX + 1):
            at = middle + (dy * stride + dx)
            there = planes.take(at, 1)
            unlike = np.square(there - here).sum(0) * np.float32(1 / (2 * TONE**2))
            weight = np.exp(-unlike - np.float32(2 * (dy**2 + dx**2) / REACH_PX**2))
            if shares is not None:
                weight *= shares[at]
            total += weight * there
            weights += weight
    out = np.zeros_like(rgb)
    out[rows, columns] = (total / weights).T
    return out


def undrawn(size: tuple[int, int]) -> Floats:
    """(H,W,4) without a stroke: neutral grey, covered nowhere."""
    blank = np.full((*size, 4), NEUTRAL_GREY, np.float32)
    blank[..., 3] = 0
    return blank


def random_strokes(rng: Generator, flat: Floats, count: int) -> Floats:
    """Lay random strokes, each in the colour that the picture has where the stroke begins.

    Args:
        flat: (H,W,3) of `colour_domain`. A stroke ends where the colour is another.

    Returns:
        (H,W,4): RGB, neutral grey where undrawn, and coverage 0 or 1.
    """
    height, width = flat.shape[:2]
    out = undrawn((height, width))
    for _ in range(count):
        y, x = int(rng.integers(height)), int(rng.integers(width))
        under = _footprint(_walk(rng, flat, x, y), float(rng.uniform(2, 14)) * width / 256, (height, width))
        out[under] = [*flat[y, x], 1]
    return out


def _walk(rng: Generator, flat: Floats, x: int, y: int) -> list[tuple[float, float]]:
    """From a pixel in slow turns over what has its colour."""
    height, width = flat.shape[:2]
    points = [(float(x), float(y))]
    heading = rng.uniform(0, 2 * np.pi)
    for _ in range(int(rng.integers(1, 20))):
        heading += rng.normal(0, 0.25)
        ahead = points[-1][0] + np.cos(heading) * width / 64, points[-1][1] + np.sin(heading) * width / 64
        if not (0 <= ahead[0] < width and 0 <= ahead[1] < height):
            break
        if np.abs(flat[int(ahead[1]), int(ahead[0])] - flat[y, x]).max() > TONE:
            break
        points.append((float(ahead[0]), float(ahead[1])))
    return points


def _footprint(points: list[tuple[float, float]], width_px: float, size: tuple[int, int]) -> Marks:
    canvas = Image.new("L", (size[1], size[0]))
    draw = ImageDraw.Draw(canvas)
    radius = max(0.5, width_px / 2)
    if len(points) > 1:
        draw.line(points, fill=1, width=max(1, round(width_px)), joint="curve")
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return np.asarray(canvas) > 0


def mode_colour(rgb: Floats, part: Marks) -> Floats:
    """The most frequent colour of a part, such as hair between its lights and shadows: (3,).

    Raises:
        ValueError: the part is empty.
    """
    values = rgb[part]
    if not len(values):
        raise ValueError("a part without a pixel has no colour")
    bins = np.minimum((values * MODE_BINS).astype(int), MODE_BINS - 1)
    numbers = np.ravel_multi_index(tuple(bins.T), (MODE_BINS,) * 3)
    return np.median(values[numbers == np.bincount(numbers).argmax()], axis=0).astype(np.float32)


def iris(colours: Floats, centre: tuple[float, float], radius_px: float, rgb: Floats) -> Floats:
    """Lay a filled circle of one colour, as the iris of an eye.

    Args:
        colours: (H,W,4) of strokes so far; not changed.
        centre: x, y in pixels.
        rgb: (3,), such as the median colour of the iris.

    Returns:
        (H,W,4) with every pixel covered whose middle lies in the circle.

    Raises:
        ValueError: radius_px <= 0.
    """
    if radius_px <= 0:
        raise ValueError(f"an iris of {radius_px} px is none")
    rows, columns = np.mgrid[: colours.shape[0], : colours.shape[1]] + 0.5
    out = colours.copy()
    out[np.hypot(columns - centre[0], rows - centre[1]) <= radius_px] = [*rgb, 1]
    return out
