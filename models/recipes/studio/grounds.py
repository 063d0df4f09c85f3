# SPDX-License-Identifier: GPL-3.0-or-later
"""Grounds with the texture of photographs and painted canvases, and one grain over a whole picture."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import blurred, enlarged
from models.recipes.studio.raster import Pixels
from models.recipes.studio.textures import TILE_PX, Surface, random_surface

TEXTURED_SHARE = 0.4
"""How often a ground is textured."""

GRAIN_SHARE = 0.14
"""How often the whole picture, figure and all, is painted in one grain."""

_UNLIKE = 40  # mean 8-bit difference of top and bottom from which they are two things with two textures
_SOFT_SHARE = 0.35


def give_texture(rng: Generator, ground: Pixels) -> None:
    """Texture an opaque ground (size, size, 4) in place, its upper and lower part apart where they differ.

    A third lies out of focus, as behind a thing that is photographed.
    """
    size = len(ground)
    colours = ground[..., :3].astype(np.float32)
    textured = _textured(rng, colours)
    top, bottom = colours[: size // 16].mean((0, 1)), colours[-(size // 16) :].mean((0, 1))
    if np.abs(top - bottom).mean() > _UNLIKE:
        below = np.abs(colours - bottom).sum(-1) < np.abs(colours - top).sum(-1)
        textured[below] = _textured(rng, colours)[below]
    if rng.random() < _SOFT_SHARE:
        textured = blurred(textured, float(rng.uniform(0.6, 3.5)) * size / 256)
    ground[..., :3] = np.clip(textured + 0.5, 0, 255).astype(np.uint8)


def _textured(rng: Generator, colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """The colours (H, W, 3) of one material: lighter and darker, and off in hue, with its texture."""
    surface = _surface(rng, len(colours))
    strength = float(0.03 * 7 ** rng.random())
    toward = rng.normal(size=3)
    toward *= 255 * strength * rng.uniform(0, 0.4) / np.linalg.norm(toward)
    made = colours * (1 + strength * surface.light[..., None]) + surface.tint[..., None] * toward
    return made.astype(np.float32)


def with_grain(rng: Generator, field: NDArray[np.float32]) -> NDArray[np.float32]:
    """How a painted surface (H, W) varies about 1, now and then with brush marks, weave or grain as well."""
    if rng.random() >= GRAIN_SHARE:
        return field
    light = _surface(rng, len(field)).light
    return (field * (1 + float(rng.uniform(0.015, 0.06)) * (light - light.mean()))).astype(np.float32)


def _surface(rng: Generator, size: int) -> Surface:
    found = random_surface(rng, min(size, TILE_PX))
    return found if size <= TILE_PX else Surface(enlarged(found.light, size), enlarged(found.tint, size))
