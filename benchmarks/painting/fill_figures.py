# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a hole is filled from its surroundings: on textured scenes of the studio and on photographs.

`fill_perceptual` is ST-LPIPS on the hole with half of its size around it, `fill_psnr` counts within the hole
alone. Every rival fills the same holes; `..._less_RIVAL` is the mean of the differences, pair by pair.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.form import Figure, Progress, exact, interval, timing
from benchmarks.painting.fill_cases import (
    Hole,
    Way,
    by_biharmonic,
    by_mean,
    by_network,
    by_surroundings,
    by_telea,
    photo_hole,
    photographs,
    studio_hole,
)
from benchmarks.rulers import networks as rulers
from benchmarks.rulers.completion_scores import psnr_db

WAYS: Mapping[str, Way] = {
    "": by_surroundings,
    "_telea": by_telea,
    "_biharmonic": by_biharmonic,
    "_mean": by_mean,
    "_network": by_network,
}
"""By the ending of their figures' names; ours has none."""

TO_BEAT = ("_telea", "_biharmonic")
TIMED_PX, TIMED_HOLE_PX = 1024, 256


def fill_figures(count: int, seed: int, progress: Progress) -> list[Figure]:
    """Both sets, each of `count` holes; without the photographs or OpenCV what needs them is left out."""
    photos = photographs()
    sets = {"studio": [studio_hole(number) for number in range(count)]}
    if photos:
        sets["photos"] = [photo_hole(photos, number) for number in range(count)]
    figures: list[Figure] = []
    beaten: list[bool] = []
    for name, holes in sets.items():
        perceptual, psnr = _scores(name, holes, progress)
        figures += [interval(f"fill_perceptual{way}_{name}", v, seed=seed) for way, v in perceptual.items()]
        figures += [interval(f"fill_psnr{way}_{name}", v, "dB", seed=seed) for way, v in psnr.items()]
        for way in set(perceptual) - {""}:
            pairs = zip(perceptual[""], perceptual[way], strict=True)
            less = interval(f"fill_{name}_less{way}", [ours - theirs for ours, theirs in pairs], seed=seed)
            figures.append(less)
            if way in TO_BEAT:
                beaten.append(less.high < 0)
    if len(beaten) == 4:
        figures.append(exact("fill_beaten_of_4", sum(beaten), ""))
    return figures


def _scores(
    name: str, holes: Sequence[Hole], progress: Progress
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Distance and signal to noise ratio of every hole, by way."""
    perceptual: dict[str, list[float]] = {}
    psnr: dict[str, list[float]] = {}
    for ending, way in WAYS.items():
        try:
            made = [way(one) for one in holes]
        except ImportError as fault:
            progress(f"left out: {ending[1:]} ({fault})")
            continue
        perceptual[ending] = [_perceptual(one, result) for one, result in zip(holes, made, strict=True)]
        psnr[ending] = [psnr_db(r, one.true, one.hole) for one, r in zip(holes, made, strict=True)]
        progress(f"{len(holes)} holes filled{ending.replace('_', ' by ')} ({name})")
    return perceptual, psnr


def _perceptual(one: Hole, made: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    parts = (rulers.planes([picture[one.around]]) for picture in (made, one.true))
    return float(rulers.perceptual(*parts))


def speed_figure(repeats: int) -> Figure:
    """A round hole of 256 pixels in a picture of 1024."""
    dice = np.random.default_rng(0)
    y, x = np.mgrid[:TIMED_PX, :TIMED_PX] - TIMED_PX // 2
    picture = dice.integers(0, 256, (TIMED_PX, TIMED_PX, 3), np.uint8)
    one = Hole(picture, np.hypot(y, x) < TIMED_HOLE_PX / 2, 0)
    times: list[float] = []
    for _ in range(repeats):
        started = time.perf_counter()
        by_surroundings(one)
        times.append(time.perf_counter() - started)
    return timing("fill_256_in_1024_s", times, "s")
