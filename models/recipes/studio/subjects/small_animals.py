# SPDX-License-Identifier: GPL-3.0-or-later
"""Small animals: rabbit, penguin, snail, turtle."""

import numpy as np

from models.recipes.studio.palette import named, rgb
from models.recipes.studio.shapes import Figure, blob, common, ellipse, moved, polygon, ribbon, union
from models.recipes.studio.subjects.pets import DARK, animal_eye
from models.recipes.studio.traits import Traits


def rabbit(traits: Traits) -> Figure:
    """A sitting rabbit: ears up or one bent, teeth, belly, tail, whiskers, carrot."""
    fur = traits.pick("fur_colour", "white", "grey", "brown", "beige", "black", "orange", "light blue")
    inner = traits.pick("ear_colour", "pink", "beige", "white", avoid=fur.name)
    belly = fur.lighter(traits.uniform("light_belly", 0.3, 0.7))
    figure = Figure("rabbit", "", max_tilt_deg=5, scale=(0.7, 0.98))
    cy, tall, gap = -0.14, traits.uniform("ear_length", 0.48, 0.66), traits.uniform("ear_gap", 0.1, 0.2)
    figure.fill(ellipse(0.48, 0.68, 0.15), fur.lighter(0.5), round=True)
    for side in (-1, 1):
        lean = side * traits.uniform("ear_lean", 2, 16)
        outer = blob([(-0.1, 0), (-0.14, -tall * 0.6), (0, -tall), (0.14, -tall * 0.6), (0.1, 0)])
        pink = blob(
            [(-0.045, -0.05), (-0.07, -tall * 0.55), (0, -tall * 0.86), (0.07, -tall * 0.55), (0.045, -0.05)]
        )
        figure.fill(moved(outer, side * gap, cy - 0.16, turn_deg=lean), fur)
        figure.fill(moved(pink, side * gap, cy - 0.16, turn_deg=lean), inner, shade=0.5)
    wide = traits.uniform("body_breadth", 0.36, 0.46)
    body = blob(
        [
            (0, 0.0),
            (wide * 0.8, 0.25),
            (wide, 0.7),
            (wide * 0.6, 0.93),
            (-wide * 0.6, 0.93),
            (-wide, 0.7),
            (-wide * 0.8, 0.25),
        ]
    )
    figure.fill(body, fur)
    figure.fill(common(ellipse(0, 0.62, wide * 0.6, 0.3), body), belly, shade=0.5)
    for side in (-1, 1):
        figure.fill(ellipse(side * wide * 0.72, 0.88, 0.2, 0.09), fur.lighter(0.1))
        figure.fill(
            moved(ellipse(0, 0, 0.09, 0.17), side * wide * 0.55, 0.42, turn_deg=side * 14), fur.lighter(0.05)
        )
    figure.fill(ellipse(0, cy + 0.05, traits.uniform("head_breadth", 0.36, 0.42), 0.33), fur, round=True)
    for side in (-1, 1):
        figure.fill(ellipse(side * 0.08, cy + 0.17, 0.105, 0.085), belly, shade=0.4)
    figure.fill(
        polygon([(-0.04, cy + 0.24), (0.04, cy + 0.24), (0.04, cy + 0.33), (-0.04, cy + 0.33)]),
        rgb(252, 250, 244),
    )
    figure.line([(0, cy + 0.24), (0, cy + 0.33)], rgb(180, 176, 170), 0.01)
    figure.fill(
        blob([(-0.06, cy + 0.07), (0, cy + 0.05), (0.06, cy + 0.07), (0, cy + 0.13)]), rgb(216, 120, 128)
    )
    iris, size = (
        traits.pick("eye_colour", "brown", "light blue", "red", "green"),
        traits.uniform("eye_size", 0.06, 0.085),
    )
    for side in (-1, 1):
        animal_eye(figure, side * 0.16, cy - 0.04, size, iris)
        for k in range(2):
            y = cy + 0.15 + 0.05 * k
            figure.line(
                [(side * 0.14, y), (side * 0.34, y - 0.02), (side * 0.5, y + 0.05 * k)],
                fur.darker(0.8),
                0.012,
            )
    extra = ""
    if traits.chance("carrot", 0.35):
        carrot = blob([(-0.28, 0.6), (-0.05, 0.47), (0.16, 0.52), (0.14, 0.64), (-0.05, 0.66)])
        for dy in (-0.08, 0.0, 0.08):
            figure.fill(
                ribbon([(0.14, 0.57), (0.26, 0.55 + dy), (0.34, 0.5 + 1.6 * dy)], [0.05, 0.05, 0.02]),
                named("green"),
            )
        figure.fill(carrot, named("orange"))
        extra = " holding a carrot"
    figure.caption = f"a {fur.name} rabbit with {inner.name} ears{extra}"
    return figure


def penguin(traits: Traits) -> Figure:
    """A penguin facing us: back, belly, beak, feet, flippers, scarf, cap."""
    back = traits.pick("back_colour", "black", "black", "navy", "grey", "blue", "purple", "teal")
    beak = traits.pick("beak_colour", "orange", "yellow", "red")
    scarf = traits.pick("scarf_colour", avoid=back.name)
    figure = Figure("penguin", "", max_tilt_deg=6, scale=(0.7, 0.98))
    wide, top = traits.uniform("breadth", 0.44, 0.56), -0.88
    for side in (-1, 1):
        toes = [
            (side * 0.06, 0.86),
            (side * 0.26, 0.82),
            (side * 0.42, 0.92),
            (side * 0.24, 0.98),
            (side * 0.08, 0.96),
        ]
        figure.fill(blob(toes), beak)
        lift = traits.uniform("flipper_lift", -0.1, 0.3)
        flipper = [
            (side * wide * 0.75, -0.18),
            (side * (wide + 0.14), 0.1),
            (side * (wide + 0.2), 0.45 - lift),
            (side * (wide + 0.06), 0.42 - 0.6 * lift),
            (side * wide * 0.8, 0.2),
        ]
        figure.fill(blob(flipper), back)
    body = blob(
        [(0, top), (0.33, top + 0.14), (0.4, -0.42), (wide, 0.15), (wide * 0.92, 0.66), (0, 0.93),
         (-wide * 0.92, 0.66), (-wide, 0.15), (-0.4, -0.42), (-0.33, top + 0.14)]
    )  # fmt: skip
    figure.fill(body, back)
    white = traits.jitter("belly_tone", rgb(248, 246, 238, "white"))
    belly = traits.uniform("belly_breadth", 0.68, 0.82) * wide
    figure.fill(
        blob(
            [(0, -0.3), (belly, 0.15), (belly * 0.86, 0.62), (0, 0.84), (-belly * 0.86, 0.62), (-belly, 0.15)]
        ),
        white,
    )
    mask = union(
        ellipse(-0.13, -0.52, 0.17, 0.2), ellipse(0.13, -0.52, 0.17, 0.2), ellipse(0, -0.4, 0.2, 0.16)
    )
    figure.fill(mask, white, shade=0.5)
    gap = traits.uniform("eye_gap", 0.12, 0.16)
    for side in (-1, 1):
        figure.fill(ellipse(side * gap, -0.55, 0.05, 0.065), DARK, shade=0)
        figure.fill(ellipse(side * gap + 0.015, -0.575, 0.017), rgb(255, 255, 255), solid=False, shade=0)
    long = traits.uniform("beak_length", 0.1, 0.18)
    figure.fill(polygon([(-0.09, -0.45), (0.09, -0.45), (0, -0.45 + long)]), beak)
    extra = ""
    if traits.chance("scarf", 0.45):
        figure.fill(
            ribbon([(0.16, -0.22), (0.24, 0.05), (0.2, 0.24)], [0.12, 0.14, 0.15]), scarf.darker(0.25)
        )
        figure.fill(ribbon([(-0.43, -0.33), (0, -0.2), (0.43, -0.33)], 0.15), scarf)
        extra = f" with a {scarf.name} scarf"
    if traits.chance("cap", 0.3):
        wool = traits.pick("cap_colour", avoid=back.name)
        figure.fill(
            blob(
                [
                    (-0.34, top + 0.2),
                    (-0.24, top - 0.02),
                    (0, top - 0.1),
                    (0.24, top - 0.02),
                    (0.34, top + 0.2),
                ]
            ),
            wool,
        )
        figure.fill(ellipse(0, top - 0.1, 0.09), wool.lighter(0.5), round=True)
        extra += f"{' and' if extra else ' with'} a {wool.name} cap"
    figure.caption = f"a {back.name} penguin{extra}"
    return figure


def snail(traits: Traits) -> Figure:
    """A snail in profile: shell and its coil, body, feelers, eye, smile."""
    shell = traits.pick("shell_colour", "brown", "orange", "red", "yellow", "purple", "blue", "green", "pink")
    band = traits.pick("band_colour", avoid=shell.name)
    body = traits.pick("body_colour", "beige", "green", "grey", "orange", "yellow", avoid=shell.name)
    figure = Figure("snail", "", max_tilt_deg=6, scale=(0.65, 0.95))
    neck, head = traits.uniform("neck", -0.78, -0.62), traits.uniform("head_height", -0.14, 0.08)
    for dx in (-0.09, 0.07):
        tip = (neck + dx * 2.2, head - traits.uniform("feelers", 0.3, 0.42))
        figure.fill(ribbon([(neck + dx * 0.5, head), tip], [0.05, 0.035]), body)
        figure.fill(ellipse(*tip, 0.055), body.darker(0.3), round=True)
    slug = blob(
        [(neck - 0.1, head - 0.12), (neck + 0.12, head - 0.06), (neck + 0.22, 0.38), (0.4, 0.46),
         (0.96, 0.66), (0.5, 0.72), (-0.5, 0.72), (neck - 0.14, 0.6), (neck - 0.2, head + 0.1)]
    )  # fmt: skip
    figure.fill(slug, body)
    r, cx, cy = traits.uniform("shell_size", 0.46, 0.56), 0.14, 0.06
    figure.fill(ellipse(cx, cy, r, r * 0.96), shell, round=True)
    turns = traits.choice("turns", (2, 3))
    broad = traits.uniform("band_width", 0.07, 0.13)
    angle = np.linspace(0.4, 2 * np.pi * turns, 26 * turns)
    away = r * 0.86 * (1 - angle / (2 * np.pi * turns + 0.8))
    coil = np.stack([cx + away * np.cos(angle), cy + away * np.sin(angle) * 0.96], axis=1)
    if traits.chance("banded", 0.6):
        figure.fill(ribbon(coil, [broad, broad * 0.4], smooth=False), band)
    else:
        figure.line(coil[::2], shell.darker(0.8), 0.028)
    figure.line(
        [(neck - 0.13, head + 0.1), (neck - 0.08, head + 0.15), (neck - 0.01, head + 0.13)], DARK, 0.02
    )
    figure.fill(ellipse(neck - 0.06, head - 0.01, 0.035), DARK, shade=0)
    figure.caption = f"a {body.name} snail with a {shell.name} shell"
    return figure


def turtle(traits: Traits) -> Figure:
    """A turtle in profile: shell with plates, rim, head, feet, tail."""
    shell = traits.pick("shell_colour", "green", "dark green", "brown", "orange", "teal", "purple", "blue")
    plate = traits.pick(
        "plate_colour", "yellow", "beige", "brown", "green", "dark green", "orange", avoid=shell.name
    )
    skin = traits.pick("skin_colour", "green", "beige", "yellow", "teal", "grey", avoid=shell.name)
    figure = Figure("turtle", "", max_tilt_deg=6, scale=(0.65, 0.95))
    low, tall, w = 0.36, traits.uniform("shell_height", 0.6, 0.82), traits.uniform("breadth", 0.58, 0.68)
    figure.fill(polygon([(w - 0.06, low - 0.02), (w + 0.28, low + 0.12), (w - 0.1, low + 0.12)]), skin)
    reach, up = traits.uniform("neck", 0.2, 0.34), traits.uniform("head_height", -0.05, 0.2)
    hx, hy = -w - reach, up
    figure.fill(
        ribbon([(-w + 0.12, low), (-w - reach * 0.4, low - 0.05), (hx, hy + 0.05)], [0.24, 0.2, 0.18]), skin
    )
    figure.fill(ellipse(hx - 0.02, hy, 0.18, 0.16), skin, round=True)
    for x in (-w + 0.2, w - 0.2):
        figure.fill(
            blob([(x - 0.13, low), (x + 0.13, low), (x + 0.14, low + 0.34), (x - 0.16, low + 0.34)]), skin
        )
        for k in (-0.07, 0.02):
            figure.line([(x + k, low + 0.29), (x + k, low + 0.36)], skin.darker(0.8), 0.018)
    dome = np.linspace(np.pi, 2 * np.pi, 24)
    back = polygon(np.stack([w * np.cos(dome), low + tall * np.sin(dome)], axis=1))
    figure.fill(back, shell)
    size, count = traits.uniform("plate_size", 0.13, 0.18), traits.choice("plates", (3, 5))
    turn = traits.uniform("plate_turn", 0, 60)
    hexagon = [(size * np.cos(a), size * np.sin(a)) for a in np.arange(6) * np.pi / 3]
    spots = [(0.0, -0.62), (-0.5, -0.34), (0.5, -0.34), (0.0, -0.22), (0.0, -0.9)][:count]
    for x, y in spots:
        piece = moved(polygon(hexagon), x * w * 0.95, low + y * tall, turn_deg=turn, sx=1.1)
        figure.fill(common(piece, back), plate)
    rim = traits.uniform("rim", 0.1, 0.16)
    figure.fill(ribbon([(-w - 0.05, low), (0, low + 0.05), (w + 0.05, low)], rim), plate.darker(0.25))
    figure.fill(ellipse(hx - 0.07, hy - 0.03, 0.034, 0.042), DARK, shade=0)
    figure.line([(hx - 0.18, hy + 0.05), (hx - 0.1, hy + 0.09), (hx - 0.02, hy + 0.06)], DARK, 0.018)
    figure.caption = f"a {skin.name} turtle with a {shell.name} shell"
    return figure
