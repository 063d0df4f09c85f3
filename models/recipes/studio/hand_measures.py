# SPDX-License-Identifier: GPL-3.0-or-later
"""How people's drawings and the studio's differ, in figures: strokes, loose ends, closed area, straightness.

`python -m models.recipes.studio --measure-hands DRAWINGS.ndjson` prints the table; each line of the file is an
object with a word and strokes of [x, y].
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator

from models.recipes.studio.fields import labelled
from models.recipes.studio.hands import EXACT, Hand, by_hand, close_hand, draw, hasty_hand, random_hand, wobbly_hand
from models.recipes.studio.haste import hastily
from models.recipes.studio.lines import length_px
from models.recipes.studio.sample import render
from models.recipes.studio.shapes import Points
from models.recipes.studio.strokes import even
from models.recipes.studio.subjects import SUBJECTS

_SIDE_PX = 240.0  # drawings are compared at this size, in a 256 px square
_MEETS_PX = 4.0  # an end this near to another line meets it
_OWN_PX = 14.0  # so much of a stroke before its end is the end itself
_PAST_PX = 16.0  # an end that passed another line no longer ago than this has run past it
_WINDOW_PX = 16
_STRAIGHT_DEG = 12.0

HANDS: dict[str, Callable[[Generator], Hand]] = {
    "exact": lambda rng: EXACT,
    "close": close_hand,
    "wobbly": wobbly_hand,
    "hasty": hasty_hand,
    "all": random_hand,
}


def measures(strokes: Sequence[Points]) -> dict[str, float]:
    """Measure one drawing.

    Args:
        strokes: Polylines (n, 2) in any unit; the drawing is fitted into a square first.

    Returns:
        strokes: their number. length: of all together, in sides of the square. loose ends: share of ends that
        meet no other line. run past: share of ends that crossed another line shortly before. closed: share of
        the square that lines enclose. straight: share of the length that hardly turns.
    """
    lines = _fitted([np.asarray(stroke, np.float64) for stroke in strokes])
    ends = [end for i in range(len(lines)) for end in _ends(lines, i)]
    loose = [is_loose for is_loose, _ in ends]
    return {
        "strokes": float(len(lines)),
        "length": sum(map(length_px, lines)) / _SIDE_PX,
        "loose ends": float(np.mean(loose)),
        "run past": float(np.mean([past for _, past in ends])),
        "closed": _closed(lines),
        "straight": _straight(lines),
    }


def _fitted(strokes: list[Points]) -> list[Points]:
    every = np.concatenate(strokes)
    low, reach = every.min(axis=0), float(np.ptp(every, axis=0).max())
    scale = _SIDE_PX / max(reach, 1e-6)
    return [even((stroke - low) * scale + 8, 1.0) for stroke in strokes]


def _ends(lines: list[Points], number: int) -> Iterator[tuple[bool, bool]]:
    """For both ends of a line: whether it meets no line, and whether it ran past one."""
    others = np.concatenate([np.empty((0, 2)), *(line for i, line in enumerate(lines) if i != number)])
    for line in (lines[number], lines[number][::-1]):
        rest = np.concatenate([others, line[int(_OWN_PX) :]])
        near = _distances(line[: int(_PAST_PX)], rest if len(rest) else np.full((1, 2), 1e6))
        loose = bool(near[0] > _MEETS_PX)
        beyond = _distances(line[: int(_PAST_PX)], others if len(others) else np.full((1, 2), 1e6))
        yield loose, loose and bool((beyond < 1.0).any())


def _distances(points: Points, others: Points) -> Points:
    """Of each point from the nearest of the others."""
    return np.linalg.norm(points[:, None] - others[None], axis=2).min(axis=1)


def _closed(lines: list[Points]) -> float:
    ink = draw(np.random.default_rng(0), lines, EXACT, 256) > 64
    free = labelled(~ink)
    rim = np.unique(np.concatenate([free[0], free[-1], free[:, 0], free[:, -1]]))
    return float((~ink & ~np.isin(free, rim)).mean())


def _straight(lines: list[Points]) -> float:
    turns: list[Points] = []
    for line in lines:
        if len(line) <= 2 * _WINDOW_PX:
            continue
        a = line[_WINDOW_PX:-_WINDOW_PX] - line[: -2 * _WINDOW_PX]
        b = line[2 * _WINDOW_PX :] - line[_WINDOW_PX:-_WINDOW_PX]
        turns.append(np.abs(np.angle((b[:, 0] + 1j * b[:, 1]) * (a[:, 0] - 1j * a[:, 1]), deg=True)))
    return float((np.concatenate(turns) < _STRAIGHT_DEG).mean()) if turns else 1.0


def by_people(path: Path) -> list[tuple[str, list[Points]]]:
    """Word and strokes of every drawing in a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        (row["word"], [np.asarray(s, np.float64) for s in row["strokes"] if len(s) > 1]) for row in rows
    ]


def by_studio(seed: int, word: str, choose: Callable[[Generator], Hand]) -> list[Points]:
    """Strokes of the studio's drawing of that subject by one of those hands."""
    rng = np.random.default_rng([seed, 15])
    hand, sample = choose(rng), render(seed, 256, category=word, hand=EXACT)
    lines = hastily(rng, sample.mask > 0, sample.lines, hand.haste) if hand.haste else sample.lines
    return list(by_hand(rng, [*lines.contour, *lines.detail], hand, 256))


def hands_table(path: Path) -> str:
    """Medians of all measures as a Markdown table: people's drawings, then each kind of hand, same subjects."""
    people = [(word, strokes) for word, strokes in by_people(path) if word in SUBJECTS and strokes]
    drawn = {"people": [measures(strokes) for _, strokes in people]}
    for name, choose in HANDS.items():
        drawn[name] = [measures(by_studio(i, word, choose)) for i, (word, _) in enumerate(people)]
    names = list(drawn["people"][0])
    rows = [f"| {n} | " + " | ".join(_cell([m[n] for m in found]) for found in drawn.values()) + " |" for n in names]
    head = f"| median of {len(people)} (quartiles) | " + " | ".join(drawn) + " |"
    return "\n".join([head, "|---" * (len(drawn) + 1) + "|", *rows])


def _cell(values: list[float]) -> str:
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:.2g} ({low:.2g}-{high:.2g})"
