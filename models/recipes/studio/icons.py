# SPDX-License-Identifier: GPL-3.0-or-later
"""Openly licensed vector icons as subjects, fetched by package name and never copied into the project.

Noto emoji (Apache-2.0) and Fluent emoji flat (MIT), both from npm's @iconify-json. `python -m
models.recipes.studio --fetch` fetches them once; without them the studio paints its own subjects only.
"""

import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.random import Generator

from models.recipes.studio.palette import shifted
from models.recipes.studio.raster import skia
from models.recipes.studio.shapes import Figure, warped
from models.recipes.studio.svg import Shape, UnreadableError, read_shapes

PACKAGES = {"noto": "@iconify-json/noto@1.2.9", "fluent-emoji-flat": "@iconify-json/fluent-emoji-flat@1.2.6"}
_GROUPS = (
    "Activities",
    "Animals & Nature",
    "Food & Drink",
    "Objects",
    "Smileys & Emotion",
    "Travel & Places",
)
_SKIPPED = re.compile(
    r"button|sign|keycap|thirty|o-clock|medal|zzz|anger|hundred|speech|thought|calendar|sweat-droplets|dashing"
    r"|collision|dizzy|hole|fog|milky-way|eye-in|e-mail|envelope|barcode|label|receipt|chart|input|input|wavy|no-|"
    r"fingerprint|pile-of-poo|middle-finger"
)
_COLOUR_WORDS = re.compile(
    r"\b(red|orange|yellow|green|light-blue|blue|purple|pink|brown|white|grey|black)\b"
)
_MAX_SHAPES = 60
_HELD_OUT_OF_16 = 2
_SOLID = 0.7


def cache_folder() -> Path:
    """Where fetched icons live: $UNDERDRAWING_HOME/studio or ~/.cache/underdrawing/studio."""
    home = os.environ.get("UNDERDRAWING_HOME")
    return (Path(home) if home else Path.home() / ".cache" / "underdrawing") / "studio"


def fetch(folder: Path | None = None) -> Path:
    """Fetch both packages with `npm pack` and keep the readable icons in one file.

    Raises:
        subprocess.CalledProcessError: npm failed.
        FileNotFoundError: npm is not installed.
    """
    target = (folder or cache_folder()) / "icons.json"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    kept: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, package in PACKAGES.items():
            command = ["npm", "pack", package, "--silent", "--pack-destination", scratch]
            packed = subprocess.run(command, check=True, capture_output=True, text=True)
            with tarfile.open(Path(scratch) / packed.stdout.split()[-1]) as archive:
                kept.update(_readable(name, archive))
    part = target.with_suffix(".part")
    part.write_text(json.dumps(kept, sort_keys=True))
    part.replace(target)
    return target


def _readable(package: str, archive: tarfile.TarFile) -> dict[str, dict[str, Any]]:
    drawings, groups = (_member(archive, name) for name in ("icons.json", "metadata.json"))
    wanted = {name for group in _GROUPS for name in groups["categories"][group]}
    kept: dict[str, dict[str, Any]] = {}
    for name in sorted(wanted & set(drawings["icons"])):
        icon = drawings["icons"][name]
        if _SKIPPED.search(name) or not _can_read(icon["body"]):
            continue
        kept[f"{package}/{name}"] = {"body": icon["body"], "side": icon.get("width", drawings["width"])}
    return kept


def _member(archive: tarfile.TarFile, name: str) -> dict[str, Any]:
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise FileNotFoundError(f"{name} is not in {archive.name}")
    return json.loads(member.read())


def _can_read(body: str) -> bool:
    try:
        shapes = read_shapes(body)
        return 1 <= len(shapes) <= _MAX_SHAPES and shapes[0].alpha > _SOLID
    except UnreadableError:
        return False


@lru_cache(maxsize=1)
def _drawings() -> dict[str, dict[str, Any]]:
    path = cache_folder() / "icons.json"
    return json.loads(path.read_text()) if path.exists() else {}


@lru_cache(maxsize=4)
def names(split: str) -> tuple[str, ...]:
    """Icons of a split, decided by name alone, so that both packages' versions fall on the same side."""
    held = split == "held_out"
    return tuple(n for n in _drawings() if (_bucket(n.split("/")[1]) < _HELD_OUT_OF_16) == held)


def _bucket(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % 16


@lru_cache(maxsize=512)
def _shapes(name: str) -> tuple[tuple[Shape, ...], float]:
    icon = _drawings()[name]
    return tuple(read_shapes(icon["body"])), float(icon["side"])


def icon(rng: Generator, split: str, name: str = "") -> Figure:
    """One icon, recoloured and gently bent.

    Raises:
        LookupError: no icons were fetched.
    """
    choices = names(split)
    if not name and not choices:
        raise LookupError("no icons: run python -m models.recipes.studio --fetch")
    name = name or choices[rng.integers(len(choices))]
    shapes, side = _shapes(name)
    unit = skia.Matrix()
    unit.setScale(2 / side, 2 / side)
    unit.postTranslate(-1, -1)
    figure, turned = bent(rng, "icon", shapes, unit)
    words = _COLOUR_WORDS.sub("", name.split("/")[1]).replace("-", " ").strip()
    figure.caption = f"a {{colour}} {words}" if turned or rng.random() < 0.4 else f"a {words}"
    return figure


def bent(rng: Generator, category: str, shapes: tuple[Shape, ...], unit: Any) -> tuple[Figure, bool]:
    """A drawing as a subject, recoloured and gently bent, and whether its hues are not its own any more.

    Args:
        rng: How it is bent and recoloured.
        category: The figure's.
        shapes: Back to front, in the drawing's own coordinates.
        unit: Matrix from there to the unit square.
    """
    figure = Figure(category, "", max_tilt_deg=16, scale=(0.55, 0.92))
    hue, gain = _recolouring(rng)
    bend = rng.normal(0, 0.02, (2, 3)), rng.normal(0, 2.4, (2, 3, 2)), rng.uniform(0, 6.3, (2, 3))
    for shape in shapes:
        path = skia.Path()
        shape.path.transform(unit, path)
        colour = shifted(shape.colour, hue, gain)
        solid = shape.alpha > _SOLID
        figure.fill(warped(path, bend), colour, solid=solid, alpha=1.0 if solid else shape.alpha)
    return figure, hue != 0


def _recolouring(rng: Generator) -> tuple[float, float]:
    """Hue turn and saturation gain: half keep their hue, some are turned a little, some all the way."""
    gain = float(rng.uniform(0.6, 0.95))
    kind = rng.random()
    if kind < 0.5:
        return 0.0, gain
    return (float(rng.normal(0, 0.06)) if kind < 0.75 else float(rng.uniform(0, 1))), gain * 0.9
