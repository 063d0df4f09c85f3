# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces: every feature is its own attribute."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from models.recipes.studio.palette import Colour, jitter, named, pick, rgb
from models.recipes.studio.shapes import Figure, blob, common, ellipse, ribbon, union, without

_SKINS = ((250, 220, 196), (240, 196, 164), (222, 170, 130), (190, 134, 96), (146, 98, 68), (104, 68, 50))
_HAIRS = {
    "black": (44, 38, 42),
    "brown": (98, 62, 40),
    "blond": (226, 190, 112),
    "red": (176, 78, 40),
    "grey": (176, 176, 178),
    "white": (236, 232, 226),
    "blue": (70, 110, 180),
    "pink": (226, 132, 164),
}
_IRISES = {"blue": (78, 138, 196), "green": (86, 146, 96), "brown": (110, 70, 42), "grey": (128, 140, 150)}
_HAIR_WORDS = {
    "short": "short {} hair",
    "long": "long {} hair",
    "bob": "a {} bob",
    "bun": "{} hair in a bun",
    "curly": "curly {} hair",
    "parted": "parted {} hair",
    "bald": "no hair",
}
_STYLES = tuple(_HAIR_WORDS)
_STYLE_SHARES = (0.2, 0.2, 0.14, 0.14, 0.14, 0.14, 0.04)


@dataclass(frozen=True)
class _Build:
    """Measures shared by all parts of one face, unit lengths."""

    width: float
    chin: float
    turn: float
    eye_y: float
    eye_gap: float
    eye_r: float
    style: str
    skin: Colour
    hair: Colour


def face(rng: Generator) -> Figure:
    """A head and shoulders seen from the front, turned a little."""
    hair_name = list(_HAIRS)[rng.choice(len(_HAIRS), p=[0.2, 0.22, 0.18, 0.14, 0.08, 0.06, 0.06, 0.06])]
    build = _Build(
        width=float(rng.uniform(0.38, 0.48)),
        chin=float(rng.uniform(0.42, 0.54)),
        turn=float(rng.uniform(-0.09, 0.09)),
        eye_y=float(rng.uniform(-0.12, -0.02)),
        eye_gap=float(rng.uniform(0.16, 0.21)),
        eye_r=float(rng.uniform(0.075, 0.115)),
        style=_STYLES[rng.choice(len(_STYLES), p=_STYLE_SHARES)],
        skin=jitter(rng, rgb(*_SKINS[rng.integers(len(_SKINS))]), 0.5),
        hair=jitter(rng, rgb(*_HAIRS[hair_name], hair_name)),
    )
    figure = Figure("face", "", max_tilt_deg=7, scale=(0.8, 1.12), cropped_below=True, stands=False)
    _hair_behind(figure, build, rng)
    clothes = _shoulders(figure, build, rng)
    _head(figure, build, rng)
    iris = list(_IRISES)[rng.integers(len(_IRISES))]
    _eyes(figure, build, jitter(rng, rgb(*_IRISES[iris])), rng)
    _nose(figure, build, rng)
    beard = build.style != "long" and rng.random() < 0.14
    if beard:
        _beard(figure, build)
    mood = _mouth(figure, build, rng)
    _hair_front(figure, build, rng)
    _brows(figure, build, rng)
    glasses = rng.random() < 0.25
    if glasses:
        _glasses(figure, build, rng)
    hat = rng.random() < 0.14
    hat_colour = pick(rng)
    if hat:
        _hat(figure, build, hat_colour)
    extras = (
        [f"{iris} eyes"] + ["a beard"] * beard + ["glasses"] * glasses + [f"a {hat_colour.name} hat"] * hat
    )
    extras = [extras[i] for i in rng.permutation(len(extras))[: int(rng.integers(1, 4))]]
    hair = _HAIR_WORDS[build.style].format(hair_name)
    figure.caption = f"a {mood} face with {', '.join([hair, *extras])}"
    if rng.random() < 0.6:
        figure.caption += f", wearing {clothes.name}"
    return figure


def _hair_behind(figure: Figure, b: _Build, rng: Generator) -> None:
    w = b.width
    back = b.hair.darker(0.35)
    if b.style == "long":
        fall, flare = rng.uniform(0.6, 0.98), rng.uniform(1.15, 1.5)
        figure.fill(
            blob(
                [
                    (0, -0.72),
                    (w * 1.1, -0.5),
                    (w * 1.25, 0),
                    (w * flare, fall),
                    (w * 0.5, fall + 0.04),
                    (-w * 0.5, fall + 0.04),
                    (-w * flare, fall),
                    (-w * 1.25, 0),
                    (-w * 1.1, -0.5),
                ]
            ),
            back,
        )
    elif b.style == "bob":
        fall = rng.uniform(0.28, 0.45)
        figure.fill(
            blob(
                [
                    (0, -0.74),
                    (w * 1.15, -0.45),
                    (w * 1.32, 0),
                    (w * 1.22, fall),
                    (0, fall + 0.08),
                    (-w * 1.22, fall),
                    (-w * 1.32, 0),
                    (-w * 1.15, -0.45),
                ]
            ),
            back,
        )
    elif b.style == "bun":
        figure.fill(ellipse(rng.uniform(-0.08, 0.08), -0.76, rng.uniform(0.15, 0.22)), b.hair)
    elif b.style == "curly":
        r = rng.uniform(0.15, 0.22)
        ring = [
            ellipse((w + 0.02) * np.cos(a) * 1.08, -0.22 + 0.5 * np.sin(a), r)
            for a in np.linspace(np.pi * 0.92, np.pi * 2.08, 9)
        ]
        figure.fill(union(*ring, ellipse(0, -0.3, w, 0.45)), back)


def _shoulders(figure: Figure, b: _Build, rng: Generator) -> Colour:
    clothes = pick(rng)
    neck = rng.uniform(0.17, 0.22)
    shoulder, slope = rng.uniform(0.6, 0.85), rng.uniform(0.72, 0.84)
    figure.fill(
        blob(
            [
                (-neck, 0.2),
                (neck, 0.2),
                (neck * 1.05, 0.6),
                (neck * 1.8, 0.78),
                (0, 0.95),
                (-neck * 1.8, 0.78),
                (-neck * 1.05, 0.6),
            ]
        ),
        b.skin.darker(0.3),
    )
    body = blob(
        [
            (-neck * 1.5, 0.68),
            (0, 0.78 + rng.uniform(0, 0.12)),
            (neck * 1.5, 0.68),
            (shoulder * 0.8, slope),
            (shoulder, 1.05),
            (shoulder * 0.8, 1.7),
            (-shoulder * 0.8, 1.7),
            (-shoulder, 1.05),
            (-shoulder * 0.8, slope),
        ]
    )
    figure.fill(body, clothes)
    trim = pick(rng, avoid=clothes.name)
    if rng.random() < 0.4:
        for y in np.arange(0.86, 1.6, 0.13):
            figure.fill(common(ribbon([(-1, y + 0.02), (0, y - 0.02), (1, y + 0.02)], 0.05), body), trim)
    elif rng.random() < 0.5:
        figure.fill(ribbon([(-neck * 1.5, 0.7), (0, 0.9), (neck * 1.5, 0.7)], 0.08), trim)
    return clothes


def _head(figure: Figure, b: _Build, rng: Generator) -> None:
    w = b.width
    if b.style not in ("bob", "long"):
        for side in (-1, 1):
            figure.fill(ellipse(side * w * 1.02, b.eye_y + 0.1, 0.075, 0.12), b.skin)
            figure.line(
                [
                    (side * w * 1.05, b.eye_y + 0.04),
                    (side * w * 1.09, b.eye_y + 0.1),
                    (side * w * 1.03, b.eye_y + 0.15),
                ],
                b.skin.darker(0.45),
                0.018,
            )
    jaw = rng.uniform(0.62, 0.9)
    tip = rng.uniform(0.22, 0.42)
    figure.fill(
        blob(
            [
                (0, -0.6),
                (w * 0.72, -0.46),
                (w, -0.1),
                (w * (0.4 + jaw * 0.6), 0.2),
                (w * jaw * 0.75, b.chin - 0.1),
                (w * tip, b.chin),
                (-w * tip, b.chin),
                (-w * jaw * 0.75, b.chin - 0.1),
                (-w * (0.4 + jaw * 0.6), 0.2),
                (-w, -0.1),
                (-w * 0.72, -0.46),
            ]
        ),
        b.skin,
    )
    if rng.random() < 0.6:
        for side in (-1, 1):
            figure.fill(
                ellipse(b.turn + side * w * 0.6, b.eye_y + 0.2, 0.1, 0.07),
                rgb(230, 110, 100),
                solid=False,
                alpha=0.28,
            )


def _eyes(figure: Figure, b: _Build, iris: Colour, rng: Generator) -> None:
    r = b.eye_r
    openness = rng.uniform(0.5, 0.85)
    gaze = rng.uniform(-0.25, 0.25)
    dark = rgb(52, 36, 40)
    for side in (-1, 1):
        x = b.turn + side * b.eye_gap
        almond = blob(
            [
                (x - r, b.eye_y + 0.01),
                (x, b.eye_y - r * openness),
                (x + r, b.eye_y + 0.01),
                (x, b.eye_y + r * openness * 0.75),
            ]
        )
        figure.fill(almond, rgb(250, 248, 244), shade=0.2)
        cx = x + gaze * r
        figure.fill(common(ellipse(cx, b.eye_y, r * 0.56), almond), iris, shade=0.5)
        figure.fill(common(ellipse(cx, b.eye_y, r * 0.27), almond), rgb(24, 20, 26), shade=0.0)
        figure.fill(
            ellipse(cx + r * 0.18, b.eye_y - r * 0.2, r * 0.13), rgb(255, 255, 255), solid=False, shade=0
        )
        figure.line(
            [
                (x - r * 1.08, b.eye_y + 0.015),
                (x - r * 0.45, b.eye_y - r * openness * 0.86),
                (x + r * 0.45, b.eye_y - r * openness * 0.86),
                (x + r * 1.08, b.eye_y + 0.015),
            ],
            dark,
            0.026,
        )


def _brows(figure: Figure, b: _Build, rng: Generator) -> None:
    colour = (named("brown") if b.style == "bald" else b.hair).darker(0.45)
    lift, arch, thick = rng.uniform(0.13, 0.18), rng.uniform(0.0, 0.05), rng.uniform(0.03, 0.06)
    tilt = rng.uniform(-0.035, 0.035)
    for side in (-1, 1):
        x, y = b.turn + side * b.eye_gap, b.eye_y - lift
        figure.fill(
            ribbon(
                [(x - side * 0.1, y + tilt), (x, y - arch), (x + side * 0.12, y - tilt + 0.02)],
                [thick, thick, thick * 0.3],
            ),
            colour,
            shade=0.3,
        )


def _nose(figure: Figure, b: _Build, rng: Generator) -> None:
    x, y, w = b.turn * 1.35, b.eye_y + rng.uniform(0.2, 0.27), rng.uniform(0.05, 0.085)
    shadow = b.skin.darker(0.42)
    if rng.random() < 0.5:
        side = 1 if b.turn > 0 else -1
        figure.line(
            [
                (x - side * 0.01, b.eye_y + 0.03),
                (x + side * w * 0.7, y - 0.04),
                (x + side * w, y + 0.01),
                (x - side * 0.01, y + 0.035),
            ],
            shadow,
            0.024,
        )
    else:
        figure.line(
            [
                (x - w, y - 0.01),
                (x - w * 0.5, y + 0.025),
                (x, y + 0.01),
                (x + w * 0.5, y + 0.025),
                (x + w, y - 0.01),
            ],
            shadow,
            0.024,
        )


def _mouth(figure: Figure, b: _Build, rng: Generator) -> str:
    x, y, w = b.turn * 1.2, b.chin - rng.uniform(0.15, 0.19), rng.uniform(0.11, 0.17)
    lip = rgb(196, 84, 84).toward(b.skin.darker(0.3), float(rng.uniform(0.0, 0.6)))
    mood = ("smiling", "calm", "sad", "laughing")[rng.choice(4, p=[0.4, 0.25, 0.15, 0.2])]
    if mood == "laughing":
        shape = blob(
            [
                (x - w, y - 0.03),
                (x, y - 0.01),
                (x + w, y - 0.03),
                (x + w * 0.6, y + 0.08),
                (x, y + 0.11),
                (x - w * 0.6, y + 0.08),
            ]
        )
        figure.fill(shape, rgb(120, 36, 44), shade=0.3)
        figure.fill(common(shape, ellipse(x, y - 0.02, w * 0.8, 0.045)), rgb(250, 248, 240), shade=0.2)
        figure.fill(common(shape, ellipse(x, y + 0.11, w * 0.5, 0.05)), rgb(214, 106, 108), shade=0.3)
        return mood
    bend = {"smiling": 0.05, "calm": 0.0, "sad": -0.045}[mood]
    full = rng.uniform(0.025, 0.055)
    figure.fill(
        blob(
            [
                (x - w, y - bend),
                (x - w * 0.3, y - full * 0.7),
                (x, y - full * 0.4),
                (x + w * 0.3, y - full * 0.7),
                (x + w, y - bend),
                (x, y + bend * 0.7 + full),
            ]
        ),
        lip,
        shade=0.4,
    )
    figure.line([(x - w, y - bend), (x, y + bend * 0.35), (x + w, y - bend)], lip.darker(0.6), 0.02)
    return mood


def _hair_front(figure: Figure, b: _Build, rng: Generator) -> None:
    w = b.width
    if b.style == "bald":
        return
    hairline = rng.uniform(-0.42, -0.28)
    side = 1 if rng.random() < 0.5 else -1
    drop = {"long": 0.25, "bob": 0.2, "short": -0.12, "bun": -0.15, "curly": -0.1, "parted": -0.05}[b.style]
    part_x = {"parted": 0.0}.get(b.style, side * rng.uniform(0.1, 0.7) * w)
    crown = -0.68 - rng.uniform(0, 0.06)
    cap = blob(
        [
            (0, crown),
            (w * 0.8, crown + 0.12),
            (w * 1.14, -0.2),
            (w * 1.1, drop),
            (w * 0.93, drop - 0.02),
            (w * 0.88, -0.16),
            ((w * 0.9 + part_x) / 2, hairline + 0.04),
            (part_x, hairline - 0.06),
            ((part_x - w * 0.9) / 2, hairline + 0.04),
            (-w * 0.88, -0.16),
            (-w * 0.93, drop - 0.02),
            (-w * 1.1, drop),
            (-w * 1.14, -0.2),
            (-w * 0.8, crown + 0.12),
        ]
    )
    if b.style == "curly":
        curls = [
            ellipse(w * 1.02 * np.cos(a), -0.28 + 0.36 * np.sin(a), 0.14)
            for a in np.linspace(np.pi, 2 * np.pi, 8)
        ]
        cap = union(cap, *curls)
    elif b.style == "short":
        cap = without(cap, blob([(-w * 1.2, 0.0), (w * 1.2, 0.0), (w * 1.2, 0.3), (-w * 1.2, 0.3)]))
    figure.fill(cap, b.hair)
    strand = b.hair.darker(0.5) if rng.random() < 0.6 else b.hair.lighter(0.35)
    for _ in range(rng.integers(0, 5)):
        x = part_x + rng.uniform(-0.5, 0.5) * w
        figure.line(
            [
                (part_x * 0.8, crown + 0.05),
                ((part_x + x) / 2 + (x - part_x) * 0.4, crown + 0.14),
                (x * 1.15, (hairline + crown) / 2 + 0.04),
            ],
            strand,
            0.016,
            0.8,
        )


def _beard(figure: Figure, b: _Build) -> None:
    w, y = b.width, b.chin
    outer = blob(
        [
            (-w, 0.1),
            (-w * 0.78, y - 0.08),
            (-w * 0.3, y + 0.07),
            (w * 0.3, y + 0.07),
            (w * 0.78, y - 0.08),
            (w, 0.1),
            (w * 0.8, 0.14),
            (w * 0.5, y - 0.24),
            (0, y - 0.25),
            (-w * 0.5, y - 0.24),
            (-w * 0.8, 0.14),
        ]
    )
    figure.fill(outer, b.hair.darker(0.15))


def _glasses(figure: Figure, b: _Build, rng: Generator) -> None:
    frame = pick(rng, "black", "brown", "red", "blue", "navy")
    r = b.eye_gap * rng.uniform(0.72, 0.85)
    squash = rng.uniform(0.7, 1.0)
    rims = []
    for side in (-1, 1):
        x = b.turn + side * b.eye_gap
        outer, inner = ellipse(x, b.eye_y, r, r * squash), ellipse(x, b.eye_y, r - 0.028, r * squash - 0.028)
        figure.fill(inner, rgb(225, 240, 250), solid=False, alpha=0.16)
        rims.append(without(outer, inner))
        rims.append(
            ribbon(
                [(x + side * (r - 0.01), b.eye_y - 0.02), (side * b.width * 1.0, b.eye_y - 0.04)],
                0.03,
                smooth=False,
            )
        )
    bridge = ribbon(
        [
            (b.turn - b.eye_gap + r - 0.015, b.eye_y),
            (b.turn, b.eye_y - 0.03),
            (b.turn + b.eye_gap - r + 0.015, b.eye_y),
        ],
        0.03,
    )
    figure.fill(union(bridge, *rims), frame, shade=0.5)


def _hat(figure: Figure, b: _Build, colour: Colour) -> None:
    w = b.width
    figure.fill(
        blob(
            [
                (-w * 1.02, -0.36),
                (-w * 0.95, -0.75),
                (-w * 0.3, -0.95),
                (w * 0.3, -0.95),
                (w * 0.95, -0.75),
                (w * 1.02, -0.36),
            ]
        ),
        colour,
    )
    figure.fill(
        ribbon([(-w * 1.4, -0.34), (0, -0.44), (w * 1.4, -0.34)], [0.06, 0.14, 0.06]), colour.darker(0.35)
    )
