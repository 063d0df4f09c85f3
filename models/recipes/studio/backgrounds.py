# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a subject, with the words for it, and the surface it is all painted on."""

import colorsys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import noise_tile
from models.recipes.studio.grounds import TEXTURED_SHARE, give_texture, with_grain
from models.recipes.studio.painting import skia_colour
from models.recipes.studio.palette import Colour, jitter, named, pick, rgb
from models.recipes.studio.raster import Pixels, skia, surface_on
from models.recipes.studio.shapes import blob, curve, polygon

_SOFT = ("beige", "white", "light blue", "pink", "yellow", "grey", "teal", "green", "orange")
_GROUND_WORDS = {
    "green": ("on grass", "in a meadow"),
    "dark green": ("on grass", "in a meadow"),
    "yellow": ("on sand",),
    "beige": ("on sand",),
}


def _plain(rng: Generator, canvas: Any) -> tuple[str, ...]:
    colour = pick(rng)
    wall = colour.lighter(rng.uniform(0.0, 0.5))
    canvas.clear(skia_colour(wall))
    place = f"on a {colour.name} background"
    return (place if rng.random() < 0.5 else "", place, f"on {colour.name}")


def _gradient(rng: Generator, canvas: Any) -> tuple[str, ...]:
    a, b = pick(rng, *_SOFT).lighter(0.3), pick(rng, *_SOFT)
    _wash_down(canvas, a, b)
    return ("",)


def _wash_down(canvas: Any, top: Colour, bottom: Colour, y0: float = -1.0, y1: float = 1.0) -> None:
    colours = [skia_colour(top).toColor(), skia_colour(bottom).toColor()]
    shader = skia.GradientShader.MakeLinear([skia.Point(0, y0), skia.Point(0, y1)], colours)
    canvas.drawPaint(skia.Paint(Shader=shader))


def _outdoors(rng: Generator, canvas: Any) -> tuple[str, ...]:
    sky = pick(rng, "light blue", "light blue", "blue", "pink", "orange", "purple").lighter(0.25)
    horizon = rng.uniform(0.05, 0.6)
    _wash_down(canvas, sky, sky.lighter(0.65), -1, horizon)
    for _ in range(rng.integers(0, 4)):
        _cloud(rng, canvas, horizon)
    ground = pick(rng, "green", "green", "dark green", "yellow", "beige", "teal")
    for layer in range(int(rng.integers(1, 4))):
        _hill(rng, canvas, horizon + layer * 0.16, ground.lighter(0.35 - 0.15 * layer))
    usual = "under the sky" if rng.random() < 0.5 else "outdoors"
    return usual, "outdoors", "under the sky", *_GROUND_WORDS.get(ground.name, ())


def _cloud(rng: Generator, canvas: Any, horizon: float) -> None:
    x, y = rng.uniform(-1, 1), rng.uniform(-0.95, horizon - 0.3)
    paint = skia.Paint(
        Color4f=skia.Color4f(1, 1, 1, float(rng.uniform(0.4, 0.9))),
        AntiAlias=True,
        MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.03),
    )
    for _ in range(rng.integers(3, 6)):
        w = rng.uniform(0.08, 0.22)
        canvas.drawOval(
            skia.Rect.MakeXYWH(x + rng.uniform(-0.25, 0.1), y + rng.uniform(-0.05, 0.02), w, w * 0.6), paint
        )


def _hill(rng: Generator, canvas: Any, y: float, colour: Colour) -> None:
    xs = np.linspace(-1.3, 1.3, 6)
    crest = curve([(x, y + rng.normal(0, 0.07)) for x in xs])
    path = polygon(np.concatenate([crest, [[1.3, 1.3], [-1.3, 1.3]]]))
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(0, y - 0.1), skia.Point(0, 1.1)],
        [skia_colour(colour).toColor(), skia_colour(colour.darker(0.45)).toColor()],
    )
    canvas.drawPath(path, skia.Paint(Shader=shader, AntiAlias=True))


def _room(rng: Generator, canvas: Any) -> tuple[str, ...]:
    wall = pick(rng, *_SOFT)
    _wash_down(canvas, wall.lighter(0.45), wall.lighter(0.1))
    if rng.random() < 0.35:
        _wallpaper(rng, canvas, wall.darker(0.12))
    y = rng.uniform(0.25, 0.7)
    table = pick(rng, "brown", "beige", "white", "grey", "teal", "orange", avoid=wall.name)
    edge = skia.GradientShader.MakeLinear(
        [skia.Point(0, y), skia.Point(0, 1.2)],
        [skia_colour(table.lighter(0.2)).toColor(), skia_colour(table.darker(0.4)).toColor()],
    )
    slope = rng.uniform(-0.04, 0.04)
    path = polygon([(-1.3, y - slope), (1.3, y + slope), (1.3, 1.3), (-1.3, 1.3)])
    canvas.drawPath(path, skia.Paint(Shader=edge, AntiAlias=True))
    return f"on a {table.name} table", "on a table"


def _wallpaper(rng: Generator, canvas: Any, colour: Colour) -> None:
    paint = skia.Paint(Color4f=skia_colour(colour, 0.5), AntiAlias=True)
    pitch = rng.uniform(0.16, 0.4)
    dots = rng.random() < 0.5
    for i in np.arange(-1.2, 1.2, pitch):
        if not dots:
            canvas.drawRect(skia.Rect.MakeXYWH(float(i), -1.3, pitch * 0.4, 2.6), paint)
            continue
        for j in np.arange(-1.2, 1.2, pitch):
            canvas.drawCircle(float(i), float(j), pitch * 0.14, paint)


def _wash(rng: Generator, canvas: Any) -> tuple[str, ...]:
    canvas.clear(skia_colour(rgb(246, 242, 232)))
    for colour in (pick(rng, *_SOFT), pick(rng)):
        for _ in range(rng.integers(1, 4)):
            paint = skia.Paint(
                Color4f=skia_colour(jitter(rng, colour).lighter(0.25), float(rng.uniform(0.25, 0.6))),
                AntiAlias=True,
                MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, float(rng.uniform(0.02, 0.2))),
            )
            x, y, r = rng.uniform(-0.8, 0.8), rng.uniform(-0.8, 0.8), rng.uniform(0.4, 1.1)
            angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
            ring = [
                (x + r * np.cos(a) * rng.uniform(0.7, 1.2), y + r * np.sin(a) * rng.uniform(0.7, 1.2))
                for a in angles
            ]
            canvas.drawPath(blob(ring), paint)
    return "in watercolour" if rng.random() < 0.5 else "", "in watercolour"


def _paper(rng: Generator, canvas: Any) -> tuple[str, ...]:
    colour = named("white").toward(pick(rng, *_SOFT), rng.uniform(0, 0.3))
    glow = skia.GradientShader.MakeRadial(
        skia.Point(float(rng.uniform(-0.4, 0.4)), float(rng.uniform(-0.4, 0.4))),
        2.0,
        [skia_colour(colour).toColor(), skia_colour(colour.darker(0.35)).toColor()],
    )
    canvas.drawPaint(skia.Paint(Shader=glow))
    return "on paper" if rng.random() < 0.4 else "", "on paper"


def _scenery(rng: Generator, canvas: Any) -> tuple[str, ...]:
    """Earth, leaf and sky as a camera sees them, dull and dark too: a backdrop, and hills before it."""
    _wash_down(canvas, _seen(rng), _seen(rng))
    height = rng.uniform(-0.5, 0.6)
    for _ in range(int(rng.integers(0, 3))):
        _hill(rng, canvas, height, _seen(rng))
        height += rng.uniform(0.15, 0.5)
    return ("",)


def _seen(rng: Generator) -> Colour:
    hue = float(rng.choice([0.07, 0.11, 0.24, 0.33, 0.57, 0.6, rng.random()])) + rng.normal(0, 0.03)
    return Colour(
        "", *colorsys.hsv_to_rgb(hue % 1, float(rng.beta(1.3, 2.4)), float(rng.uniform(0.15, 0.95)))
    )


_KINDS: dict[str, Callable[[Generator, Any], tuple[str, ...]]] = {
    "plain": _plain,
    "gradient": _gradient,
    "outdoors": _outdoors,
    "room": _room,
    "wash": _wash,
    "paper": _paper,
    "scenery": _scenery,
}


def paint_background(
    rng: Generator, size: int, kinds: tuple[str, ...] = ()
) -> tuple[Pixels, tuple[str, ...]]:
    """An opaque RGBA background (size, size, 4) and words for it, the usual ones (maybe none) first."""
    choices = kinds or tuple(_KINDS)
    pixels = np.zeros((size, size, 4), np.uint8)
    surface = surface_on(pixels)
    canvas = surface.getCanvas()
    canvas.translate(size / 2, size / 2)
    canvas.scale(size / 2, size / 2)
    words = _KINDS[choices[rng.integers(len(choices))]](rng, canvas)
    surface.flushAndSubmit()
    if rng.random() < TEXTURED_SHARE:
        give_texture(rng, pixels)
    return pixels, words


@lru_cache(maxsize=8)
def _grain(size: int) -> tuple[NDArray[np.float32], ...]:
    """Tiles of unit-variance noise: mottled wash, brush streaks, fine paper."""
    rng = np.random.default_rng(7)
    tiles: list[NDArray[np.float32]] = []
    for sigma in ((14.0, 14.0), (2.0, 16.0), (1.0, 1.0)):
        tiles.append(noise_tile(rng, 384, sigma, size / 256))
    return tuple(tiles)


def surface(rng: Generator, size: int) -> NDArray[np.float32]:
    """How the painted surface varies about 1: uneven wash, brush streaks, a hint of paper; some grain."""
    field = np.ones((size, size), np.float32)
    for tile, most in zip(_grain(size), (0.030, 0.016, 0.006), strict=True):
        y, x = rng.integers(0, len(tile) - size + 1, 2).tolist()
        piece = tile[y : y + size, x : x + size]
        field += float(rng.uniform(0, most)) * (piece.T if rng.random() < 0.5 else piece)
    return with_grain(rng, field)


def on_surface(image: Pixels, field: NDArray[np.float32]) -> Pixels:
    """The picture as that surface shows it."""
    lit = image.astype(np.float32) * field.reshape(*field.shape, 1)
    return np.clip(lit + 0.5, 0, 255).astype(np.uint8)
