# SPDX-License-Identifier: GPL-3.0-or-later
"""Several subjects in one picture, and the truth about each: what shows of it, lines, words, box."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.backgrounds import on_surface, paint_background, surface
from models.recipes.studio.hands import EXACT, Hand, draw
from models.recipes.studio.lines import Lines, contour_lines, detail_lines, where_free
from models.recipes.studio.painting import Light, Placed, paint_figure, random_light
from models.recipes.studio.raster import Pixels, skia
from models.recipes.studio.scene import Split, blend, cast_shadow, coloured, over, with_words
from models.recipes.studio.shapes import Figure, Points
from models.recipes.studio.subjects import SUBJECTS
from models.recipes.studio.traits import Drawn
from models.recipes.studio.wording import with_articles

_STREAM = {"train": 8, "held_out": 9}
_MOST_HIDDEN = 0.45  # of an object, by those before it; more and it stays away
_LEAST_SHARE = 0.006  # of the picture that must show of an object
_MAX_OWNER = 255
_ALONE = frozenset({"face"})  # cropped by the picture's edge, so they would stand in front of everything


@dataclass(frozen=True)
class ObjectTruth:
    """One object as it shows.

    mask: (H, W) the visible part, 0 or 255. contour: around it, also where another object cuts it off.
    detail: inside it; both (H, W) ink, 255 on 0. box: x, y, width, height of the mask in pixels.
    """

    mask: Pixels
    contour: Pixels
    detail: Pixels
    lines: Lines
    caption: str
    category: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class SceneTruth:
    """A picture (H, W, 3), the canvas before its objects came, the mask of all, and each, front to back."""

    image: Pixels
    before: Pixels
    mask: Pixels
    objects: tuple[ObjectTruth, ...]
    caption: str


@dataclass(frozen=True)
class _Standing:
    """An object on the canvas; ids hold what shows of it, 0 elsewhere."""

    figure: Figure
    placed: Placed
    caption: str


def render_scene_truth(
    seed: int, size: int = 256, split: Split = "train", *, count: int | None = None, hand: Hand = EXACT
) -> SceneTruth:
    """Paint a scene of two to four objects that overlap a little, and tell them apart.

    Args:
        seed: Not negative; the same seed, size and split give the same scene.
        size: Side in pixels.
        split: "held_out" never shares an individual with "train".
        count: How many objects to try; one that would hardly show is left out. None draws two to four.
        hand: How the lines are drawn; exactly unless one is given.

    Raises:
        ValueError: seed < 0, size < 32 or count < 1.
    """
    if seed < 0 or size < 32 or (count is not None and count < 1):
        raise ValueError(f"seed {seed} must be >= 0, size {size} >= 32 and count {count} >= 1")
    rng = np.random.default_rng([seed, _STREAM[split]])
    light = random_light(rng)
    standing = _arrange(rng, size, light, int(rng.integers(2, 5)) if count is None else count)
    ground, places = paint_background(rng, size)
    field = surface(rng, size)
    before = on_surface(ground[..., :3], field)
    layer = _painted(ground, standing, light)
    image = on_surface(over(layer, ground), field)
    objects = tuple(_truth(rng, one, image, hand) for one in standing)
    whole = np.maximum.reduce([one.mask for one in objects])
    caption = with_words(rng, _listed([one.caption for one in objects]), places[0])
    return SceneTruth(image, before, whole, objects, caption)


def _arrange(rng: Generator, size: int, light: Light, count: int) -> list[_Standing]:
    """Objects from the front to the back, those behind higher up and smaller."""
    names = [name for name in SUBJECTS if name not in _ALONE]
    middles = (rng.permutation(count) + 0.5 + rng.uniform(-0.25, 0.25, count)) / count
    taken = np.zeros((size, size), np.bool_)
    standing: list[_Standing] = []
    owners = 0
    for depth in range(count):
        figure = SUBJECTS[names[int(rng.integers(len(names)))]](Drawn(rng))
        place = _place(rng, figure, size, float(middles[depth]), depth / max(1, count - 1), count)
        placed = paint_figure(figure, place, light, size)
        shown = _uncovered(placed, taken)
        if _hardly_shows(placed.ids, shown.ids) or owners + int(placed.ids.max()) > _MAX_OWNER:
            continue
        owners += int(placed.ids.max())
        taken |= placed.ids > 0
        standing.append(_Standing(figure, shown, coloured(figure.caption, placed)))
    return standing


def _place(rng: Generator, figure: Figure, size: int, middle: float, back: float, count: int) -> object:
    """Where an object of that depth (0 front, 1 back) stands: unit square to pixels."""
    scale = float(rng.uniform(0.5, 0.62)) * (1.25 - 0.12 * count) * (1 - 0.25 * back) * size / 2
    foot = (0.9 - 0.26 * back + float(rng.uniform(-0.04, 0.04))) * size
    y = foot - scale * 0.9 if figure.stands else foot - scale * 1.2
    matrix = skia.Matrix()
    flip = -1.0 if figure.may_flip and rng.random() < 0.5 else 1.0
    matrix.setScale(flip * scale, scale)
    matrix.postRotate(float(rng.normal(0, figure.max_tilt_deg / 3)))
    matrix.postTranslate(float(np.clip(middle * size, scale * 0.8, size - scale * 0.8)), max(y, scale * 0.9))
    return matrix


def _uncovered(placed: Placed, taken: NDArray[np.bool_]) -> Placed:
    """What shows of an object behind others."""
    ids = np.where(taken, 0, placed.ids).astype(np.uint8)
    return replace(
        placed, ids=ids, strokes=[run for line in placed.strokes for run in where_free(line, ~taken)]
    )


def _hardly_shows(whole: Pixels, shown: Pixels) -> bool:
    area, seen = int(np.count_nonzero(whole)), int(np.count_nonzero(shown))
    return seen < max(_LEAST_SHARE * whole.size, (1 - _MOST_HIDDEN) * area)


def _painted(ground: Pixels, standing: list[_Standing], light: Light) -> Pixels:
    """All objects as one premultiplied layer; their shadows fall on the ground, those behind first."""
    layer = np.zeros_like(ground)
    for one in reversed(standing):
        if one.figure.stands:
            cast_shadow(ground, one.placed, light)
        layer = blend(one.placed.layer, layer)
    return layer


def _truth(rng: Generator, one: _Standing, image: Pixels, hand: Hand) -> ObjectTruth:
    ids, size = one.placed.ids, len(image)
    outer: list[Points] = contour_lines(ids)
    inner = detail_lines(ids, image) + one.placed.strokes
    rows, columns = np.nonzero(ids)
    x, y = int(columns.min()), int(rows.min())
    return ObjectTruth(
        mask=np.where(ids > 0, 255, 0).astype(np.uint8),
        contour=draw(rng, outer, hand, size),
        detail=draw(rng, inner, hand, size),
        lines=Lines(tuple(outer), tuple(inner), size),
        caption=with_articles(one.caption),
        category=one.figure.category,
        box=(x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1),
    )


def _listed(captions: list[str]) -> str:
    return captions[0] if len(captions) == 1 else f"{', '.join(captions[:-1])} and {captions[-1]}"
