# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines as someone draws them in ten seconds: plain shapes, parts left out, corners open or run past."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import distance_px, label_boxes, labelled, smooth_along
from models.recipes.studio.lines import Lines, contour_lines, length_px, swayed
from models.recipes.studio.shapes import Points
from models.recipes.studio.strokes import even, is_closed, run_past, strokes_of

_SMALL_PX = 36.0  # a ring of this diagonal becomes a plain circle
_STICK_PX = 24.0  # a thin part of this length may become one stroke
_DISPENSABLE_PX = 70.0  # strokes up to this length may be left out
_SLIM = 2.5  # times longer than wide
_MOST_SWAY_PX = 5.0

Redraw = Callable[[Generator, Points], Points]


@dataclass(frozen=True)
class Manner:
    """What one hasty drawing does throughout; lengths in pixels of a 256 px picture, shares in [0, 1].

    redraw: makes a shape plainer. thin_px: parts up to this width become one stroke (0: none). details: share
    kept. missing: share of short strokes left out. loose_px: how far ends miss their place. corners: share of
    rings drawn in strokes from corner to corner.
    """

    redraw: Redraw
    thin_px: float
    details: float
    missing: float
    loose_px: float
    corners: float


def random_manner(rng: Generator, haste: float) -> Manner:
    """Draw a manner; haste in [0, 1] says how far it may go."""
    return Manner(
        redraw=(_rounded, _straightened, _kept)[int(rng.choice(3, p=(0.45, 0.3, 0.25)))],
        thin_px=float(rng.uniform(6, 16)) if rng.random() < 0.6 * haste else 0.0,
        details=1 - float(rng.uniform(0.4, 1.3)) * haste,
        missing=float(rng.uniform(0, 0.3)) * haste,
        loose_px=float(rng.uniform(1, 8)) * haste,
        corners=float(rng.uniform(0.0, 0.8)),
    )


def hastily(rng: Generator, silhouette: NDArray[np.bool_], lines: Lines, haste: float) -> Lines:
    """Lines of a picture as drawn in a hurry.

    Args:
        rng: chooses how.
        silhouette: (size, size), where the subject is.
        lines: the exact ones.
        haste: in (0, 1].
    """
    manner, unit = random_manner(rng, haste), lines.size / 256
    outer, inner = list(lines.contour), _few(rng, list(lines.detail), manner.details)
    if manner.thin_px:
        outer, sticks, thin = _in_one_stroke(silhouette, outer, manner.thin_px * unit)
        inner = [line for line in inner if not _lies_in(line, thin)] + sticks
    moved = swayed(rng, Lines(tuple(outer), tuple(inner), lines.size), _MOST_SWAY_PX * haste)
    done = [
        tuple(stroke * unit for line in part for stroke in _drawn(rng, line / unit, manner))
        for part in (moved.contour, moved.detail)
    ]
    return Lines(done[0], done[1], lines.size)


def _few(rng: Generator, lines: list[Points], share: float) -> list[Points]:
    """So many of the lines, long ones rather than short."""
    count = round(len(lines) * share)
    if count <= 0 or count >= len(lines):
        return lines if count > 0 else []
    weights = np.array([length_px(line) for line in lines]) + 1e-3
    kept: list[int] = rng.choice(len(lines), count, replace=False, p=weights / weights.sum()).tolist()
    return [lines[i] for i in sorted(kept)]


def _in_one_stroke(
    silhouette: NDArray[np.bool_], outer: list[Points], width_px: float
) -> tuple[list[Points], list[Points], NDArray[np.bool_]]:
    """Contours without thin parts, the thin parts' middle lines, and where those parts are."""
    thick = distance_px(np.pad(silhouette, 1))[1:-1, 1:-1] > width_px / 2
    if not thick.any():
        return outer, [], np.zeros_like(silhouette)
    body = silhouette & (distance_px(~thick) <= width_px / 2 + 1)
    parts = labelled(silhouette & ~body)
    sticks: list[Points] = []
    thin = np.zeros_like(silhouette)
    for number, place in enumerate(label_boxes(parts), start=1):
        if place is None:
            continue
        here = parts[place] == number
        middle = _middle_line(here, len(silhouette) / 256)
        if middle is not None:
            sticks.append(middle + np.array([place[1].start, place[0].start]))
            thin[place] |= here
    return (
        (contour_lines((silhouette & ~thin).astype(np.uint8)), sticks, thin) if sticks else (outer, [], thin)
    )


def _middle_line(part: NDArray[np.bool_], unit: float) -> Points | None:
    """The line (n, 2) through the middle of a long thin part; None for any other."""
    points = np.argwhere(part)[:, ::-1] + 0.5
    if len(points) < 8:
        return None
    centre = points.mean(axis=0)
    _, spread, axes = np.linalg.svd(points - centre, full_matrices=False)
    along = (points - centre) @ axes[0]
    length = float(np.ptp(along))
    if length < _STICK_PX * unit or spread[0] < _SLIM * spread[1]:
        return None
    bins = max(3, round(length / (8 * unit)))
    place = np.clip(((along - along.min()) / length * bins).astype(int), 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    if (counts == 0).any():
        return None
    return np.stack([np.bincount(place, points[:, axis], bins) / counts for axis in (0, 1)], axis=1)


def _lies_in(line: Points, area: NDArray[np.bool_]) -> bool:
    at = line.astype(int).clip(0, len(area) - 1)
    return bool(area[at[:, 1], at[:, 0]].mean() > 0.5)


def _drawn(rng: Generator, line: Points, manner: Manner) -> list[Points]:
    """A line as the strokes of a hasty hand."""
    if is_closed(line) and np.hypot(*np.ptp(line, axis=0)) < _SMALL_PX and rng.random() < 0.7:
        return [_circle(rng, line)]
    plain = manner.redraw(rng, even(line, 1.0))
    if not is_closed(plain):
        strokes = strokes_of(plain, 1.0) if rng.random() < manner.corners else [even(plain, 1.0)]
    elif rng.random() < manner.corners:
        strokes = strokes_of(plain, 1.0, overlap_px=1.0)
    else:
        ring = plain[:-1]
        strokes = [np.roll(ring, -int(rng.integers(len(ring))), axis=0)]
    return [
        _misplaced(rng, stroke, manner.loose_px)
        for stroke in strokes
        if len(stroke) >= 3 and (rng.random() >= manner.missing or length_px(stroke) > _DISPENSABLE_PX)
    ]


def _circle(rng: Generator, ring: Points) -> Points:
    """An ellipse about as large as a ring, not quite closed or drawn over its beginning."""
    centre, reach = (ring.min(axis=0) + ring.max(axis=0)) / 2, np.ptp(ring, axis=0) / 2
    start, turn = rng.uniform(0, 2 * np.pi), 2 * np.pi * rng.uniform(0.85, 1.12)
    angle = start + np.linspace(0, turn, max(8, int(2 * reach.sum())))
    grow = rng.uniform(0.8, 1.25, 2) + np.linspace(0, rng.normal(0, 0.12), len(angle))[:, None]
    return centre + np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach * grow


def _rounded(rng: Generator, line: Points) -> Points:
    """Without small bends."""
    sigma = min(3 * 3.7 ** rng.random(), len(line) / 16)
    if not is_closed(line):
        return smooth_along(line, sigma, "nearest")
    ring = smooth_along(line[:-1], sigma, "wrap")
    return np.concatenate([ring, ring[:1]])


def _straightened(rng: Generator, line: Points) -> Points:
    """Through few points, and nearly straight between them."""
    step = min(float(rng.uniform(14, 40)), length_px(line) / 5)
    corners = _plainest(line, float(rng.uniform(1.5, 4.0)))
    straight = even(line[corners], 1.0) if len(corners) > 2 else even(line[:: max(1, int(step))], 1.0)
    return straight if len(straight) >= 3 else line


def _plainest(line: Points, most_px: float) -> list[int]:
    """Indices of the points of a polygon that keeps within so many pixels of the line."""
    kept = {0, len(line) // 2, len(line) - 1} if is_closed(line) else {0, len(line) - 1}
    spans = list(zip(sorted(kept)[:-1], sorted(kept)[1:], strict=True))
    while spans:
        a, b = spans.pop()
        if b - a < 3:
            continue
        chord = line[b] - line[a]
        away = line[a + 1 : b] - line[a]
        off = np.abs(chord[0] * away[:, 1] - chord[1] * away[:, 0]) / (np.hypot(*chord) + 1e-9)
        far = int(off.argmax())
        if off[far] > most_px:
            middle = a + 1 + far
            kept.add(middle)
            spans += [(a, middle), (middle, b)]
    return sorted(kept)


def _kept(rng: Generator, line: Points) -> Points:
    return line


def _misplaced(rng: Generator, stroke: Points, loose_px: float) -> Points:
    """Turned, scaled and moved a little by itself; its ends fall short of their place or run past it."""
    centre = stroke.mean(axis=0)
    angle, grow = rng.normal(0, 0.02), 1 + rng.normal(0, 0.02, 2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (stroke - centre) * grow @ turn + centre + rng.normal(0, 0.25 * loose_px, 2)
    before, after = rng.normal(0, 1.0, 2) * loose_px
    first, last = (int(min(max(0.0, -end), len(moved) / 5)) for end in (before, after))
    return run_past(moved[first : len(moved) - last], max(0.0, float(before)), max(0.0, float(after)))
