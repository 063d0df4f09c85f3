# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist sets: kept for the program in a JSON file and for each document in its annotation."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from ..wire import acts, ink
from .canvas import Canvas

ANNOTATION = "underdrawing.state"
IN_DOCUMENT = (
    "prompt",
    "negative_prompt",
    "contour",
    "detail",
    "colour",
    "seed",
    "random_seed",
    "grow_px",
    "feather_px",
    "region",
    "match_grain",
    "shadow",
)
"""Settings that travel with a picture; the others belong to the program."""

LIMITS: dict[str, tuple[float, float]] = {
    "contour": (0, 2),
    "detail": (0, 2),
    "colour": (0, 2),
    "steps": (0, 150),
    "guidance": (0, 30),
    "seed": (0, 2**32 - 1),
    "grow_px": (0, 1024),
    "feather_px": (0, 1024),
    "line_weight": (0, ink.LARGEST_WEIGHT),
    "line_threshold": (0, ink.LARGEST_THRESHOLD),
    "learn_minutes": (0, 24 * 60),
}
SOURCES = ("layer", "picture")
"""What lines are extracted from: the active layer, or all that is seen but the strokes."""

REGIONS = ("lines", "selection")
"""What is painted of a selection: what lines enclose in it and what stands alone, or all of it."""

CHOICES: dict[str, tuple[str, ...]] = {
    "region": REGIONS,
    "line_source": SOURCES,
    "live_engine": ("instant", "quick"),
    "live_place": ("canvas", "panel"),
}
"""Settings that are one of a few words."""

MAX_TEXT = 2000


@dataclass(frozen=True)
class Settings:
    """
    Args:
        contour, detail, colour: Strengths, 0 to 2.
        steps, guidance: 0 for the family's own default.
        quick: Paint in a few steps, where the model can.
        random_seed: Draw a new seed for every painting; `seed` then holds the last one.
        grow_px, feather_px: The mask's border is moved out and softened by this much, in canvas pixels; not
            what is painted inside lines.
        region: One of REGIONS.
        match_grain, shadow: See PaintRequest.
        line_source: One of SOURCES.
        line_style: Id of a learnt line; empty for the general one.
        line_clean: Have the backend clean the lines.
        line_weight, line_threshold: See `ink.alpha_table`.
        learn_minutes: How long a line is learnt at most.
        live_engine: What answers each stroke: the completion network or the few-step student.
        live_place: Where its answer is shown.
    """

    prompt: str = ""
    negative_prompt: str = ""
    contour: float = 1.0
    detail: float = 1.0
    colour: float = 1.0
    steps: int = 0
    guidance: float = 0.0
    seed: int = 0
    random_seed: bool = True
    family: str = "embedded"
    grow_px: int = 0
    feather_px: int = 4
    quick: bool = False
    region: str = "lines"
    match_grain: bool = True
    shadow: bool = False
    line_source: str = "layer"
    line_style: str = ""
    line_clean: bool = False
    line_weight: float = 1.0
    line_threshold: float = 0.0
    learn_minutes: float = 10.0
    live_engine: str = "instant"
    live_place: str = "canvas"

    def changed(self, **values: Any) -> Settings:
        """A copy with these values.

        Raises:
            ValueError: a name, type or range that does not fit.
        """
        for name, value in values.items():
            _check(name, value)
        return replace(self, **values)

    @property
    def strengths(self) -> acts.Strengths:
        return acts.Strengths(self.contour, self.detail, self.colour)

    def margin(self) -> int:
        """How far beyond the mask the painting may reach, in canvas pixels."""
        return self.grow_px + self.feather_px


_TYPES: dict[str, type] = {f.name: type(f.default) for f in fields(Settings)}


def _check(name: str, value: object) -> None:
    kind = _TYPES.get(name)
    if kind is None:
        raise ValueError(f"no setting is called {name!r}")
    fits = isinstance(value, (int, float) if kind is float else kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name}: expected {kind.__name__}, got {type(value).__name__}")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueError(f"{name}: {len(value)} characters, at most {MAX_TEXT} fit")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(CHOICES[name])}")
    if name in LIMITS and isinstance(value, (int, float)):
        low, high = LIMITS[name]
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"{name}: {value} is not within {low:g} to {high:g}")


def from_json(text: bytes, base: Settings, names: tuple[str, ...] | None = None) -> Settings:
    """`base` with what the text says.

    Values that do not fit are left out: a newer version of the program may have written them.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return base
    if not isinstance(found, dict):
        return base
    for name, value in cast("dict[str, Any]", found).items():
        if names is None or name in names:
            try:
                base = base.changed(**{name: value})
            except ValueError:
                continue
    return base


def load(path: Path) -> Settings:
    """The program's settings; the defaults where there is no readable file."""
    try:
        return from_json(path.read_bytes(), Settings())
    except OSError:
        return Settings()


def save(path: Path, settings: Settings) -> None:
    """
    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(settings), indent=1), "utf-8")
    fresh.replace(path)


def read_document(canvas: Canvas, base: Settings) -> Settings:
    """`base` with what the document itself remembers; a new one begins without words, inside lines."""
    fresh = base.changed(prompt="", negative_prompt="", region=REGIONS[0])
    return from_json(canvas.annotation(ANNOTATION) or b"{}", fresh, IN_DOCUMENT)


def write_document(canvas: Canvas, settings: Settings) -> None:
    """Remember in the document, which counts as modified only where something changed."""
    state = {name: value for name, value in asdict(settings).items() if name in IN_DOCUMENT}
    text = json.dumps(state, sort_keys=True).encode()
    if canvas.annotation(ANNOTATION) != text:
        canvas.set_annotation(ANNOTATION, text)
