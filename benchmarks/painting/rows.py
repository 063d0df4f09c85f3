# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""The ways to paint that stand beside each other in the quality tables: ours, its parts, and free ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from backend.acts.complete.complete import complete
from backend.acts.report import Quiet
from backend.imaging import colour_strokes
from backend.weights.files.catalogue import read_catalogue
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.families import load_folder
from benchmarks.held_out import EDGE_PX, GUIDES, Guide, Image8, Task, input_of, laid_over, painted
from benchmarks.rulers.enclosed import enclosed_parts
from models.networks.completion import CompletionNet
from models.networks.line_fill import fill_to_lines
from models.recipes.studio import render
from shared.errors import BadRequest

Way = Callable[[Task], Image8]
"""The picture with what was painted, (H,W,3)."""

FLAT, INSTANT, BARE, PAINT, STUDENT = "flat", "instant", "bare", "paint", "student"
TRUE, DRAWING, PASTED, WITHOUT = "true", "drawing", "pasted", "without_"
TITLES = {
    DRAWING: "the drawing itself",
    FLAT: "flat fill and lines",
    PASTED: "nearest training picture",
    INSTANT: "instant engine",
    BARE: "bare network",
    STUDENT: "paint, quick",
    PAINT: "paint",
    TRUE: "true picture",
    **{WITHOUT + guide: f"paint without {guide}" for guide in GUIDES},
}
"""Names of the rows for people, in the order of the tables."""

OTHER = "family_"
"""Before the folder's name, where another family's weights are measured on the same pictures."""

REMEMBERED = 256
"""Training pictures among which the nearest is looked for, by the words of their captions."""


def ways(model: BaseModel, network: CompletionNet, others: Mapping[str, BaseModel]) -> dict[str, Way]:
    """By row: every way to paint a task.

    Args:
        others: Families to be measured beside the shipped one, by their rows' names.
    """

    def instant(task: Task) -> Image8:
        return laid_over(task, complete(network, input_of(task), Quiet()))

    def by(family: BaseModel) -> Way:
        return lambda task: painted(family, task)

    def lacking(guide: Guide) -> Way:
        return lambda task: painted(model, task.lacking(guide))

    found: dict[str, Way] = {FLAT: flat_fill, PASTED: pasted, DRAWING: drawn, INSTANT: instant}
    found |= {BARE: lambda task: bare(model, task), PAINT: by(model), TRUE: lambda task: task.sample.image}
    found[STUDENT] = lambda task: painted(model, task.hurried())
    found |= {WITHOUT + guide: lacking(guide) for guide in GUIDES}
    return found | {name: by(family) for name, family in others.items()}


def drawn(task: Task) -> Image8:
    """The lines in black over the picture, nothing painted."""
    ink = np.maximum(task.sample.contour, task.sample.detail)[..., None] / 255
    return np.rint(task.sample.image * (1 - ink)).astype(np.uint8)


def flat_fill(task: Task) -> Image8:
    """No network: every area in its dab's mean colour, the lines in black over it."""
    sample, size = task.sample, task.region.shape[0]
    nothing = np.zeros((size, size), np.uint8)
    contour = nothing if "contour" in task.without else sample.contour
    detail = nothing if "detail" in task.without else sample.detail
    dabs = nothing if "colour" in task.without else sample.colours[..., 3]
    ink = np.maximum(contour, detail)
    inside = task.region > 0
    if task.scope != "selection":
        inside = inside & ((enclosed_parts(contour) > 0) | (ink > 0))
    weight = np.where(inside, dabs, 255)
    colour = np.where(inside[..., None], sample.colours[..., :3], sample.image)
    filled = fill_to_lines(_plane(colour), _plane(weight), _plane(ink), _plane(np.where(inside, 0, 255)))
    made = filled[0].permute(1, 2, 0).numpy() if weight.any() else np.ones_like(colour, np.float32)
    lined = made * (1 - ink[..., None] / 255)
    return np.where(inside[..., None], np.rint(lined * 255), sample.image).astype(np.uint8)


def _plane(pixels: np.ndarray) -> Tensor:
    """(1,C,H,W) in [0, 1]."""
    deep = pixels if pixels.ndim == 3 else pixels[..., None]
    return torch.as_tensor(np.ascontiguousarray(deep)).permute(2, 0, 1)[None].float() / 255


def bare(model: BaseModel, task: Task) -> Image8:
    """What the act paints without its colour step."""
    with without_colour_step():
        return painted(model, task)


@contextmanager
def without_colour_step() -> Generator[None]:
    """The acts leave a picture's colours as the network painted them, until this ends."""
    obeyed = colour_strokes.obeyed

    def left(picture: Tensor, *_: object, **__: object) -> Tensor:
        return picture

    colour_strokes.obeyed = left
    try:
        yield
    finally:
        colour_strokes.obeyed = obeyed


def pasted(task: Task) -> Image8:
    """The training picture whose caption shares most of its words with this one's."""
    wanted = _words(task.sample.caption)
    captions = _remembered()
    nearest = max(captions, key=lambda seed: _likeness(wanted, captions[seed]))
    return render(nearest, EDGE_PX).image


@cache
def _remembered() -> dict[int, frozenset[str]]:
    """The words of training pictures, by seed."""
    return {seed: _words(render(seed, 64).caption) for seed in range(REMEMBERED)}


def _words(caption: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", caption.lower()))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words over all words.

    Source: Jaccard 1901.
    """
    return len(one & other) / max(1, len(one | other))


def other_family(folder: Path) -> tuple[str, BaseModel]:
    """The row's name and the family in a folder, which is laid out and set as the embedded one.

    Raises:
        BadRequest: there is no such folder.
        MissingWeights: a file is missing or does not fit.
    """
    if not (folder / "model_index.json").is_file():
        raise BadRequest(f"{folder} holds no family.", "Name a folder in diffusers layout.")
    listed = read_catalogue()["embedded"]
    return OTHER + folder.resolve().name, load_folder(replace(listed, folder=folder, title=folder.name))
