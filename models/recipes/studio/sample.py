# SPDX-License-Identifier: GPL-3.0-or-later
"""One training sample from one seed."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from models.recipes.studio.colouring import colour_strokes
from models.recipes.studio.hands import Hand, draw, random_hand
from models.recipes.studio.haste import hastily
from models.recipes.studio.lines import Lines, contour_lines, detail_lines
from models.recipes.studio.raster import Pixels
from models.recipes.studio.scene import Scene, Split, paint_scene
from models.recipes.studio.spreading import paint_single_strokes, spread
from models.recipes.studio.subjects import SUBJECTS

CATEGORIES: tuple[str, ...] = (*SUBJECTS, "icon")
SPREAD_SHARE = 0.5
"""How often dabs are spread over the areas that lines enclose."""

_STREAM = {"train": 1, "held_out": 2}


@dataclass(frozen=True)
class Sample:
    """A picture and the truth about it; all rasters share height and width.

    image: (H, W, 3) RGB. mask: (H, W) silhouette, 0 or 255. contour, detail: (H, W) ink, 255 on 0.
    colours: (H, W, 4) RGB and coverage; undrawn pixels are (128, 128, 128, 0). lines: the exact ones, which
    contour and detail show by hand. captions: ways to say what it shows, the usual one first.
    """

    image: Pixels
    mask: Pixels
    contour: Pixels
    detail: Pixels
    colours: Pixels
    captions: tuple[str, ...]
    category: str
    lines: Lines

    @property
    def caption(self) -> str:
        """The usual caption."""
        return self.captions[0]


def render(
    seed: int, size: int = 256, split: Split = "train", *, category: str = "", hand: Hand | None = None
) -> Sample:
    """Make the sample of that seed; what a seed shows depends on whether icons were fetched.

    Args:
        seed: Not negative; the same seed, size and split give the same sample.
        size: Side in pixels.
        split: "held_out" never shares an individual with "train".
        category: One of CATEGORIES, or "" for any, now and then with a second subject beside it.
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


def draw_sample(rng: Generator, scene: Scene, hand: Hand, strokes: int | None = None) -> Sample:
    """The scene with lines and colour strokes (so many, or a usual number) drawn by that hand."""
    size = scene.image.shape[0]
    outer, inner = contour_lines(scene.ids), detail_lines(scene.ids, scene.image) + scene.strokes
    lines = drawn = Lines(tuple(outer), tuple(inner), size)
    if hand.haste:
        drawn = hastily(rng, scene.ids > 0, lines, hand.haste)
    contour, detail = (draw(rng, list(part), hand, size) for part in (drawn.contour, drawn.detail))
    colours = colour_strokes(rng, scene.image, scene.ids, strokes)
    if rng.random() < SPREAD_SHARE:
        colours, areas = spread(colours, scene.image, np.maximum(contour, detail), scene.ids > 0)
        singles = (*drawn.contour, *drawn.detail)
        paint_single_strokes(rng, colours, scene.image, singles, areas, hand.width * size / 256)
    return Sample(
        image=scene.image,
        mask=np.where(scene.ids > 0, 255, 0).astype(np.uint8),
        contour=contour,
        detail=detail,
        colours=colours,
        captions=scene.captions,
        category=scene.category,
        lines=lines,
    )
