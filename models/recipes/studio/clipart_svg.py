# SPDX-License-Identifier: GPL-3.0-or-later
"""Clip art made plain for svg.read_shapes: styles unrolled, polygons as paths, editors' own marks gone."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from models.recipes.studio.palette import CSS_COLOURS
from models.recipes.studio.svg import UnreadableError

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_KEPT = frozenset(
    {"transform", "fill", "stroke", "stroke-width", "opacity", "fill-opacity", "fill-rule", "stroke-linecap"}
    | {
        "d",
        "x",
        "y",
        "width",
        "height",
        "rx",
        "ry",
        "r",
        "cx",
        "cy",
        "points",
        "id",
        "stop-color",
        "stop-opacity",
    }
)
_BARRED = frozenset(
    {"text", "image", "use", "mask", "clipPath", "pattern", "filter", "style", "flowRoot", "symbol"}
)
_SILENT = frozenset({"metadata", "title", "desc", "script", "foreignObject"})
_LENGTH = re.compile(r"\s*([-+]?(?:\d*\.\d+|\d+\.?)(?:[eE][-+]?\d+)?)\s*(px|pt|mm|cm|in)?\s*$")
_PX = {None: 1.0, "px": 1.0, "pt": 1.25, "mm": 3.543, "cm": 35.43, "in": 90.0}


@dataclass(frozen=True)
class Drawing:
    """A body that svg.read_shapes reads, and what its author said about it."""

    body: str
    title: str
    keywords: tuple[str, ...]
    public_domain: bool


def read_drawing(text: str) -> Drawing:
    """Make an SVG file plain.

    Raises:
        UnreadableError: not well-formed, or text, pictures, clips or references are in it.
    """
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise UnreadableError(str(error)) from error
    gradients = {e.get("id", ""): e for e in root.iter() if e.tag.endswith("Gradient")}
    plain = [made for child in root if (made := _plain(child, gradients)) is not None]
    keywords = tuple((e.text or "").strip().lower() for e in root.iter() if e.tag.endswith("}li"))
    title = next(((e.text or "").strip() for e in root.iter() if e.tag.endswith("}title") and e.text), "")
    free = any("publicdomain" in "".join(e.attrib.values()).lower() for e in root.iter() if "icense" in e.tag)
    return Drawing("".join(ET.tostring(e, "unicode") for e in plain), title, keywords, free)


def _plain(element: ET.Element, gradients: dict[str, ET.Element]) -> ET.Element | None:
    if not element.tag.startswith(_SVG):
        return None
    tag = element.tag[len(_SVG) :]
    if tag in _BARRED:
        raise UnreadableError(tag)
    style = _style(element)
    hidden = style.get("display") == "none" or style.get("visibility") == "hidden"
    if tag in _SILENT or hidden:
        return None
    if any(style.get(name, "none") != "none" for name in ("clip-path", "mask", "filter")):
        raise UnreadableError("clip")
    made = ET.Element(
        "g" if tag == "switch" else tag, {k: _value(k, v) for k, v in style.items() if k in _KEPT}
    )
    if tag in ("polygon", "polyline", "line"):
        return _as_path(made, element, closed=tag == "polygon")
    source = _stops_of(element, gradients) if tag.endswith("Gradient") else element
    made.extend([inner for child in source if (inner := _plain(child, gradients)) is not None])
    return made


def _style(element: ET.Element) -> dict[str, str]:
    """Attributes, with what the style attribute says on top."""
    said = dict(element.attrib)
    for rule in said.pop("style", "").split(";"):
        name, colon, value = rule.partition(":")
        if colon:
            said[name.strip()] = value.strip()
    return said


def _value(name: str, value: str) -> str:
    if name in ("fill", "stroke", "stop-color"):
        return _colour(value)
    measured = _LENGTH.match(value) if name not in ("d", "id", "points", "transform") else None
    return str(float(measured[1]) * _PX[measured[2]]) if measured else value


def _colour(text: str) -> str:
    """As svg.read_shapes wants it: #rrggbb, none or a reference."""
    text = text.strip()
    if text.startswith("url("):
        return re.sub(r"\).*", ")", text.replace(" ", ""))
    if re.fullmatch(r"#([0-9a-fA-F]{3}){1,2}", text) or text == "none":
        return text
    if triple := re.fullmatch(r"rgb\(([^)]*)\)", text):
        parts = [p.strip() for p in triple[1].split(",")]
        levels = [float(p[:-1]) * 2.55 if p.endswith("%") else float(p) for p in parts]
        return "#" + "".join(f"{round(min(255.0, max(0.0, v))):02x}" for v in levels)
    if text.lower() in CSS_COLOURS:
        return CSS_COLOURS[text.lower()]
    raise UnreadableError(text)


def _stops_of(gradient: ET.Element, gradients: dict[str, ET.Element]) -> ET.Element:
    """The gradient that really holds the stops; editors like to share them."""
    for _ in range(8):
        link = gradient.get(_HREF, "").removeprefix("#")
        if any(child.tag.endswith("stop") for child in gradient) or link not in gradients:
            return gradient
        gradient = gradients[link]
    return gradient


def _as_path(made: ET.Element, element: ET.Element, *, closed: bool) -> ET.Element:
    if element.get("points") is None:
        d = "M{} {}L{} {}".format(*(element.get(k, "0") for k in ("x1", "y1", "x2", "y2")))
    else:
        d = "M" + element.get("points", "").strip() + ("Z" if closed else "")
    return ET.Element("path", {**{k: v for k, v in made.attrib.items() if k != "points"}, "d": d})
