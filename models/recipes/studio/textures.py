# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownArgumentType=false
"""Surfaces as a camera sees them: noise of many spectra, fur, ripples, pebbles, bricks. None holds a line."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.fields import enlarged, warped_tile
from models.recipes.studio.raster import skia, surface_on

Field = NDArray[np.floating]

TILE_PX = 512
NEAREST = 3.0
"""How many times larger a texture may look than in its tile."""

COPIES = 5
"""Tiles of each kind in the bank; each is cut, turned and mirrored anew for every surface."""


@dataclass(frozen=True)
class Surface:
    """How a surface varies. light: (H,W) of mean 0 and variance 1. tint: the same, for a shift in colour."""

    light: Field
    tint: Field


def random_surface(rng: Generator, size: int) -> Surface:
    """A piece of some texture; about one in three mixes two.

    Args:
        size: side in pixels, at most `TILE_PX`.

    Raises:
        ValueError: size > TILE_PX.
    """
    light = _piece(rng, size)
    if rng.random() < 0.35:
        share = float(rng.uniform(0.3, 0.7))
        light = _even((1 - share) * light + share * _piece(rng, size))
    return Surface(light, _piece(rng, size))


def _piece(rng: Generator, size: int) -> Field:
    if size > TILE_PX:
        raise ValueError(f"no texture is {size} px wide; at most {TILE_PX}")
    bank = _bank()
    tile = bank[int(rng.integers(len(bank)))]
    near = float(np.exp(rng.uniform(0, np.log(NEAREST)))) if rng.random() < 0.6 else 1.0
    side = int(np.ceil(size / near))
    y, x = rng.integers(0, TILE_PX - side + 1, 2).tolist()
    piece = np.rot90(tile[y : y + side, x : x + side], int(rng.integers(4)))
    piece = piece[:, ::-1] if rng.random() < 0.5 else piece
    return piece if side == size else enlarged(piece, size)


@lru_cache(maxsize=1)
def _bank() -> list[Field]:
    rng = np.random.default_rng(11)
    return [_even(make(rng)) for make in KINDS for _ in range(COPIES)]


def _even(field: Field) -> Field:
    centred = field - field.mean()
    return (centred / (centred.std() + 1e-6)).clip(-3, 3).astype(np.float32)


def _spectrum(rng: Generator, exponent: float, stretch: float = 1.0, angle: float = 0.0) -> Field:
    """Noise whose amplitude falls with frequency to that power, `stretch` times longer along the angle."""
    rows, columns = np.fft.fftfreq(TILE_PX)[:, None], np.fft.rfftfreq(TILE_PX)[None]
    along = rows * np.sin(angle) + columns * np.cos(angle)
    across = columns * np.sin(angle) - rows * np.cos(angle)
    radius = np.sqrt((along * stretch) ** 2 + across**2) + 1 / TILE_PX
    spread = np.fft.rfft2(rng.normal(size=(TILE_PX, TILE_PX)))
    return np.fft.irfft2(spread / radius**exponent, (TILE_PX, TILE_PX)).astype(np.float32)


def _cloudy(rng: Generator) -> Field:
    return _spectrum(rng, float(rng.uniform(0.8, 2.0)))


def _grainy(rng: Generator) -> Field:
    return _spectrum(rng, float(rng.uniform(0.0, 0.8)))


def _blotchy(rng: Generator) -> Field:
    """Patches with sharp borders, as of camouflage, rust or dappled light."""
    field = _even(_spectrum(rng, float(rng.uniform(0.9, 1.6))))
    steepness = float(rng.uniform(2, 8))
    return np.tanh(steepness * (field - float(rng.uniform(-0.8, 0.8))))


def _furry(rng: Generator) -> Field:
    """Strands along a direction that turns slowly."""
    strands = _spectrum(
        rng, float(rng.uniform(0.5, 1.2)), float(rng.uniform(4, 14)), float(rng.uniform(0, 3.14))
    )
    return warped_tile(strands, _bend(rng, float(rng.uniform(2, 24))))


def _rippled(rng: Generator) -> Field:
    """Waves in one direction: water, cloth, ploughed earth."""
    angle, pitch = float(rng.uniform(0, 3.14)), float(np.exp(rng.uniform(np.log(4), np.log(28))))
    y, x = np.mgrid[:TILE_PX, :TILE_PX].astype(np.float32)
    phase = (x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / pitch
    wave = np.tanh(float(rng.uniform(0.5, 4)) * np.sin(phase)).astype(np.float32)
    wave = warped_tile(wave, _bend(rng, float(rng.uniform(0, 12))))
    return wave + 0.5 * _even(_spectrum(rng, 1.0))


def _bricked(rng: Generator) -> Field:
    """Courses of stones with joints, each stone a little different."""
    width, height = float(rng.uniform(10, 44)), float(rng.uniform(6, 22))
    joint = float(rng.uniform(0.06, 0.2))
    y, x = np.mgrid[:TILE_PX, :TILE_PX].astype(np.float32)
    row = np.floor(y / height)
    along = x / width + 0.5 * (row % 2)
    stone = rng.normal(size=(128, 128)).astype(np.float32)[row.astype(int), np.floor(along).astype(int)]
    gap = (np.mod(along, 1) < joint * height / width) | (np.mod(y / height, 1) < joint)
    wall = np.where(gap, float(rng.choice([-2.0, 2.0])), float(rng.uniform(0.2, 1.0)) * stone)
    return warped_tile(wall.astype(np.float32), _bend(rng, float(rng.uniform(0, 6))))


def _littered(rng: Generator) -> Field:
    """Small things one over the other: leaves, pebbles, petals, a crowd."""
    pixels = np.zeros((TILE_PX, TILE_PX, 4), np.uint8)
    canvas = surface_on(pixels).getCanvas()
    reach = float(np.exp(rng.uniform(np.log(2.5), np.log(11))))
    slim, angle = float(rng.uniform(0.2, 1.0)), float(rng.uniform(0, 180))
    loose = float(rng.choice([20.0, 180.0]))
    for _ in range(min(9000, int(2.5 * TILE_PX**2 / (reach * reach * slim * 3)))):
        level, side = int(rng.integers(20, 236)), reach * float(rng.uniform(0.5, 1.6))
        canvas.save()
        canvas.translate(float(rng.uniform(0, TILE_PX)), float(rng.uniform(0, TILE_PX)))
        canvas.rotate(angle + float(rng.normal(0, loose)))
        paint = skia.Paint(Color=skia.ColorSetARGB(255, level, level, level), AntiAlias=True)
        canvas.drawOval(skia.Rect.MakeLTRB(-side, -side * slim, side, side * slim), paint)
        canvas.restore()
    return pixels[..., 0].astype(np.float32)


def _speckled(rng: Generator) -> Field:
    """Sparse dots on an even ground: gravel, stars, blossoms, print."""
    noise = _even(_spectrum(rng, float(rng.uniform(0.2, 0.7))))
    return (noise > float(rng.uniform(1.0, 2.0))).astype(np.float32) + 0.1 * noise


def _bend(rng: Generator, most_px: float) -> tuple[Field, Field]:
    """A smooth displacement (rows, columns) of so many pixels."""
    return most_px * _even(_spectrum(rng, 2.2)), most_px * _even(_spectrum(rng, 2.2))


KINDS: tuple[Callable[[Generator], Field], ...] = (
    _cloudy,
    _cloudy,
    _grainy,
    _blotchy,
    _furry,
    _furry,
    _rippled,
    _bricked,
    _littered,
    _littered,
    _speckled,
)
