# SPDX-License-Identifier: GPL-3.0-or-later
"""How a line generator is trained: all numbers of it in one place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from torch import Tensor, nn

from backend.acts.line_style.features import Real
from backend.acts.line_style.losses import PARTS

HORIZON = 1000 / 1200
"""After this share of the iterations conditions are random: the paper's h of all it takes."""


@dataclass(frozen=True)
class Recipe:
    """How a generator is trained; the first ones are what an ablation leaves out.

    Args:
        low, vae, picture: See `LineGenerator`.
        ink: Begin from the general extractor, and see its ink.
        steps: Timesteps to look at; None for the family's representative ones.
        cdst: Samples begin near the example's own condition; without it all are random.
        losses: Which count, of `losses.PARTS`.
        real: How the example is brought to a step.
        iterations: At which the rate has fallen to its end.
        rate: Highest learning rate.
        part: Of a picture's sides, that an iteration looks at.
        samples: Painted along the way of CDST.
        free: Painted of random conditions alone.
    """

    low: bool = True
    vae: bool = True
    picture: bool = True
    ink: bool = True
    steps: tuple[int, ...] | None = None
    cdst: bool = True
    losses: frozenset[str] = frozenset(PARTS)
    real: Real = "noising"
    iterations: int = 200
    rate: float = 1e-3
    part: float = 0.75
    samples: int = 12
    free: int = 6
    seed: int = 0


def digest_of(*parts: object) -> str:
    """A name for what was made of these: networks and tensors by their values, all else by its text."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, nn.Module):
            for _, weight in sorted(part.state_dict().items()):
                digest.update(_bytes(weight))
        else:
            digest.update(_bytes(part) if isinstance(part, Tensor) else repr(part).encode())
    return digest.hexdigest()[:16]


def _bytes(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().contiguous().numpy().tobytes()
