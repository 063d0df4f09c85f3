# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact lines cut into the strokes a draughtsman would draw them in, and strokes put on paper."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import smooth_along
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.shapes import Points

Floats = NDArray[np.float64]
_FINER = 2  # strokes are drawn this much larger and averaged, so that overlaps keep soft edges
_CORNER_DEG = 50.0
_REACH = 4  # points on either side over which a corner's turn is measured


@dataclass(frozen=True)
class Mark:
    """One stroke: points (n, 2) in pixels; widths (n,) in pixels and pressure (n,) in [0, 1] at each."""

    points: Points
    widths: Floats
    pressure: Floats


def even(line: Points, step_px: float) -> Points:
    """The same line with points `step_px` apart, three at least."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, float(along[-1]), max(3, round(float(along[-1]) / step_px) + 1))
    return np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], axis=1)


def is_closed(line: Points) -> bool:
    """Whether the line ends where it begins."""
    return len(line) > 3 and bool(np.allclose(line[0], line[-1], atol=1e-6))


def strokes_of(line: Points, step_px: float, overlap_px: float = 0.0) -> list[Points]:
    """Cut a line at its corners; a ring without corners is drawn a little past its beginning.

    Args:
        line: A polyline in pixels; closed if it ends where it begins.
        step_px: Distance between the points of the strokes.
        overlap_px: How far a ring without corners is drawn over its own beginning.
    """
    points = even(line, step_px)
    if not is_closed(line):
        return _cut(points, _corners(points, ring=False))
    ring = points[:-1]
    corners = _corners(ring, ring=True)
    if not len(corners):
        again = int(overlap_px / step_px) + 1
        return [np.concatenate([ring, ring[: min(again, len(ring))]])]
    first = int(corners[0])
    ring = np.concatenate([np.roll(ring, -first, axis=0), ring[first : first + 1]])
    return _cut(ring, corners[1:] - first)


def _corners(points: Points, *, ring: bool) -> NDArray[np.intp]:
    """Where a line turns sharply: the sharpest point of each bend."""
    if len(points) < 4 * _REACH:
        return np.array([], dtype=np.intp)
    before, after = np.roll(points, _REACH, axis=0), np.roll(points, -_REACH, axis=0)
    a, b = points - before, after - points
    turn = np.abs(np.angle((b[:, 0] + 1j * b[:, 1]) * (a[:, 0] - 1j * a[:, 1]), deg=True))
    if not ring:
        turn[:_REACH] = turn[-_REACH:] = 0
    hills = np.stack([np.roll(turn, k) for k in range(-_REACH, _REACH + 1)]).max(axis=0)
    found = np.flatnonzero((turn == hills) & (turn > _CORNER_DEG))
    return found[np.concatenate([[True], np.diff(found) > _REACH])] if len(found) else found


def _cut(points: Points, corners: NDArray[np.intp]) -> list[Points]:
    ends = [0, *corners.tolist(), len(points) - 1]
    pieces = [points[a : b + 1] for a, b in pairwise(ends)]
    return [piece for piece in pieces if len(piece) >= 3]


def run_past(stroke: Points, before_px: float, after_px: float) -> Points:
    """The stroke drawn so far past its beginning and its end, straight on; points about a pixel apart."""
    if len(stroke) < 10:
        return stroke
    first, last = (
        v / max(1e-9, float(np.hypot(*v))) for v in (stroke[0] - stroke[4], stroke[-1] - stroke[-5])
    )
    return np.concatenate(
        [stroke[0] + first * _steps(before_px)[::-1], stroke, stroke[-1] + last * _steps(after_px)]
    )


def _steps(far_px: float) -> Points:
    count = int(np.ceil(far_px))
    return np.arange(1.0, count + 1.0)[:, None] * (far_px / max(1, count))


def normals(points: Points) -> Points:
    """Unit vectors to the left of the way along the points (n, 2): out of a silhouette, for its contour."""
    along = smooth_along(np.gradient(points, axis=0), 2.0, "nearest")
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    return np.stack([along[:, 1], -along[:, 0]], axis=1)


def waver(rng: Generator, count: int, sigma: float) -> Floats:
    """Smooth noise (count,) of about unit size that changes over `sigma` points."""
    pad = int(4 * sigma) + 1
    noise = smooth_along(rng.normal(size=count + 2 * pad), sigma, "nearest")[pad:-pad]
    return noise * np.sqrt(2 * np.sqrt(np.pi) * sigma)


def put_on_paper(marks: list[Mark], size: int) -> tuple[Floats, Floats]:
    """Coverage and pressure of all marks, (size, size) each in [0, 1]; pressure is 0 where nothing is."""
    pixels: Pixels = np.zeros((size * _FINER, size * _FINER, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.scale(_FINER, _FINER)
    for mark in marks:
        _lay(canvas, mark)
    surface.flushAndSubmit()
    fine = pixels.reshape(size, _FINER, size, _FINER, 4).mean(axis=(1, 3)) / 255
    cover, pressed = fine[..., 3], fine[..., 0]
    return cover, np.divide(pressed, cover, out=np.zeros_like(pressed), where=cover > 0)


def _lay(canvas: Any, mark: Mark) -> None:
    paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeCap=skia.Paint.kRound_Cap)
    widths = (mark.widths[1:] + mark.widths[:-1]) / 2
    levels = np.clip((mark.pressure[1:] + mark.pressure[:-1]) * 127.5, 1, 255).astype(int)
    for a, b, width, level in zip(
        mark.points[:-1].tolist(), mark.points[1:].tolist(), widths.tolist(), levels.tolist(), strict=True
    ):
        paint.setStrokeWidth(width)
        paint.setColor(skia.ColorSetARGB(255, level, level, level))
        canvas.drawLine(*a, *b, paint)
