# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces: every feature is its own attribute."""

import numpy as np

from models.recipes.studio.palette import Colour, rgb
from models.recipes.studio.shapes import Figure, blob, common, ellipse, ribbon, union, without
from models.recipes.studio.subjects.features import Build, beard, brows, eyes, glasses, hat, mouth, nose
from models.recipes.studio.traits import Traits

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
_HAIR_SHARES = (0.2, 0.22, 0.18, 0.14, 0.08, 0.06, 0.06, 0.06)
_STYLE_SHARES = (0.2, 0.2, 0.14, 0.14, 0.14, 0.14, 0.04)


def face(traits: Traits) -> Figure:
    """A head and shoulders seen from the front, turned a little."""
    hair_name = traits.choice("hair_colour", tuple(_HAIRS), _HAIR_SHARES)
    build = Build(
        width=traits.uniform("width", 0.38, 0.48),
        chin=traits.uniform("chin", 0.42, 0.54),
        turn=traits.uniform("turn", -0.09, 0.09),
        eye_y=traits.uniform("eye_height", -0.12, -0.02),
        eye_gap=traits.uniform("eye_gap", 0.16, 0.21),
        eye_r=traits.uniform("eye_size", 0.075, 0.115),
        style=traits.choice("hair_style", _STYLES, _STYLE_SHARES),
        skin=_skin(traits),
        hair=traits.jitter("hair_tone", rgb(*_HAIRS[hair_name], hair_name)),
    )
    figure = Figure("face", "", max_tilt_deg=7, scale=(0.8, 1.12), cropped_below=True, stands=False)
    _hair_behind(figure, build, traits)
    clothes = _shoulders(figure, build, traits)
    _head(figure, build, traits)
    iris = traits.choice("eye_colour", tuple(_IRISES))
    eyes(figure, build, traits.jitter("iris_tone", rgb(*_IRISES[iris])), traits)
    nose(figure, build, traits)
    bearded = build.style != "long" and traits.chance("beard", 0.14)
    if bearded:
        beard(figure, build)
    mood = mouth(figure, build, traits)
    _hair_front(figure, build, traits)
    brows(figure, build, traits)
    spectacled = traits.chance("glasses", 0.25)
    if spectacled:
        glasses(figure, build, traits)
    hatted = traits.chance("hat", 0.14)
    hat_colour = traits.pick("hat_colour")
    if hatted:
        hat(figure, build, hat_colour)
    marked = {
        f"{iris} eyes": True,
        "a beard": bearded,
        "glasses": spectacled,
        f"a {hat_colour.name} hat": hatted,
    }
    extras = [trait for trait, there in marked.items() if there]
    words = traits.words()
    words.shuffle(extras)
    extras = extras[: int(words.integers(1, 4))]
    hair = _HAIR_WORDS[build.style].format(hair_name)
    figure.caption = f"a {mood} face with {', '.join([hair, *extras])}"
    if words.random() < 0.6:
        figure.caption += f", wearing {clothes.name}"
    return figure


def _skin(traits: Traits) -> Colour:
    """One of several skins, told apart by number, from light to dark."""
    number = traits.choice("skin", tuple(range(len(_SKINS))))
    return traits.jitter("skin_tone", rgb(*_SKINS[number]), 0.5)


def _hair_behind(figure: Figure, b: Build, traits: Traits) -> None:
    w = b.width
    back = b.hair.darker(0.35)
    if b.style == "long":
        fall, flare = traits.uniform("hair_length", 0.6, 0.98), traits.uniform("hair_flare", 1.15, 1.5)
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
        fall = traits.uniform("hair_length", 0.28, 0.45)
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
        figure.fill(
            ellipse(traits.uniform("bun_place", -0.08, 0.08), -0.76, traits.uniform("bun_size", 0.15, 0.22)),
            b.hair,
        )
    elif b.style == "curly":
        r = traits.uniform("curl_size", 0.15, 0.22)
        ring = [
            ellipse((w + 0.02) * np.cos(a) * 1.08, -0.22 + 0.5 * np.sin(a), r)
            for a in np.linspace(np.pi * 0.92, np.pi * 2.08, 9)
        ]
        figure.fill(union(*ring, ellipse(0, -0.3, w, 0.45)), back)


def _shoulders(figure: Figure, b: Build, traits: Traits) -> Colour:
    clothes = traits.pick("clothes_colour")
    neck = traits.uniform("neck_breadth", 0.17, 0.22)
    shoulder, slope = traits.uniform("shoulders", 0.6, 0.85), traits.uniform("shoulder_slope", 0.72, 0.84)
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
            (0, 0.78 + traits.uniform("neckline", 0, 0.12)),
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
    trim = traits.pick("trim_colour", avoid=clothes.name)
    if traits.chance("striped_clothes", 0.4):
        for y in np.arange(0.86, 1.6, 0.13):
            figure.fill(common(ribbon([(-1, y + 0.02), (0, y - 0.02), (1, y + 0.02)], 0.05), body), trim)
    elif traits.chance("collar", 0.5):
        figure.fill(ribbon([(-neck * 1.5, 0.7), (0, 0.9), (neck * 1.5, 0.7)], 0.08), trim)
    return clothes


def _head(figure: Figure, b: Build, traits: Traits) -> None:
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
    jaw = traits.uniform("jaw", 0.62, 0.9)
    tip = traits.uniform("chin_breadth", 0.22, 0.42)
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
    if traits.chance("rosy_cheeks", 0.6):
        for side in (-1, 1):
            figure.fill(
                ellipse(b.turn + side * w * 0.6, b.eye_y + 0.2, 0.1, 0.07),
                rgb(230, 110, 100),
                solid=False,
                alpha=0.28,
            )


def _hair_front(figure: Figure, b: Build, traits: Traits) -> None:
    w = b.width
    if b.style == "bald":
        return
    hairline = traits.uniform("hairline", -0.42, -0.28)
    side = 1 if traits.chance("parting_right", 0.5) else -1
    drop = {"long": 0.25, "bob": 0.2, "short": -0.12, "bun": -0.15, "curly": -0.1, "parted": -0.05}[b.style]
    part_x = {"parted": 0.0}.get(b.style, side * traits.uniform("parting", 0.1, 0.7) * w)
    crown = -0.68 - traits.uniform("hair_height", 0, 0.06)
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
    strand = b.hair.darker(0.5) if traits.chance("dark_strands", 0.6) else b.hair.lighter(0.35)
    strands, places = traits.count("strands", 0, 5), traits.stream("strand_places")
    for _ in range(strands):
        x = min(max(part_x + places.uniform(-0.5, 0.5) * w, -0.7 * w), 0.7 * w)
        low = (hairline + crown) / 2 + 0.04
        bow = [
            (part_x * 0.7, crown + 0.11),
            ((part_x + x) / 2 + (x - part_x) * 0.3, crown + 0.17),
            (x * 1.1, low),
        ]
        figure.line(bow, strand, 0.016, 0.8)
