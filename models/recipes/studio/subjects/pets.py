# SPDX-License-Identifier: GPL-3.0-or-later
"""Pets: cat and dog, sitting toward us."""

from typing import Any

from models.recipes.studio.palette import Colour, named, rgb
from models.recipes.studio.shapes import Figure, blob, common, curve, ellipse, polygon, ribbon, union
from models.recipes.studio.traits import Traits

_FUR = ("orange", "grey", "black", "white", "brown", "beige")
DARK = rgb(38, 30, 36)


def animal_eye(figure: Figure, x: float, y: float, r: float, iris: Colour, *, slit: bool = False) -> None:
    """A round animal eye with a light in it."""
    figure.fill(ellipse(x, y, r), iris, shade=0.4)
    figure.fill(ellipse(x, y, r * (0.3 if slit else 0.6), r * 0.8), DARK, shade=0)
    figure.fill(ellipse(x + r * 0.25, y - r * 0.35, r * 0.2), rgb(255, 255, 255), solid=False, shade=0)


def _sitting_body(figure: Figure, traits: Traits, fur: Colour, chest: Colour, collar: Colour | None) -> Any:
    """Body, paws and chest of a cat or dog sitting toward us; returns the body's path."""
    wide = traits.uniform("body_breadth", 0.34, 0.46)
    body = blob(
        [
            (0, -0.15),
            (wide * 0.72, 0.05),
            (wide, 0.5),
            (wide * 1.02, 0.86),
            (0, 0.93),
            (-wide * 1.02, 0.86),
            (-wide, 0.5),
            (-wide * 0.72, 0.05),
        ]
    )
    figure.fill(body, fur)
    figure.fill(common(ellipse(0, 0.28, wide * 0.5, 0.34), body), chest, shade=0.5)
    for side in (-1, 1):
        figure.fill(ellipse(side * wide * 0.92, 0.84, 0.17, 0.1), fur)
        figure.fill(
            blob(
                [
                    (side * 0.05, 0.4),
                    (side * 0.2, 0.42),
                    (side * 0.22, 0.86),
                    (side * 0.12, 0.94),
                    (side * 0.02, 0.88),
                ]
            ),
            fur.lighter(0.06),
        )
        for toe in (0.07, 0.13):
            figure.line([(side * toe, 0.85), (side * toe, 0.92)], fur.darker(0.7), 0.018)
    if collar:
        figure.fill(ribbon([(-wide * 0.62, 0.0), (0, 0.1), (wide * 0.62, 0.0)], 0.09), collar)
        figure.fill(ellipse(0, 0.15, 0.055), named("yellow"), round=True)
    return body


def cat(traits: Traits) -> Figure:
    """A sitting cat: fur, pattern, eyes, ears, tail, collar, whiskers."""
    fur = traits.pick("fur_colour", *_FUR)
    light = fur.lighter(0.6) if traits.chance("light_chest", 0.6) else fur.lighter(0.1)
    iris = traits.pick("eye_colour", "green", "yellow", "light blue", "orange")
    collar = traits.pick("collar_colour", avoid=fur.name) if traits.chance("collar", 0.5) else None
    figure = Figure("cat", "", max_tilt_deg=5, scale=(0.65, 0.95))
    tip = traits.uniform("tail_height", -0.1, 0.45)
    figure.fill(
        ribbon(
            [(0.25, 0.82), (0.62, 0.8), (0.74, 0.45), (0.62 + traits.uniform("tail_bend", 0, 0.2), tip)],
            [0.16, 0.15, 0.13, 0.09],
        ),
        fur,
    )
    _sitting_body(figure, traits, fur, light, collar)
    w, h = traits.uniform("head_breadth", 0.38, 0.47), traits.uniform("head_height", 0.32, 0.37)
    cy, tall = -0.32, traits.uniform("ear_height", 0.3, 0.44)
    for side in (-1, 1):
        ear = polygon(
            curve(
                [
                    (side * w * 0.95, cy - 0.08),
                    (side * w * 0.86, cy - h * 0.5 - tall),
                    (side * w * 0.2, cy - h * 0.82),
                ],
                closed=False,
                steps=6,
            )
        )
        figure.fill(ear, fur)
        figure.fill(
            polygon(
                [
                    (side * w * 0.82, cy - h * 0.5),
                    (side * w * 0.8, cy - h * 0.5 - tall * 0.68),
                    (side * w * 0.38, cy - h * 0.8),
                ]
            ),
            rgb(226, 150, 150),
            shade=0.5,
        )
    head = blob(
        [
            (0, cy - h),
            (w * 0.62, cy - h * 0.82),
            (w, cy + 0.02),
            (w * 0.78, cy + h * 0.72),
            (0, cy + h),
            (-w * 0.78, cy + h * 0.72),
            (-w, cy + 0.02),
            (-w * 0.62, cy - h * 0.82),
        ]
    )
    figure.fill(head, fur)
    pattern = traits.choice("pattern", ("plain", "striped", "patched"))
    mark = fur.darker(0.55) if fur.name != "black" else rgb(220, 216, 208)
    if pattern == "striped":
        for x in (-0.1, 0.0, 0.1):
            figure.fill(
                common(ribbon([(x * 1.3, cy - h), (x, cy - h * 0.5)], [0.06, 0.015]), head), mark, shade=0.3
            )
        for side in (-1, 1):
            for dy in (0.02, 0.12):
                figure.fill(
                    common(
                        ribbon(
                            [(side * w * 1.02, cy + dy), (side * w * 0.66, cy + dy + 0.02)], [0.055, 0.01]
                        ),
                        head,
                    ),
                    mark,
                    shade=0.3,
                )
    elif pattern == "patched":
        side = 1 if traits.chance("patch_left", 0.5) else -1
        figure.fill(
            common(ellipse(side * w * 0.6, cy - 0.14, w * 0.48, h * 0.7), head),
            traits.pick("patch_colour", *_FUR, avoid=fur.name),
        )
    figure.fill(
        union(ellipse(-0.085, cy + h * 0.52, 0.12, 0.1), ellipse(0.085, cy + h * 0.52, 0.12, 0.1)),
        light,
        shade=0.3,
    )
    gap, r = traits.uniform("eye_gap", 0.16, 0.2), traits.uniform("eye_size", 0.075, 0.1)
    for side in (-1, 1):
        animal_eye(figure, side * gap, cy - 0.02, r, iris, slit=traits.chance("slit_pupils", 0.9))
        for k in range(3):
            y = cy + h * 0.5 + k * 0.035
            figure.line(
                [
                    (side * 0.14, y),
                    (side * 0.36, y - 0.04 + k * 0.03),
                    (side * (0.52 + traits.uniform("whiskers", 0, 0.08)), y - 0.06 + k * 0.06),
                ],
                rgb(250, 248, 240) if fur.name == "black" else fur.darker(0.75),
                0.012,
            )
    figure.fill(
        polygon([(-0.05, cy + h * 0.34), (0.05, cy + h * 0.34), (0, cy + h * 0.48)]),
        rgb(214, 116, 120),
        shade=0.3,
    )
    for side in (-1, 1):
        figure.line(
            [(0, cy + h * 0.48), (side * 0.02, cy + h * 0.62), (side * 0.1, cy + h * 0.62)], DARK, 0.018
        )
    words = f"{pattern} {fur.name} cat".replace("plain ", "")
    figure.caption = f"a {words} with {iris.name} eyes" + (f" and a {collar.name} collar" if collar else "")
    return figure


def dog(traits: Traits) -> Figure:
    """A sitting dog: fur, ears up or hanging, eye patch, tongue, collar, tail."""
    fur = traits.pick("fur_colour", *_FUR)
    ears = (
        traits.pick("ear_colour", *_FUR)
        if traits.chance("ears_unlike_fur", 0.6)
        else fur.toward(fur.darker(1), 0.4)
    )
    collar = traits.pick("collar_colour", avoid=fur.name) if traits.chance("collar", 0.6) else None
    figure = Figure("dog", "", max_tilt_deg=5, scale=(0.65, 0.95))
    figure.fill(
        ribbon(
            [(0.3, 0.8), (0.6, 0.66), (0.72, 0.4 + traits.uniform("tail_height", -0.1, 0.2))],
            [0.16, 0.13, 0.06],
        ),
        fur,
    )
    _sitting_body(figure, traits, fur, fur.lighter(0.5), collar)
    w, h, cy = traits.uniform("head_breadth", 0.34, 0.42), traits.uniform("head_height", 0.36, 0.42), -0.36
    hanging = traits.chance("hanging_ears", 0.6)
    if not hanging:
        for side in (-1, 1):
            figure.fill(
                polygon(
                    curve(
                        [
                            (side * w * 0.95, cy - 0.1),
                            (side * w * 0.95, cy - h - 0.22),
                            (side * w * 0.25, cy - h * 0.8),
                        ],
                        steps=6,
                    )
                ),
                ears,
            )
    head = blob(
        [
            (0, cy - h),
            (w * 0.72, cy - h * 0.78),
            (w, cy - 0.05),
            (w * 0.72, cy + h * 0.7),
            (0, cy + h),
            (-w * 0.72, cy + h * 0.7),
            (-w, cy - 0.05),
            (-w * 0.72, cy - h * 0.78),
        ]
    )
    figure.fill(head, fur)
    patch = traits.chance("eye_patch", 0.4)
    if patch:
        side = 1 if traits.chance("patch_left", 0.5) else -1
        figure.fill(common(ellipse(side * w * 0.48, cy - 0.1, 0.15, 0.19), head), ears, shade=0.5)
    if hanging:
        drop = traits.uniform("ear_length", 0.05, 0.3)
        for side in (-1, 1):
            figure.fill(
                blob(
                    [
                        (side * w * 0.62, cy - h * 0.88),
                        (side * w * 1.1, cy - h * 0.6),
                        (side * w * 1.32, cy + drop),
                        (side * w * 1.08, cy + drop + 0.14),
                        (side * w * 0.88, cy + drop),
                    ]
                ),
                ears,
            )
    muzzle = blob(
        [
            (0, cy - 0.02),
            (0.15, cy + 0.08),
            (0.21, cy + 0.24),
            (0.1, cy + 0.36),
            (-0.1, cy + 0.36),
            (-0.21, cy + 0.24),
            (-0.15, cy + 0.08),
        ]
    )
    tongue = traits.chance("tongue", 0.5)
    if tongue:
        figure.fill(
            blob(
                [(-0.06, cy + 0.27), (0.06, cy + 0.27), (0.08, cy + 0.42), (0, cy + 0.5), (-0.08, cy + 0.42)]
            ),
            rgb(226, 112, 124),
            shade=0.6,
        )
    figure.fill(muzzle, fur.lighter(0.5), shade=0.6)
    figure.fill(
        blob([(-0.1, cy + 0.06), (0, cy + 0.03), (0.1, cy + 0.06), (0.05, cy + 0.15), (-0.05, cy + 0.15)]),
        DARK,
        round=True,
    )
    for side in (-1, 1):
        figure.line(
            [(0, cy + 0.15), (side * 0.01, cy + 0.24), (side * 0.08, cy + 0.28), (side * 0.15, cy + 0.24)],
            DARK,
            0.018,
        )
        animal_eye(
            figure,
            side * traits.uniform("eye_gap", 0.15, 0.18),
            cy - 0.1,
            traits.uniform("eye_size", 0.055, 0.075),
            traits.pick("eye_colour", "brown", "black"),
        )
    extra = " with a tongue out" if tongue else ""
    ear_words = "hanging" if hanging else "pointed"
    figure.caption = f"a {fur.name} dog with {ear_words} {ears.name} ears{extra}".replace(
        f"{fur.name} ears", "ears"
    )
    if collar:
        figure.caption += f", wearing a {collar.name} collar"
    return figure
