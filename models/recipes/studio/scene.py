# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects on a background: who comes, where they stand, and the words for it."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import Generator

from models.recipes.studio.backgrounds import on_surface, paint_background, surface
from models.recipes.studio.icons import icon
from models.recipes.studio.icons import names as icon_names
from models.recipes.studio.lines import where_free
from models.recipes.studio.materials import decorate
from models.recipes.studio.painting import Light, Placed, paint_figure, placement, random_light
from models.recipes.studio.palette import nearest_name
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.shapes import Figure, Points
from models.recipes.studio.subjects import SUBJECTS
from models.recipes.studio.traits import Drawn
from models.recipes.studio.wording import Spoken, spoken, ways_to_say, with_articles

Split = Literal["train", "held_out"]
_ICON_SHARE = 0.45
_COMPANY_SHARE = 0.15
_MAX_OWNER = 255


@dataclass(frozen=True)
class Scene:
    """A painted picture (H, W, 3), the same canvas before its subjects came, and where they are.

    ids: (H, W), 0 where no subject is. strokes: visible fine lines, (n, 2) pixels each. captions: ways to say
    what it shows, the usual one first.
    """

    image: Pixels
    before: Pixels
    ids: Pixels
    strokes: list[Points]
    captions: tuple[str, ...]
    category: str

    @property
    def caption(self) -> str:
        """The usual caption."""
        return self.captions[0]


def paint_scene(
    rng: Generator, size: int, split: Split, *, category: str = "", backgrounds: tuple[str, ...] = ()
) -> Scene:
    """Paint one subject, sometimes two, on a background; arguments as in studio.render."""
    name = category or _choose(rng, split)
    figure = _figure(rng, name, split)
    light = random_light(rng)
    placed = paint_figure(figure, placement(rng, figure, size), light, size)
    ground, places = paint_background(rng, size, backgrounds)
    field = surface(rng, size)
    before = on_surface(ground[..., :3], field)
    caption = coloured(figure.caption, placed)
    things = [_spoken(figure, placed)]
    if figure.stands:
        cast_shadow(ground, placed, light)
    if not category and rng.random() < _COMPANY_SHARE:
        other = _figure(rng, _choose(rng, split, faces=False), split)
        behind = paint_figure(other, _beside(rng, placed, size), light, size)
        if other.stands:
            cast_shadow(ground, behind, light)
        placed, joined = _together(placed, behind)
        if joined:
            caption = f"{caption} and {coloured(other.caption, behind)}"
            things.append(_spoken(other, behind))
    image = on_surface(over(placed.layer, ground), field)
    captions = _captions(rng, with_words(rng, caption, places[0]), things, places)
    return Scene(image, before, placed.ids, placed.strokes, captions, name)


def paint_subject(rng: Generator, figure: Figure, size: int) -> Scene:
    """Paint one given subject by itself, in any place, light and background."""
    light = random_light(rng)
    return stage(rng, figure, paint_figure(figure, placement(rng, figure, size), light, size), light)


def stage(rng: Generator, figure: Figure, placed: Placed, light: Light) -> Scene:
    """A placed subject on a background."""
    size = len(placed.ids)
    ground, places = paint_background(rng, size)
    field = surface(rng, size)
    before = on_surface(ground[..., :3], field)
    if figure.stands:
        cast_shadow(ground, placed, light)
    image = on_surface(over(placed.layer, ground), field)
    caption = with_words(rng, coloured(figure.caption, placed), places[0])
    captions = _captions(rng, caption, [_spoken(figure, placed)], places)
    return Scene(image, before, placed.ids, placed.strokes, captions, figure.category)


def _spoken(figure: Figure, placed: Placed) -> Spoken:
    share = float((placed.ids > 0).mean())
    return spoken(coloured(figure.caption, placed), figure.category, share)


def _captions(rng: Generator, usual: str, things: list[Spoken], places: tuple[str, ...]) -> tuple[str, ...]:
    """The usual caption and others, drawn aside so that pictures stay what they were."""
    others = ways_to_say(rng.spawn(1)[0], things, [place for place in places if place])
    return usual, *others


def _figure(rng: Generator, name: str, split: Split) -> Figure:
    figure = icon(rng, split) if name == "icon" else SUBJECTS[name](Drawn(rng))
    decorate(rng, figure)
    return figure


def _choose(rng: Generator, split: Split, *, faces: bool = True) -> str:
    """Icons if they were fetched; else our own subjects, faces three times as often as any other."""
    if icon_names(split) and rng.random() < _ICON_SHARE:
        return "icon"
    own = tuple(name for name in SUBJECTS if faces or name != "face")
    weights = np.array([3.0 if name == "face" else 1.0 for name in own])
    return own[rng.choice(len(own), p=weights / weights.sum())]


def _beside(rng: Generator, placed: Placed, size: int) -> Any:
    """A smaller place, left or right of the subject, where there is more room."""
    columns = np.flatnonzero((placed.ids > 0).any(axis=0))
    left, right = (float(columns.min()), float(columns.max())) if len(columns) else (size / 2, size / 2)
    scale = rng.uniform(0.26, 0.4) * size / 2
    x = left - 0.7 * scale if left > size - right else right + 0.7 * scale
    matrix = skia.Matrix()
    matrix.setScale(scale if rng.random() < 0.5 else -scale, scale)
    matrix.postTranslate(
        float(np.clip(x, scale, size - scale)), rng.uniform(0.5, 1) * (size - 2 * scale) + scale
    )
    return matrix


def _together(front: Placed, back: Placed) -> tuple[Placed, bool]:
    """Both subjects as one placing, and whether the one behind shows at all."""
    offset = int(front.ids.max())
    shown = (front.ids == 0) & (back.ids > 0)
    if shown.mean() < 0.01 or offset + int(back.ids.max()) > _MAX_OWNER:
        return front, False
    ids = np.where(shown, back.ids + np.uint8(offset), front.ids).astype(np.uint8)
    strokes = [run for line in back.strokes for run in where_free(line, front.ids == 0)]
    return Placed(blend(front.layer, back.layer), ids, strokes + front.strokes), True


def with_words(rng: Generator, caption: str, words: str) -> str:
    """The caption as someone would say it, now and then with the words for the background."""
    lead = ("", "", "a painting of ", "an illustration of ")[rng.integers(4)]
    whole = f"{lead}{caption} {words}".strip() if rng.random() < 0.7 else f"{lead}{caption}"
    return with_articles(whole)


def coloured(caption: str, placed: Placed) -> str:
    """Put the word for the largest visible part's colour where the caption asks for it."""
    if "{colour}" not in caption:
        return caption
    counts = np.bincount(placed.ids[placed.ids > 0], minlength=2)
    part = placed.layer[placed.ids == counts.argmax()]
    return caption.format(colour=nearest_name(np.median(part[:, :3], axis=0).astype(np.uint8)))


def over(layer: Pixels, ground: Pixels) -> Pixels:
    """Premultiplied layer over an opaque ground: (H, W, 3)."""
    return blend(layer, ground)[..., :3]


def blend(front: Pixels, back: Pixels) -> Pixels:
    """Premultiplied over premultiplied: (H, W, 4)."""
    free = 255 - front[..., 3:].astype(np.uint16)
    return (front + (back * free + 127) // 255).clip(0, 255).astype(np.uint8)


def cast_shadow(ground: Pixels, placed: Placed, light: Light) -> None:
    """A soft shadow on what lies behind, at the subject's foot, away from the light."""
    size = ground.shape[0]
    rows, columns = np.nonzero(placed.ids)
    if not len(rows):
        return
    left, right, bottom = float(columns.min()), float(columns.max()), float(rows.max())
    width = right - left
    paint = skia.Paint(
        Color4f=skia.Color4f(0.10, 0.07, 0.20, 0.35 * light.strength),
        AntiAlias=True,
        MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, size * 0.018),
    )
    x = left - light.x * width * 0.22
    oval = skia.Rect.MakeLTRB(x, bottom - width * 0.08, x + width, bottom + width * 0.07)
    surface_on(ground).getCanvas().drawOval(oval, paint)
