# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a figure: the picture in soft colour, and the id-buffer that knows which part owns each pixel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from models.recipes.studio.materials import cover
from models.recipes.studio.palette import Colour
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.shapes import Figure, Part, Points, Stroke

_GLASS_ALPHA = 0.4


@dataclass(frozen=True)
class Light:
    """Where the light comes from (unit vector toward it) and how strong the modelling is."""

    x: float
    y: float
    strength: float


@dataclass(frozen=True)
class Placed:
    """A figure on the canvas: premultiplied RGBA layer, ids (0 = nothing), fine strokes in pixels."""

    layer: Pixels
    ids: Pixels
    strokes: list[Points]


def random_light(rng: Generator) -> Light:
    """Light from above, left or right."""
    angle = rng.uniform(-2.5, -0.65)
    return Light(float(np.cos(angle)), float(np.sin(angle)), float(rng.uniform(0.35, 1.0)))


def skia_colour(colour: Colour, alpha: float = 1.0) -> Any:
    """The colour as skia wants it."""
    return skia.Color4f(*colour.rgb, alpha)


def placement(rng: Generator, figure: Figure, size: int) -> Any:
    """A random place, scale, turn, lean and flip: unit square to pixels."""
    half = size / 2
    scale = rng.uniform(*figure.scale) * half
    room = max(0.1 * half, half - scale)
    matrix = skia.Matrix()
    stretch = rng.uniform(-0.09, 0.09)
    flip = -1.0 if figure.may_flip and rng.random() < 0.5 else 1.0
    matrix.setScale(flip * scale * (1 + stretch), scale * (1 - stretch))
    matrix.postSkew(rng.uniform(-0.06, 0.06), rng.uniform(-0.03, 0.03))
    matrix.postRotate(float(rng.normal(0, figure.max_tilt_deg / 2.5)))
    x, y = half + rng.uniform(-room, room), half + rng.uniform(-room, room)
    if figure.cropped_below:
        y = size * rng.uniform(0.98, 1.03) - scale * rng.uniform(0.9, 1.1)
    matrix.postTranslate(x, y)
    return matrix


def paint_figure(figure: Figure, matrix: Any, light: Light, size: int) -> Placed:
    """Draw every mark; ids are numbered from 1 in drawing order.

    Raises:
        ValueError: more than 255 solid parts.
    """
    layer = np.zeros((size, size, 4), np.uint8)
    ids = np.zeros((size, size, 4), np.uint8)
    strokes: list[Points] = []
    picture, index = surface_on(layer), surface_on(ids)
    for surface in (picture, index):
        surface.getCanvas().setMatrix(matrix)
    owner = 0
    for mark in figure.marks:
        if isinstance(mark, Stroke):
            strokes.append(_draw_stroke(picture.getCanvas(), mark, matrix))
            continue
        _draw_part(picture.getCanvas(), mark, light)
        if mark.solid:
            owner += 1
            if owner > 255:
                raise ValueError(f"{figure.category} has more than 255 solid parts")
            flat = skia.Paint(Color=skia.ColorSetARGB(255, owner, 0, 0), AntiAlias=False)
            index.getCanvas().drawPath(mark.path, flat)
    _model_form(picture.getCanvas(), light)
    picture.flushAndSubmit()
    index.flushAndSubmit()
    return Placed(layer, ids[..., 0].copy(), strokes)


def _draw_stroke(canvas: Any, stroke: Stroke, matrix: Any) -> Points:
    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in stroke.points], False)
    canvas.drawPath(
        path,
        skia.Paint(
            Color4f=skia_colour(stroke.colour, stroke.alpha),
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=stroke.width,
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        ),
    )
    return to_pixels(stroke.points, matrix)


def to_pixels(points: Points, matrix: Any) -> Points:
    """Unit points (n, 2) under the matrix."""
    mapped = matrix.mapPoints([skia.Point(float(x), float(y)) for x, y in points])
    return np.array([(p.x(), p.y()) for p in mapped], dtype=np.float64)


def _draw_part(canvas: Any, part: Part, light: Light) -> None:
    paint = skia.Paint(AntiAlias=True)
    strength = part.shade * light.strength
    bounds = part.path.getBounds()
    cx, cy = bounds.centerX(), bounds.centerY()
    reach = max(bounds.width(), bounds.height()) / 2
    if strength <= 0 or part.alpha < 1:
        paint.setColor4f(skia_colour(part.colour, part.alpha))
    else:
        tones = [
            skia_colour(part.colour.lighter(0.30 * strength)),
            skia_colour(part.colour),
            skia_colour(part.colour.darker(0.50 * strength)),
        ]
        colours = [tone.toColor() for tone in tones]
        if part.round:
            at = skia.Point(cx + light.x * reach * 0.4, cy + light.y * reach * 0.4)
            paint.setShader(skia.GradientShader.MakeRadial(at, reach * 1.5, colours, [0.0, 0.5, 1.0]))
        else:
            ends = [
                skia.Point(cx + light.x * reach, cy + light.y * reach),
                skia.Point(cx - light.x * reach, cy - light.y * reach),
            ]
            paint.setShader(skia.GradientShader.MakeLinear(ends, colours, [0.0, 0.5, 1.0]))
    clear = part.material == "glass"
    if part.solid and part.alpha == 1 and not clear:
        _draw_occlusion(canvas, part, light)
    if clear:
        paint.setAlphaf(_GLASS_ALPHA)
    canvas.drawPath(part.path, paint)
    if part.material:
        cover(canvas, part, (light.x, light.y))


def _draw_occlusion(canvas: Any, part: Part, light: Light) -> None:
    """The soft shadow a part throws on the parts already there (never outside them)."""
    shadow = skia.Paint(
        Color4f=skia.Color4f(0.12, 0.08, 0.18, 0.30 * light.strength),
        AntiAlias=True,
        MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.035),
        BlendMode=skia.BlendMode.kSrcATop,
    )
    canvas.save()
    canvas.translate(-light.x * 0.03, -light.y * 0.03)
    canvas.drawPath(part.path, shadow)
    canvas.restore()


def _model_form(canvas: Any, light: Light) -> None:
    """Warm light on one side of the whole figure, cool shadow on the other."""
    ends = [skia.Point(light.x, light.y), skia.Point(-light.x, -light.y)]
    strength = light.strength
    colours = [
        skia.Color4f(1.0, 0.96, 0.82, 0.20 * strength).toColor(),
        skia.Color4f(1.0, 0.96, 0.82, 0.0).toColor(),
        skia.Color4f(0.14, 0.12, 0.32, 0.26 * strength).toColor(),
    ]
    shader = skia.GradientShader.MakeLinear(ends, colours, [0.0, 0.5, 1.0])
    canvas.drawPaint(skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kSrcATop))
