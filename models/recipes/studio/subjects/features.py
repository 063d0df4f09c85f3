# SPDX-License-Identifier: GPL-3.0-or-later
"""Features of a face, each placed by the same measures."""

from dataclasses import dataclass
from typing import Any

from models.recipes.studio.palette import Colour, named, rgb
from models.recipes.studio.shapes import Figure, blob, common, ellipse, ribbon, union, without
from models.recipes.studio.traits import Traits


@dataclass(frozen=True)
class Build:
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


def eyes(figure: Figure, b: Build, iris: Colour, traits: Traits) -> None:
    """Both eyes: white, iris, pupil, light, upper lid."""
    r = b.eye_r
    openness = traits.uniform("eye_openness", 0.5, 0.85)
    gaze = traits.uniform("gaze", -0.25, 0.25)
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


def brows(figure: Figure, b: Build, traits: Traits) -> None:
    """Both brows, in the hair's colour."""
    colour = (named("brown") if b.style == "bald" else b.hair).darker(0.45)
    lift, arch, thick = (
        traits.uniform("brow_lift", 0.13, 0.18),
        traits.uniform("brow_arch", 0.0, 0.05),
        traits.uniform("brow_thickness", 0.03, 0.06),
    )
    tilt = traits.uniform("brow_tilt", -0.035, 0.035)
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


def nose(figure: Figure, b: Build, traits: Traits) -> None:
    """A nose of one or two strokes."""
    x, y, w = (
        b.turn * 1.35,
        b.eye_y + traits.uniform("nose_length", 0.2, 0.27),
        traits.uniform("nose_breadth", 0.05, 0.085),
    )
    shadow = b.skin.darker(0.42)
    if traits.chance("nose_in_profile", 0.5):
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


def beard(figure: Figure, b: Build) -> None:
    """A beard around chin and mouth; draw it before the mouth."""
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


def mouth(figure: Figure, b: Build, traits: Traits) -> str:
    """The mouth; returns the word for its mood."""
    x, y, w = (
        b.turn * 1.2,
        b.chin - traits.uniform("mouth_height", 0.15, 0.19),
        traits.uniform("mouth_breadth", 0.11, 0.17),
    )
    lip = rgb(196, 84, 84).toward(b.skin.darker(0.3), traits.uniform("lip_paleness", 0.0, 0.6))
    mood = traits.choice("mood", ("smiling", "calm", "sad", "laughing"), (0.4, 0.25, 0.15, 0.2))
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
    full = traits.uniform("lip_fullness", 0.025, 0.055)
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


def glasses(figure: Figure, b: Build, traits: Traits) -> None:
    """Round or flat glasses with faint lenses."""
    frame = traits.pick("glasses_colour", "black", "brown", "red", "blue", "navy")
    r = b.eye_gap * traits.uniform("glasses_size", 0.72, 0.85)
    squash = traits.uniform("glasses_height", 0.7, 1.0)
    rims: list[Any] = []
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


def hat(figure: Figure, b: Build, colour: Colour) -> None:
    """A hat with a brim."""
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
