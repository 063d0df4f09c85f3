# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Drawings by people, made in at most twenty seconds each: their strokes, and ink of them.

Source of the drawings: Quick, Draw! by Google, CC BY 4.0, some of them, scaled to 256 units.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.rulers.networks import Image8
from benchmarks.shared_data import shared_data
from shared.errors import MissingWeights

Points = NDArray[np.float64]
"""(n, 2): x, y in pixels."""

TRIED, TAUGHT = "doodles/doodles.ndjson", "doodles/more.ndjson.gz"
"""Drawings to measure on, and others to teach a recogniser."""

SMOOTH = 2
"""Drawn so many times as large first."""


@dataclass(frozen=True)
class Drawing:
    """What it shows, and its strokes in 0 to 255."""

    word: str
    strokes: tuple[Points, ...]


def drawings(name: str) -> list[Drawing]:
    """Of a file of `shared_data`: one of each word first, then the second of each.

    Raises:
        MissingWeights: the file is not there.
    """
    return list(_read(shared_data() / name))


@cache
def _read(path: Path) -> tuple[Drawing, ...]:
    if not path.is_file():
        raise MissingWeights(f"The drawings {path.name} are not here.", f"Put them at {path}.")
    raw = path.read_bytes()
    lines = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode().splitlines()
    by_word: dict[str, list[Drawing]] = defaultdict(list)
    for line in lines:
        entry: dict[str, Any] = json.loads(line)
        strokes = tuple(np.asarray(stroke, np.float64) for stroke in entry["strokes"])
        by_word[entry["word"]].append(Drawing(entry["word"], strokes))
    turns = zip_longest(*by_word.values())
    return tuple(drawing for turn in turns for drawing in turn if drawing is not None)


def fitted(strokes: Sequence[Points], size: int, margin_px: float) -> list[Points]:
    """The strokes in the middle of a square, as large as the margin allows."""
    every = np.concatenate(list(strokes))
    low, high = every.min(0), every.max(0)
    scale = (size - 2 * margin_px) / max(float((high - low).max()), 1.0)
    return [(stroke - (low + high) / 2) * scale + size / 2 for stroke in strokes]


def inked(strokes: Sequence[Points], size: int, width_px: float) -> Image8:
    """Ink of a round pen, (size,size), 255 where drawn."""
    plane = Image.new("L", (size * SMOOTH, size * SMOOTH))
    pen = ImageDraw.Draw(plane)
    radius = width_px * SMOOTH / 2
    for stroke in strokes:
        points = [(float(x) * SMOOTH, float(y) * SMOOTH) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, 255, max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    return np.array(plane.resize((size, size), Image.Resampling.BOX))
