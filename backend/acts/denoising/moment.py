# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a painting is: what adapters and callbacks may depend on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass
class Moment:
    """The loop keeps it up to date; whoever holds it reads.

    Attributes:
        index, steps: Which step of how many.
        t, then: Its timestep and the next one, None after the last.
        tile, tiles: Which tile of how many.
    """

    index: int = 0
    steps: int = 1
    t: int = 0
    then: int | None = None
    tile: int = 0
    tiles: int = 1

    @property
    def share(self) -> float:
        """How much of the path is done, 0 to 1."""
        return self.index / self.steps


AfterStep = Callable[[Moment, Tensor, Tensor], Tensor]
"""Latents at the next timestep (1,C,h,w), the clean ones predicted, to the latents to go on with."""
