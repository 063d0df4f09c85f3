# SPDX-License-Identifier: GPL-3.0-or-later
"""Colour strokes an artist might have laid down: each in one region, in that place's median colour.

Source: the colour domain of Portenier et al., FaceShop, 2018; strokes, not whole parts, are ours.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import distance_px
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.shapes import Points

UNDRAWN = 128


def colour_strokes(rng: Generator, image: Pixels, ids: Pixels, count: int | None = None) -> Pixels:
    """RGB and coverage (size, size, 4); undrawn pixels are (128, 128, 128, 0). No count draws a usual one."""
    size = image.shape[0]
    count = _stroke_count(rng) if count is None else count
    out = np.full((size, size, 4), (UNDRAWN, UNDRAWN, UNDRAWN, 0), np.uint8)
    if count == 0:
        return out
    room = _room_px(ids)
    background = rng.uniform(0, 0.35) if rng.random() < 0.6 else 0.0
    for start in _starts(rng, ids, room, count, background):
        _lay(rng, out, image, room, start)
    return out


def _stroke_count(rng: Generator) -> int:
    kind = rng.random()
    if kind < 0.15:
        return 0
    return int(rng.integers(25, 60)) if kind > 0.85 else int(rng.integers(2, 26))


def _room_px(ids: Pixels) -> NDArray[np.float64]:
    """Distance of each pixel from the nearest region boundary."""
    inner = np.ones(ids.shape, bool)
    across, down = ids[:, 1:] != ids[:, :-1], ids[1:] != ids[:-1]
    inner[:, 1:] &= ~across
    inner[:, :-1] &= ~across
    inner[1:] &= ~down
    inner[:-1] &= ~down
    return distance_px(inner)


def _starts(
    rng: Generator, ids: Pixels, room: NDArray[np.float64], count: int, background: float
) -> list[tuple[float, float]]:
    """Where strokes begin: parts in turn so that small ones get colour too, some on the background."""
    owners = [int(o) for o in np.unique(ids) if o > 0]
    pixels_of: dict[int, tuple[NDArray[np.intp], ...]] = {}
    starts: list[tuple[float, float]] = []
    for _ in range(count):
        owner = 0 if not owners or rng.random() < background else owners[rng.integers(len(owners))]
        if owner not in pixels_of:
            pixels_of[owner] = np.nonzero((ids == owner) & (room > 1.5))
        ys, xs = pixels_of[owner]
        if len(xs):
            at = max(rng.integers(len(xs), size=3).tolist(), key=lambda i: room[ys[i], xs[i]])
            starts.append((float(xs[at]), float(ys[at])))
    return starts


def _lay(
    rng: Generator, out: Pixels, image: Pixels, room: NDArray[np.float64], start: tuple[float, float]
) -> None:
    size = image.shape[0]
    unit = size / 256
    here = float(room[int(start[1]), int(start[0])])
    width = min(float(rng.uniform(4, 32)) * unit, 2.2 * here)
    line = _walk(rng, room, start, width, unit)
    under, place = footprint(line, max(width, 2.0), size)
    if not under.any():
        return
    here_px, kept = image[place], out[place]
    clear = under & (room[place] > 1)
    colour = np.median(here_px[clear] if clear.any() else here_px[under], axis=0)
    kept[under, :3] = np.clip(np.rint(colour + rng.normal(0, 2, 3)), 0, 255).astype(np.uint8)
    kept[under, 3] = 255


def footprint(line: Points, width: float, size: int) -> tuple[NDArray[np.bool_], tuple[slice, slice]]:
    """The pixels a round brush covers, and the window (rows, columns) they are given in."""
    low = np.floor(line.min(axis=0) - width / 2 - 1).astype(int).clip(0, size - 1)
    high = np.ceil(line.max(axis=0) + width / 2 + 1).astype(int).clip(1, size)
    pixels = np.zeros((int(high[1] - low[1]), int(high[0] - low[0]), 4), np.uint8)
    surface = surface_on(pixels)
    path = skia.Path()
    path.addPoly([skia.Point(x, y) for x, y in (line - low).tolist()], False)
    surface.getCanvas().drawPath(
        path,
        skia.Paint(
            Color=skia.ColorWHITE,
            AntiAlias=False,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=width,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        ),
    )
    surface.flushAndSubmit()
    window = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
    return pixels[..., 3] > 0, window


def _walk(
    rng: Generator, room: NDArray[np.float64], start: tuple[float, float], width: float, unit: float
) -> Points:
    """A wandering line that keeps half a brush from every boundary."""
    size = room.shape[0]
    points = [start]
    heading, turn = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.08)
    for _ in range(int(rng.integers(1, 26))):
        heading += turn + rng.normal(0, 0.12)
        x = points[-1][0] + 4 * unit * np.cos(heading)
        y = points[-1][1] + 4 * unit * np.sin(heading)
        if not (0 <= x < size and 0 <= y < size) or room[int(y), int(x)] < 0.42 * width:
            break
        points.append((float(x), float(y)))
    if len(points) == 1:
        points.append((points[0][0] + 0.1, points[0][1]))
    return np.asarray(points)
