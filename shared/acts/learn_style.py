# SPDX-License-Identifier: GPL-3.0-or-later
"""Learn the artist's own line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ..fields import Name, Range
from ..geometry import Bounds
from ..surfaces import Surface, misfits


@dataclass(frozen=True)
class LearnStyleRequest:
    """Learn the artist's line from a picture and the lines drawn over it.

    It gives way to other jobs and goes on after them. Cancelled, it keeps what was learnt: the same request
    goes on there.

    Args:
        area: Part of the canvas that the surfaces show; they have its extent.
        picture: What was drawn over, without the lines.
        contour, detail: The artist's lines; ink is what is dark and opaque. One of them may be missing.
        title: The new style's name.
        minutes: How long to learn at most.
        family: Id of the base model whose features are used.
    """

    area: Bounds
    picture: Surface
    contour: Surface | None = None
    detail: Surface | None = None
    title: str = ""
    minutes: Annotated[float, Range(0, 24 * 60)] = 10.0
    family: str = "embedded"

    kind: ClassVar[str] = "learn_style"

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from misfits(self, self.area.extent, "area")


@dataclass(frozen=True)
class LearntStyle:
    """A style that was learnt and saved; the result's bounds are where its example lay."""

    style: Name
    title: str

    kind: ClassVar[str] = "learnt_style"
