# SPDX-License-Identifier: GPL-3.0-or-later
"""Things of the house: cup, teapot, apple, house."""

from typing import Any

import numpy as np

from models.recipes.studio.palette import Colour, named, rgb
from models.recipes.studio.shapes import (
    Figure,
    blob,
    box,
    common,
    ellipse,
    polygon,
    ribbon,
    without,
)
from models.recipes.studio.traits import Traits


def cup(traits: Traits) -> Figure:
    """A cup: body, taper, handle, band or dots, drink, saucer, steam."""
    body = traits.pick("body_colour")
    trim = traits.pick("trim_colour", avoid=body.name)
    figure = Figure("cup", "", max_tilt_deg=6)
    top, taper = traits.uniform("breadth", 0.5, 0.72), traits.uniform("taper", 0.6, 1.0)
    y0, y1 = traits.uniform("rim_height", -0.7, -0.4), traits.uniform("foot_height", 0.55, 0.75)
    x = -0.12
    bottom = top * taper
    saucer = traits.chance("saucer", 0.45)
    if saucer:
        plate = trim if traits.chance("saucer_in_trim", 0.5) else body
        figure.fill(ellipse(x, y1 + 0.02, top * 1.35, 0.17), plate)
        figure.fill(ellipse(x, y1 - 0.02, top * 0.9, 0.10), plate.darker(0.35))
    reach, hy = traits.uniform("handle_reach", 0.25, 0.4), traits.uniform("handle_height", 0.05, 0.2)
    right = x + (top + bottom) / 2
    handle = [
        (right - 0.08, y0 + 0.25),
        (right + reach, y0 + 0.2),
        (right + reach, hy + 0.25),
        (right - 0.14, hy + 0.42),
    ]
    figure.fill(ribbon(handle, [0.16, 0.13, 0.13, 0.16]), body)
    shell = blob_sides(x, top, bottom, y0, y1)
    figure.fill(shell, body)
    extra = ""
    pattern = traits.choice("pattern", ("stripe", "dots", "heart", "plain"))
    if pattern == "stripe":
        a = traits.uniform("stripe_height", y0 + 0.2, y1 - 0.45)
        band = ribbon([(x - 1, a), (x, a + 0.1), (x + 1, a)], traits.uniform("stripe_width", 0.14, 0.3))
        figure.fill(common(band, shell), trim)
        extra = f" with a {trim.name} stripe"
    elif pattern == "dots":
        dots, places = traits.count("dots", 4, 9), traits.stream("dot_places")
        for _ in range(dots):
            dot = ellipse(
                x + places.uniform(-top, top) * 0.85,
                places.uniform(y0 + 0.25, y1 - 0.12),
                places.uniform(0.05, 0.11),
            )
            figure.fill(common(dot, shell), trim)
        extra = f" with {trim.name} dots"
    elif pattern == "heart":
        figure.fill(
            common(heart(x, (y0 + y1) / 2 + 0.05, traits.uniform("heart_size", 0.18, 0.3)), shell), trim
        )
        extra = f" with a {trim.name} heart"
    drink = traits.pick("drink_colour", "brown", "red", "beige", "green")
    figure.fill(ellipse(x, y0, top, 0.15), body.lighter(0.25))
    figure.fill(ellipse(x, y0 + 0.02, top * 0.88, 0.115), drink, round=True)
    if traits.chance("steam", 0.35):
        for i in (-0.2, 0.1):
            figure.line(
                [(x + i, y0 - 0.1), (x + i + 0.07, y0 - 0.2), (x + i, y0 - 0.3), (x + i + 0.05, y0 - 0.4)],
                rgb(250, 250, 250),
                0.03,
                0.7,
            )
    on = ", on a saucer" if saucer else ""
    figure.caption = f"a {body.name} cup{extra}{on}"
    return figure


def blob_sides(x: float, top: float, bottom: float, y0: float, y1: float) -> Any:
    """A vessel seen from slightly above: straight or tapering sides, elliptic rim and foot."""
    rim = np.linspace(np.pi, 2 * np.pi, 12)
    foot = np.linspace(0, np.pi, 14)
    upper = np.stack([x + top * np.cos(rim), y0 + 0.15 * np.sin(rim)], axis=1)
    lower = np.stack([x + bottom * np.cos(foot), y1 + 0.12 * np.sin(foot)], axis=1)
    return polygon(np.concatenate([upper, lower]))


def heart(x: float, y: float, r: float) -> Any:
    """A heart of half-width r about (x, y)."""
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    hx = 16 * np.sin(t) ** 3
    hy = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return polygon(np.stack([x + r * hx / 16, y + r * hy / 16], axis=1))


def teapot(traits: Traits) -> Figure:
    """A teapot: round body, spout, handle, lid, knob, band."""
    body = traits.pick("body_colour")
    trim = traits.pick("trim_colour", avoid=body.name)
    figure = Figure("teapot", "", max_tilt_deg=6)
    rx, ry, cy = traits.uniform("breadth", 0.48, 0.6), traits.uniform("roundness", 0.42, 0.56), 0.2
    lid = trim if traits.chance("lid_in_trim", 0.5) else body
    figure.fill(
        ribbon(
            [
                (-rx + 0.1, cy - ry * 0.6),
                (-rx - 0.34, cy - 0.25),
                (-rx - 0.25, cy + 0.2),
                (-rx + 0.08, cy + 0.3),
            ],
            [0.1, 0.12, 0.12, 0.1],
        ),
        trim if traits.chance("handle_in_trim", 0.4) else body,
    )
    figure.fill(
        ribbon(
            [(rx - 0.15, cy + 0.2), (rx + 0.12, cy + 0.02), (rx + 0.22, cy - 0.25), (rx + 0.4, cy - 0.42)],
            [0.34, 0.24, 0.16, 0.13],
        ),
        body,
    )
    figure.fill(box(-rx * 0.55, cy + ry * 0.75, rx * 0.55, cy + ry * 1.08, 0.05), body.darker(0.2))
    shell = ellipse(0, cy, rx, ry)
    figure.fill(shell, body, round=True)
    extra = ""
    if traits.chance("stripe", 0.6):
        y = cy + traits.uniform("stripe_height", -0.1, 0.2)
        figure.fill(
            common(
                ribbon(
                    [(-1, y - 0.06), (0, y + 0.06), (1, y - 0.06)], traits.uniform("stripe_width", 0.1, 0.22)
                ),
                shell,
            ),
            trim,
        )
        extra = f" with a {trim.name} stripe"
    elif traits.chance("flower", 0.5):
        for a in np.linspace(0, 2 * np.pi, 6)[:-1]:
            figure.fill(ellipse(0.13 * np.cos(a), cy + 0.13 * np.sin(a), 0.085), trim)
        figure.fill(ellipse(0, cy, 0.07), traits.pick("flower_centre", "yellow", "white"))
        extra = f" with a {trim.name} flower"
    top = cy - ry
    figure.fill(
        blob(
            [
                (-0.3, top + 0.1),
                (-0.18, top - 0.06),
                (0, top - 0.12),
                (0.18, top - 0.06),
                (0.3, top + 0.1),
                (0, top + 0.16),
            ]
        ),
        lid,
    )
    figure.fill(ellipse(0, top - 0.17, traits.uniform("knob_size", 0.06, 0.1)), trim)
    figure.caption = f"a {body.name} teapot{extra}"
    return figure


def apple(traits: Traits) -> Figure:
    """An apple: skin, blush, stalk, leaf, bite, highlight."""
    skin = traits.pick("skin_colour", "red", "green", "yellow", "orange", "pink")
    figure = Figure("apple", "", max_tilt_deg=18)
    w, h = traits.uniform("breadth", 0.62, 0.76), traits.uniform("height", 0.6, 0.74)
    dip = traits.uniform("dip", 0.08, 0.18)
    shape = blob(
        [
            (0, -h + dip + 0.1),
            (w * 0.5, -h),
            (w, -h * 0.35),
            (w * 0.86, h * 0.5),
            (w * 0.35, h * 0.98),
            (0, h * 0.9),
            (-w * 0.35, h * 0.98),
            (-w * 0.86, h * 0.5),
            (-w, -h * 0.35),
            (-w * 0.5, -h),
        ]
    )
    bite = traits.chance("bite", 0.25)
    if bite:
        hole = ellipse(
            w * 1.02, traits.uniform("bite_height", -0.15, 0.2), traits.uniform("bite_size", 0.26, 0.36)
        )
        figure.fill(common(shape, ellipse(w * 0.98, 0, 0.45, 0.5)), rgb(246, 232, 190))
        shape = without(shape, hole)
    figure.fill(shape, skin, round=True)
    blush = traits.pick("blush_colour", "red", "yellow", "orange", avoid=skin.name)
    if traits.chance("blush", 0.4):
        figure.fill(
            common(shape, blob([(-w, -0.3), (-0.2, -h * 0.7), (-0.1, 0.1), (-0.4, h)])), blush, round=True
        )
    figure.fill(common(shape, ellipse(0, -h + dip + 0.12, 0.16, 0.07)), skin.darker(0.5), shade=0.3)
    lean = traits.uniform("stalk_lean", -0.12, 0.12)
    figure.fill(
        ribbon([(0, -h + dip + 0.12), (lean * 0.4, -h + 0.02), (lean, -h - 0.16)], [0.06, 0.05, 0.08]),
        traits.pick("stalk_colour", "brown"),
    )
    extra = ""
    if traits.chance("leaf", 0.7):
        leaf = traits.pick("leaf_colour", "green", "dark green")
        x, y = lean * 0.5, -h - 0.02
        figure.fill(blob([(x, y), (x + 0.16, y - 0.16), (x + 0.44, y - 0.18), (x + 0.28, y + 0.02)]), leaf)
        figure.line([(x, y), (x + 0.2, y - 0.08), (x + 0.4, y - 0.16)], leaf.darker(0.5), 0.018)
        extra = " with a leaf"
    figure.fill(ellipse(-w * 0.45, -h * 0.4, 0.1, 0.15), rgb(255, 250, 240), solid=False, alpha=0.5)
    figure.caption = f"a {skin.name} apple{extra}" + (", bitten" if bite else "")
    return figure


def house(traits: Traits) -> Figure:
    """A house: walls, roof form, door, windows, chimney, fence of bushes."""
    wall = traits.pick(
        "wall_colour", "white", "beige", "yellow", "red", "light blue", "pink", "grey", "orange", "teal"
    )
    roof = traits.pick(
        "roof_colour",
        "red",
        "brown",
        "navy",
        "dark green",
        "grey",
        "purple",
        "blue",
        "orange",
        avoid=wall.name,
    )
    door = traits.pick("door_colour", avoid=wall.name)
    figure = Figure("house", "", max_tilt_deg=3, scale=(0.6, 0.92))
    w, y0, y1 = traits.uniform("breadth", 0.5, 0.8), traits.uniform("wall_height", -0.25, 0.0), 0.85
    peak, eave = y0 - traits.uniform("roof_height", 0.4, 0.7), traits.uniform("eaves", 0.06, 0.16)
    chimney = traits.chance("chimney", 0.6)
    if chimney:
        cx = traits.uniform("chimney_place", 0.2, 0.5) * w
        figure.fill(
            box(cx, peak + 0.02, cx + 0.16, y0), traits.pick("chimney_colour", "red", "brown", "grey")
        )
        figure.fill(box(cx - 0.03, peak - 0.03, cx + 0.19, peak + 0.05), named("grey"))
    figure.fill(box(-w, y0 - 0.05, w, y1), wall)
    ridge = traits.uniform("ridge", 0.0, 0.6) * w
    figure.fill(polygon([(-w - eave, y0), (-ridge, peak), (ridge, peak), (w + eave, y0)]), roof)
    frame = traits.pick("frame_colour", "white", "brown", "beige")
    glass = traits.pick("glass_colour", "light blue", "yellow", "navy")
    dx = traits.choice("door_place", (-0.5, 0.0, 0.5)) * w
    dw, dh = traits.uniform("door_breadth", 0.12, 0.17), traits.uniform("door_height", 0.42, 0.55)
    figure.fill(box(dx - dw - 0.03, y1 - dh - 0.03, dx + dw + 0.03, y1), frame)
    figure.fill(box(dx - dw, y1 - dh, dx + dw, y1, 0.02), door)
    figure.fill(ellipse(dx + dw * 0.6, y1 - dh / 2, 0.025), named("yellow"))
    r = traits.uniform("window_size", 0.11, 0.15)
    for wx in (-0.6 * w, 0.0, 0.6 * w):
        for wy in (y0 + 0.22, y1 - 0.36):
            if abs(wx - dx) > dw + r + 0.05 or (wy + r + 0.05 < y1 - dh - 0.03):
                if w < 0.62 and wx == 0.0:
                    continue
                _window(figure, wx, wy, r, frame, glass)
    if ridge < 0.25 * w and traits.chance("round_window", 0.5):
        figure.fill(ellipse(0, (peak + y0) / 2 + 0.06, 0.11), frame)
        figure.fill(ellipse(0, (peak + y0) / 2 + 0.06, 0.08), glass)
    bush = traits.pick("bush_colour", "green", "dark green")
    if traits.chance("bushes", 0.5):
        for x in (-w - 0.02, w - 0.1):
            figure.fill(
                blob(
                    [
                        (x - 0.18, y1 + 0.02),
                        (x - 0.14, y1 - 0.18),
                        (x + 0.02, y1 - 0.26),
                        (x + 0.16, y1 - 0.16),
                        (x + 0.2, y1 + 0.02),
                    ]
                ),
                traits.jitter("bush_tone", bush),
            )
    figure.caption = f"a {wall.name} house with a {roof.name} roof and a {door.name} door"
    return figure


def _window(figure: Figure, x: float, y: float, r: float, frame: Colour, glass: Colour) -> None:
    figure.fill(box(x - r, y - r, x + r, y + r), frame)
    for sx in (-1, 1):
        for sy in (-1, 1):
            a, b = sorted((x + sx * r * 0.12, x + sx * r * 0.82))
            c, d = sorted((y + sy * r * 0.12, y + sy * r * 0.82))
            figure.fill(box(a, c, b, d), glass, shade=0.6)
