# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field of a message may hold, said where the field stands: `Annotated[int, Range(0, 150)]`.

A class may also have a method `faults` that yields what is wrong between its fields; see `Checked`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Protocol

FAR = 2**31 - 1
"""Whole numbers and others without a range are 0 to this."""

ID = re.compile(r"[A-Za-z0-9_-]{0,64}")


@dataclass(frozen=True)
class Range:
    """Inclusive limits of a number."""

    low: float
    high: float


@dataclass(frozen=True)
class Lengths:
    """So many bytes, no other number of them."""

    allowed: tuple[int, ...]


@dataclass(frozen=True)
class AtMost:
    """No more bytes than this."""

    count: int


@dataclass(frozen=True)
class Identifier:
    """Text that may become a file name: letters, digits, "-" and "_", at most 64."""

    may_be_empty: bool = True


class Checked(Protocol):
    def faults(self) -> Iterator[tuple[str, str]]:
        """Path of a field below this one ("" for the whole) and what is wrong with it."""
        ...


Id = Annotated[str, Identifier()]
Name = Annotated[str, Identifier(may_be_empty=False)]
Seed = Annotated[int, Range(0, 2**32 - 1)]
Bytes = Annotated[int, Range(0, 2**63 - 1)]
"""A number of bytes in a file or a second."""
Share = Annotated[float, Range(0, 2)]
"""How strongly something counts, 1 as trained."""
