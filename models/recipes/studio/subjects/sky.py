# SPDX-License-Identifier: GPL-3.0-or-later
"""What is up in the sky: sun, moon, star, cloud, balloon."""

from typing import Any

import numpy as np

from models.recipes.studio.palette import rgb
from models.recipes.studio.shapes import Figure, blob, common, ellipse, moved, polygon, union, without
from models.recipes.studio.subjects.pets import DARK
from models.recipes.studio.traits import Traits


def _little_face(figure: Figure, traits: Traits, x: float, y: float, size: float) -> str:
    """A simple face as picture books give to things; returns the words for it, or none."""
    if not traits.chance("face", 0.5):
        return ""
    gap = traits.uniform("eye_gap", 0.28, 0.42) * size
    smile, sleepy = traits.uniform("smile", 0.06, 0.2) * size, traits.chance("sleepy", 0.25)
    cheek = traits.pick("cheek_colour", "pink", "orange", "red")
    for side in (-1, 1):
        eye = x + side * gap
        if sleepy:
            lid = [(eye - 0.1 * size, y), (eye, y + 0.06 * size), (eye + 0.1 * size, y)]
            figure.line(lid, DARK, 0.045 * size)
        else:
            figure.fill(ellipse(eye, y, 0.075 * size, 0.1 * size), DARK, shade=0)
            figure.fill(
                ellipse(eye + 0.025 * size, y - 0.035 * size, 0.025 * size),
                rgb(255, 255, 255),
                solid=False,
                shade=0,
            )
        figure.fill(
            ellipse(eye * 1.25, y + 0.2 * size, 0.1 * size, 0.07 * size), cheek, solid=False, alpha=0.6
        )
    mouth = [
        (x - 0.16 * size, y + 0.2 * size),
        (x, y + 0.2 * size + smile),
        (x + 0.16 * size, y + 0.2 * size),
    ]
    figure.line(mouth, DARK, 0.045 * size)
    return " with a sleepy face" if sleepy else " with a smiling face"


def sun(traits: Traits) -> Figure:
    """A sun: disc, rays (count, form, length), face."""
    disc = traits.pick("disc_colour", "yellow", "yellow", "orange", "red")
    ray = traits.pick("ray_colour", "yellow", "orange", "red", avoid=disc.name)
    figure = Figure("sun", "", max_tilt_deg=20, stands=False)
    r, count = traits.uniform("disc_size", 0.38, 0.55), traits.count("rays", 7, 17)
    form = traits.choice("ray_form", ("pointed", "round", "wavy"))
    length, broad = traits.uniform("ray_length", 0.24, 0.42), traits.uniform("ray_breadth", 0.5, 0.85)
    for k in range(count):
        turn = 360 * k / count
        far = r + length * (0.72 if k % 2 and traits.chance("uneven_rays", 0.4) else 1.0)
        half = broad * np.pi * r / count
        if form == "pointed":
            shape = polygon([(-half, -r * 0.9), (0, -far), (half, -r * 0.9)])
        elif form == "round":
            shape = blob([(-half * 0.7, -r), (-half * 0.6, -far), (half * 0.6, -far), (half * 0.7, -r)])
        else:
            shape = blob(
                [(-half, -r * 0.9), (-half * 0.2, -r - length * 0.5), (half * 0.6, -far), (half, -r)]
            )
        figure.fill(moved(shape, turn_deg=turn), ray)
    figure.fill(ellipse(0, 0, r), disc, round=True)
    face = _little_face(figure, traits, 0, -0.1 * r, r)
    figure.caption = f"a {disc.name} sun with {ray.name} rays" + face.replace(" with", " and", 1)
    return figure


def moon(traits: Traits) -> Figure:
    """A crescent or full moon: phase, craters, face, stars beside it."""
    glow = traits.pick("moon_colour", "yellow", "white", "beige", "light blue", "grey")
    figure = Figure("moon", "", max_tilt_deg=25, stands=False)
    full = traits.chance("full", 0.3)
    disc = ellipse(0, 0, 0.8)
    depth = traits.uniform("phase", 0.28, 0.52)
    shape = disc if full else without(disc, ellipse(depth, -0.12, 0.68))
    figure.fill(shape, glow, round=full)
    places, craters = traits.stream("crater_places"), traits.count("craters", 2, 6)
    tone = traits.jitter("crater_tone", glow.darker(0.3))
    for _ in range(craters):
        angle, away = places.uniform(2.0, 4.3), places.uniform(0.5, 0.66)
        if full:
            angle, away = places.uniform(0, 6.28), places.uniform(0.15, 0.6)
        dent = ellipse(away * np.cos(angle), away * np.sin(angle), places.uniform(0.05, 0.12))
        figure.fill(common(dent, shape), tone, shade=0.5)
    face = _little_face(figure, traits, 0.0, -0.1, 0.75) if full else ""
    stars = traits.pick("star_colour", "yellow", "white", "light blue", "pink")
    extra = ""
    if traits.chance("stars", 0.5):
        where = traits.stream("star_places")
        for k in range(traits.count("star_count", 1, 4)):
            x, y = 0.5 + where.uniform(-0.1, 0.3), -0.55 + 0.5 * k + where.uniform(-0.1, 0.1)
            reach = where.uniform(0.09, 0.15)
            figure.fill(moved(star_shape(5, reach, 0.45 * reach), x + (0.45 if full else 0), y), stars)
        extra = f" and {stars.name} stars"
    figure.caption = f"a {glow.name} {'full' if full else 'crescent'} moon{face}{extra}"
    return figure


def star_shape(points: int, reach: float, inner: float, soft: bool = False) -> Any:
    """A star about the origin, its first point up."""
    angles = np.arange(2 * points) * np.pi / points - np.pi / 2
    radii = np.where(np.arange(2 * points) % 2, inner, reach)
    corners = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    return blob(corners) if soft else polygon(corners)


def star(traits: Traits) -> Figure:
    """A star: points, slimness, roundness, rim, facets, face."""
    colour = traits.pick(
        "star_colour", "yellow", "yellow", "orange", "red", "pink", "light blue", "white", "purple"
    )
    rim = traits.pick("rim_colour", avoid=colour.name)
    figure = Figure("star", "", max_tilt_deg=18, stands=False)
    points = traits.choice("points", (5, 5, 5, 6, 8))
    inner, soft = traits.uniform("slimness", 0.36, 0.52), traits.chance("soft", 0.35)
    edge = traits.uniform("rim_width", 0.76, 0.9)
    has_rim = traits.chance("rim", 0.5)
    if has_rim:
        figure.fill(star_shape(points, 0.92, 0.92 * inner, soft), rim)
    reach = 0.92 * edge if has_rim else 0.92
    figure.fill(star_shape(points, reach, reach * inner, soft), colour)
    facets = traits.chance("facets", 0.35) and not soft
    if facets:
        for k in range(points):
            a, b = (np.pi * (2 * k + s) / points - np.pi / 2 for s in (0, 1))
            tip = (reach * np.cos(a), reach * np.sin(a))
            notch = (reach * inner * np.cos(b), reach * inner * np.sin(b))
            figure.fill(polygon([(0, 0), tip, notch]), colour.darker(0.4), shade=0.4)
    face = "" if facets else _little_face(figure, traits, 0, 0, 0.5)
    extra = f" with a {rim.name} rim" if has_rim else ""
    figure.caption = f"a {colour.name} star{extra}{face.replace(' with', ' and', 1) if extra else face}"
    return figure


def cloud(traits: Traits) -> Figure:
    """A cloud: puffs, flat foot, rain, snow or lightning, face."""
    colour = traits.pick("cloud_colour", "white", "white", "grey", "light blue", "pink", "beige")
    figure = Figure("cloud", "", max_tilt_deg=4, stands=False)
    puffs, sizes = traits.count("puffs", 3, 6), traits.stream("puff_sizes")
    tall, wide = traits.uniform("height", 0.24, 0.4), traits.uniform("breadth", 0.5, 0.66)
    parts = [ellipse(0, 0.12, wide + 0.16, 0.2)]
    for k in range(puffs):
        x = -wide + 2 * wide * k / (puffs - 1)
        reach = tall * (1 - 0.5 * abs(x) / wide) * sizes.uniform(0.8, 1.2) + 0.06
        parts.append(ellipse(x, 0.02 - reach * 0.45, reach * 1.1, reach))
    shape = union(*parts)
    figure.fill(shape, colour)
    low = traits.uniform("shadow", 0.02, 0.1)
    figure.fill(common(ellipse(0.05, 0.3, wide + 0.1, 0.2 + low), shape), colour.darker(0.22), shade=0.4)
    weather = traits.choice("weather", ("fair", "rain", "snow", "lightning"))
    tone = traits.pick("weather_colour", *_WEATHER[weather])
    drops, places = traits.count("drops", 3, 7), traits.stream("drop_places")
    if weather == "lightning":
        bolt = [
            (-0.05, 0.28),
            (0.16, 0.28),
            (0.06, 0.5),
            (0.2, 0.5),
            (-0.1, 0.95),
            (-0.02, 0.62),
            (-0.16, 0.62),
        ]
        figure.fill(polygon(bolt), tone)
    elif weather != "fair":
        for k in range(drops):
            x, y = -wide + 2 * wide * (k + 0.5) / drops, places.uniform(0.48, 0.85)
            if weather == "rain":
                figure.fill(
                    blob([(x, y - 0.13), (x + 0.06, y + 0.03), (x, y + 0.09), (x - 0.06, y + 0.03)]), tone
                )
            else:
                figure.fill(moved(star_shape(6, 0.085, 0.035), x, y), tone)
    face = _little_face(figure, traits, 0, 0.0, 0.5)
    extra = "" if weather == "fair" else f" with {weather}"
    figure.caption = f"a {colour.name} cloud{extra}{face.replace(' with', ' and', 1) if extra else face}"
    return figure


_WEATHER: dict[str, tuple[str, ...]] = {
    "fair": ("white",),
    "rain": ("blue", "light blue", "navy"),
    "snow": ("white", "light blue"),
    "lightning": ("yellow", "orange"),
}


def balloon(traits: Traits) -> Figure:
    """A balloon on a string: form, knot, bow of the string, pattern, light."""
    skin = traits.pick(
        "skin_colour", "red", "blue", "yellow", "green", "pink", "purple", "orange", "light blue", "white"
    )
    second = traits.pick("second_colour", avoid=skin.name)
    string = traits.pick("string_colour", "white", "brown", "black", "grey")
    figure = Figure("balloon", "", max_tilt_deg=12, stands=False, scale=(0.7, 0.98))
    w, h = traits.uniform("breadth", 0.4, 0.52), traits.uniform("height", 0.5, 0.6)
    bow, cy = traits.uniform("string_bow", -0.2, 0.2), -0.36
    foot = cy + h
    figure.line(
        [(0, foot + 0.04), (bow, foot + 0.3), (-bow * 0.6, foot + 0.52), (bow * 0.3, 0.97)], string, 0.02
    )
    shape = blob(
        [(0, cy - h), (w * 0.75, cy - h * 0.7), (w, cy - 0.08), (w * 0.55, cy + h * 0.62), (0.03, foot),
         (-0.03, foot), (-w * 0.55, cy + h * 0.62), (-w, cy - 0.08), (-w * 0.75, cy - h * 0.7)]
    )  # fmt: skip
    figure.fill(shape, skin, round=True)
    pattern = traits.choice("pattern", ("plain", "plain", "band", "dots"))
    extra = ""
    if pattern == "band":
        y = cy + traits.uniform("band_height", -0.2, 0.1)
        band = blob(
            [(-0.7, y - 0.1), (0, y + 0.02), (0.7, y - 0.1), (0.7, y + 0.08), (0, y + 0.2), (-0.7, y + 0.08)]
        )
        figure.fill(common(band, shape), second)
        extra = f" with a {second.name} band"
    elif pattern == "dots":
        places = traits.stream("dot_places")
        for _ in range(traits.count("dots", 4, 9)):
            dot = ellipse(places.uniform(-w, w), cy + places.uniform(-h, h * 0.6), places.uniform(0.05, 0.09))
            figure.fill(common(dot, shape), second)
        extra = f" with {second.name} dots"
    figure.fill(polygon([(-0.07, foot + 0.07), (0.07, foot + 0.07), (0, foot - 0.02)]), skin.darker(0.3))
    figure.fill(
        blob(
            [
                (-w * 0.62, cy - 0.1),
                (-w * 0.5, cy - h * 0.55),
                (-w * 0.36, cy - h * 0.6),
                (-w * 0.5, cy - 0.1),
            ]
        ),
        rgb(255, 255, 255),
        solid=False,
        alpha=0.55,
    )
    figure.caption = f"a {skin.name} balloon{extra}"
    return figure
