# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheets for people: what the studio can do, side by side."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from models.recipes.studio.clipart import render_clipart
from models.recipes.studio.fields import Floats
from models.recipes.studio.hands import EXACT
from models.recipes.studio.individuals import Effect, Individual, attributes_of, render_individual
from models.recipes.studio.line_styles import STYLES, draw_in_style
from models.recipes.studio.raster import Pixels
from models.recipes.studio.sample import Sample, render
from models.recipes.studio.scene_truth import render_scene_truth
from models.recipes.studio.sketching import KINDS, sketch_by_hand
from models.recipes.studio.subjects import SUBJECTS

_BLUE, _RED = (20, 40, 200), (200, 20, 30)
_OBJECTS = ((200, 70, 60), (60, 140, 70), (60, 90, 200), (170, 130, 20))


def overlay(sample: Sample) -> Pixels:
    """Colour strokes on a pale picture, contour in blue, detail in red: (H, W, 3)."""
    paper = 255 - (255 - sample.image.astype(np.float64)) * 0.12
    drawn = sample.colours[..., 3:] / 255
    paper = paper * (1 - drawn) + sample.colours[..., :3] * drawn
    return _inked(_inked(paper, sample.contour, _BLUE), sample.detail, _RED).astype(np.uint8)


def sample_sheet(samples: list[Sample], columns: int) -> Pixels:
    """Pairs of picture and overlay."""
    return tiled([np.concatenate([s.image, overlay(s)], axis=1) for s in samples], columns)


def tiled(pictures: list[Pixels], columns: int) -> Pixels:
    """Equal pictures (H, W, 3) in rows, white where the last row ends."""
    pictures = pictures + [np.full_like(pictures[0], 255)] * (-len(pictures) % columns)
    rows = [np.concatenate(pictures[i : i + columns], axis=1) for i in range(0, len(pictures), columns)]
    return np.concatenate(rows)


def styles_sheet(seed: int, size: int) -> Pixels:
    """Four subjects, each in every style, one row per style."""
    samples = [_exact(seed, size, name) for name in ("teapot", "cat", "house", "face")]
    return tiled([_drawn(*draw_in_style(s, style, seed)) for style in STYLES for s in samples], len(samples))


def hands_sheet(seed: int, size: int) -> Pixels:
    """One row per kind, its strength growing from left to right."""
    sample = _exact(seed, size, "teapot")
    strengths = (0.0, 0.35, 0.7, 1.0)
    return tiled([_drawn(*sketch_by_hand(sample, seed, (kind, s))) for kind in KINDS for s in strengths], 4)


def individuals_sheet(seed: int, size: int) -> Pixels:
    """One row per subject: itself, with a changed shape, detail and colour, and two other views."""
    pictures: list[Pixels] = []
    for name in SUBJECTS:
        one, rng = Individual(name, seed), np.random.default_rng(seed)
        edits = [_edited(one, rng, effect) for effect in ("shape", "detail", "colour")]
        pictures += [render_individual(i, size, pose=seed, background=seed).image for i in (one, *edits)]
        pictures += [
            render_individual(one, size, pose=seed + k, background=seed + k, light=k).image for k in (1, 2)
        ]
    return tiled(pictures, 6)


def _edited(one: Individual, rng: Generator, effect: Effect) -> Individual:
    """The individual with that changed, or itself where nothing can, such as the details of a fir."""
    try:
        return one.changed(rng, effect)
    except LookupError:
        return one


def scenes_sheet(seed: int, size: int) -> Pixels:
    """Scenes, each beside its objects in colours of their own."""
    pairs: list[Pixels] = []
    for scene in (render_scene_truth(seed + k, size) for k in range(12)):
        paper = np.full((size, size, 3), 255.0)
        for one, colour in zip(scene.objects, _OBJECTS, strict=False):
            paper = _inked(paper, one.mask // 5, colour)
            paper = _inked(paper, np.maximum(one.contour, one.detail), colour)
        pairs.append(np.concatenate([scene.image, paper.astype(np.uint8)], axis=1))
    return tiled(pairs, 3)


def clipart_sheet(seed: int, size: int) -> Pixels:
    """Samples from clip art, if it was fetched."""
    return sample_sheet([render_clipart(seed + k, size) for k in range(24)], 4)


SHEETS: dict[str, Callable[[int, int], Pixels]] = {
    "styles": styles_sheet,
    "hands": hands_sheet,
    "individuals": individuals_sheet,
    "scenes": scenes_sheet,
    "clipart": clipart_sheet,
}


def subjects_table() -> str:
    """Every subject with the attributes that its individuals can have, as Markdown."""
    rows = ["| subject | attributes | |", "|---|---|---|"]
    for name in SUBJECTS:
        found = attributes_of(name)
        rows.append(f"| {name} | {len(found)} | {', '.join(sorted(found))} |")
    return "\n".join(rows)


def _exact(seed: int, size: int, category: str) -> Sample:
    return render(seed, size, category=category, hand=EXACT)


def _drawn(contour: Pixels, detail: Pixels) -> Pixels:
    paper = np.full((*contour.shape, 3), 255.0)
    return _inked(_inked(paper, contour, (0, 0, 0)), detail, (0, 0, 0)).astype(np.uint8)


def _inked(paper: Floats, ink: Pixels, colour: tuple[int, int, int]) -> Floats:
    cover = ink[..., None] / 255
    return paper * (1 - cover) + np.array(colour) * cover
