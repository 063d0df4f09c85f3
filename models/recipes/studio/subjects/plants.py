# SPDX-License-Identifier: GPL-3.0-or-later
"""Growing things: flower, tree, mushroom."""

import numpy as np

from models.recipes.studio.palette import jitter, named
from models.recipes.studio.shapes import Figure, blob, box, common, ellipse, moved, polygon, ribbon, union
from models.recipes.studio.traits import Traits


def flower(traits: Traits) -> Figure:
    """A flower: petals (count, form, rows), centre, stem, leaves, pot."""
    petal = traits.pick(
        "petal_colour", "red", "pink", "yellow", "white", "purple", "blue", "orange", "light blue"
    )
    centre = traits.pick("centre_colour", "yellow", "brown", "orange", "white", avoid=petal.name)
    green = traits.pick("leaf_colour", "green", "dark green")
    figure = Figure("flower", "", max_tilt_deg=14, scale=(0.7, 0.98))
    cx, cy = traits.uniform("head_place", -0.08, 0.08), traits.uniform("head_height", -0.42, -0.3)
    potted = traits.chance("potted", 0.35)
    foot = 0.5 if potted else 0.95
    bow = traits.uniform("stem_bow", -0.15, 0.15)
    figure.fill(ribbon([(cx, cy), (bow, 0.2), (0, foot + 0.04)], [0.06, 0.07, 0.08]), green)
    for side in (-1, 1)[: traits.count("leaves", 0, 3)]:
        y = traits.uniform("leaf_height", 0.2, 0.42)
        figure.fill(
            blob(
                [
                    (bow * 0.8, y + 0.1),
                    (side * 0.22, y - 0.08),
                    (side * 0.55, y - 0.14),
                    (side * 0.34, y + 0.12),
                ]
            ),
            traits.jitter("leaf_tone", green),
        )
        figure.line(
            [(bow * 0.8, y + 0.09), (side * 0.3, y), (side * 0.5, y - 0.11)], green.darker(0.6), 0.016
        )
    count, length, fat = (
        traits.count("petals", 5, 13),
        traits.uniform("petal_length", 0.36, 0.5),
        traits.uniform("petal_breadth", 0.6, 1.1),
    )
    rows = traits.count("rows", 1, 3)
    pointed = traits.chance("pointed_petals", 0.4)
    petals = traits.stream("petal_places")
    for row in range(rows):
        size = length * (1 - 0.35 * row)
        width = fat * size * np.pi / count
        shape = [
            (0, 0.02),
            (width, size * 0.55),
            (width * (0.25 if pointed else 0.75), size * 0.95),
            (0, size * 1.05),
            (-width * (0.25 if pointed else 0.75), size * 0.95),
            (-width, size * 0.55),
        ]
        colour = petal.lighter(0.25 * row)
        for k in range(count):
            turn = 360 * (k + 0.5 * row) / count + petals.normal(0, 3)
            figure.fill(
                moved(blob(shape), cx, cy, turn_deg=turn),
                jitter(petals, colour if k % 2 else colour.darker(0.16), 0.4),
            )
    r = traits.uniform("centre_size", 0.11, 0.18)
    figure.fill(ellipse(cx, cy, r), centre, round=True)
    for a in np.linspace(0, 2 * np.pi, 7)[:-1]:
        x, y = cx + r * 0.55 * np.cos(a), cy + r * 0.55 * np.sin(a)
        figure.line([(x, y), (x + 0.012, y + 0.012)], centre.darker(0.7), 0.022, 0.8)
    pot = traits.pick("pot_colour", "orange", "brown", "white", "blue", "teal")
    if potted:
        figure.fill(polygon([(-0.3, 0.52), (0.3, 0.52), (0.22, 0.97), (-0.22, 0.97)]), pot)
        figure.fill(box(-0.35, 0.44, 0.35, 0.57, 0.03), pot.lighter(0.1))
    figure.caption = f"a {petal.name} flower with a {centre.name} centre" + (
        f" in a {pot.name} pot" if potted else ""
    )
    return figure


def tree(traits: Traits) -> Figure:
    """A tree: round, tall or fir crown, trunk, fruit or blossom, season."""
    leaf = traits.pick("leaf_colour", "green", "green", "dark green", "orange", "yellow", "red", "pink")
    wood = traits.pick("trunk_colour", "brown", "grey", "brown")
    figure = Figure("tree", "", max_tilt_deg=4, scale=(0.7, 0.98))
    kind = traits.choice("form", ("round", "tall", "fir"))
    thick = traits.uniform("trunk_breadth", 0.08, 0.16)
    foot = 0.92
    figure.fill(
        polygon(
            [
                (-thick, foot + 0.02),
                (-thick * 0.6, 0.0),
                (thick * 0.6, 0.0),
                (thick, foot + 0.02),
                (thick * 0.3, foot - 0.03),
                (-thick * 0.3, foot - 0.03),
            ]
        ),
        wood,
    )
    fruit = None
    if kind == "fir":
        tiers, wide = traits.count("tiers", 3, 5), traits.uniform("breadth", 0.45, 0.65)
        for k in range(tiers):
            y1 = 0.62 - k * 1.1 / tiers
            w = wide * (1 - k * 0.72 / tiers)
            tier = [
                (0, y1 - 0.66),
                (w * 0.5, y1 - 0.2),
                (w, y1),
                (w * 0.4, y1 - 0.03),
                (0, y1 + 0.04),
                (-w * 0.4, y1 - 0.03),
                (-w, y1),
                (-w * 0.5, y1 - 0.2),
            ]
            figure.fill(polygon(tier), traits.jitter("tier_tone", leaf, 0.5))
    else:
        figure.fill(ribbon([(0, 0.35), (0.16, 0.12), (0.3, -0.05)], [0.08, 0.06, 0.03]), wood)
        wide, tall = (
            (traits.uniform("breadth", 0.5, 0.72), 0.45)
            if kind == "round"
            else (traits.uniform("breadth", 0.3, 0.42), 0.62)
        )
        crown = [ellipse(0, -0.28, wide * 0.72, tall * 0.72)]
        lumps, sizes = traits.count("lumps", 7, 11), traits.stream("lump_sizes")
        for a in np.linspace(0, 2 * np.pi, lumps, endpoint=False):
            r = sizes.uniform(0.17, 0.25)
            crown.append(ellipse((wide - r) * np.cos(a), -0.28 + (tall - r) * np.sin(a) * 1.05, r))
        shape = union(*crown)
        figure.fill(shape, leaf)
        lights, places = traits.count("lights", 2, 5), traits.stream("light_places")
        for _ in range(lights):
            x, y = places.uniform(-0.6, 0.5) * wide, -0.3 + places.uniform(-0.6, 0.4) * tall
            figure.fill(
                common(
                    blob([(x - 0.16, y), (x, y - 0.12), (x + 0.18, y - 0.04), (x + 0.06, y + 0.08)]), shape
                ),
                leaf.lighter(0.22),
                shade=0.4,
            )
        if traits.chance("fruit", 0.45):
            fruit = traits.pick(
                "fruit_colour", "red", "orange", "yellow", "pink", "white", "purple", avoid=leaf.name
            )
            fruits, places = traits.count("fruits", 5, 12), traits.stream("fruit_places")
            for _ in range(fruits):
                a, d = places.uniform(0, 6.28), places.uniform(0, 0.8) ** 0.7
                figure.fill(
                    ellipse(
                        wide * 0.85 * d * np.cos(a),
                        -0.28 + tall * 0.9 * d * np.sin(a),
                        places.uniform(0.04, 0.065),
                    ),
                    fruit,
                    round=True,
                )
    figure.caption = f"a {leaf.name} {kind} tree with a {wood.name} trunk" + (
        f" and {fruit.name} fruit" if fruit else ""
    )
    return figure


def mushroom(traits: Traits) -> Figure:
    """A mushroom: cap form and colour, spots, gills, stem, ring, grass."""
    cap = traits.pick("cap_colour", "red", "brown", "orange", "beige", "purple", "yellow", "blue", "grey")
    stem = traits.pick("stem_colour", "white", "beige", avoid=cap.name)
    figure = Figure("mushroom", "", max_tilt_deg=8)
    wide, tall, y = (
        traits.uniform("cap_breadth", 0.55, 0.85),
        traits.uniform("cap_height", 0.5, 0.75),
        traits.uniform("cap_place", -0.1, 0.1),
    )
    neck, foot = traits.uniform("neck_breadth", 0.14, 0.22), traits.uniform("foot_breadth", 0.2, 0.34)
    figure.fill(
        blob(
            [
                (-neck, y - 0.05),
                (neck, y - 0.05),
                (neck * 1.05, 0.5),
                (foot, 0.88),
                (0, 0.95),
                (-foot, 0.88),
                (-neck * 1.05, 0.5),
            ]
        ),
        stem,
    )
    if traits.chance("ring", 0.45):
        figure.fill(
            blob(
                [
                    (-neck * 1.2, y + 0.28),
                    (0, y + 0.24),
                    (neck * 1.2, y + 0.28),
                    (neck * 1.5, y + 0.4),
                    (0, y + 0.44),
                    (-neck * 1.5, y + 0.4),
                ]
            ),
            stem.darker(0.12),
        )
    under = ellipse(0, y, wide * 0.95, traits.uniform("gill_depth", 0.1, 0.16))
    figure.fill(under, stem.darker(0.3), shade=0.4)
    for x in np.linspace(-0.75, 0.75, 9):
        figure.line(
            [(x * wide * 0.35, y - 0.02), (x * wide, y + 0.09 * (1 - x * x))], stem.darker(0.75), 0.012, 0.7
        )
    top = blob(
        [
            (-wide, y),
            (-wide * 0.86, y - tall * 0.55),
            (-wide * 0.35, y - tall),
            (wide * 0.35, y - tall),
            (wide * 0.86, y - tall * 0.55),
            (wide, y),
            (wide * 0.6, y + 0.035),
            (0, y - 0.02),
            (-wide * 0.6, y + 0.035),
        ]
    )
    figure.fill(top, cap, round=True)
    spots = traits.chance("spots", 0.65)
    dot = traits.pick("spot_colour", "white", "yellow", "beige", avoid=cap.name)
    if spots:
        count, places = traits.count("spot_count", 4, 9), traits.stream("spot_places")
        for _ in range(count):
            x, h = places.uniform(-0.8, 0.8), places.uniform(0.12, 0.85)
            r = places.uniform(0.05, 0.12)
            figure.fill(common(ellipse(x * wide, y - h * tall, r, r * 0.8), top), dot)
    grass = traits.chance("grass", 0.5)
    if grass:
        blade, blades = named("green"), traits.stream("blades")
        for x in np.linspace(-0.45, 0.45, 8):
            figure.fill(
                polygon(
                    [
                        (x - 0.04, 0.96),
                        (x + blades.uniform(-0.1, 0.1), 0.96 - blades.uniform(0.15, 0.32)),
                        (x + 0.04, 0.96),
                    ]
                ),
                jitter(blades, blade),
            )
    figure.caption = (
        f"a {cap.name} mushroom"
        + (f" with {dot.name} spots" if spots else "")
        + (" in the grass" if grass else "")
    )
    return figure
