# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist drew, as the stroke encoders were taught to see it."""

from __future__ import annotations

import numpy as np

from backend.imaging.pixels import Floats, Picture, Pixels, luminance
from models.networks.sketch_fusion import NEUTRAL_GREY
from shared.geometry import Bounds

PAPER_SHARE = 0.9
"""A layer that is opaque nearly everywhere has a paper; a drawing on transparency never covers as much."""

SAMPLES_PER_SIDE = 256
"""A grid this fine tells paper from transparency."""


def paper_tone(layer: Picture) -> float | None:
    """Luminance of the paper that lines are drawn on; None for lines on transparency.

    The answer holds for the whole layer, so that every part of it is read alike.
    """
    height, width = layer.array.shape[:2]
    thin = layer.array[:: max(1, height // SAMPLES_PER_SIDE), :: max(1, width // SAMPLES_PER_SIDE)]
    if layer.array.shape[-1] > 1 and _opaque_share(thin[..., -1]) < PAPER_SHARE:
        return None
    sample = Picture(np.ascontiguousarray(thin), layer.format)
    rgba = sample.rgba(Bounds.of(sample.extent))
    opaque = rgba[..., 3] > 0.5
    return float(np.median(luminance(rgba)[opaque]))


def _opaque_share(alpha: Pixels) -> float:
    """Share of the pixels that are more than half opaque."""
    half = np.iinfo(alpha.dtype).max / 2 if alpha.dtype.kind == "u" else 0.5
    return float((alpha > half).mean())


def ink(rgba: Floats, paper: float | None) -> Floats:
    """How much of each pixel is line.

    Args:
        rgba: (height, width, 4) of a line layer.
        paper: Of `paper_tone`. On transparency every stroke is ink, whatever its colour; on paper ink is what
            differs from it in tone, dark on light or light on dark.

    Returns:
        (height, width) in [0, 1].
    """
    if paper is None:
        return rgba[..., 3]
    return rgba[..., 3] * np.abs(luminance(rgba) - paper) / np.float32(max(paper, 1 - paper))


def weighted_colours(rgba: Floats) -> Floats:
    """(height, width, 4): RGB times alpha, and alpha; this is what may be averaged."""
    return np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)


def colour_raster(weighted: Floats) -> Floats:
    """Averaged colour strokes as networks learnt them.

    A stroke that covers half of a pixel or more counts in full: thin strokes must survive a large reduction.
    At its soft rim it has its own colour, which says nothing of the grey beside it.

    Args:
        weighted: (height, width, 4) of `weighted_colours`, averaged to the network's size.

    Returns:
        (height, width, 4): RGB, neutral grey where undrawn, and coverage.
    """
    share = weighted[..., 3:]
    rgb = weighted[..., :3] / np.maximum(share, 1e-6)
    coverage = np.minimum(2 * share, 1)
    return np.concatenate([np.where(share > 0, rgb, NEUTRAL_GREY), coverage], -1).astype(np.float32)
