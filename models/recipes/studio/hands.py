# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines as people draw them: exact lines in, drawn ink out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from models.recipes.studio.fields import smooth_along
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.shapes import Points


@dataclass(frozen=True)
class Hand:
    """How someone draws. Lengths in pixels of a 256 px picture; rates in [0, 1].

    haste: above 0, shapes are drawn plainer than they are (`haste.hastily`), before anything else.
    """

    width: float = 2.0
    pressure: float = 0.0
    wobble: float = 0.0
    gaps: float = 0.0
    overshoot: float = 0.0
    repeat: float = 0.0
    drift: float = 0.0
    haste: float = 0.0


EXACT = Hand()
HASTY_SHARE = 0.35


def random_hand(rng: Generator) -> Hand:
    """A third draw in a hurry; of the others six in ten keep close to the truth."""
    if rng.random() < HASTY_SHARE:
        return hasty_hand(rng)
    return close_hand(rng) if rng.random() < 0.6 else wobbly_hand(rng)


def close_hand(rng: Generator) -> Hand:
    """Someone who traces the truth."""
    width = float(rng.uniform(1.0, 3.2))
    return Hand(width, pressure=float(rng.uniform(0, 0.3)), wobble=float(rng.uniform(0, 0.4)))


def wobbly_hand(rng: Generator) -> Hand:
    """Someone sketching quickly."""
    return Hand(
        width=float(rng.uniform(1.0, 3.6)),
        pressure=float(rng.uniform(0.1, 0.6)),
        wobble=float(rng.uniform(0.4, 1.8)),
        gaps=float(rng.uniform(0, 0.5)),
        overshoot=float(rng.uniform(0, 0.6)),
        repeat=float(rng.choice([0.0, 0.0, 0.25, 0.6])),
        drift=float(rng.uniform(0, 1.2)),
    )


def hasty_hand(rng: Generator) -> Hand:
    """Someone drawing from memory in ten seconds, with a pen of any width."""
    return Hand(
        width=float(6 ** rng.random()),
        pressure=float(rng.uniform(0, 0.3)),
        wobble=float(rng.uniform(0.1, 1.0)),
        haste=float(rng.uniform(0.4, 1.0)),
    )


def draw(rng: Generator, lines: list[Points], hand: Hand, size: int) -> Pixels:
    """Ink of all lines: (size, size), 255 where drawn, anti-aliased."""
    unit = size / 256
    pixels = np.zeros((size, size, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    for stroke in by_hand(rng, lines, hand, size):
        _ink(rng, canvas, stroke, hand, unit)
    surface.flushAndSubmit()
    return pixels[..., 3].copy()


def by_hand(rng: Generator, lines: list[Points], hand: Hand, size: int) -> Iterator[Points]:
    """The strokes (n, 2), in pixels, in which that hand draws the lines."""
    unit = size / 256
    for line in lines:
        for piece in _pieces(rng, _even(line, 2.0 * unit), hand, unit):
            for _ in range(1 + int(rng.random() < hand.repeat)):
                yield _trembled(rng, piece, hand, unit)


def _even(line: Points, step_px: float) -> Points:
    """The same line with points `step_px` apart."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    count = max(3, int(along[-1] / step_px) + 1)
    at = np.linspace(0.0, float(along[-1]), count)
    return np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], axis=1)


def _pieces(rng: Generator, line: Points, hand: Hand, unit: float) -> list[Points]:
    """Lift the pen now and then, and leave gaps there."""
    if hand.gaps == 0 and hand.overshoot == 0:
        return [line]
    pieces: list[Points] = []
    start = 0
    while start < len(line) - 2:
        run = int(rng.integers(12, 60))
        end = min(len(line), start + run)
        if end - start >= 3:
            pieces.append(_overshot(rng, line[start:end], hand, unit))
        lifted = int(rng.integers(1, 5)) if rng.random() < hand.gaps else -1
        start = end + lifted
    return pieces


def _overshot(rng: Generator, piece: Points, hand: Hand, unit: float) -> Points:
    if rng.random() >= hand.overshoot:
        return piece
    heading = piece[-1] - piece[-3]
    heading = heading / (np.linalg.norm(heading) + 1e-9) * rng.uniform(1, 6) * unit
    return np.concatenate([piece, piece[-1:] + heading / 2, piece[-1:] + heading])


def _trembled(rng: Generator, piece: Points, hand: Hand, unit: float) -> Points:
    """Tremble and slow drift, both smooth along the line."""
    if hand.wobble == 0 and hand.drift == 0:
        return piece
    noise = rng.normal(size=(len(piece) + 24, 2))
    tremble = smooth_along(noise, 4.0, "nearest")[12:-12] * 3.8 * hand.wobble
    return piece + (tremble + rng.normal(0, hand.drift * 0.6, size=2)) * unit


def _ink(rng: Generator, canvas: Any, line: Points, hand: Hand, unit: float) -> None:
    paint = skia.Paint(
        Color=skia.ColorWHITE,
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )
    stretch = len(line) if hand.pressure == 0 else 8
    level = rng.uniform(-1, 1)
    for start in range(0, len(line) - 1, stretch):
        level = 0.7 * level + 0.5 * rng.uniform(-1, 1)
        paint.setStrokeWidth(max(1.0, hand.width * (1 + hand.pressure * level) * unit))
        path = skia.Path()
        path.addPoly([skia.Point(x, y) for x, y in line[start : start + stretch + 1].tolist()], False)
        canvas.drawPath(path, paint)
