# SPDX-License-Identifier: GPL-3.0-or-later
"""One training sample from one seed."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from models.recipes.studio.backgrounds import on_surface, paint_background, surface
from models.recipes.studio.colouring import colour_strokes
from models.recipes.studio.hands import Hand, draw, random_hand
from models.recipes.studio.icons import icon
from models.recipes.studio.icons import names as icon_names
from models.recipes.studio.lines import contour_lines, detail_lines
from models.recipes.studio.painting import Light, Placed, paint_figure, placement, random_light
from models.recipes.studio.palette import nearest_name
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.subjects import SUBJECTS

Split = Literal["train", "held_out"]
CATEGORIES: tuple[str, ...] = (*SUBJECTS, "icon")
_ICON_SHARE = 0.45
_STREAM = {"train": 1, "held_out": 2}


@dataclass(frozen=True)
class Sample:
    """A picture and the truth about it; all rasters share height and width.

    image: (H, W, 3) RGB. mask: (H, W) silhouette, 0 or 255. contour, detail: (H, W) ink, 255 on 0.
    colours: (H, W, 4) RGB and coverage; undrawn pixels are (128, 128, 128, 0).
    """

    image: Pixels
    mask: Pixels
    contour: Pixels
    detail: Pixels
    colours: Pixels
    caption: str
    category: str


@dataclass(frozen=True)
class Scene:
    """A painted picture (H, W, 3), the same canvas before its subject came, and the subject's placing."""

    image: Pixels
    before: Pixels
    placed: Placed
    caption: str
    category: str


def render(
    seed: int, size: int = 256, split: Split = "train", *, category: str = "", hand: Hand | None = None
) -> Sample:
    """Make the sample of that seed; what a seed shows depends on whether icons were fetched.

    Args:
        seed: Not negative; the same seed, size and split give the same sample.
        size: Side in pixels.
        split: "held_out" never shares an individual with "train".
        category: One of CATEGORIES, or "" for any.
        hand: How the lines are drawn; None draws from the usual mix.

    Raises:
        KeyError: unknown category or split.
        LookupError: category "icon" before icons were fetched.
        ValueError: seed < 0 or size < 32.
    """
    if seed < 0 or size < 32:
        raise ValueError(f"seed {seed} must be >= 0 and size {size} >= 32")
    rng = np.random.default_rng([seed, _STREAM[split]])
    return draw_sample(rng, paint_scene(rng, size, split, category=category), hand or random_hand(rng))


def paint_scene(
    rng: Generator, size: int, split: Split, *, category: str = "", backgrounds: tuple[str, ...] = ()
) -> Scene:
    """Paint a subject on a background; arguments as in render."""
    name = category or _choose(rng, split)
    figure = icon(rng, split) if name == "icon" else SUBJECTS[name](rng)
    light = random_light(rng)
    placed = paint_figure(figure, placement(rng, figure, size), light, size)
    ground, words = paint_background(rng, size, backgrounds)
    field = surface(rng, size)
    before = on_surface(ground[..., :3], field)
    if figure.stands:
        _cast_shadow(ground, placed, light)
    image = on_surface(_over(placed.layer, ground), field)
    caption = _coloured(figure.caption, image, placed)
    return Scene(image, before, placed, _caption(rng, caption, words), name)


def draw_sample(rng: Generator, scene: Scene, hand: Hand, strokes: int | None = None) -> Sample:
    """The scene with lines and colour strokes (so many, or a usual number) drawn by that hand."""
    ids, size = scene.placed.ids, scene.image.shape[0]
    inner = detail_lines(ids, scene.image) + scene.placed.strokes
    return Sample(
        image=scene.image,
        mask=np.where(ids > 0, 255, 0).astype(np.uint8),
        contour=draw(rng, contour_lines(ids), hand, size),
        detail=draw(rng, inner, hand, size),
        colours=colour_strokes(rng, scene.image, ids, strokes),
        caption=scene.caption,
        category=scene.category,
    )


def _choose(rng: Generator, split: Split) -> str:
    """Icons if they were fetched; else our own subjects, faces three times as often as any other."""
    if icon_names(split) and rng.random() < _ICON_SHARE:
        return "icon"
    own = tuple(SUBJECTS)
    weights = np.array([3.0 if name == "face" else 1.0 for name in own])
    return own[rng.choice(len(own), p=weights / weights.sum())]


def _caption(rng: Generator, caption: str, words: str) -> str:
    lead = ("", "", "a painting of ", "an illustration of ")[rng.integers(4)]
    whole = f"{lead}{caption} {words}".strip() if rng.random() < 0.7 else f"{lead}{caption}"
    return re.sub(r"\ba (?=[aeiou])", "an ", whole)


def _coloured(caption: str, image: Pixels, placed: Placed) -> str:
    """Put the word for the largest visible part's colour where the caption asks for it."""
    if "{colour}" not in caption:
        return caption
    counts = np.bincount(placed.ids[placed.ids > 0], minlength=2)
    part = image[placed.ids == counts.argmax()]
    return caption.format(colour=nearest_name(np.median(part, axis=0).astype(np.uint8)))


def _over(layer: Pixels, ground: Pixels) -> Pixels:
    """Premultiplied layer over an opaque ground: (H, W, 3)."""
    cover = layer[..., 3:].astype(np.uint16)
    return (layer[..., :3] + (ground[..., :3] * (255 - cover) + 127) // 255).clip(0, 255).astype(np.uint8)


def _cast_shadow(ground: Pixels, placed: Placed, light: Light) -> None:
    """A soft shadow of the silhouette on what lies behind, away from the light."""
    size = ground.shape[0]
    rows, columns = np.nonzero(placed.ids)
    if not len(rows):
        return
    left, right, bottom = float(columns.min()), float(columns.max()), float(rows.max())
    width = right - left
    canvas = surface_on(ground).getCanvas()
    paint = skia.Paint(
        Color4f=skia.Color4f(0.10, 0.07, 0.20, 0.35 * light.strength),
        AntiAlias=True,
        MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, size * 0.018),
    )
    x = left - light.x * width * 0.22
    canvas.drawOval(skia.Rect.MakeLTRB(x, bottom - width * 0.08, x + width, bottom + width * 0.07), paint)
