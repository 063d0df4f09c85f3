# SPDX-License-Identifier: GPL-3.0-or-later
"""From extracted ink to the opacity of a line layer: the same on both sides of the wire."""

from __future__ import annotations

LARGEST_WEIGHT = 2.0
LARGEST_THRESHOLD = 0.95


def alpha_table(weight: float, threshold: float) -> bytes:
    """The opacity of every strength of ink, for `bytes.translate`.

    Args:
        weight: 0 to 2; 1 leaves lines as they were extracted, more makes their soft edges and faint strokes
            heavier, less lighter. Full ink stays full at every weight above 0.
        threshold: 0 to 0.95; ink up to this strength is left out, and the rest spread over the whole range.

    Returns:
        256 bytes: the opacity of ink 0 to 255; no ink is always clear.

    Raises:
        ValueError: a number out of range.
    """
    if not 0 <= weight <= LARGEST_WEIGHT:
        raise ValueError(f"weight: {weight} is not within 0 to {LARGEST_WEIGHT:g}")
    if not 0 <= threshold <= LARGEST_THRESHOLD:
        raise ValueError(f"threshold: {threshold} is not within 0 to {LARGEST_THRESHOLD:g}")
    kept = [max(0.0, (ink / 255 - threshold) / (1 - threshold)) for ink in range(256)]
    return bytes(round(255 * (1 - (1 - ink) ** weight)) if weight else 0 for ink in kept)
