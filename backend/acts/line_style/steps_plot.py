# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of how representative steps were chosen: two maps of the steps, two curves."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

from PIL import Image, ImageDraw

from backend.acts.line_style.steps import Choice

PANEL_PX = 360
MARGIN_PX = 40
INK, PALE = (30, 30, 30), (190, 190, 190)

Colour = tuple[int, int, int]
Point = tuple[float, float]


def plotted(choice: Choice) -> Image.Image:
    """Four panels: the steps' first two principal components by cluster and by time, elbow and silhouette."""
    sheet = Image.new("RGB", (2 * PANEL_PX, 2 * PANEL_PX), "white")
    draw = ImageDraw.Draw(sheet)
    clusters, steps = max(choice.labels) + 1, len(choice.all)
    by_cluster = [_hue(label / clusters) for label in choice.labels]
    by_time = [_hue(0.7 * k / max(1, steps - 1)) for k in range(steps)]
    _map(draw, (0, 0), "steps, coloured by cluster", choice, by_cluster)
    _map(draw, (PANEL_PX, 0), "steps, coloured by time (red: noise)", choice, by_time)
    counts, chosen = choice.curves.counts, len(choice.timesteps)
    _curve(draw, (0, PANEL_PX), "sum within clusters", counts, choice.curves.within, choice.elbow)
    _curve(draw, (PANEL_PX, PANEL_PX), "silhouette", counts, choice.curves.silhouette, chosen)
    return sheet


def _map(draw: ImageDraw.ImageDraw, at: Point, title: str, choice: Choice, colours: Sequence[Colour]) -> None:
    """Dots joined in the order of time; rings around the chosen ones, with their timesteps."""
    places = _placed(at, [x for x, _ in choice.scores], [y for _, y in choice.scores])
    draw.text((at[0] + MARGIN_PX, at[1] + 12), title, fill=INK)
    draw.line(places, fill=PALE)
    for (x, y), t, colour in zip(places, choice.all, colours, strict=True):
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
        if t in choice.timesteps:
            draw.ellipse((x - 8, y - 8, x + 8, y + 8), outline=INK)
            draw.text((x + 9, y - 12), str(t), fill=INK)


def _curve(
    draw: ImageDraw.ImageDraw,
    at: Point,
    title: str,
    counts: Sequence[int],
    values: Sequence[float],
    mark: int,
) -> None:
    """A line over the numbers of clusters; the marked one has a ring."""
    places = _placed(at, counts, values)
    draw.text((at[0] + MARGIN_PX, at[1] + 12), f"{title} by number of clusters, {mark} marked", fill=INK)
    draw.line(places, fill=INK, width=2)
    for (x, y), count in zip(places, counts, strict=True):
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=INK)
        draw.text((x - 4, at[1] + PANEL_PX - MARGIN_PX + 12), str(count), fill=INK)
        if count == mark:
            draw.ellipse((x - 8, y - 8, x + 8, y + 8), outline=INK)


def _placed(at: Point, across: Sequence[float], up: Sequence[float]) -> list[Point]:
    """Numbers to places within a panel's margins."""
    room = PANEL_PX - 2 * MARGIN_PX

    def spread(values: Sequence[float]) -> list[float]:
        low, high = min(values), max(values)
        return [(value - low) / ((high - low) or 1) * room + MARGIN_PX for value in values]

    return [(at[0] + x, at[1] + PANEL_PX - y) for x, y in zip(spread(across), spread(up), strict=True)]


def _hue(share: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(share, 0.75, 0.8)
    return round(red * 255), round(green * 255), round(blue * 255)
