# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Drawings by people, made in at most twenty seconds each, as paintings to be done on plain grounds.

Source of the drawings: Quick, Draw! by Google, CC BY 4.0, some of them, scaled to 256 units.
"""

from __future__ import annotations

import colorsys
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
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]

from backend.bench.enclosed import enclosed_parts
from backend.bench.held_out import EDGE_PX, Image8, Task
from backend.bench.shared_data import shared_data
from models.recipes.studio import Sample
from models.recipes.studio.lines import Lines
from shared.errors import MissingWeights

Points = NDArray[np.float64]
"""(n, 2): x, y in pixels."""

TRIED, TAUGHT = "doodles/doodles.ndjson", "doodles/more.ndjson.gz"
MARGIN_SHARE, WIDTH_SHARE = 0.08, 0.012
"""Of the picture's side: the free rim around a drawing, and the pen."""

SMOOTH = 2
"""Drawn so many times as large first."""

DAB_SHARE, LEAST_ROOM = 0.03, 0.012
"""Of the side: half the width of a dab; and how far the middle of an area is from its lines to get one."""

GOLDEN_TURN = 0.618
"""Of the circle of hues, from one dab to the next: neighbours are never alike."""


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


def doodle_task(drawing: Drawing, number: int, *, dabs: bool, size: int = EDGE_PX) -> Task:
    """Paint a drawing on a plain light ground, inside its lines, without a word.

    Args:
        number: Seed of the ground, the dabs and the painting.
        dabs: With a dab in each of the two or three largest areas.
    """
    dice = np.random.default_rng([number, 11])
    strokes = fitted(drawing.strokes, size, MARGIN_SHARE * size)
    contour = inked(strokes, size, WIDTH_SHARE * size)
    ground = np.rint(255 * dice.uniform(0.72, 1, 3)).astype(np.uint8)
    colours = dabbed(contour, dice) if dabs else _undrawn(size)
    sample = Sample(
        image=np.broadcast_to(ground, (size, size, 3)).copy(),
        mask=np.zeros((size, size), np.uint8),
        contour=contour,
        detail=np.zeros((size, size), np.uint8),
        colours=colours,
        caption="",
        category=drawing.word,
        lines=Lines(tuple(strokes), (), size),
    )
    return Task(sample, np.full((size, size), 255, np.uint8), number, scope="lines")


def dabbed(contour: Image8, dice: np.random.Generator) -> Image8:
    """(H,W,4): a round dab in the middle of each of the two or three largest areas, each in another hue."""
    size = contour.shape[0]
    parts = enclosed_parts(contour)
    areas = np.bincount(parts.ravel())[1:]
    colours, hue = _undrawn(size), float(dice.random())
    for label in 1 + np.argsort(-areas, kind="stable")[: int(dice.integers(2, 4))]:
        hue = (hue + GOLDEN_TURN) % 1
        shade = colorsys.hsv_to_rgb(hue, float(dice.uniform(0.45, 0.85)), float(dice.uniform(0.55, 0.95)))
        depth = np.asarray(distance_transform_edt(parts == label), np.float64)
        if depth.max() < LEAST_ROOM * size:
            continue
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        radius = min(0.6 * float(depth.max()), DAB_SHARE * size)
        spot = inked([np.array([[float(x) + 0.5, float(y) + 0.5]])], size, 2 * radius)
        colours[spot > 0, :3] = np.rint(np.array(shade) * 255).astype(np.uint8)
        colours[..., 3] = np.maximum(colours[..., 3], spot)
    return colours


def _undrawn(size: int) -> Image8:
    plane = np.full((size, size, 4), 128, np.uint8)
    plane[..., 3] = 0
    return plane
