# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model is spread over the memory there is: chosen before anything is moved, from what is free."""

from __future__ import annotations

import math
from typing import Literal

import torch

Tier = Literal["all", "in_turn", "cpu"]
"""all: every network stays on the device; in_turn: only the one at work; cpu: none."""

NOTES: dict[Tier, str] = {
    "all": "",
    "in_turn": "little memory: one network at a time",
    "cpu": "little memory: painting on the processor",
}

WORKING_KIB_PER_PIXEL = 2.5
"""Of a UNet in half precision at work on a guided pair, beside its weights. An estimate on the safe side."""

DECODING_KIB_PER_PIXEL = 2.7
"""Of an autoencoder in half precision at work: two layers of 128 channels and what lies between, thrice."""

DECODING_SHARE = 0.35
"""Share of a device's memory that decoding may take."""

LEAST_EDGE_PX, EDGE_STEP_PX = 512, 64


def working_mib(edge_px: int, dtype: torch.dtype) -> float:
    """Memory that one step takes beside the weights, for a square tile, in MiB."""
    return edge_px**2 * WORKING_KIB_PER_PIXEL * dtype.itemsize / 2 / 1024


def choose_tier(free_mib: float | None, all_mib: float, largest_mib: float, at_work_mib: float) -> Tier:
    """The quickest way that has room.

    Args:
        free_mib: On the device, without what the model itself holds there; None where nobody knows.
        all_mib, largest_mib: Weights of all networks, and of the largest alone.
        at_work_mib: See `working_mib`.
    """
    if free_mib is None or free_mib >= all_mib + at_work_mib:
        return "all"
    return "in_turn" if free_mib >= largest_mib + at_work_mib else "cpu"


def decoding_edge_px(total_mib: float, dtype: torch.dtype) -> int:
    """Longest side that the autoencoder takes in one piece.

    From all memory of the device and not from what is free, so that a painting comes out the same again.
    """
    kib_per_pixel = DECODING_KIB_PER_PIXEL * dtype.itemsize / 2
    side = math.sqrt(total_mib * DECODING_SHARE * 1024 / kib_per_pixel)
    return max(LEAST_EDGE_PX, int(side) // EDGE_STEP_PX * EDGE_STEP_PX)
