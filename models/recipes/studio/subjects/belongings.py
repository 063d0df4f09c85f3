# SPDX-License-Identifier: GPL-3.0-or-later
"""What people have with them: hat, umbrella, book, crown, ice cream, leaf."""

from itertools import pairwise

import numpy as np

from models.recipes.studio.palette import named, rgb
from models.recipes.studio.shapes import (
    Figure,
    blob,
    box,
    common,
    ellipse,
    moved,
    polygon,
    ribbon,
    union,
    without,
)
from models.recipes.studio.subjects.sky import star_shape
from models.recipes.studio.traits import Traits


def hat(traits: Traits) -> Figure:
    """A hat: crown (top hat, bowler or witch's), brim, band, buckle, feather."""
    felt = traits.pick("felt_colour")
    band = traits.pick("band_colour", avoid=felt.name)
    figure = Figure("hat", "", max_tilt_deg=10)
    kind = traits.choice("kind", ("top", "round", "pointed"))
    w, tall = traits.uniform("breadth", 0.4, 0.55), traits.uniform("height", 0.55, 0.95)
    brim, droop = traits.uniform("brim", 0.24, 0.4), traits.uniform("droop", -0.06, 0.1)
    foot, top = 0.42, 0.42 - tall
    figure.fill(ellipse(0, foot, w + brim, 0.16), felt)
    if kind == "top":
        over, under = np.linspace(np.pi, 2 * np.pi, 16), np.linspace(0, np.pi, 16)
        lid = np.stack([w * 1.08 * np.cos(over), top + 0.09 * np.sin(over)], axis=1)
        crown = polygon(
            np.concatenate([lid, np.stack([w * np.cos(under), foot + 0.1 * np.sin(under)], axis=1)])
        )
    elif kind == "round":
        crown = blob(
            [(-w, foot + 0.06), (-w * 0.92, top + 0.2), (0, top), (w * 0.92, top + 0.2), (w, foot + 0.06)]
        )
    else:
        bend = traits.uniform("bend", -0.3, 0.3)
        crown = blob(
            [(-w, foot + 0.04), (-0.16, top + 0.25), (bend, top - 0.3), (0.12, top + 0.25), (w, foot + 0.04)]
        )
    figure.fill(crown, felt)
    if kind == "top":
        figure.fill(ellipse(0, top, w * 1.08, 0.09), felt.lighter(0.15), shade=0.5)
    y, thick = foot - 0.02, traits.uniform("band_width", 0.1, 0.18)
    around = ribbon([(-w * 1.2, y - thick), (0, y - thick + 0.09 + droop * 0.3), (w * 1.2, y - thick)], thick)
    figure.fill(common(around, crown), band)
    extra = ""
    if traits.chance("feather", 0.3):
        plume = traits.pick("feather_colour", avoid=felt.name)
        figure.fill(
            blob([(w * 0.7, y - 0.08), (w * 1.0, y - 0.45), (w * 1.35, y - 0.7), (w * 1.25, y - 0.3)]), plume
        )
        figure.line([(w * 0.72, y - 0.1), (w * 1.05, y - 0.4), (w * 1.3, y - 0.64)], plume.darker(0.5), 0.014)
        extra = f" and a {plume.name} feather"
    elif traits.chance("buckle", 0.4):
        buckle = without(box(-0.11, y - 0.19, 0.11, y + 0.05, 0.02), box(-0.05, y - 0.13, 0.05, y - 0.01))
        figure.fill(buckle, named("yellow"))
        extra = " and a buckle"
    words = {"top": "top hat", "round": "round hat", "pointed": "pointed hat"}[kind]
    figure.caption = f"a {felt.name} {words} with a {band.name} band{extra}"
    return figure


def umbrella(traits: Traits) -> Figure:
    """An open umbrella: panels in one or two colours, scalloped edge, tip, stick, hook."""
    cloth = traits.pick("cloth_colour")
    second = traits.pick("second_colour", avoid=cloth.name)
    wood = traits.pick("stick_colour", "brown", "black", "grey", "beige")
    figure = Figure("umbrella", "", max_tilt_deg=18)
    two = traits.chance("two_colours", 0.5)
    panels = traits.choice("panels", (4, 6))
    w, tall, low = traits.uniform("breadth", 0.8, 0.94), traits.uniform("height", 0.6, 0.78), 0.05
    stick = traits.uniform("stick_width", 0.045, 0.07)
    hook = traits.uniform("hook", 0.14, 0.22)
    figure.fill(ribbon([(0, low - tall), (0, 0.75)], stick, smooth=False), wood)
    turn = np.linspace(0, np.pi, 9)
    bow = np.stack([-hook / 2 + hook / 2 * np.cos(turn), 0.74 + hook * 0.75 * np.sin(turn)], axis=1)
    figure.fill(ribbon(bow, stick * 1.25, smooth=False), wood)
    figure.fill(ellipse(0, low - tall - 0.02, 0.035, 0.07), wood)
    edges = w * np.sin(np.linspace(-np.pi / 2, np.pi / 2, panels + 1))
    dome = np.linspace(np.pi, 2 * np.pi, 24)
    canopy = polygon(np.stack([w * np.cos(dome), low + tall * np.sin(dome)], axis=1))
    dip = traits.uniform("scallops", 0.06, 0.13)
    for a, b in pairwise(edges.tolist()):
        canopy = without(canopy, ellipse((a + b) / 2, low + 0.01, (b - a) / 2, dip))
    figure.fill(canopy, cloth)
    for k, (a, b) in enumerate(pairwise(edges.tolist())):
        if two and k % 2:
            rise = np.linspace(0, np.pi / 2, 8)
            left = np.stack([a * np.cos(rise), low - tall * np.sin(rise)], axis=1)
            right = np.stack([b * np.cos(rise), low - tall * np.sin(rise)], axis=1)
            figure.fill(common(polygon(np.concatenate([left, right[::-1]])), canopy), second)
        elif k:
            rise = np.linspace(0, np.pi / 2, 6)
            figure.line(
                np.stack([a * np.cos(rise), low - tall * np.sin(rise)], axis=1), cloth.darker(0.6), 0.014
            )
    figure.caption = f"a {cloth.name} and {second.name} umbrella" if two else f"a {cloth.name} umbrella"
    figure.caption += f" with a {wood.name} handle"
    return figure


def book(traits: Traits) -> Figure:
    """A closed book, a little turned: cover, spine, pages, emblem, ribbon."""
    cover = traits.pick("cover_colour")
    trim = traits.pick("trim_colour", avoid=cover.name)
    figure = Figure("book", "", max_tilt_deg=14, may_flip=True)
    w, h = traits.uniform("breadth", 0.48, 0.64), traits.uniform("height", 0.7, 0.86)
    thick, lean = traits.uniform("thickness", 0.12, 0.24), traits.uniform("turn", 0.06, 0.14)
    if traits.chance("ribbon", 0.35):
        tail = traits.pick("ribbon_colour", "red", "yellow", "navy", avoid=cover.name)
        figure.fill(polygon([(0.1, h), (0.2, h), (0.2, h + 0.16), (0.15, h + 0.1), (0.1, h + 0.16)]), tail)
    back = [(-w, -h + 0.02), (w + thick * 0.7, -h - lean), (w + thick * 0.7, h - thick * 0.5), (-w, h)]
    figure.fill(polygon(back), cover.darker(0.4))
    page = [
        (w * 0.95, -h + 0.05),
        (w + thick * 0.6, -h - lean * 0.5),
        (w + thick * 0.6, h - thick),
        (w * 0.95, h - 0.05),
    ]
    figure.fill(polygon(page), rgb(246, 240, 222), shade=0.5)
    for k in range(3):
        x = w + thick * (0.1 + 0.16 * k)
        figure.line([(x, -h + 0.02 - 0.02 * k), (x, h - 0.1 - 0.05 * k)], rgb(180, 168, 140), 0.01)
    figure.fill(box(-w, -h, w, h, 0.03), cover)
    spine = traits.uniform("spine", 0.12, 0.2)
    figure.fill(box(-w, -h, -w + spine, h, 0.02), cover.darker(0.45))
    middle = spine / 2
    emblem = traits.choice("emblem", ("title", "star", "disc", "frame"))
    if emblem == "title":
        figure.fill(box(-w + spine + 0.12, -h * 0.6, w - 0.12, -h * 0.25, 0.03), trim)
        for y in (-0.48, -0.38):
            figure.line([(-w + spine + 0.2, h * y), (w - 0.2, h * y)], trim.darker(0.9), 0.02)
    elif emblem == "star":
        figure.fill(moved(star_shape(5, 0.24, 0.1), middle, -0.1), trim)
    elif emblem == "disc":
        figure.fill(ellipse(middle, -0.1, 0.22), trim, round=True)
    else:
        outer = box(-w + spine + 0.08, -h + 0.1, w - 0.08, h - 0.1, 0.03)
        figure.fill(without(outer, box(-w + spine + 0.14, -h + 0.16, w - 0.14, h - 0.16, 0.02)), trim)
    words = {"title": "title", "star": "star", "disc": "disc", "frame": "frame"}[emblem]
    figure.caption = f"a {cover.name} book with a {trim.name} {words}"
    return figure


def crown(traits: Traits) -> Figure:
    """A crown: points, balls on them, jewels, cap, rim."""
    metal = traits.pick("metal_colour", "yellow", "yellow", "orange", "white", "grey")
    jewel = traits.pick("jewel_colour", "red", "blue", "green", "purple", "teal")
    cap = traits.pick("cap_colour", "red", "purple", "navy", "dark green", avoid=jewel.name)
    figure = Figure("crown", "", max_tilt_deg=12)
    points, w = traits.choice("points", (3, 5, 5, 7)), traits.uniform("breadth", 0.66, 0.82)
    tall, flare = traits.uniform("height", 0.6, 0.85), traits.uniform("flare", 0.02, 0.16)
    low, valley = 0.5, 0.5 - tall * traits.uniform("valleys", 0.35, 0.5)
    has_cap = traits.chance("cap", 0.4)
    if has_cap:
        figure.fill(ellipse(0, valley + 0.02, w * 0.86, tall * 0.42), cap, round=True)
    xs = np.linspace(-1, 1, 2 * points - 1)
    lift = 0.12 * (1 - np.abs(xs))
    ys = np.where(np.arange(len(xs)) % 2, valley, low - tall - lift)
    spread = w + flare * (low - ys) / tall
    outline = [(float(x * s), float(y)) for x, s, y in zip(xs, spread, ys, strict=True)]
    figure.fill(union(polygon([(-w, low), *outline, (w, low)]), ellipse(0, low, w, 0.1)), metal)
    for x, y in outline[::2]:
        figure.fill(ellipse(x, y - 0.04, 0.065), jewel, round=True)
    rim = traits.uniform("rim", 0.12, 0.2)
    band = ribbon([(-w, low - rim / 2), (0, low + 0.1 - rim / 2), (w, low - rim / 2)], rim)
    figure.fill(band, metal.darker(0.35))
    count = traits.count("jewels", 3, 6)
    for x in np.linspace(-0.72, 0.72, count):
        y = low + 0.1 - rim / 2 - 0.1 * x * x
        gem = (
            polygon([(-0.07, 0), (0, -0.055), (0.07, 0), (0, 0.055)])
            if count % 2
            else ellipse(0, 0, 0.055, 0.05)
        )
        figure.fill(moved(gem, float(x) * w, float(y)), jewel)
    figure.caption = f"a {metal.name} crown with {jewel.name} jewels" + (
        f" and a {cap.name} cap" if has_cap else ""
    )
    return figure


def ice_cream(traits: Traits) -> Figure:
    """An ice cream in a cone: scoops in one to three colours, drips, wafer lines, sprinkles, cherry."""
    flavours = ("pink", "brown", "white", "yellow", "light blue", "green", "orange", "purple")
    first = traits.pick("first_colour", *flavours)
    second = traits.pick("second_colour", *flavours, avoid=first.name)
    figure = Figure("ice cream", "", max_tilt_deg=10, scale=(0.7, 0.98))
    scoops, r = traits.choice("scoops", (1, 2, 2, 3)), traits.uniform("scoop_size", 0.3, 0.36)
    rim, foot = traits.uniform("cone_height", 0.02, 0.16), 0.95
    wafer = traits.pick("cone_colour", "orange", "brown", "beige")
    cone = polygon([(-r * 0.86, rim), (r * 0.86, rim), (0.03, foot), (-0.03, foot)])
    figure.fill(cone, wafer)
    for k in range(-3, 4):
        for side in (-1, 1):
            x = 0.19 * k
            line = ribbon([(x, rim), (x + side * 0.5, foot)], 0.014, smooth=False)
            figure.fill(common(line, cone), wafer.darker(0.55), solid=False, shade=0)
    middles = [rim - 0.14 - 0.78 * r * k for k in range(scoops)]
    drips = traits.stream("drips")
    for k in reversed(range(scoops)):
        colour = (first, second, first.lighter(0.4))[k]
        y, size = middles[k], r * (1 - 0.08 * k)
        skirt = [
            ellipse(x * size, y + size * 0.52, size * 0.27, size * drips.uniform(0.2, 0.36))
            for x in (-0.72, -0.25, 0.25, 0.72)
        ]
        figure.fill(union(ellipse(0, y, size, size * 0.92), *skirt), colour, round=True)
    top = middles[-1] - r * 0.85
    extra = ""
    if traits.chance("sprinkles", 0.4):
        places, tone = traits.stream("sprinkle_places"), traits.pick("sprinkle_colour", avoid=first.name)
        for _ in range(9):
            x, y = places.uniform(-0.6, 0.6) * r, middles[-1] + places.uniform(-0.6, 0.3) * r
            shape = box(-0.035, -0.012, 0.035, 0.012, 0.01)
            figure.fill(moved(shape, x, y, turn_deg=places.uniform(0, 180)), tone, solid=False)
        extra = f" and {tone.name} sprinkles"
    if traits.chance("cherry", 0.4):
        figure.line([(0.01, top - 0.02), (0.05, top - 0.14), (0.13, top - 0.2)], named("dark green"), 0.02)
        figure.fill(ellipse(0, top, 0.085), rgb(196, 36, 48, "red"), round=True)
        extra += " and a cherry"
    figure.caption = f"a {first.name} ice cream in a {wafer.name} cone{extra}"
    if scoops > 1:
        figure.caption = f"a {first.name} and {second.name} ice cream in a {wafer.name} cone{extra}"
    return figure


def leaf(traits: Traits) -> Figure:
    """A leaf: form, stalk, veins, second colour at the edge, bites."""
    green = traits.pick("leaf_colour", "green", "dark green", "yellow", "orange", "red", "brown")
    vein = traits.pick("vein_colour", "beige", "yellow", "brown", "dark green", avoid=green.name)
    figure = Figure("leaf", "", max_tilt_deg=40)
    w, bow = traits.uniform("breadth", 0.3, 0.52), traits.uniform("bow", -0.14, 0.14)
    form, belly = traits.choice("form", ("pointed", "round", "lobed")), traits.uniform("belly", -0.1, 0.25)
    figure.fill(
        ribbon([(0, 0.55), (bow * 0.6, 0.78), (bow * 1.5, 0.97)], [0.06, 0.05, 0.065]), vein.darker(0.25)
    )
    right = {
        "pointed": [(w * 0.55, -0.45), (w, belly), (w * 0.5, 0.5)],
        "round": [(w * 0.8, -0.55), (w * 1.15, belly - 0.1), (w * 0.8, 0.45)],
        "lobed": [
            (w * 0.4, -0.6),
            (w * 0.85, -0.5),
            (w * 0.45, -0.2),
            (w * 1.15, 0.0),
            (w * 0.55, 0.25),
            (w * 0.8, 0.5),
        ],
    }[form]
    tip = -0.92 if form != "round" else -0.8
    left = [(-x, y) for x, y in reversed(right)]
    shape = blob([(bow, tip), *right, (0, 0.62), *left])
    figure.fill(shape, green)
    half = common(shape, polygon([(bow, -1), (1, -1), (1, 1), (0, 1), (bow * 0.3, 0)]))
    figure.fill(half, green.darker(traits.uniform("fold", 0.12, 0.35)), shade=0.6)
    middle = [(bow, tip + 0.1), (bow * 0.4, -0.1), (0, 0.6)]
    figure.line(middle, vein, 0.03)
    for k in range(traits.count("veins", 2, 5)):
        y = 0.4 - 0.27 * k
        for side in (-1, 1):
            reach = w * (0.75 - 0.1 * k)
            figure.line(
                [(bow * 0.2, y), (side * reach * 0.6, y - 0.1), (side * reach, y - 0.24)], vein, 0.018
            )
    figure.caption = f"a {green.name} leaf with {vein.name} veins"
    return figure
