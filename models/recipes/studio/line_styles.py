# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines drawn with a tool, the same in every picture, so that one drawing shows how the next will look.

Every style keeps its ink within about 1.5 px (of a 256 px picture) of the exact line's own width, except
where its very nature asks for more: `hatching` lays short strokes beside the line, the two rails of `double
line` stand off it, and `technical` runs past corners.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import noise_tile, soften
from models.recipes.studio.lines import Lines, length_px
from models.recipes.studio.raster import Pixels
from models.recipes.studio.sample import Sample
from models.recipes.studio.shapes import Points
from models.recipes.studio.strokes import (
    Floats,
    Mark,
    even,
    is_closed,
    normals,
    put_on_paper,
    run_past,
    strokes_of,
    waver,
)

_DETAIL_WIDTH, _DETAIL_PRESSURE = 0.72, 0.82
_LIGHT = np.array([-0.6, -0.8])  # lines facing away from it are drawn heavier

Walls = NDArray[np.bool_]


@dataclass(frozen=True)
class Style:
    """How a tool draws. Lengths in pixels of a 256 px picture.

    width: of the line. swell: how much wider it grows where the form turns from the light. taper: length over
    which an end thins out. pressure: how hard, in [0, 1]; uneven: how much that varies. wobble: of the hand.
    passes: how often a line is gone over. overrun: past each end. grain: depth, softness and size of the
    paper's tooth, and how far the edge is frayed. marks: what is drawn for one stroke, given also where
    lines are (256, 256). rings_only: lines that are not closed are drawn plainly.
    """

    width: float
    swell: float = 0.0
    taper: float = 0.0
    pressure: float = 1.0
    uneven: float = 0.0
    wobble: float = 0.0
    passes: int = 1
    overrun: float = 0.0
    grain: tuple[float, float, float, float] | None = None
    marks: "Callable[[Generator, Points, Style, Walls], list[Mark]]" = field(default_factory=lambda: _line)
    rings_only: bool = False


def _line(rng: Generator, stroke: Points, style: Style, walls: Walls) -> list[Mark]:
    """The stroke itself, gone over as often as the style does."""
    return [_pass(rng, stroke, style, first=k == 0) for k in range(style.passes)]


def _pass(rng: Generator, stroke: Points, style: Style, *, first: bool = True) -> Mark:
    n = len(stroke)
    if not first and n > 24:
        start, end = int(rng.integers(0, n // 4)), int(rng.integers(3 * n // 4, n))
        stroke, n = stroke[start:end], end - start
    away = normals(stroke)
    points = stroke + away * (waver(rng, n, 14.0) * style.wobble)[:, None]
    if not first:
        points = points + away * rng.normal(0, 0.5)
    shade = np.clip(-(away @ _LIGHT), 0, 1) * style.swell
    firm = 1 + style.uneven * 0.4 * waver(rng, n, 18.0)
    widths = style.width * (1 + shade) * np.clip(firm, 0.6, 1.4) * _ends(n, style.taper)
    return Mark(points, np.maximum(widths, 0.35), np.clip(style.pressure * firm, 0.05, 1))


def _ends(count: int, taper: float) -> Floats:
    """Factors (count,) that thin a stroke's ends, over a third of it at most. Points are one pixel apart."""
    reach = min(taper, count / 3)
    if reach < 1:
        return np.ones(count)
    at = np.arange(count)
    return np.clip(np.minimum(at, count - 1 - at) / reach, 0, 1) ** 0.65


def _broken(rng: Generator, stroke: Points, style: Style, walls: Walls) -> list[Mark]:
    """Dashes of uneven length, the pen lifted between them."""
    marks: list[Mark] = []
    at = -int(rng.integers(0, 6))
    while at < len(stroke) - 2:
        end = at + int(rng.integers(11, 22))
        piece = stroke[max(at, 0) : end]
        if len(piece) >= 3:
            marks += _line(rng, piece, style, walls)
        at = end + int(rng.integers(4, 7))
    return marks


def _hatched(rng: Generator, stroke: Points, style: Style, walls: Walls) -> list[Mark]:
    """A thin line, and on its inner side parallel strokes down to the left, denser in the shade."""
    marks = _line(rng, stroke, style, walls)
    away = normals(stroke)
    slant = np.array([-0.64, 0.77])
    thin = replace(style, width=style.width * 0.8, taper=3.0, uneven=0.2, wobble=0.15, passes=1)
    at = float(rng.uniform(0, 4))
    while at < len(stroke) - 1:
        k = int(at)
        inward = float(-(away[k] @ slant))
        toward = slant if inward > 0 else -slant
        dark = float(np.clip(0.45 - away[k] @ _LIGHT, 0.15, 1.0))
        if abs(inward) > 0.25 and dark > 0.2:
            long = (4 + 7 * dark) * float(rng.uniform(0.8, 1.2))
            free = _until(walls, stroke[k], toward, long)
            if free > 2.5:
                ends = np.array([stroke[k], stroke[k] + toward * free])
                marks.append(_pass(rng, even(ends, 1.0), thin))
        at += 3.0 + 2.0 * (1 - dark)
    return marks


def _until(walls: Walls, start: Points, toward: Points, most: float) -> float:
    """How far one can go from a line before the next one, at most so far."""
    steps = np.arange(2.0, most, 0.5)
    at = (start + steps[:, None] * toward).astype(int).clip(0, len(walls) - 1)
    met = np.flatnonzero(walls[at[:, 1], at[:, 0]])
    return float(steps[met[0]]) if len(met) else most


def _doubled(rng: Generator, stroke: Points, style: Style, walls: Walls) -> list[Mark]:
    """Two thin rails beside the line."""
    away = normals(stroke)
    return [_pass(rng, stroke + away * side, style) for side in (-1.6, 1.6)]


STYLES: dict[str, Style] = {
    "fineliner": Style(1.5, wobble=0.3, uneven=0.05, overrun=0.6),
    "soft pencil": Style(
        2.3, swell=0.35, taper=7, pressure=0.7, uneven=0.45, wobble=0.4, passes=2, overrun=1.5,
        grain=(0.8, 1.0, 0.3, 0.3),
    ),
    "brush pen": Style(2.4, swell=1.1, taper=26, uneven=0.5, wobble=0.3, overrun=1.0),
    "hatching": Style(1.0, wobble=0.2, uneven=0.1, marks=_hatched),
    "broken line": Style(1.7, taper=2.5, uneven=0.25, wobble=0.3, marks=_broken),
    "technical": Style(1.0, overrun=3.0),
    "chalk": Style(
        4.6, taper=4, pressure=0.8, uneven=0.45, wobble=0.5, overrun=1.5, grain=(1.0, 0.6, 0.42, 0.4)
    ),
    "double line": Style(0.9, wobble=0.2, uneven=0.1, overrun=0.8, marks=_doubled),
}  # fmt: skip


def draw_in_style(lines: Lines | Sample, style: str, seed: int) -> tuple[Pixels, Pixels]:
    """Draw the exact lines of a picture with a tool; detail is drawn by the same tool, finer and lighter.

    Args:
        lines: A sample, or its lines.
        style: One of STYLES.
        seed: Not negative; the same seed draws the same ink. It moves the hand, never the tool.

    Returns:
        contour, detail: (size, size) ink, 255 where drawn, anti-aliased.

    Raises:
        KeyError: unknown style.
        ValueError: seed < 0.
    """
    if seed < 0:
        raise ValueError(f"seed {seed} must be >= 0")
    exact = lines.lines if isinstance(lines, Sample) else lines
    tool = STYLES[style]
    fine = replace(
        tool,
        width=tool.width * _DETAIL_WIDTH,
        swell=tool.swell * _DETAIL_WIDTH,
        pressure=tool.pressure * _DETAIL_PRESSURE,
        rings_only=tool.marks is _hatched,
    )
    rng = np.random.default_rng([seed, 5])
    unit, walls = exact.size / 256, _walls(exact)
    outer = _marks(rng, exact.contour, tool, walls, unit)
    inner = _marks(rng, exact.detail, fine, walls, unit)
    return _ink(rng, outer, tool, exact.size), _ink(rng, inner, fine, exact.size)


def _marks(rng: Generator, lines: tuple[Points, ...], style: Style, walls: Walls, unit: float) -> list[Mark]:
    """Strokes as in a picture of 256 px, so that a tool is the same at every size."""
    marks: list[Mark] = []
    for line in lines:
        if length_px(line) < 2 * unit:
            continue
        plain = style.rings_only and not is_closed(line)
        for stroke in strokes_of(line / unit, 1.0, overlap_px=6.0):
            longer = run_past(stroke, style.overrun, style.overrun)
            marks += (_line if plain else style.marks)(rng, longer, style, walls)
    return marks


def _ink(rng: Generator, marks: list[Mark], style: Style, size: int) -> Pixels:
    unit = size / 256
    grown = [Mark(m.points * unit, m.widths * unit, m.pressure) for m in marks]
    cover, pressure = put_on_paper(grown, size)
    ink = cover * style.pressure if style.grain is None else _grained(rng, cover, pressure, style.grain, unit)
    return np.clip(np.rint(ink * 255), 0, 255).astype(np.uint8)


def _walls(lines: Lines) -> Walls:
    """Where lines run, in a picture of 256 px."""
    walls = np.zeros((256, 256), np.bool_)
    for line in (*lines.contour, *lines.detail):
        columns, rows = even(line / lines.size * 256, 0.5).T.astype(int).clip(0, 255)
        walls[rows, columns] = True
    return walls


def _grained(
    rng: Generator, cover: Floats, pressure: Floats, grain: tuple[float, float, float, float], unit: float
) -> Floats:
    """Ink that only reaches as deep into the paper's tooth as it is pressed; frayed where it thins out."""
    depth, softness, grain_px, fray_px = grain
    size = len(cover)
    tooth = _tooth(size, round(grain_px * unit, 3))
    shift = rng.integers(0, len(tooth), 2)
    here = np.roll(tooth, tuple(shift.tolist()), axis=(0, 1))[:size, :size]
    pressed = soften(cover * pressure, fray_px * unit)
    return np.clip((pressed - depth * here + softness / 2) / softness, 0, 1) * (
        soften(cover, fray_px * unit) > 0.02
    )


@lru_cache(maxsize=8)
def _tooth(size: int, grain_px: float) -> Floats:
    """Heights of paper, evenly spread over [0, 1], at least (size, size)."""
    tile = noise_tile(np.random.default_rng(11), size, (grain_px, grain_px), 1.0).astype(np.float64)
    ranks = np.empty(tile.size)
    ranks[np.argsort(tile, axis=None)] = np.linspace(0, 1, tile.size)
    return ranks.reshape(tile.shape)
