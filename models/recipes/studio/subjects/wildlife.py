# SPDX-License-Identifier: GPL-3.0-or-later
"""Wildlife: fish, bird, butterfly."""

import numpy as np

from models.recipes.studio.palette import rgb
from models.recipes.studio.shapes import Figure, blob, common, ellipse, polygon, ribbon
from models.recipes.studio.subjects.pets import DARK, animal_eye
from models.recipes.studio.traits import Traits


def fish(traits: Traits) -> Figure:
    """A fish in profile: body form, fins, tail, stripes or scales, belly."""
    body_colour = traits.pick("body_colour")
    fin = traits.pick("fin_colour", avoid=body_colour.name)
    figure = Figure("fish", "", max_tilt_deg=16, stands=False, scale=(0.7, 1.0))
    long, tall = traits.uniform("length", 0.55, 0.68), traits.uniform("height", 0.28, 0.5)
    fork, spread = traits.uniform("tail_fork", 0.04, 0.2), traits.uniform("tail_spread", 0.26, 0.42)
    tail = blob(
        [
            (long * 0.8, 0),
            (long * 0.95, -0.08),
            (0.95, -spread),
            (0.95 - fork, 0),
            (0.95, spread),
            (long * 0.95, 0.08),
        ]
    )
    figure.fill(tail, fin)
    crest = traits.uniform("crest", 0.15, 0.32)
    figure.fill(
        blob(
            [
                (-0.3, -tall * 0.75),
                (-0.1, -tall - crest),
                (0.3, -tall - crest * 0.5),
                (0.42, -tall * 0.5),
                (0, -tall * 0.6),
            ]
        ),
        fin,
    )
    figure.fill(blob([(-0.05, tall * 0.75), (0.1, tall + crest * 0.7), (0.3, tall * 0.65)]), fin)
    body = blob(
        [
            (-long - 0.08, 0.02),
            (-long * 0.7, -tall * 0.7),
            (-long * 0.1, -tall),
            (long * 0.55, -tall * 0.5),
            (long, -0.07),
            (long, 0.07),
            (long * 0.55, tall * 0.5),
            (-long * 0.1, tall),
            (-long * 0.7, tall * 0.7),
        ]
    )
    figure.fill(body, body_colour)
    figure.fill(
        common(body, blob([(-1, 0.22), (0, tall * 0.45), (1, 0.2), (1, 1), (-1, 1)])),
        body_colour.lighter(0.5),
        shade=0.5,
    )
    extra = ""
    pattern = traits.choice("pattern", ("stripes", "scales", "spots", "plain"))
    if pattern == "stripes":
        for x in np.linspace(-0.12, long * 0.72, traits.count("stripes", 2, 5)):
            figure.fill(
                common(
                    ribbon([(x, -1), (x + 0.08, 0), (x, 1)], traits.uniform("stripe_width", 0.07, 0.12)), body
                ),
                fin,
            )
        extra = f" with {fin.name} stripes"
    elif pattern == "scales":
        for x in np.arange(-0.1, long * 0.75, 0.16):
            for y in np.arange(-tall * 0.6, tall * 0.6, 0.15):
                figure.line(
                    [(x, y - 0.07), (x + 0.06, y), (x, y + 0.07)], body_colour.darker(0.6), 0.016, 0.7
                )
        extra = " with scales"
    elif pattern == "spots":
        spots, places = traits.count("spots", 4, 9), traits.stream("spot_places")
        for _ in range(spots):
            spot = ellipse(
                places.uniform(-0.2, long * 0.8),
                places.uniform(-tall, tall) * 0.6,
                places.uniform(0.04, 0.09),
            )
            figure.fill(common(spot, body), fin)
        extra = f" with {fin.name} spots"
    figure.fill(
        common(ribbon([(-long * 0.48, -tall), (-long * 0.38, 0), (-long * 0.48, tall)], 0.035), body),
        body_colour.darker(0.5),
        shade=0.2,
    )
    figure.fill(
        blob([(-0.12, 0.05), (0.14, 0.02 + tall * 0.2), (0.16, tall * 0.55), (-0.05, tall * 0.35)]),
        fin.lighter(0.15),
    )
    r = traits.uniform("eye_size", 0.06, 0.1)
    figure.fill(ellipse(-long * 0.7, -tall * 0.18, r), rgb(250, 250, 246), shade=0.2)
    figure.fill(ellipse(-long * 0.72, -tall * 0.18, r * 0.55), DARK, shade=0)
    figure.line(
        [
            (-long - 0.06, 0.06),
            (-long * 0.88, 0.1),
            (-long * 0.78, 0.07 + traits.uniform("mouth_bend", -0.02, 0.05)),
        ],
        DARK,
        0.02,
    )
    figure.caption = f"a {body_colour.name} fish{extra}" + (
        "" if str(fin.name) in extra else f" and {fin.name} fins"
    )
    return figure


def bird(traits: Traits) -> Figure:
    """A perched bird in profile: body, belly, wing, tail, beak, crest, branch."""
    back = traits.pick("back_colour")
    belly = traits.pick("belly_colour", "white", "orange", "yellow", "beige", "pink", "red", avoid=back.name)
    wing = traits.pick("wing_colour", avoid=back.name)
    figure = Figure("bird", "", max_tilt_deg=10, stands=False)
    beak = traits.pick("beak_colour", "orange", "yellow", "black")
    branch = traits.chance("branch", 0.6)
    for x in (-0.08, 0.08):
        figure.fill(ribbon([(x, 0.45), (x - 0.02, 0.72)], 0.04, smooth=False), beak.darker(0.3))
    if branch:
        wood = traits.pick("branch_colour", "brown")
        figure.fill(
            ribbon([(-0.95, 0.8), (-0.2, 0.72), (0.4, 0.77), (0.95, 0.68)], [0.06, 0.1, 0.09, 0.04]), wood
        )
        leaf = traits.pick("leaf_colour", "green", "dark green")
        for x in (-0.6, 0.55, 0.78):
            figure.fill(
                blob([(x, 0.73), (x + 0.08, 0.58), (x + 0.24, 0.54), (x + 0.14, 0.68)]),
                traits.jitter("leaf_tone", leaf),
            )
    long = traits.uniform("tail_length", 0.3, 0.5)
    figure.fill(
        blob(
            [
                (0.3, 0.12),
                (0.5 + long, 0.22 + traits.uniform("tail_lift", -0.2, 0.3)),
                (0.46 + long, 0.4),
                (0.26, 0.34),
            ]
        ),
        wing.darker(0.25),
    )
    plump = traits.uniform("plumpness", 0.42, 0.52)
    body = blob(
        [
            (-0.52, -0.3),
            (-0.3, -0.56),
            (-0.05, -0.45),
            (0.2, -0.15),
            (0.5, 0.2),
            (0.3, plump * 0.9),
            (-0.1, plump + 0.08),
            (-0.48, plump * 0.55),
            (-0.58, 0.0),
        ]
    )
    crest = traits.chance("crest", 0.35)
    if crest:
        figure.fill(blob([(-0.38, -0.48), (-0.34, -0.78), (-0.12, -0.72), (-0.18, -0.46)]), wing)
    figure.fill(body, back)
    figure.fill(
        common(
            body, blob([(-0.66, -0.1), (-0.3, -0.02), (-0.02, 0.25), (0.3, 0.36), (0.2, 0.8), (-0.7, 0.8)])
        ),
        belly,
        shade=0.7,
    )
    lift = traits.uniform("wing_lift", -0.1, 0.1)
    figure.fill(
        blob(
            [(-0.22, -0.12), (0.1, -0.1), (0.46, 0.18 + lift), (0.6, 0.34 + lift), (0.2, 0.34), (-0.14, 0.22)]
        ),
        wing,
    )
    for k in (0.0, 0.09, 0.18):
        figure.line(
            [
                (-0.02 + k, 0.22 - k * 0.3),
                (0.2 + k, 0.27 - k * 0.4 + lift * 0.4),
                (0.4 + k * 0.6, 0.27 + lift - k * 0.3),
            ],
            wing.darker(0.65),
            0.018,
        )
    out = traits.uniform("beak_length", 0.14, 0.3)
    figure.fill(polygon([(-0.52, -0.34), (-0.54 - out, -0.24), (-0.55, -0.17)]), beak)
    figure.line([(-0.54 - out * 0.9, -0.245), (-0.54, -0.255)], beak.darker(0.8), 0.014)
    animal_eye(
        figure,
        -0.36,
        -0.32,
        traits.uniform("eye_size", 0.055, 0.075),
        traits.pick("eye_colour", "brown", "black", "yellow"),
    )
    figure.caption = f"a {back.name} bird with a {belly.name} belly and {wing.name} wings"
    figure.caption += ", on a branch" if branch else ""
    figure.caption += ", crested" if crest else ""
    return figure


def butterfly(traits: Traits) -> Figure:
    """A butterfly from above: four wings, border, eyespots, body, feelers."""
    wing = traits.pick("wing_colour")
    spot = traits.pick_unlike("spot_colour", wing)
    edge = traits.pick("edge_colour", "black", "brown", "navy", "purple", avoid=wing.name)
    figure = Figure("butterfly", "", max_tilt_deg=35, stands=False)
    up, out, low = (
        traits.uniform("upper_height", 0.6, 0.85),
        traits.uniform("breadth", 0.75, 0.95),
        traits.uniform("lower_height", 0.6, 0.9),
    )
    border, rings = traits.chance("border", 0.7), traits.count("spots", 1, 4)
    for side in (-1, 1):
        for points in (
            [(0.05, 0.02), (0.3, 0.06), (out * 0.75, 0.2), (out * 0.7, low * 0.7), (0.35, low), (0.1, 0.45)],
            [
                (0.05, -0.1),
                (0.25, -up * 0.7),
                (out * 0.75, -up),
                (out, -up * 0.6),
                (out * 0.82, -0.05),
                (0.3, 0.12),
            ],
        ):
            ring = np.array(points) * (side, 1)
            if border:
                figure.fill(blob(ring), edge)
            centre = ring.mean(axis=0)
            inner = centre + (ring - centre) * (0.8 if border else 1.0)
            figure.fill(blob(inner), wing)
            for k in range(rings):
                at = centre + (ring[2] - centre) * (0.35 - 0.3 * k)
                figure.fill(ellipse(at[0], at[1], 0.1 - 0.02 * k), spot)
            for k in (2, 3, 4):
                figure.line(
                    [
                        (side * 0.06, -0.02),
                        tuple(centre + (inner[k] - centre) * 0.15),
                        tuple(centre + (inner[k] - centre) * 0.9),
                    ],
                    edge,
                    0.012,
                    0.6,
                )
    figure.fill(blob([(0, -0.35), (0.07, -0.2), (0.06, 0.3), (0, 0.52), (-0.06, 0.3), (-0.07, -0.2)]), edge)
    figure.fill(ellipse(0, -0.36, 0.075), edge)
    for side in (-1, 1):
        figure.line([(side * 0.03, -0.4), (side * 0.1, -0.6), (side * 0.24, -0.72)], edge.darker(0.4), 0.02)
    figure.caption = f"a {wing.name} butterfly with {spot.name} spots" + (
        f" and {edge.name} edges" if border else ""
    )
    return figure
