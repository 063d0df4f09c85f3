# SPDX-License-Identifier: GPL-3.0-or-later
"""The Open Clip Art Library (public domain) as subjects: Debian's package, never copied into the project.

`python -m models.recipes.studio --fetch-clipart` downloads the package, unpacks it without installing it
and keeps the drawings that can be read in one file. `render` never shows them; whoever wants them asks
`render_clipart`.
"""

import hashlib
import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from models.recipes.studio.clipart_svg import Drawing, read_drawing
from models.recipes.studio.hands import Hand, random_hand
from models.recipes.studio.icons import bent, cache_folder
from models.recipes.studio.palette import nearest_name
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.sample import Sample, draw_sample
from models.recipes.studio.scene import Split, paint_subject
from models.recipes.studio.shapes import Figure
from models.recipes.studio.svg import Shape, UnreadableError, read_shapes

PACKAGE = "openclipart-svg"
FOLDERS = (
    *("animals", "plants", "food", "containers", "buildings", "electronics", "education", "tools", "office"),
    *("recreation/music", "recreation/sports", "recreation/toys", "recreation/party", "recreation/art"),
    *("transportation/vehicles", "transportation/boating", "science/astronomy"),
)
_LEFT_OUT = re.compile(
    r"weapon|flag|map|logo|sign|certificate|barcode|symbol|text|font|border|frame|contour|outline|pattern|letter"
)
_GENERAL = frozenset(
    {
        "animal",
        "animals",
        "plant",
        "plants",
        "food",
        "tool",
        "tools",
        "building",
        "buildings",
        "clip",
        "art",
        "image",
        "media",
        "clipart",
        "icon",
        "object",
        "objects",
        "color",
        "colour",
        "external",
        "unsorted",
        "protein",
        "nature",
        "menu",
        "contour",
        "remix",
        "public",
        "domain",
        "man",
        "woman",
        "people",
        "person",
        "cartoon",
        "recreation",
        "festive",
        "office",
        "transportation",
        "homes",
        "container",
        "containers",
        "certificate",
        "musicstuff",
        "study",
        "cooking",
        "furniture",
        "outline",
        "shape",
        "education",
        "electronics",
        "science",
        "black",
        "white",
        "red",
        "architectural",
        "household",
        "kexi",
        "domestic",
        "foreground",
        "symbol",
        "symbols",
        "hash",
        "activity",
        "activities",
    }
)
_HOLLOW = frozenset({"clipart", "icon", "svg", "bw", "the", "simple", "vector", "color", "colour"})
_SMALL = frozenset({"of", "on", "in", "with", "and", "a", "an"})
_SHAPES = range(3, 121)
_SOLID = 0.7
_LOOK_PX = 64
_BACKDROP = 0.75  # of the drawing's box, behind everything else
_LONGEST = 3.2  # side over side
_STREAM = {"train": 15, "held_out": 16}


def fetch_clipart(folder: Path | None = None) -> Path:
    """Download Debian's package with apt-get, unpack it with dpkg, keep what can be read. No root needed.

    Raises:
        subprocess.CalledProcessError: the package could not be had.
        FileNotFoundError: this system has no apt-get or dpkg.
    """
    target = (folder or cache_folder()) / "clipart.json"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["apt-get", "download", PACKAGE], check=True, capture_output=True, cwd=scratch)
        (package,) = Path(scratch).glob("*.deb")
        subprocess.run(["dpkg", "-x", str(package), scratch], check=True, capture_output=True)
        kept = keep_readable(Path(scratch) / "usr/share/openclipart/svg")
    part = target.with_suffix(".part")
    part.write_text(json.dumps(kept, sort_keys=True))
    part.replace(target)
    return target


def keep_readable(folder: Path) -> dict[str, dict[str, str]]:
    """Bodies and captions of the drawings under the folder that are worth painting, by their path."""
    found: dict[str, Drawing] = {}
    for path in sorted(path for name in FOLDERS for path in (folder / name).rglob("*.svg")):
        name = str(path.relative_to(folder).with_suffix(""))
        drawing = None if _LEFT_OUT.search(name) else _readable(path)
        if drawing is not None and drawing.public_domain:
            found[name] = drawing
    said = Counter(word for drawing in found.values() for word in set(drawing.keywords))
    captions = {name: caption_of(drawing, said) for name, drawing in found.items()}
    return {n: {"body": found[n].body, "caption": words} for n, words in captions.items() if words}


def _readable(path: Path) -> Drawing | None:
    try:
        drawing = read_drawing(path.read_text(encoding="utf-8"))
        return drawing if is_worth_painting(read_shapes(drawing.body)) else None
    except (UnreadableError, ValueError, KeyError, IndexError):
        return None


def caption_of(drawing: Drawing, said: Mapping[str, int]) -> str:
    """The title where its words are among the library's keywords, else the rarest keyword, else nothing.

    Args:
        drawing: Read from a file; many titles are in other languages or are authors' names.
        said: How many drawings have each keyword.
    """
    title = re.sub(r"^clip ?art by [^-]*-|[(\[].*|[\d_#.,:;!?/\"]+", " ", drawing.title.lower())
    words = [w for w in re.findall(r"[a-z][a-z']+", title) if w not in _HOLLOW]
    if 1 <= len(words) <= 4 and all(_is_word(w, said) for w in words if w not in _SMALL):
        return " ".join(words)
    telling = {k: said[k] for k in drawing.keywords if _is_word(k, said) and k not in _GENERAL}
    return min(telling, key=lambda k: (telling[k], k)) if telling else ""


def _is_word(word: str, said: Mapping[str, int]) -> bool:
    """Whether several drawings have this keyword, so that it is no name, in one or in many."""
    return (
        word.isascii()
        and word.isalpha()
        and len(word) > 2
        and any(said.get(w, 0) > 1 for w in (word, word + "s"))
    )


def is_worth_painting(shapes: list[Shape]) -> bool:
    """By measure: parts enough, not too long, no backdrop, colourful, and more than outlines."""
    if len(shapes) not in _SHAPES or not any(shape.alpha > _SOLID for shape in shapes):
        return False
    box = bounds_of(shapes)
    sides = sorted((box.width(), box.height()))
    if sides[0] <= 0 or not np.isfinite(sides).all() or sides[1] / sides[0] > _LONGEST:
        return False
    if any(_covered(shape) > _BACKDROP * sides[0] * sides[1] for shape in shapes):
        return False
    look = _look(shapes)
    inked = look[look[..., 3] > 128]
    return 0.2 < len(inked) / _LOOK_PX**2 < 0.85 and _is_colourful(inked[:, :3])


def _covered(shape: Shape) -> float:
    """Area of a shape's box, if it is a rectangle; else 0."""
    if not shape.path.isRect(None) and shape.path.countPoints() > 5:
        return 0.0
    box = shape.path.computeTightBounds()
    return float(box.width() * box.height())


def _is_colourful(pixels: Pixels) -> bool:
    chroma = pixels.max(axis=1).astype(int) - pixels.min(axis=1)
    words = Counter(nearest_name(pixel) for pixel in pixels[::7])
    several = sum(count > 0.03 * words.total() for count in words.values()) >= 3
    return several and float((chroma > 40).mean()) > 0.3


def bounds_of(shapes: list[Shape] | tuple[Shape, ...]) -> Any:
    """The box around all shapes."""
    box = skia.Rect.MakeEmpty()
    for shape in shapes:
        box.join(shape.path.computeTightBounds())
    return box


def to_unit(shapes: list[Shape] | tuple[Shape, ...]) -> Any:
    """Matrix that fits the shapes into the unit square, [-1, 1] on the longer side."""
    box = bounds_of(shapes)
    scale = 2 / max(box.width(), box.height())
    matrix = skia.Matrix()
    matrix.setTranslate(-box.centerX(), -box.centerY())
    matrix.postScale(scale, scale)
    return matrix


def _look(shapes: list[Shape]) -> Pixels:
    pixels = np.zeros((_LOOK_PX, _LOOK_PX, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.translate(_LOOK_PX / 2, _LOOK_PX / 2)
    canvas.scale(_LOOK_PX / 2, _LOOK_PX / 2)
    canvas.concat(to_unit(shapes))
    for shape in shapes:
        canvas.drawPath(
            shape.path, skia.Paint(Color4f=skia.Color4f(*shape.colour.rgb, shape.alpha), AntiAlias=True)
        )
    surface.flushAndSubmit()
    return pixels


@lru_cache(maxsize=1)
def _drawings() -> dict[str, dict[str, str]]:
    path = cache_folder() / "clipart.json"
    return json.loads(path.read_text()) if path.exists() else {}


@lru_cache(maxsize=4)
def names(split: str) -> tuple[str, ...]:
    """Drawings of a split; all of one caption fall on the same side. None where they were not fetched."""
    held = split == "held_out"
    return tuple(
        name
        for name, one in _drawings().items()
        if (hashlib.sha256(one["caption"].encode()).digest()[0] % 8 == 0) == held
    )


@lru_cache(maxsize=512)
def _shapes(name: str) -> tuple[Shape, ...]:
    return tuple(read_shapes(_drawings()[name]["body"]))


def clipart(rng: Generator, split: str, name: str = "") -> Figure:
    """One drawing, recoloured and gently bent.

    Raises:
        LookupError: no clip art was fetched.
    """
    choices = names(split)
    if not name and not choices:
        raise LookupError("no clip art: run python -m models.recipes.studio --fetch-clipart")
    name = name or choices[int(rng.integers(len(choices)))]
    shapes = _shapes(name)
    figure, turned = bent(rng, "clipart", shapes, to_unit(shapes))
    words = _drawings()[name]["caption"]
    figure.caption = f"a {{colour}} {words}" if turned else f"a {words}"
    return figure


def render_clipart(seed: int, size: int = 256, split: Split = "train", *, hand: Hand | None = None) -> Sample:
    """Make the sample of that seed from clip art; arguments as in studio.render.

    Raises:
        LookupError: no clip art was fetched.
        ValueError: seed < 0 or size < 32.
    """
    if seed < 0 or size < 32:
        raise ValueError(f"seed {seed} must be >= 0 and size {size} >= 32")
    rng = np.random.default_rng([seed, _STREAM[split]])
    scene = paint_subject(rng, clipart(rng, split), size)
    return draw_sample(rng, scene, hand or random_hand(rng))
