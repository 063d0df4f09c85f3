# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the plain part of SVG that icons use: shapes, groups, transforms, a gradient's mean colour."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.recipes.studio.palette import Colour, rgb
from models.recipes.studio.raster import skia

_SHAPES = frozenset({"path", "ellipse", "circle", "rect"})
_KNOWN = _SHAPES | {"svg", "g", "defs", "linearGradient", "radialGradient", "stop"}
_TOKEN = re.compile(r"[-+]?(?:\d*\.\d+|\d+\.?)(?:[eE][-+]?\d+)?")
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


class UnreadableError(ValueError):
    """The drawing uses SVG beyond filled shapes (clips, filters, references)."""


@dataclass(frozen=True)
class Shape:
    """One filled area in the icon's own coordinates, back to front."""

    path: Any
    colour: Colour
    alpha: float


@dataclass(frozen=True)
class _Style:
    matrix: Any
    fill: str = "black"
    stroke: str = "none"
    stroke_width: float = 1.0
    alpha: float = 1.0
    even_odd: bool = False
    round_cap: bool = False


def read_shapes(body: str) -> list[Shape]:
    """All visible shapes of an icon body.

    Raises:
        UnreadableError: an element or paint this reader does not know.
    """
    root = ET.fromstring(f'<svg xmlns:xlink="x">{body}</svg>')
    paints = {e.get("id", ""): _mean_stop(e) for e in root.iter() if e.tag.endswith("Gradient")}
    shapes: list[Shape] = []
    _walk(root, _Style(skia.Matrix()), paints, shapes)
    return shapes


def _walk(element: ET.Element, style: _Style, paints: dict[str, Shape | None], out: list[Shape]) -> None:
    if element.tag not in _KNOWN or "clip-path" in element.attrib or "filter" in element.attrib:
        raise UnreadableError(element.tag)
    if element.tag in ("defs", "linearGradient", "radialGradient"):
        return
    style = _inherit(element, style)
    if element.tag in _SHAPES:
        path = _geometry(element)
        path.setFillType(skia.PathFillType.kEvenOdd if style.even_odd else skia.PathFillType.kWinding)
        _emit(path, style.fill, style, paints, out)
        if style.stroke != "none":
            _emit(_outline(path, style), style.stroke, style, paints, out)
    for child in element:
        _walk(child, style, paints, out)


def _inherit(element: ET.Element, style: _Style) -> _Style:
    get = element.get
    matrix = style.matrix
    if get("transform"):
        matrix = skia.Matrix.Concat(matrix, _transform(get("transform", "")))
    alpha = float(get("opacity", "1")) * float(get("fill-opacity", "1"))
    return replace(
        style,
        matrix=matrix,
        fill=get("fill", style.fill),
        stroke=get("stroke", style.stroke),
        stroke_width=float(get("stroke-width", style.stroke_width)),
        alpha=style.alpha * alpha,
        even_odd=get("fill-rule", "evenodd" if style.even_odd else "") == "evenodd",
        round_cap=get("stroke-linecap", "round" if style.round_cap else "") == "round",
    )


def _emit(path: Any, paint: str, style: _Style, paints: dict[str, Shape | None], out: list[Shape]) -> None:
    if paint == "none":
        return
    placed = skia.Path()
    path.transform(style.matrix, placed)
    if paint.startswith("url("):
        mean = paints.get(paint[5:-1])
        if mean is None:
            raise UnreadableError(paint)
        out.append(Shape(placed, mean.colour, mean.alpha * style.alpha))
    else:
        out.append(Shape(placed, _colour(paint), style.alpha))


def _outline(path: Any, style: _Style) -> Any:
    pen = skia.Paint(
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=style.stroke_width,
        StrokeCap=skia.Paint.kRound_Cap if style.round_cap else skia.Paint.kButt_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )
    outline = skia.Path()
    pen.getFillPath(path, outline)
    return outline


def _mean_stop(gradient: ET.Element) -> Shape | None:
    """A gradient as one colour: its stops weighted by how opaque they are."""
    stops = [s for s in gradient if s.tag == "stop"]
    if not stops:
        return None
    alphas = np.array([float(s.get("stop-opacity", "1")) for s in stops])
    colours = np.array([_colour(s.get("stop-color", "black")).rgb for s in stops])
    mean = (colours * (alphas[:, None] + 1e-6)).sum(axis=0) / (alphas.sum() + 1e-6 * len(stops))
    return Shape(None, Colour("", *(float(c) for c in mean)), float(alphas.mean()))


def _colour(text: str) -> Colour:
    names = {"black": "#000", "currentColor": "#000", "white": "#fff", "red": "#f00"}
    text = names.get(text, text)
    if not text.startswith("#"):
        raise UnreadableError(text)
    digits = text[1:]
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    return rgb(int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))


def _transform(text: str) -> Any:
    matrix = skia.Matrix()
    for kind, inside in re.findall(r"(\w+)\(([^)]*)\)", text):
        v = [float(n) for n in re.split(r"[ ,]+", inside.strip())]
        step = skia.Matrix()
        if kind == "matrix":
            step.setAll(v[0], v[2], v[4], v[1], v[3], v[5], 0, 0, 1)
        elif kind == "translate":
            step.setTranslate(v[0], v[1] if len(v) > 1 else 0.0)
        elif kind == "scale":
            step.setScale(v[0], v[1] if len(v) > 1 else v[0])
        elif kind == "rotate":
            step.setRotate(v[0], *(v[1:3] or (0.0, 0.0)))
        else:
            raise UnreadableError(kind)
        matrix = skia.Matrix.Concat(matrix, step)
    return matrix


def _geometry(element: ET.Element) -> Any:
    if element.tag == "path":
        return parse_path(element.get("d", ""))
    number = {k: float(v) for k, v in element.attrib.items() if re.fullmatch(r"[-\d.]+", v)}
    path = skia.Path()
    if element.tag == "rect":
        x, y = number.get("x", 0.0), number.get("y", 0.0)
        radius = number.get("rx", number.get("ry", 0.0))
        path.addRoundRect(skia.Rect.MakeXYWH(x, y, number["width"], number["height"]), radius, radius)
        return path
    rx = number.get("r", number.get("rx", 0.0))
    ry = number.get("r", number.get("ry", rx))
    cx, cy = number.get("cx", 0.0), number.get("cy", 0.0)
    path.addOval(skia.Rect.MakeLTRB(cx - rx, cy - ry, cx + rx, cy + ry))
    return path


_COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")


def _split(text: str) -> list[tuple[str, list[float]]]:
    """Commands with their numbers. Arc flags may stand without spaces (a1 1 0 012 3)."""
    steps: list[tuple[str, list[float]]] = []
    for found in _COMMAND.finditer(text):
        letter, inside = str(found[1]), str(found[2])
        if letter in "Aa":
            inside = _open_flags(inside)
        numbers = [float(n) for n in _TOKEN.findall(inside)]
        arity = _ARITY[letter.upper()]
        if arity == 0:
            steps.append((letter, []))
        for i in range(0, len(numbers), arity or 1):
            steps.append((letter, numbers[i : i + arity]))
            letter = "L" if letter == "M" else "l" if letter == "m" else letter
    return steps


_NUMBER = r"[-+]?(?:\d*\.\d+|\d+\.?)(?:[eE][-+]?\d+)?"
_ARC = re.compile(
    rf"({_NUMBER})[\s,]*({_NUMBER})[\s,]*({_NUMBER})[\s,]*([01])[\s,]*([01])[\s,]*({_NUMBER})[\s,]*({_NUMBER})"
)


def _open_flags(arcs: str) -> str:
    return " ".join(" ".join(groups) for groups in _ARC.findall(arcs))


def parse_path(text: str) -> Any:
    """An SVG `d` string as a skia path."""
    path = skia.Path()
    x = y = sx = sy = 0.0
    cx, cy, last = 0.0, 0.0, ""
    for letter, v in _split(text):
        upper = letter.upper()
        dx, dy = (x, y) if letter.islower() else (0.0, 0.0)
        if upper not in "CSQT":
            cx, cy = x, y
        if upper == "Z":
            path.close()
            x, y = sx, sy
        elif upper == "M":
            x, y = sx, sy = v[0] + dx, v[1] + dy
            path.moveTo(x, y)
        elif upper in "LHV":
            x = v[0] + dx if upper in "LH" else x
            y = v[-1] + dy if upper in "LV" else y
            path.lineTo(x, y)
        elif upper == "A":
            size = skia.Path.kLarge_ArcSize if v[3] else skia.Path.kSmall_ArcSize
            sweep = skia.PathDirection.kCW if v[4] else skia.PathDirection.kCCW
            x, y = v[5] + dx, v[6] + dy
            path.arcTo(v[0], v[1], v[2], size, sweep, x, y)
        else:
            p = [n + (dx, dy)[i % 2] for i, n in enumerate(v)]
            if upper in "ST":
                mirrored = last in ("CS" if upper == "S" else "QT")
                p = [2 * x - cx if mirrored else x, 2 * y - cy if mirrored else y, *p]
            (path.cubicTo if len(p) == 6 else path.quadTo)(*p)
            cx, cy, x, y = *p[-4:-2], *p[-2:]
        last = upper
    return path
