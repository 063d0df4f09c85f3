# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that move: car, sailboat, airplane, shoe."""

import numpy as np

from models.recipes.studio.palette import named, rgb
from models.recipes.studio.shapes import Figure, blob, box, common, ellipse, polygon, ribbon, without
from models.recipes.studio.traits import Traits

_TYRE = rgb(44, 42, 48)


def car(traits: Traits) -> Figure:
    """A car in profile: body, roof line, windows, wheels, stripe, lamps, load."""
    paint = traits.pick("paint_colour")
    trim = traits.pick("trim_colour", avoid=paint.name)
    figure = Figure("car", "", max_tilt_deg=4, scale=(0.65, 0.95))
    roof, front, rear = (
        traits.uniform("roof_height", -0.42, -0.25),
        traits.uniform("front", -0.35, -0.1),
        traits.uniform("rear", 0.3, 0.55),
    )
    hood, boot = traits.uniform("hood_height", -0.02, 0.08), traits.uniform("boot_height", -0.06, 0.06)
    load = traits.chance("load", 0.2)
    if load:
        figure.fill(box(front + 0.08, roof - 0.2, rear - 0.08, roof - 0.02, 0.03), trim)
        for x in (front + 0.2, rear - 0.2):
            figure.fill(box(x - 0.02, roof - 0.21, x + 0.02, roof), named("brown"))
    shell = polygon(
        np.concatenate(
            [
                [(-0.95, 0.36), (-0.95, 0.2)],
                [(-0.88, hood + 0.06), (-0.45, hood)],
                [(front - 0.05, roof + 0.06), (front + 0.1, roof)],
                [(rear - 0.1, roof), (rear + 0.02, roof + 0.05)],
                [(rear + 0.18, boot), (0.86, boot + 0.04)],
                [(0.96, 0.16), (0.96, 0.36)],
            ]
        )
    )
    wheel_x, r = (-0.56, 0.56), traits.uniform("wheel_size", 0.19, 0.24)
    for x in wheel_x:
        shell = without(shell, ellipse(x, 0.38, r + 0.035))
    figure.fill(shell, paint)
    glass = traits.pick("glass_colour", "light blue", "navy", "grey")
    top, low = roof + 0.07, min(hood, boot) - 0.01
    pillar = (front + rear) / 2 + traits.uniform("pillar", -0.06, 0.06)
    figure.fill(
        polygon(
            [
                (-0.36 + (front + 0.3) * 0.3, low),
                (front + 0.07, top),
                (pillar - 0.03, top),
                (pillar - 0.03, low),
            ]
        ),
        glass,
    )
    figure.fill(
        polygon([(pillar + 0.03, low), (pillar + 0.03, top), (rear - 0.04, top), (rear + 0.09, low)]), glass
    )
    stripe = traits.chance("stripe", 0.4)
    if stripe:
        y = traits.uniform("stripe_height", 0.12, 0.22)
        figure.fill(common(box(-1, y, 1, y + traits.uniform("stripe_width", 0.06, 0.1)), shell), trim)
    for x in (pillar, pillar + (-0.45 if front < -0.2 else 0.38)):
        figure.line([(x, low + 0.02), (x + 0.01, 0.18), (x, 0.34)], paint.darker(0.7), 0.014)
    figure.fill(box(pillar + 0.08, 0.08, pillar + 0.2, 0.115, 0.015), paint.darker(0.5), shade=0.3)
    figure.fill(ellipse(-0.9, 0.16, 0.05, 0.06), named("yellow"))
    figure.fill(box(0.88, 0.1, 0.955, 0.2, 0.02), rgb(200, 40, 40))
    figure.fill(box(-0.97, 0.3, -0.78, 0.38, 0.03), named("grey"))
    hub = traits.pick("hub_colour", "grey", "white", "yellow")
    for x in wheel_x:
        figure.fill(ellipse(x, 0.38, r), _TYRE, shade=0.5)
        figure.fill(ellipse(x, 0.38, r * 0.55), hub, round=True)
        figure.fill(ellipse(x, 0.38, r * 0.18), _TYRE, shade=0.3)
    figure.caption = f"a {paint.name} car" + (f" with a {trim.name} stripe" if stripe else "")
    figure.caption += f", carrying a {trim.name} box" if load else ""
    return figure


def sailboat(traits: Traits) -> Figure:
    """A sailboat: hull, two sails, stripes, flag, mast, water line."""
    hull, main = (
        traits.pick("hull_colour"),
        traits.pick(
            "sail_colour", "white", "white", "beige", "red", "orange", "yellow", "light blue", "pink"
        ),
    )
    jib = main if traits.chance("jib_as_sail", 0.5) else traits.pick("jib_colour")
    flag = traits.pick("flag_colour")
    figure = Figure("sailboat", "", max_tilt_deg=8, scale=(0.65, 0.95))
    top, low, mast = (
        traits.uniform("mast_height", -0.9, -0.75),
        0.36,
        traits.uniform("mast_place", -0.12, 0.1),
    )
    figure.fill(
        polygon(
            [(mast, top - 0.06), (mast + traits.uniform("flag_length", 0.16, 0.24), top), (mast, top + 0.07)]
        ),
        flag,
    )
    figure.fill(box(mast - 0.02, top - 0.07, mast + 0.02, 0.5), traits.pick("mast_colour", "brown"))
    belly, reach = traits.uniform("sail_belly", 0.02, 0.14), traits.uniform("sail_reach", 0.5, 0.74)
    sail = polygon(
        np.concatenate(
            [
                [(mast + 0.04, top + 0.1)],
                np.stack(
                    [
                        mast + 0.04 + np.linspace(0, reach, 12) + belly * np.sin(np.linspace(0, np.pi, 12)),
                        np.linspace(top + 0.1, low - 0.08, 12),
                    ],
                    axis=1,
                ),
                [(mast + 0.04, low - 0.08)],
            ]
        )
    )
    figure.fill(sail, main)
    bands = traits.chance("bands", 0.35)
    if bands:
        for y in np.linspace(top + 0.35, low - 0.25, traits.count("band_count", 2, 4)):
            figure.fill(common(box(-1, y, 1, y + 0.1), sail), flag)
    else:
        for y in np.linspace(top + 0.35, low - 0.25, 3):
            share = (y - top - 0.1) / (low - top)
            figure.line(
                [(mast + 0.05, y), (mast + 0.04 + reach * share, y + 0.03)], main.darker(0.5), 0.012, 0.7
            )
    back = traits.uniform("jib_reach", 0.36, 0.6)
    figure.fill(polygon(curve_sail(mast, top, low, back)), jib)
    deck = blob(
        [
            (-0.86, low + 0.06),
            (-0.3, low + 0.11),
            (0.3, low + 0.11),
            (0.86, low + 0.03),
            (0.66, low + 0.4),
            (0.3, low + 0.48),
            (-0.4, low + 0.48),
            (-0.68, low + 0.4),
        ]
    )
    figure.fill(deck, hull)
    line = traits.pick("line_colour", "white", "red", "yellow", "navy", avoid=hull.name)
    figure.fill(common(ribbon([(-1, low + 0.17), (0, low + 0.22), (1, low + 0.14)], 0.07), deck), line)
    if traits.chance("portholes", 0.5):
        for x in (-0.3, 0.0, 0.3):
            figure.fill(ellipse(x, low + 0.33, 0.045), named("light blue"))
    figure.caption = f"a {hull.name} sailboat with {main.name} sails" + (
        f" and {flag.name} bands" if bands else f" and a {flag.name} flag"
    )
    return figure


def curve_sail(mast: float, top: float, low: float, back: float) -> list[tuple[float, float]]:
    """The front sail: straight along the mast, bent at its foot."""
    steps = np.linspace(0, 1, 10)
    edge = [(mast - 0.05 - back * float(t) ** 1.3, top + 0.2 + (low - top - 0.24) * float(t)) for t in steps]
    return [*edge, (mast - 0.05, low - 0.08 + 0.06)]


def airplane(traits: Traits) -> Figure:
    """An airplane in profile: body, wing, tail, windows, stripe, engine."""
    body_colour = traits.pick("body_colour")
    accent = traits.pick("accent_colour", avoid=body_colour.name)
    figure = Figure("airplane", "", max_tilt_deg=22, stands=False, scale=(0.7, 0.95))
    fat, sweep, fin = (
        traits.uniform("fatness", 0.15, 0.23),
        traits.uniform("wing_sweep", 0.15, 0.45),
        traits.uniform("fin_height", 0.32, 0.5),
    )
    figure.fill(
        polygon([(0.1, -fat * 0.5), (0.2 + sweep, -0.52), (0.34 + sweep, -0.52), (0.34, -fat * 0.5)]),
        accent.darker(0.25),
    )
    figure.fill(
        polygon([(0.56, -fat * 0.6), (0.8, -fat - fin), (0.97, -fat - fin), (0.9, -fat * 0.3)]), accent
    )
    body = blob(
        [
            (-0.95, 0.04),
            (-0.8, -fat * 0.7),
            (-0.45, -fat),
            (0.3, -fat),
            (0.92, -fat * 0.55),
            (0.95, -fat * 0.25),
            (0.4, fat * 0.8),
            (-0.4, fat),
            (-0.82, fat * 0.7),
        ]
    )
    figure.fill(body, body_colour)
    stripe = traits.chance("stripe", 0.5)
    if stripe:
        figure.fill(common(box(-1, fat * 0.25, 1, fat * 0.55), body), accent)
    figure.fill(
        common(
            blob([(-0.86, -fat * 0.3), (-0.76, -fat * 0.75), (-0.6, -fat * 0.72), (-0.62, -fat * 0.28)]), body
        ),
        traits.pick("cockpit_colour", "navy", "light blue"),
        shade=0.5,
    )
    glass = traits.pick("window_colour", "navy", "light blue", "yellow")
    count = traits.count("windows", 3, 8)
    for x in np.linspace(-0.46, 0.45, count):
        figure.fill(ellipse(x, -fat * 0.28, 0.045, 0.055), glass, shade=0.4)
    figure.fill(polygon([(0.7, -fat * 0.2), (0.9, 0.1), (1.0, 0.1), (0.93, -fat * 0.3)]), accent)
    figure.fill(
        polygon([(-0.18, fat * 0.3), (0.12 + sweep, 0.6), (0.3 + sweep, 0.6), (0.24, fat * 0.2)]), accent
    )
    if traits.chance("engine", 0.6):
        x = 0.05 + sweep * 0.4
        figure.fill(box(x - 0.16, 0.36, x + 0.1, 0.5, 0.07), named("grey"))
    figure.caption = f"a {body_colour.name} airplane with {accent.name} wings" + (
        " and a stripe" if stripe else ""
    )
    return figure


def shoe(traits: Traits) -> Figure:
    """A shoe in profile: upper, sole, toe cap, heel patch, laces, side band."""
    upper = traits.pick("upper_colour")
    accent = traits.pick("accent_colour", avoid=upper.name)
    sole = traits.pick("sole_colour", "white", "brown", "black", "grey", "beige", avoid=upper.name)
    figure = Figure("shoe", "", max_tilt_deg=12)
    high = traits.uniform("height", -0.62, -0.2)
    thick = traits.uniform("sole_thickness", 0.1, 0.2)
    base = 0.42
    inner = blob([(0.22, high + 0.02), (0.5, high - 0.05), (0.8, high + 0.0), (0.5, high + 0.1)])
    figure.fill(inner, upper.darker(0.7), shade=0.3)
    body = polygon(
        np.concatenate(
            [
                [(-0.92, base)],
                _arc((-0.92, base), (-0.95, 0.1), (-0.5, 0.02)),
                _arc((-0.5, 0.02), (0.0, -0.1), (0.2, high)),
                _arc((0.2, high), (0.5, high + 0.14), (0.82, high)),
                _arc((0.82, high), (0.76, 0.0), (0.86, base)),
            ]
        )
    )
    figure.fill(body, upper)
    cap = traits.chance("toe_cap", 0.6)
    if cap:
        figure.fill(common(ellipse(-0.92, base, 0.36, 0.4), body), accent)
    if traits.chance("heel_patch", 0.6):
        figure.fill(
            common(blob([(0.62, high - 0.1), (1.0, high - 0.1), (1.0, 0.5), (0.72, 0.3), (0.66, 0.0)]), body),
            accent,
        )
    if traits.chance("side_band", 0.5):
        figure.fill(common(ribbon([(0.0, base), (0.2, 0.15), (0.5, 0.0)], [0.14, 0.1, 0.05]), body), accent)
    lace = traits.pick("lace_colour", "white", "black", "yellow", avoid=upper.name)
    for t in np.linspace(0.15, 0.85, traits.count("laces", 3, 6)):
        x, y = -0.42 + 0.58 * t, 0.0 + (high + 0.05) * t**1.5
        figure.fill(
            ribbon([(x - 0.06, y + 0.01), (x + 0.14, y + 0.13)], 0.045, smooth=False), lace, shade=0.4
        )
    figure.fill(
        blob(
            [
                (-0.96, base - 0.02),
                (-0.6, base - 0.03),
                (0.6, base - 0.03),
                (0.9, base - 0.04),
                (0.92, base + thick),
                (0.5, base + thick),
                (-0.6, base + thick),
                (-0.94, base + thick * 0.8),
            ]
        ),
        sole,
    )
    figure.caption = f"a {upper.name} shoe with a {sole.name} sole" + (
        f" and a {accent.name} toe" if cap else ""
    )
    return figure


def _arc(
    a: tuple[float, float], bend: tuple[float, float], b: tuple[float, float]
) -> list[tuple[float, float]]:
    """Points of a quadratic curve from a to b pulled toward `bend`, without a itself."""
    steps = np.linspace(0.1, 1, 9)
    return [
        tuple((1 - t) ** 2 * p + 2 * t * (1 - t) * q + t * t * r for p, q, r in zip(a, bend, b, strict=True))
        for t in steps
    ]  # type: ignore[misc]
