# SPDX-License-Identifier: GPL-3.0-or-later
"""ControlNets: which picture each one wants, how strongly and for how long it guides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Sees = Literal["lines", "known"]
"""lines: contour and detail, white on black; known: the picture with -1 where it is to be painted."""


class Use(NamedTuple):
    """How a sort of ControlNet is used; see `Control`."""

    sees: Sees
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0

    def of(self, network: Any) -> Control:
        """This use of a network."""
        return Control(network, *self)


CONTROLS = {"lines": Use("lines", end=0.8), "known": Use("known")}
"""By what they see. Lines leave the last steps alone: a scribble is coarser than the picture."""


@dataclass(frozen=True)
class Control:
    """A ControlNet and how it is used.

    Args:
        network: ControlNetModel for the family's latents.
        sees: The picture that it was trained on.
        weight: 1 is as trained.
        start, end: Share of the steps between which it guides.
    """

    network: Any
    sees: Sees
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 1:
            raise ValueError(f"a guide cannot act from {self.start} to {self.end} of the steps")
