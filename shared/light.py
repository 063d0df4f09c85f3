# SPDX-License-Identifier: GPL-3.0-or-later
"""How light the pictures are that something is copied from and into."""

from __future__ import annotations

import math

SAMPLE_PX = 64
"""Longer side of the small picture that is measured."""

DARK, LIGHT = 0.02, 0.98
"""Shares of all channels' values, from the darkest, at which a picture is dark and light."""

USUAL = 0.95
"""The lightest tone of a picture that tells nothing of its light."""

TELLING = 2.0
"""Natural logarithm of light over dark in a picture that tells all; a plain ground tells nothing."""

DARKEST = 1 / 512


def lightness(bgra: bytes) -> float:
    """The lightest tone of a picture, pulled towards the usual one where it shows few tones.

    Args:
        bgra: four bytes a pixel, opaque, of a picture of `SAMPLE_PX` or so.

    Returns:
        Above 0, at most 1. A gain of all colours changes it by nearly that gain, where the picture tells all.
    """
    tones = sorted(bgra[0::4] + bgra[1::4] + bgra[2::4])
    if not tones:
        return USUAL
    last = len(tones) - 1
    dark, light = (math.log(max(tones[round(share * last)] / 255, DARKEST)) for share in (DARK, LIGHT))
    told = min(1.0, (light - dark) / TELLING)
    return math.exp(told * light + (1 - told) * math.log(USUAL))
