# SPDX-License-Identifier: GPL-3.0-or-later
"""What things are made of and patterned with: the words that edits need, painted so that they are true."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import Generator

from models.recipes.studio.palette import NAMED, Colour, jitter, pick, rgb
from models.recipes.studio.raster import skia
from models.recipes.studio.shapes import Figure, Part, Stroke, common

SHARE = {"icon": 0.12}
USUAL_SHARE = 0.35
"""How often a subject is made of or patterned with something else than usual."""

_PLAIN = ("face", "tree", "flower")
_LIKE = 0.35  # of the main part's size, from which a part of its colour is treated alike
_LARGE = 0.3  # of the largest part's size, which a main part has at least
_NEAR = 0.18  # RGB distance of colours without a name that count as one
_TONES = {
    "wooden": (rgb(176, 118, 66), rgb(140, 88, 48), rgb(206, 156, 100), rgb(108, 68, 44)),
    "metal": (rgb(168, 174, 182), rgb(138, 146, 158)),
    "golden": (rgb(214, 168, 62),),
    "glass": (rgb(186, 222, 232), rgb(170, 214, 196), rgb(206, 214, 240)),
}
_WORDS = {
    "striped": 3.0,
    "spotted": 3.0,
    "wooden": 2.0,
    "metal": 2.0,
    "golden": 1.0,
    "glass": 1.5,
    "shiny": 1.0,
}
_FURRY = ("cat", "dog", "rabbit", "bear")
_FEATHERED = {"striped": 1.0, "spotted": 1.0, "furry": 1.5}


def decorate(rng: Generator, figure: Figure) -> None:
    """Now and then give a figure another material or a pattern, and its caption the word for it."""
    if figure.category in _PLAIN or rng.random() >= SHARE.get(figure.category, USUAL_SHARE):
        return
    words = {**_WORDS, "furry": 4.0} if figure.category in _FURRY else _WORDS
    words = _FEATHERED if figure.category == "bird" else words
    shares = np.array(list(words.values()))
    make(rng, figure, list(words)[int(rng.choice(len(words), p=shares / shares.sum()))])


def make(rng: Generator, figure: Figure, word: str) -> None:
    """Change the figure in place to what the word says.

    Args:
        rng: how exactly.
        figure: of any category.
        word: "striped", "spotted", "wooden", "metal", "golden", "glass", "shiny" or "furry".
    """
    main = _main(figure)
    if main is None or word in figure.caption:
        return
    if word in ("striped", "spotted"):
        _patterned(rng, figure, main, word)
    else:
        tone = jitter(rng, _TONES[word][int(rng.integers(len(_TONES[word])))]) if word in _TONES else None
        seed = int(rng.integers(1 << 30))
        figure.marks = [
            _made_of(mark, main, word, tone, seed) if _is_like(mark, main) else mark for mark in figure.marks
        ]
    rest = _without_colour(figure.caption) if word in _TONES else figure.caption.removeprefix("a ")
    figure.caption = f"a {word} {rest}"


def _without_colour(caption: str) -> str:
    names = "|".join(sorted(NAMED, key=len, reverse=True))
    return re.sub(rf"(?<!\w)({names}|\{{colour\}}) ", "", caption.removeprefix("a "), count=1)


def _main(figure: Figure) -> Part | None:
    """The largest part of the colour that the caption names first, or the largest of all."""
    parts = [mark for mark in figure.marks if isinstance(mark, Part) and mark.solid and mark.alpha == 1]
    said = [name for part in parts if (name := part.colour.name) and f" {name} " in figure.caption]
    first = min(said, key=lambda name: figure.caption.index(f" {name} "), default=None)
    main = max((p for p in parts if first in (None, p.colour.name)), key=_size, default=None)
    return main if main and _size(main) > _LARGE * max(map(_size, parts)) else None


def _size(part: Part) -> float:
    bounds = part.path.getBounds()
    return float(bounds.width() * bounds.height())


def _is_like(mark: Part | Stroke, main: Part) -> bool:
    if not isinstance(mark, Part) or not mark.solid or mark.alpha < 1:
        return False
    if main.colour.name:
        return mark.colour.name == main.colour.name
    return float(np.linalg.norm(np.subtract(mark.colour.rgb, main.colour.rgb))) < _NEAR


def _made_of(mark: Part | Stroke, main: Part, word: str, tone: Colour | None, seed: int) -> Part | Stroke:
    """The part in that material, as much lighter or darker than the main part as it was."""
    assert isinstance(mark, Part)
    if tone is None:
        return replace(mark, material=word, seed=seed)
    lighter = float(np.clip(np.mean(mark.colour.rgb) - np.mean(main.colour.rgb), -0.25, 0.25))
    colour = tone.lighter(lighter) if lighter > 0 else tone.darker(-lighter)
    return replace(mark, colour=colour, material=word, seed=seed)


def _patterned(rng: Generator, figure: Figure, main: Part, word: str) -> None:
    """Lay stripes or spots on every large part of the main colour, under what lies on it already."""
    second = pick(rng, avoid=main.colour.name)
    if abs(np.mean(second.rgb) - np.mean(main.colour.rgb)) < 0.15:
        second = second.darker(1.0) if np.mean(main.colour.rgb) > 0.4 else second.lighter(0.7)
    pattern = (_stripes if word == "striped" else _spots)(rng)
    marks: list[Part | Stroke] = []
    for mark in figure.marks:
        marks.append(mark)
        if isinstance(mark, Part) and _is_like(mark, main) and _size(mark) >= _LIKE * _size(main):
            path = common(pattern, mark.path)
            if not path.isEmpty():
                marks.append(Part(path, second, mark.shade, mark.round))
    figure.marks = marks


def _stripes(rng: Generator) -> Any:
    """Bands across the unit square, upright, level or aslant."""
    pitch = rng.uniform(0.14, 0.34)
    broad, angle = pitch * rng.uniform(0.35, 0.6), rng.choice([0.0, 0.0, 90.0, 90.0, rng.uniform(0, 180)])
    path = skia.Path()
    for at in np.arange(-1.6, 1.6, pitch):
        path.addRect(skia.Rect.MakeXYWH(-1.6, float(at), 3.2, broad))
    turn = skia.Matrix()
    turn.setRotate(float(angle))
    path.transform(turn)
    return path


def _spots(rng: Generator) -> Any:
    """Spots in staggered rows, even or of all sizes."""
    pitch = rng.uniform(0.2, 0.36)
    reach, uneven = pitch * rng.uniform(0.22, 0.34), rng.choice([0.0, 0.25])
    path = skia.Path()
    for row, y in enumerate(np.arange(-1.1, 1.1, pitch * 0.87)):
        for x in np.arange(-1.1 + pitch / 2 * (row % 2), 1.1, pitch):
            dx, dy = rng.normal(0, uneven * pitch / 2, 2)
            path.addCircle(float(x + dx), float(y + dy), float(reach * (1 + uneven * rng.normal())))
    return path


def cover(canvas: Any, part: Part, light: tuple[float, float]) -> None:
    """Paint the material over a part that is already there; light is the unit vector toward it."""
    _SURFACES[part.material](canvas, part, light, np.random.default_rng(part.seed))


def _wood(canvas: Any, part: Part, light: tuple[float, float], rng: Generator) -> None:
    """Grain along one way, and a knot or two that it flows around."""
    canvas.save()
    canvas.clipPath(part.path, True)
    if rng.random() < 0.4:
        canvas.rotate(90)
    knots = rng.uniform(-0.7, 0.7, (int(rng.integers(1, 4)), 2))
    x = np.linspace(-1.5, 1.5, 40)
    phase, y = rng.uniform(0, 6.28), -1.5
    while y < 1.5:
        line = y + 0.03 * np.sin(2.2 * x + phase) + 0.012 * np.sin(7 * x + 3 * y)
        for kx, ky in knots:
            line += 0.09 * np.sign(y - ky) * np.exp(-(((x - kx) / 0.16) ** 2) - ((y - ky) / 0.16) ** 2)
        dark = part.colour.darker(float(rng.uniform(0.5, 1.0)))
        paint = _pen(dark, float(rng.uniform(0.25, 0.6)), float(rng.uniform(0.006, 0.022)))
        path = skia.Path()
        path.addPoly([skia.Point(float(a), float(b)) for a, b in zip(x, line, strict=True)], False)
        canvas.drawPath(path, paint)
        y += float(rng.uniform(0.03, 0.085))
    canvas.restore()


def _metal(canvas: Any, part: Part, light: tuple[float, float], rng: Generator) -> None:
    """Bright and dark reflections in bands, as on polished metal."""
    bounds = part.path.getBounds()
    lean = float(rng.uniform(-0.25, 0.25)) * bounds.height()
    ends = [
        skia.Point(bounds.left(), bounds.centerY() - lean),
        skia.Point(bounds.right(), bounds.centerY() + lean),
    ]
    amounts = [-0.55, 0.35, 0.85, 0.1, -0.6, -0.2, 0.55, -0.75]
    if light[0] > 0:
        amounts = amounts[::-1]
    tones = [part.colour.lighter(a) if a > 0 else part.colour.darker(-a) for a in amounts]
    stops = np.cumsum(rng.uniform(0.6, 1.4, len(tones)))
    stops = (stops - stops[0]) / (stops[-1] - stops[0])
    shader = skia.GradientShader.MakeLinear(ends, [_opaque(t) for t in tones], stops.tolist())
    canvas.drawPath(part.path, skia.Paint(Shader=shader, AntiAlias=True))
    canvas.save()
    canvas.clipPath(part.path, True)
    canvas.drawPath(part.path, _pen(part.colour.lighter(0.9), 0.7, 0.03))
    canvas.restore()


def _glass(canvas: Any, part: Part, light: tuple[float, float], rng: Generator) -> None:
    """Bright rims and sharp lights on something that is nearly not there."""
    canvas.save()
    canvas.clipPath(part.path, True)
    canvas.drawPath(part.path, _pen(part.colour.darker(0.7), 0.45, 0.09))
    canvas.drawPath(part.path, _pen(part.colour.lighter(0.85), 0.8, 0.045))
    bounds = part.path.getBounds()
    side = 1 if light[0] > 0 else -1
    x = bounds.centerX() + side * bounds.width() * 0.28
    streak = _white(0.75)
    for share, broad in ((0.0, 0.07), (0.12, 0.025)):
        left = x - side * bounds.width() * share
        canvas.drawRoundRect(
            skia.Rect.MakeXYWH(
                left,
                bounds.top() + bounds.height() * 0.16,
                bounds.width() * broad,
                bounds.height() * float(rng.uniform(0.35, 0.6)),
            ),
            0.05,
            0.05,
            streak,
        )
    canvas.restore()


def _shiny(canvas: Any, part: Part, light: tuple[float, float], rng: Generator) -> None:
    """A broad soft light, a sharp one in it, and light from the ground on the far side."""
    bounds = part.path.getBounds()
    cx, cy, w, h = bounds.centerX(), bounds.centerY(), bounds.width(), bounds.height()
    canvas.save()
    canvas.clipPath(part.path, True)
    for share, reach, alpha, blur in ((0.25, 0.26, 0.6, 0.06), (0.27, 0.1, 0.95, 0.012)):
        x, y = cx + light[0] * w * share, cy + light[1] * h * share
        canvas.drawOval(
            skia.Rect.MakeLTRB(
                x - w * reach * 0.6, y - h * reach * 0.5, x + w * reach * 0.6, y + h * reach * 0.5
            ),
            _white(alpha, blur),
        )
    far = _white(0.35, 0.03)
    far.setStyle(skia.Paint.kStroke_Style)
    far.setStrokeWidth(0.05)
    canvas.translate(light[0] * 0.05, light[1] * 0.05)
    canvas.clipRect(skia.Rect.MakeLTRB(cx - w, cy - 0.1 * h, cx + w, cy + h))
    canvas.drawPath(part.path, far)
    canvas.restore()


def _fur(canvas: Any, part: Part, light: tuple[float, float], rng: Generator) -> None:
    """Tufts that lie outward and down, lighter and darker, over the edge too."""
    bounds = part.path.getBounds()
    count = int(np.clip(900 * bounds.width() * bounds.height(), 12, 700))
    xs = rng.uniform(bounds.left(), bounds.right(), count)
    ys = rng.uniform(bounds.top(), bounds.bottom(), count)
    shades = [(part.colour.lighter(0.35), 0.6), (part.colour.darker(0.7), 0.45), (part.colour, 0.8)]
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if not part.path.contains(x, y):
            continue
        away = np.array([x - bounds.centerX(), y - bounds.centerY() + 0.25 * bounds.height()])
        way = away / (np.linalg.norm(away) + 1e-6) + rng.normal(0, 0.3, 2)
        far = way * rng.uniform(0.03, 0.075)
        colour, alpha = shades[int(rng.integers(3))]
        canvas.drawLine(
            x, y, x + float(far[0]), y + float(far[1]), _pen(colour, alpha, float(rng.uniform(0.008, 0.016)))
        )


def _opaque(colour: Colour) -> Any:
    return skia.Color4f(*colour.rgb, 1.0).toColor()


def _white(alpha: float, blur: float = 0.0) -> Any:
    paint = skia.Paint(Color4f=skia.Color4f(1, 1, 1, alpha), AntiAlias=True)
    if blur:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def _pen(colour: Colour, alpha: float, width: float) -> Any:
    return skia.Paint(
        Color4f=skia.Color4f(*colour.rgb, alpha),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
    )


_SURFACES: dict[str, Callable[[Any, Part, tuple[float, float], Generator], None]] = {
    "wooden": _wood,
    "metal": _metal,
    "golden": _metal,
    "glass": _glass,
    "shiny": _shiny,
    "furry": _fur,
}
