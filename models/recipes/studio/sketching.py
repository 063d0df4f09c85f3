# SPDX-License-Identifier: GPL-3.0-or-later
"""What hands do to lines, by name: each kind has a strength in [0, 1], and kinds add up."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from models.recipes.studio.hands import EXACT, Hand, draw
from models.recipes.studio.lines import Lines, length_px, swayed
from models.recipes.studio.raster import Pixels
from models.recipes.studio.sample import Sample
from models.recipes.studio.shapes import Points
from models.recipes.studio.strokes import even, run_past, strokes_of

MOST_MOVED_PX = 12.0  # by wrong proportions, of a 256 px picture
USUAL = 0.6


@dataclass(frozen=True)
class Sketch:
    """Lines, and the hand that will draw them."""

    lines: Lines
    hand: Hand = EXACT


Kind = Callable[[Sketch, Generator, float], Sketch]


def wobble(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """The hand trembles."""
    return replace(sketch, hand=replace(sketch.hand, wobble=1.8 * strength))


def gaps(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """The pen is lifted now and then and comes down up to 14 px (of a 256 px picture) later."""
    return sketch if strength == 0 else _each(sketch, lambda line: _runs(rng, line, strength))


def _each(sketch: Sketch, cut: Callable[[Points], list[Points]]) -> Sketch:
    """The sketch with every line cut into several, in pixels of a 256 px picture."""
    unit = sketch.lines.size / 256
    outer = tuple(piece * unit for line in sketch.lines.contour for piece in cut(line / unit))
    inner = tuple(piece * unit for line in sketch.lines.detail for piece in cut(line / unit))
    return replace(sketch, lines=Lines(outer, inner, sketch.lines.size))


def _runs(rng: Generator, line: Points, strength: float) -> list[Points]:
    """What is left of a line when the pen is lifted in between."""
    points = even(line, 1.0)
    runs: list[Points] = []
    at = 0
    while at < len(points) - 2:
        end = at + int(rng.integers(14, 50))
        runs.append(points[at:end])
        at = end + int(rng.integers(4, 5 + round(9 * strength)))
    return [run for run in runs if len(run) >= 3]


def overshoot(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """Strokes end where the line turns sharply, and run straight on up to 16 px (of a 256 px picture)."""
    return sketch if strength == 0 else _each(sketch, lambda line: _run_on(rng, line, strength))


def _run_on(rng: Generator, line: Points, strength: float) -> list[Points]:
    strokes: list[Points] = []
    for stroke in strokes_of(line, 1.0):
        far = rng.uniform(0.3, 1.0, 2) * 16 * strength
        strokes.append(run_past(stroke, float(far[0]), float(far[1])))
    return strokes


def repeated_strokes(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """Strokes are drawn twice, not quite in the same place."""
    drift = max(sketch.hand.drift, 2.0 * strength)
    return replace(sketch, hand=replace(sketch.hand, repeat=strength, drift=drift))


def width(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """A broader pen: from 1 px at no strength to 8 px at full strength, of a 256 px picture."""
    return replace(sketch, hand=replace(sketch.hand, width=1 + 7 * strength))


def pressure(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """The pen is pressed unevenly: lines swell and thin out."""
    return replace(sketch, hand=replace(sketch.hand, pressure=0.9 * strength))


def wrong_proportions(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """Parts come out too large, too small or aside: lines move by MOST_MOVED_PX at most, together."""
    return replace(sketch, lines=swayed(rng, sketch.lines, MOST_MOVED_PX * strength))


def only_contour(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """No details at all, whatever the strength above 0."""
    return replace(sketch, lines=replace(sketch.lines, detail=())) if strength > 0 else sketch


def few_details(sketch: Sketch, rng: Generator, strength: float) -> Sketch:
    """Only some details, long ones rather than short; at full strength one in seven is left."""
    lines = sketch.lines.detail
    count = max(1, round(len(lines) * (1 - 0.86 * strength)))
    if count >= len(lines):
        return sketch
    weights = np.array([length_px(line) for line in lines]) + 1e-3
    kept: list[int] = rng.choice(len(lines), count, replace=False, p=weights / weights.sum()).tolist()
    return replace(sketch, lines=replace(sketch.lines, detail=tuple(lines[i] for i in sorted(kept))))


KINDS: dict[str, Kind] = {
    "wobble": wobble,
    "gaps": gaps,
    "overshoot": overshoot,
    "repeated strokes": repeated_strokes,
    "wrong proportions": wrong_proportions,
    "width": width,
    "pressure": pressure,
    "only contour": only_contour,
    "few details": few_details,
}


def sketch_by_hand(
    lines: Lines | Sample, seed: int, *kinds: str | tuple[str, float]
) -> tuple[Pixels, Pixels]:
    """Draw the exact lines of a picture as that hand would.

    Args:
        lines: A sample, or its lines.
        seed: Not negative; the same seed and kinds draw the same ink.
        kinds: Names out of KINDS, each by itself (at a usual strength, 0.6) or with its strength in [0, 1].
            None at all draws exactly.

    Returns:
        contour, detail: (size, size) ink, 255 where drawn, anti-aliased.

    Raises:
        KeyError: unknown kind.
        ValueError: seed < 0, or a strength outside [0, 1].
    """
    if seed < 0:
        raise ValueError(f"seed {seed} must be >= 0")
    sketch = Sketch(lines.lines if isinstance(lines, Sample) else lines)
    for place, kind in enumerate(kinds):
        name, strength = (kind, USUAL) if isinstance(kind, str) else kind
        if not 0 <= strength <= 1:
            raise ValueError(f"strength {strength} of {name} must be in [0, 1]")
        sketch = KINDS[name](sketch, np.random.default_rng([seed, 6, place]), strength)
    rng = np.random.default_rng([seed, 7])
    done = sketch.lines
    outer = draw(rng, list(done.contour), sketch.hand, done.size)
    return outer, draw(rng, list(done.detail), sketch.hand, done.size)
