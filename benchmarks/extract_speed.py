# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What the general line extractor costs, and how well it agrees with boundaries that people drew."""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from backend.acts.lines.extract import extract
from backend.acts.report import Quiet
from backend.imaging.line_art import Ink, extract_ink
from backend.imaging.pixels import Picture
from backend.weights.runtime.device import calculation
from backend.weights.runtime.line_extractor import load_extractor
from benchmarks.form import Figure, Progress, exact, interval, timing
from benchmarks.rulers.boundaries import (
    Counts,
    boundary_scores,
    count_boundaries,
    non_maximum_suppressed,
    read_annotators,
    usual_thresholds,
)
from models.networks.line_extractor import LineExtractor

_feature: Any = importlib.import_module("skimage.feature")

SIDE_PX = 1024
BSDS = Path(__file__).parents[2] / "shared" / "data" / "boundary_known_answers"
CANNY_SIGMAS_PX = (1.0, 2.0, 3.0)

Grey = NDArray[np.float64]


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_norm_conv(channels, channels, 3), _norm_conv(channels, channels, 3))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def _norm_conv(given: int, made: int, side: int, stride: int = 1) -> nn.Sequential:
    padding = nn.ReflectionPad2d(side // 2)
    return nn.Sequential(padding, nn.Conv2d(given, made, side, stride), nn.InstanceNorm2d(made), nn.ReLU())


def stand_in_4m3() -> nn.Module:
    """A generator of the size of informative drawings (4.3 M), with random weights: only its speed counts.

    Source: the shape is that of Chan et al. 2022 (after Johnson et al. 2016), with three residual blocks.
    """
    grown = [
        nn.Sequential(nn.ConvTranspose2d(2 * c, c, 3, 2, 1, 1), nn.InstanceNorm2d(c), nn.ReLU())
        for c in (128, 64)
    ]
    shrunk = (_norm_conv(3, 64, 7), _norm_conv(64, 128, 3, 2), _norm_conv(128, 256, 3, 2))
    out = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(64, 1, 7), nn.Sigmoid())
    made = nn.Sequential(*shrunk, *(_Residual(256) for _ in range(3)), *grown, out).eval()
    return made.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def figures(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """Speed, memory and, where the pictures are at hand, agreement with people."""
    return [*speed_figures(quick, progress), *bsds_figures(quick, seed, progress)]


def speed_figures(quick: bool, progress: Progress) -> list[Figure]:
    """Seconds of one picture of 1024 x 1024, alone and over the 4.3 M generator's; peak memory."""
    extractor, generator = load_extractor(), stand_in_4m3()
    torch.manual_seed(0)
    picture = torch.rand(1, 3, SIDE_PX, SIDE_PX)
    signed = (picture * 2 - 1).to(memory_format=torch.channels_last)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(3 if quick else 9):  # in turns, so that a busy machine is busy for both
        ours.append(_seconds(partial(extract_ink, extractor, picture)))
        theirs.append(_seconds(partial(generator, signed)))
    progress(
        f"{SIDE_PX} px: {statistics.median(ours):.2f} s, 4.3 M generator {statistics.median(theirs):.2f} s"
    )
    ratios = [own / other for own, other in zip(ours[1:], theirs[1:], strict=True)]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        peak = pool.submit(_peak_mib).result()
    return [
        timing("distilled_1024_s", ours[1:], "s"),
        timing("generator_4m3_1024_s", theirs[1:], "s"),
        timing("distilled_over_4m3", ratios, ""),
        exact("extract_1024_peak_mib", peak, "MiB"),
    ]


def _seconds(work: Callable[[], object]) -> float:
    with torch.inference_mode(), calculation(torch.device("cpu")):
        start = time.perf_counter()
        work()
        return time.perf_counter() - start


def _peak_mib() -> float:
    """Of a whole process, torch and weights included, that extracts the lines of one picture."""
    grey = np.full((SIDE_PX, SIDE_PX, 4), 128, np.uint8)
    extract(load_extractor(), Picture(grey, "bgra_u8"), Quiet(), confirm=True)
    return _rss_peak_mib()


def _rss_peak_mib() -> float:
    resource: Any = importlib.import_module("resource")  # not on Windows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def bsds_figures(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """Boundary F of the extractor and of Canny on the pictures of BSDS500 that are at hand: five, or none."""
    files = sorted((BSDS / "images").glob("*.jpg"))
    if not files:
        progress("no pictures of BSDS500 at hand: nothing said about boundaries")
        return []
    extractor = load_extractor()
    ways: dict[str, Callable[[Ink], Grey]] = {
        "bsds_ods": lambda rgb: drawn_strength(extractor, rgb, confirm=True)
    }
    others: dict[str, Callable[[Ink], Grey]] = {
        "bsds_ods_once": lambda rgb: drawn_strength(extractor, rgb, confirm=False),
        **{f"bsds_ods_canny_{s:g}": lambda rgb, s=s: canny_strength(rgb, s) for s in CANNY_SIGMAS_PX},
    }
    thresholds = usual_thresholds(9 if quick else 39)
    made: list[Figure] = []
    for name, strength in (ways if quick else ways | others).items():
        counts = [_counts(file, strength, thresholds) for file in files]
        made.append(_ods(name, counts, thresholds, seed))
        progress(f"{name} {made[-1].value:.3f} on {len(files)} pictures")
    return made


def drawn_strength(extractor: LineExtractor, rgb: Ink, *, confirm: bool) -> Grey:
    """(H,W) in [0, 1]: how sure a line of either kind is at each pixel, thinned to its crest."""
    layer = np.concatenate([rgb[..., ::-1], np.full_like(rgb[..., :1], 255)], -1)
    inks = extract(extractor, Picture(layer, "bgra_u8"), Quiet(), confirm=confirm)
    contour, detail = (ink / 255.0 for ink in inks)
    return np.asarray(non_maximum_suppressed(1 - (1 - contour) * (1 - detail)), np.float64)


def canny_strength(rgb: Ink, sigma_px: float) -> Grey:
    """(H,W) in [0, 1]: the highest threshold at which Canny's detector still draws a pixel."""
    grey = np.asarray(Image.fromarray(rgb).convert("L"), np.float64) / 255
    strength = np.zeros_like(grey)
    for high in np.linspace(0.01, 0.5, 40):
        strength[_feature.canny(grey, sigma_px, 0.4 * high, high)] = 2 * high
    return strength


def _counts(file: Path, strength: Callable[[Ink], Grey], thresholds: NDArray[np.float64]) -> Counts:
    with Image.open(file) as picture:
        rgb = np.asarray(picture.convert("RGB"))
    return count_boundaries(
        strength(rgb), read_annotators(BSDS / "groundTruth" / f"{file.stem}.mat"), thresholds
    )


def _ods(name: str, counts: Sequence[Counts], thresholds: NDArray[np.float64], seed: int) -> Figure:
    """F at one threshold for all, with an interval over the pictures."""

    def score(chosen: Sequence[float]) -> float:
        return boundary_scores([counts[int(i)] for i in chosen], thresholds).ods

    return interval(name, [float(i) for i in range(len(counts))], of=score, seed=seed)
