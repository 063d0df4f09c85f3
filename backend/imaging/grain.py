# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What is painted takes on the grain of the picture around it: film grain, noise, weave, brush texture.

The fine texture of quiet windows around the figure is measured as the spectrum of a Gaussian texture, with
the ties between its colours; as much of it is added as the figure lacks. Edges and objects do not count, as
the windows in which there is most are left out, and strong texture such as grass is followed only so far.

Source: Galerne, Gousseau and Morel 2011, "Random phase textures", section 3; here the spectrum is the mean of
many windows. Ours: which windows count, how much is added.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.pixels import Floats, Picture, Pixels, from_rgba, luminance
from shared.geometry import Bounds

_ndimage: Any = importlib.import_module("scipy.ndimage")

Marks = NDArray[np.bool_]

FINE_SIGMA_PX = 1.5
"""What a Gaussian of this width takes away is fine."""

COARSE_SIGMA_PX = 2
"""What a Gaussian of this width leaves is no grain, but the picture's own shading."""

WINDOW_PX = 32
"""Side of a window around the figure: long enough for a brush's streaks and a canvas' threads."""

OWN_WINDOW_PX = 16
"""Side of a window within the figure, which may be slim."""

MOST_WINDOWS = 240
LEAST_WINDOWS = 4
BLOCK_PX = 8
MOST_UNEVEN = 0.5
"""Grain is as strong all over a window: between its blocks, mean squares differ by this share of their mean
at most. Seen: 0.15 to 0.4 for film grain, noise and weave, 0.6 to 1.2 for fur, leaves, grass and edges."""

EVERYWHERE = 0.1
"""Grain lies everywhere: this quantile of all windows has it and little else."""

UNCUT = 0.48
"""Windows further from middle grey are cut to white or black, and their grain with them."""

LEAST_EVEN, MOST_EVEN = 0.04, 0.14
"""Share of windows that are even and no rougher than most are: from the first on there may be grain, at the
second there surely is. Seen: fur, feathers, faces 0.02 to 0.06, a lawn 0.09, grainy pictures 0.19 to 1."""

QUIET_SHARE = 0.25
"""What of a figure, or around it, is no finer than this share of it is grain; the rest may be edges."""

LEAST_RMS, MOST_RMS = 0.9 / 255, 8 / 255
"""Of grain. The studio's smooth grounds and skies of clean photographs have 0.3 to 0.6, of which 0.29 is
rounding; more than the second looks like noise on a screen over a figure that is flat otherwise."""

TONES = 5
LEAST_OF_TONE = 6
"""How grain depends on lightness is measured in so many steps, each in at least so many windows."""

MOST_OF_TONE = 1.6
"""Windows with more than this times the usual strength have something else in them."""

TILE_PX = 256
"""Period of the texture that is made."""

BAND_ROWS = 256


@dataclass(frozen=True)
class Grain:
    """A fine texture.

    Attributes:
        tile: (TILE_PX, TILE_PX, 3), mean 0 and root mean square 1; it continues beyond its edges.
        tones: Lightnesses in [0, 1], rising, at which it was measured.
        rms: Root mean square at each of them.
    """

    tile: Floats
    tones: Floats
    rms: Floats

    def at(self, bounds: Bounds, lightness: Floats) -> Floats:
        """(height, width, 3): what is added at this place of the canvas, by the lightness (height, width)."""
        rows = np.arange(bounds.y, bounds.bottom) % TILE_PX
        columns = np.arange(bounds.x, bounds.right) % TILE_PX
        strength = np.interp(lightness, self.tones, self.rms).astype(np.float32)
        return self.tile[rows[:, None], columns] * strength[..., None]


def with_grain(layer: Picture, bounds: Bounds, around: Picture, seed: int) -> Pixels:
    """Give a painted layer the grain of what is around it, as far as it has none of its own.

    Args:
        layer: With alpha.
        bounds: Where it lies in `around`.
        seed: The same seed gives the same grain.

    Returns:
        The layer, the same where its alpha is 0; the very same where there is no grain around it.
    """
    place, alpha = Bounds.of(layer.extent), layer.array[..., -1]
    grain = grain_around(around, bounds, alpha > 0, seed)
    if grain is None:
        return layer.array
    lacking = 1 - _own_energy(layer, alpha == alpha.max()) / float(np.mean(grain.rms**2))
    if lacking <= 0:
        return layer.array
    made = layer.array.copy()
    for y in range(0, place.height, BAND_ROWS):
        band = Bounds(0, y, place.width, min(BAND_ROWS, place.height - y))
        rgba = layer.rgba(band)
        added = grain.at(band.shifted(bounds.x, bounds.y), luminance(rgba)) * np.float32(np.sqrt(lacking))
        rgba[..., :3] = np.clip(rgba[..., :3] + added, 0, 1) * (rgba[..., 3:] > 0)
        made[band.y : band.bottom] = from_rgba(rgba, layer.format)
    return made


def grain_around(picture: Picture, bounds: Bounds, figure: Marks, seed: int) -> Grain | None:
    """Measure the grain around a figure.

    Args:
        figure: (bounds.height, bounds.width), what is no surroundings.

    Returns:
        None where there is too little to measure, or no grain.
    """
    windows = _windows_around(picture, bounds, figure)
    light = luminance(windows).mean((1, 2))
    windows, light = (part[np.abs(light - 0.5) < UNCUT] for part in (windows, light))
    if len(windows) < LEAST_WINDOWS:
        return None
    rms = np.sqrt(np.square(_fine(windows)).mean((1, 2, 3)))
    usual = float(np.quantile(rms, EVERYWHERE))
    if usual < LEAST_RMS:
        return None
    like = np.flatnonzero(_is_even(windows) & (rms <= usual * MOST_OF_TONE))
    sure = min(1.0, (len(like) / len(windows) - LEAST_EVEN) / (MOST_EVEN - LEAST_EVEN))
    if len(like) < LEAST_WINDOWS or sure <= 0:
        return None
    tones, levels = _by_tone(light[like], rms[like])
    return Grain(_tile(windows[like], seed), tones, np.float32(sure) * levels)


def grain_ratio(picture: NDArray[np.uint8], figure: Marks) -> float:
    """Fine energy within a figure over that around it; 1 belongs, 0 is smooth.

    Args:
        picture: (H,W,3) RGB.
        figure: (H,W).

    Returns:
        The ratio of what is finer than FINE_SIGMA_PX: of the lower quartiles of local mean squares, so that
        edges and things count on neither side; NaN where there is nothing around it, or no grain.
    """
    away = _ndimage.distance_transform_edt(~figure)
    near = (away > 0) & (away <= max(WINDOW_PX, max(figure.shape) // 8))
    if not figure.any() or not near.any():
        return float("nan")
    planes = picture.astype(np.float32) / np.float32(255)
    inside, outside = (_local_energy(planes, figure, figure), _local_energy(planes, ~figure, near))
    return inside / outside if outside >= LEAST_RMS**2 else float("nan")


def _local_energy(planes: Floats, known: Marks, wanted: Marks) -> float:
    """Lower quartile of local mean squares of what is fine, seen from the known pixels alone."""
    weight = known.astype(np.float32)
    share = _ndimage.gaussian_filter(weight, FINE_SIGMA_PX)
    blurred = _ndimage.gaussian_filter(planes * weight[..., None], (FINE_SIGMA_PX, FINE_SIGMA_PX, 0))
    fine = (planes - blurred / np.maximum(share, 1e-6)[..., None]) * weight[..., None]
    energy = _ndimage.uniform_filter(np.square(fine).mean(-1), 7)
    share = np.maximum(_ndimage.uniform_filter(weight, 7), 1e-6)
    return float(np.quantile(energy[wanted] / share[wanted], QUIET_SHARE))


def _windows_around(picture: Picture, bounds: Bounds, figure: Marks) -> Floats:
    """(N, WINDOW_PX, WINDOW_PX, 3): opaque windows of the surroundings that nothing of the figure reaches."""
    reach = min(8 * WINDOW_PX, max(2 * WINDOW_PX, max(bounds.width, bounds.height) // 3))
    ring = bounds.grown(reach).intersect(Bounds.of(picture.extent))
    stride = max(WINDOW_PX // 2, int(np.sqrt(ring.width * ring.height / (4 * MOST_WINDOWS))))
    found: list[Floats] = []
    for y in range(ring.y, ring.bottom - WINDOW_PX + 1, stride):
        for x in range(ring.x, ring.right - WINDOW_PX + 1, stride):
            place = Bounds(x, y, WINDOW_PX, WINDOW_PX)
            if not _cut(figure, place.intersect(bounds).shifted(-bounds.x, -bounds.y)).any():
                rgba = picture.rgba(place)
                if rgba[..., 3].min() == 1:
                    found.append(rgba[..., :3])
    found = found[:: -(-len(found) // MOST_WINDOWS) or 1]
    return np.stack(found) if found else np.zeros((0, WINDOW_PX, WINDOW_PX, 3), np.float32)


def _own_energy(layer: Picture, solid: Marks) -> float:
    """Of quiet windows of the figure; 0 where it is too slim for one."""
    side, height, width = OWN_WINDOW_PX, *solid.shape
    stride = max(side // 2, int(np.sqrt(height * width / (4 * MOST_WINDOWS))))
    starts = [(y, x) for y in range(0, height - side + 1, stride) for x in range(0, width - side + 1, stride)]
    places = [Bounds(x, y, side, side) for y, x in starts if solid[y : y + side, x : x + side].all()]
    if not places:
        return 0.0
    windows = np.stack([layer.rgba(place)[..., :3] for place in places])
    return float(np.quantile(np.square(_fine(windows)).mean((1, 2, 3)), QUIET_SHARE))


def _by_tone(light: Floats, rms: Floats) -> tuple[Floats, Floats]:
    """Lightnesses, rising, and the strength of grain at each."""
    steps = np.minimum((light * TONES).astype(int), TONES - 1)
    parts = [steps == step for step in range(TONES)]
    parts = [part for part in parts if part.sum() >= LEAST_OF_TONE] or [np.ones(len(light), bool)]
    tones = np.array([light[part].mean() for part in parts], np.float32)
    levels = np.array([np.median(rms[part]) for part in parts], np.float32)
    return tones, np.minimum(levels, np.float32(MOST_RMS))


def _fine(windows: Floats) -> Floats:
    """(N,h,w,3) without what is coarser than FINE_SIGMA_PX."""
    return windows - _ndimage.gaussian_filter(windows, (0, FINE_SIGMA_PX, FINE_SIGMA_PX, 0))


def _is_even(windows: Floats) -> Marks:
    """(N,): what is fine is as strong everywhere in the window."""
    count = WINDOW_PX // BLOCK_PX
    energies = np.square(_fine(windows)).mean(-1).reshape(-1, count, BLOCK_PX, count, BLOCK_PX).mean((2, 4))
    return energies.std((1, 2)) <= MOST_UNEVEN * energies.mean((1, 2))


def _tile(windows: Floats, seed: int) -> Floats:
    """White noise under the windows' mean spectrum: (TILE_PX, TILE_PX, 3), of unit fine energy."""
    hann = np.hanning(WINDOW_PX + 2)[1:-1]
    texture = windows - _ndimage.gaussian_filter(windows, (0, COARSE_SIGMA_PX, COARSE_SIGMA_PX, 0))
    seen = texture * (hann[:, None] * hann)[None, ..., None]
    spectra = np.fft.rfft2(seen, axes=(1, 2))
    ties = np.einsum("nyxc,nyxd->yxcd", spectra, spectra.conj()) / len(seen)
    values, vectors = np.linalg.eigh(ties)
    roots = (vectors * np.sqrt(np.maximum(values, 0))[..., None, :]) @ vectors.conj().swapaxes(-1, -2)
    kernel = np.zeros((TILE_PX, TILE_PX, 3, 3))
    kernel[:WINDOW_PX, :WINDOW_PX] = np.fft.fftshift(np.fft.irfft2(roots, axes=(0, 1)), (0, 1))
    noise = np.random.default_rng(seed).standard_normal((TILE_PX, TILE_PX, 3))
    made = np.einsum("yxcd,yxd->yxc", np.fft.rfft2(kernel, axes=(0, 1)), np.fft.rfft2(noise, axes=(0, 1)))
    tile = np.fft.irfft2(made, axes=(0, 1))
    fine = tile - _ndimage.gaussian_filter(tile, (FINE_SIGMA_PX, FINE_SIGMA_PX, 0), mode="wrap")
    return (tile / np.sqrt(np.square(fine).mean())).astype(np.float32)


def _cut(array: Pixels, place: Bounds) -> Pixels:
    return array[place.y : place.bottom, place.x : place.right]
