# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownArgumentType=false
"""Scenes that look like photographs, with exact lines: textured things before each other, studio figures too.

What has an edge for the camera only (texture, shading, shadows, what is out of focus) has no line here.
"""

import colorsys
from typing import Any

import numpy as np
from numpy.random import Generator

from models.recipes.studio.exact_canvas import Canvas, Floats, Look, Photograph, halved
from models.recipes.studio.fields import blurred
from models.recipes.studio.icons import icon
from models.recipes.studio.icons import names as icon_names
from models.recipes.studio.painting import paint_figure, random_light
from models.recipes.studio.raster import skia, surface_on
from models.recipes.studio.scene import Split
from models.recipes.studio.shapes import Figure, blob, ellipse, polygon, ribbon
from models.recipes.studio.subjects import SUBJECTS
from models.recipes.studio.textures import random_surface
from models.recipes.studio.traits import Drawn
from shared.geometry import Bounds

_STREAM = {"train": 12, "held_out": 13}


def render_photographic(seed: int, size: int = 320, split: Split = "train") -> Photograph:
    """Make the scene of that seed; what it shows depends on whether icons were fetched.

    Args:
        seed: Not negative; the same seed, size and split give the same scene.
        size: Side in pixels, at most 512.
        split: "held_out" never shares an individual with "train".

    Raises:
        ValueError: seed < 0, size < 32 or size > 512.
    """
    if seed < 0 or not 32 <= size <= 512:
        raise ValueError(f"seed {seed} must be >= 0 and size {size} between 32 and 512")
    rng = np.random.default_rng([seed, _STREAM[split]])
    canvas, hue = Canvas(size), float(rng.random())
    rough = float(rng.choice([0.0, 0.4, 1.0, 1.6], p=[0.12, 0.23, 0.45, 0.2]))
    _lay_ground(rng, canvas, hue, rough)
    _lay_shapes(rng, canvas, hue, rough, int(rng.choice([0, 2, 6, 14, 30], p=[0.25, 0.2, 0.25, 0.2, 0.1])))
    if rng.random() < 0.3:
        canvas.defocus(float(rng.uniform(0.8, 4.5)))
    if rng.random() < 0.35:
        _lay_shadow(rng, canvas)
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.25, 0.4, 0.25, 0.1]))):
        _lay_figure(rng, canvas, split, rough)
    if rng.random() < 0.3:
        _lay_shapes(rng, canvas, hue, rough, int(rng.integers(1, 5)))
    if rng.random() < 0.35:
        _lay_shadow(rng, canvas)
    return canvas.developed()


def _look(rng: Generator, hue: float, rough: float) -> Look:
    """A colour near the scene's own hue, or earth, leaf and sky, or any; and how much its texture shows."""
    family = rng.random()
    if family < 0.4:
        h = hue + float(rng.normal(0, 0.06))
    elif family < 0.8:
        h = float(rng.choice([0.07, 0.11, 0.24, 0.33, 0.57, 0.6])) + float(rng.normal(0, 0.03))
    else:
        h = float(rng.random())
    colour = colorsys.hsv_to_rgb(h % 1, float(rng.beta(1.3, 2.4)), float(rng.uniform(0.08, 0.97)))
    tint = rng.normal(size=3)
    return Look(
        np.array(colour, np.float32),
        rough * float(rng.gamma(1.6, 0.07)),
        rough * float(rng.gamma(1.2, 0.03)),
        (tint / np.linalg.norm(tint)).astype(np.float32),
    )


def _lay_ground(rng: Generator, canvas: Canvas, hue: float, rough: float) -> None:
    """One backdrop, then up to three hills, walls or table tops from some height down."""
    size = canvas.size
    whole = skia.Path()
    whole.addRect(skia.Rect.MakeWH(size, size))
    _lay_path(rng, canvas, [whole], _look(rng, hue, rough))
    height = float(rng.uniform(0.15, 0.75))
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.35, 0.35, 0.2, 0.1]))):
        xs = np.linspace(-0.1, 1.1, 7)
        swing = float(rng.choice([0.0, 0.02, 0.08]))
        crest = [(float(x), height + float(rng.normal(0, swing + 1e-6))) for x in xs]
        path = polygon(np.array([*crest, (1.1, 1.2), (-0.1, 1.2)]) * size)
        _lay_path(rng, canvas, [path], _look(rng, hue, rough))
        height += float(rng.uniform(0.08, 0.3))


def _lay_shapes(rng: Generator, canvas: Canvas, hue: float, rough: float, count: int) -> None:
    """Dead leaves: things of any size before each other, small ones more often than large ones."""
    for _ in range(count):
        reach = canvas.size * float(np.clip(0.05 / rng.power(1.3), 0.05, 0.45))
        x, y = (float(v) for v in rng.uniform(0, canvas.size, 2))
        outline = _shape(rng, x, y, reach)
        inner = [
            _shape(rng, x + float(rng.normal(0, reach / 2)), y + float(rng.normal(0, reach / 2)), reach / 2.5)
            for _ in range(int(rng.choice([0, 1, 3], p=[0.6, 0.25, 0.15])) if reach > 20 else 0)
        ]
        _lay_path(rng, canvas, [outline, *inner], _look(rng, hue, rough))


def _shape(rng: Generator, x: float, y: float, reach: float) -> Any:
    kind = int(rng.integers(4))
    angle, slim = float(rng.uniform(0, 6.28)), float(rng.uniform(0.3, 1.0))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * reach
    if kind == 0:
        return ellipse(x, y, reach, reach * slim)
    if kind == 1:
        corners = np.array([(-1, -slim), (1, -slim), (1, slim), (-1, slim)]) * rng.uniform(0.7, 1.1, (4, 1))
        return polygon(corners @ turn + (x, y))
    if kind == 2:
        spine = np.stack([np.linspace(-1.4, 1.4, 5), rng.normal(0, 0.25, 5)], 1)
        width = max(5.0, reach * float(rng.uniform(0.15, 0.5)))
        return ribbon(spine @ turn + (x, y), [width, width * float(rng.uniform(0.4, 1.2))])
    angles = np.linspace(0, 6.28, 9, endpoint=False)
    ring = np.stack([np.cos(angles), slim * np.sin(angles)], 1) * rng.uniform(0.55, 1.15, (9, 1))
    return blob(ring @ turn + (x, y))


def _lay_path(rng: Generator, canvas: Canvas, paths: list[Any], look: Look) -> None:
    """The first path is the thing, the others are parts of it."""
    box = paths[0].getBounds()
    whole = Bounds(0, 0, canvas.size, canvas.size)
    x, y = int(box.left()) - 1, int(box.top()) - 1
    place = Bounds(x, y, int(box.right()) + 2 - x, int(box.bottom()) + 2 - y).intersect(whole)
    if min(place.width, place.height) < 4:
        return
    ids = np.zeros((2 * place.height, 2 * place.width, 4), np.uint8)
    drawing = surface_on(ids).getCanvas()
    drawing.scale(2, 2)
    drawing.translate(-place.x, -place.y)
    for owner, path in enumerate(paths, start=1):
        drawing.drawPath(path, skia.Paint(Color=skia.ColorSetARGB(255, owner, 0, 0), AntiAlias=False))
        if owner == 1:
            drawing.clipPath(path)
    owners = ids[..., 0]
    palette = [look.colour, *(look.colour + rng.normal(0, 0.2, 3).astype(np.float32) for _ in paths[1:])]
    colours = np.stack([look.colour, *palette]).clip(0.02, 0.98).astype(np.float32)
    alpha = halved((owners > 0).astype(np.float32))
    flat = halved(colours[owners]) * _shading(rng, alpha)[..., None]
    surface = random_surface(rng, max(place.width, place.height))
    canvas.lay(place, alpha, flat.clip(0, 1), surface, look, owners)


def _shading(rng: Generator, alpha: Floats) -> Floats:
    """Light falling from one side, and round forms darker towards their edge."""
    (height, width), size = alpha.shape, max(alpha.shape)
    y, x = np.mgrid[:height, :width].astype(np.float32) / size - 0.5
    angle, strength = float(rng.uniform(0, 6.28)), float(rng.choice([0.0, 0.3, 0.8])) * float(rng.random())
    light = 1 + strength * (x * np.cos(angle) + y * np.sin(angle))
    if rng.random() < 0.4:
        depth = float(rng.uniform(0.2, 0.7))
        light = light * (1 - depth + depth * blurred(alpha, float(rng.uniform(0.03, 0.12)) * size))
    return light.astype(np.float32)


def _lay_figure(rng: Generator, canvas: Canvas, split: Split, rough: float) -> None:
    """A subject or an icon of the studio in a texture of its own."""
    size, figure = canvas.size, _figure(rng, split)
    scale = float(np.exp(rng.uniform(np.log(0.14), np.log(0.55)))) * 2 * size
    matrix = skia.Matrix()
    matrix.setScale(scale if rng.random() < 0.5 else -scale, scale)
    matrix.postRotate(float(rng.normal(0, figure.max_tilt_deg / 2)))
    matrix.postTranslate(*(float(v) for v in rng.uniform(0.15, 0.85, 2) * 2 * size))
    placed = paint_figure(figure, matrix, random_light(rng), 2 * size)
    layer = halved(placed.layer.astype(np.float32) / 255)
    alpha = layer[..., 3]
    look = _look(rng, 0.0, rough)
    flat = (layer[..., :3] / np.maximum(alpha, 1e-3)[..., None]).clip(0, 1)
    if rng.random() < 0.5:  # faded towards one colour, as things in the same light are
        flat = flat + (look.colour - flat) * float(rng.uniform(0.1, 0.6))
    canvas.lay(Bounds(0, 0, size, size), alpha, flat, random_surface(rng, size), look, placed.ids)
    canvas.draw_strokes(placed.strokes)


def _figure(rng: Generator, split: Split) -> Figure:
    if icon_names(split) and rng.random() < 0.5:
        return icon(rng, split)
    subjects = tuple(SUBJECTS)
    return SUBJECTS[subjects[int(rng.integers(len(subjects)))]](Drawn(rng))


def _lay_shadow(rng: Generator, canvas: Canvas) -> None:
    """A shadow or a patch of light over everything, hard or soft; it has no line."""
    size = canvas.size
    mask = np.zeros((size, size, 4), np.uint8)
    drawing = surface_on(mask).getCanvas()
    for _ in range(int(rng.integers(1, 5))):
        x, y = (float(v) for v in rng.uniform(0, size, 2))
        drawing.drawPath(_shape(rng, x, y, size * float(rng.uniform(0.1, 0.45))), skia.Paint(AntiAlias=True))
    edge = blurred(mask[..., 3].astype(np.float32) / 255, float(np.exp(rng.uniform(0.0, 3.0))))
    gain = float(rng.uniform(0.35, 0.8)) if rng.random() < 0.75 else float(rng.uniform(1.2, 1.6))
    canvas.image *= (1 + (gain - 1) * edge)[..., None]
