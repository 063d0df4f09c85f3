# SPDX-License-Identifier: GPL-3.0-or-later
"""What a subject is made of: parts and strokes in a unit square, x right, y down, both in [-1, 1]."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipes.studio.palette import Colour
from models.recipes.studio.raster import skia

Points = NDArray[np.float64]
PointList = Sequence[tuple[float, float]] | Points


@dataclass(frozen=True)
class Part:
    """A filled area. `solid` parts own their pixels in the id-buffer; the others only tint.

    material: a surface of `materials`, or "" for plain paint; seed: how exactly it lies.
    """

    path: Any
    colour: Colour
    shade: float = 1.0
    round: bool = False
    solid: bool = True
    alpha: float = 1.0
    material: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Stroke:
    """A fine drawn line; `width` in unit lengths. It is its own detail line."""

    points: Points
    colour: Colour
    width: float = 0.02
    alpha: float = 0.9


@dataclass
class Figure:
    """One subject: marks from back to front, its caption, and how it may be placed."""

    category: str
    caption: str
    marks: list[Part | Stroke] = field(default_factory=list[Part | Stroke])
    max_tilt_deg: float = 12.0
    may_flip: bool = True
    stands: bool = True
    cropped_below: bool = False
    scale: tuple[float, float] = (0.6, 0.95)

    def fill(
        self,
        path: Any,
        colour: Colour,
        *,
        shade: float = 1.0,
        round: bool = False,
        solid: bool = True,
        alpha: float = 1.0,
    ) -> None:
        """Add a filled part in front of all others."""
        self.marks.append(Part(path, colour, shade, round, solid, alpha))

    def line(self, points: PointList, colour: Colour, width: float = 0.02, alpha: float = 0.9) -> None:
        """Add a fine stroke through the points in front of all others."""
        self.marks.append(Stroke(curve(points), colour, width, alpha))


def curve(points: PointList, *, closed: bool = False, steps: int = 10) -> Points:
    """Catmull-Rom polyline through the points: (n, 2)."""
    p = np.asarray(points, dtype=np.float64)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    out = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    out = out.reshape(-1, 2)
    return out if closed else np.concatenate([out, p[-2:-1]])


def polygon(points: PointList) -> Any:
    """A closed path with straight sides."""
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in points], True)
    return path


def blob(points: PointList) -> Any:
    """A closed smooth path through the points."""
    return polygon(curve(points, closed=True))


def ellipse(x: float, y: float, rx: float, ry: float | None = None) -> Any:
    """An ellipse about (x, y)."""
    ry = rx if ry is None else ry
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Any:
    """A rectangle, with rounded corners if radius > 0."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(x0, y0, x1, y1), radius, radius)
    return path


def ribbon(points: PointList, widths: Sequence[float] | float, *, smooth: bool = True) -> Any:
    """A band along the points; `widths` (full, unit lengths) are spread evenly from start to end."""
    p = curve(points) if smooth else np.asarray(points, dtype=np.float64)
    w = np.atleast_1d(np.asarray(widths, dtype=np.float64))
    half = np.interp(np.linspace(0, 1, len(p)), np.linspace(0, 1, len(w)), w) / 2 if len(w) > 1 else w[0] / 2
    tangent = np.gradient(p, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * np.reshape(half, (-1, 1))
    return polygon(np.concatenate([p + normal, (p - normal)[::-1]]))


def union(*paths: Any) -> Any:
    """The area covered by any of the paths."""
    out = paths[0]
    for path in paths[1:]:
        out = skia.Op(out, path, skia.PathOp.kUnion_PathOp)
    return out


def common(a: Any, b: Any) -> Any:
    """The area covered by both paths."""
    return skia.Op(a, b, skia.PathOp.kIntersect_PathOp)


def without(a: Any, b: Any) -> Any:
    """The area of `a` that `b` leaves free."""
    return skia.Op(a, b, skia.PathOp.kDifference_PathOp)


def moved(
    path: Any, dx: float = 0.0, dy: float = 0.0, *, turn_deg: float = 0.0, sx: float = 1.0, sy: float = 1.0
) -> Any:
    """The path scaled and turned about the origin, then moved."""
    matrix = skia.Matrix()
    matrix.setScale(sx, sy)
    matrix.postRotate(turn_deg)
    matrix.postTranslate(dx, dy)
    out = skia.Path()
    path.transform(matrix, out)
    return out


def warped(path: Any, bend: tuple[Points, Points, Points]) -> Any:
    """The path with its control points moved by a smooth field of sines.

    bend: amplitudes (2, k), frequencies (2, k, 2) and phases (2, k): first axis is x or y moved.
    """
    out = skia.Path()
    out.setFillType(path.getFillType())
    amplitudes, frequencies, phases = bend
    verbs = _verbs(path)
    flat = np.array([(p.x(), p.y()) for _, points, _ in verbs for p in points]).reshape(-1, 2)
    waves = np.sin(np.einsum("nc,akc->nak", flat, frequencies) + phases)
    moved_points = flat + (waves * amplitudes).sum(axis=2)
    at = 0
    for verb, points, weight in verbs:
        here = moved_points[at : at + len(points)].tolist()
        at += len(points)
        _replay(out, verb, here, weight)
    return out


def _verbs(path: Any) -> list[tuple[Any, list[Any], float]]:
    """Verbs of a path with their points and, for conics, their weight."""
    walk = skia.Path.Iter(path, False)
    out: list[tuple[Any, list[Any], float]] = []
    while True:
        verb, points = walk.next()
        if verb == skia.Path.kDone_Verb:
            return out
        out.append((verb, list(points), walk.conicWeight() if verb == skia.Path.kConic_Verb else 1.0))


def _replay(path: Any, verb: Any, points: list[list[float]], weight: float) -> None:
    kind = skia.Path
    if verb == kind.kMove_Verb:
        path.moveTo(*points[0])
    elif verb == kind.kLine_Verb:
        path.lineTo(*points[1])
    elif verb == kind.kQuad_Verb:
        path.quadTo(*points[1], *points[2])
    elif verb == kind.kConic_Verb:
        path.conicTo(*points[1], *points[2], weight)
    elif verb == kind.kCubic_Verb:
        path.cubicTo(*points[1], *points[2], *points[3])
    elif verb == kind.kClose_Verb:
        path.close()
