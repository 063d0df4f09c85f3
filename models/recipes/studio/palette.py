# SPDX-License-Identifier: GPL-3.0-or-later
"""Named colours: what the caption says is what the brush holds."""

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import lab

NAMED: dict[str, tuple[int, int, int]] = {
    "red": (200, 52, 46),
    "orange": (228, 128, 48),
    "yellow": (240, 200, 76),
    "green": (96, 156, 74),
    "dark green": (44, 96, 66),
    "teal": (56, 148, 146),
    "light blue": (136, 190, 222),
    "blue": (56, 108, 184),
    "navy": (40, 54, 104),
    "purple": (124, 82, 158),
    "pink": (232, 142, 166),
    "brown": (128, 82, 52),
    "beige": (222, 196, 156),
    "white": (244, 240, 230),
    "grey": (148, 150, 154),
    "black": (46, 44, 50),
}

CSS_COLOURS = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000", "blue": "#0000ff",
    "yellow": "#ffff00", "orange": "#ffa500", "brown": "#a52a2a", "gray": "#808080", "grey": "#808080",
    "silver": "#c0c0c0", "gold": "#ffd700", "pink": "#ffc0cb", "purple": "#800080", "navy": "#000080",
    "maroon": "#800000", "olive": "#808000", "teal": "#008080", "lime": "#00ff00", "tan": "#d2b48c",
    "cyan": "#00ffff", "aqua": "#00ffff", "magenta": "#ff00ff", "currentcolor": "#000000",
}  # fmt: skip


@dataclass(frozen=True)
class Colour:
    """A colour with the word for it; r, g, b in [0, 1]."""

    name: str
    r: float
    g: float
    b: float

    def toward(self, other: "Colour", amount: float) -> "Colour":
        """Mix with another colour; amount 0 keeps this one, 1 gives the other."""
        mix = [a + (b - a) * amount for a, b in zip(self.rgb, other.rgb, strict=True)]
        return Colour(self.name, *mix)

    def lighter(self, amount: float) -> "Colour":
        """Move toward warm white."""
        return self.toward(Colour("", 1.0, 0.98, 0.92), amount)

    def darker(self, amount: float) -> "Colour":
        """Move toward this colour in bluish shadow."""
        return self.toward(Colour("", self.r * 0.42, self.g * 0.38, self.b * 0.52), amount)

    @property
    def rgb(self) -> tuple[float, float, float]:
        """The three channels in [0, 1]."""
        return self.r, self.g, self.b


def named(name: str) -> Colour:
    """The plain colour of that name; KeyError for a name not in NAMED."""
    r, g, b = NAMED[name]
    return Colour(name, r / 255, g / 255, b / 255)


def rgb(r: int, g: int, b: int, name: str = "") -> Colour:
    """A colour from 8-bit channels."""
    return Colour(name, r / 255, g / 255, b / 255)


def jitter(rng: Generator, colour: Colour, amount: float = 1.0) -> Colour:
    """A neighbour of the colour that still deserves the same word."""
    h, s, v = colorsys.rgb_to_hsv(*colour.rgb)
    h = (h + rng.normal(0, 0.012 * amount)) % 1.0
    s = min(1.0, max(0.0, s * (1 + rng.normal(0, 0.1 * amount))))
    v = min(1.0, max(0.0, v * (1 + rng.normal(0, 0.06 * amount))))
    return Colour(colour.name, *colorsys.hsv_to_rgb(h, s, v))


def pick(rng: Generator, *names: str, avoid: str = "") -> Colour:
    """A jittered colour out of the names (all of them when none are given), never `avoid`."""
    choices = [n for n in (names or tuple(NAMED)) if n != avoid]
    return jitter(rng, named(choices[rng.integers(len(choices))]))


def shifted(colour: Colour, hue: float, gain: float = 1.0) -> Colour:
    """The colour with its hue turned by `hue` (1 = full circle) and its saturation scaled."""
    h, s, v = colorsys.rgb_to_hsv(*colour.rgb)
    return Colour("", *colorsys.hsv_to_rgb((h + hue) % 1.0, min(1.0, s * gain), v))


_NAMES = tuple(NAMED)
_LAB = lab(np.array([NAMED[name] for name in _NAMES]) / 255)


def nearest_name(pixel: NDArray[np.uint8]) -> str:
    """The word in NAMED nearest to an 8-bit RGB pixel in CIE Lab, lightness counting half."""
    here = lab(pixel.reshape(1, 3) / 255)[0]
    return _NAMES[int(np.argmin(np.linalg.norm((_LAB - here) * (0.5, 1.0, 1.0), axis=1)))]
