# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes an individual: named traits, drawn in one row, or kept apart so that one can change alone."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, cast
from zlib import crc32

import numpy as np
from numpy.random import Generator

from models.recipes.studio.palette import NAMED, Colour, jitter, named, pick

T = TypeVar("T")
Value = float | int | bool | str
Sort = Literal["amount", "count", "yes or no", "choice", "colour", "arrangement"]


@dataclass(frozen=True)
class Trait:
    """One attribute of an individual.

    value: a share of its range in [0, 1] for an amount, the word for a colour, a variant's number for an
    arrangement. options: all there are; empty for amounts and arrangements. unlike: a colour it should not
    have.
    """

    name: str
    sort: Sort
    value: Value
    options: tuple[Value, ...] = ()
    unlike: str = ""


class Traits(ABC):
    """Where a subject asks what it looks like. Ranges are half open, as in numpy."""

    @abstractmethod
    def uniform(self, name: str, low: float, high: float) -> float:
        """An amount between two."""

    @abstractmethod
    def count(self, name: str, low: int, high: int) -> int:
        """How many: from low to below high."""

    @abstractmethod
    def chance(self, name: str, share: float) -> bool:
        """Whether it is so; true for that share of all individuals."""

    @abstractmethod
    def choice(self, name: str, options: Sequence[T], shares: Sequence[float] | None = None) -> T:
        """One of several, as often as the shares say (equally often without)."""

    @abstractmethod
    def pick(self, name: str, *names: str, avoid: str = "") -> Colour:
        """A colour, as palette.pick."""

    @abstractmethod
    def pick_unlike(self, name: str, other: Colour) -> Colour:
        """Any colour with another name."""

    @abstractmethod
    def jitter(self, name: str, colour: Colour, amount: float = 1.0) -> Colour:
        """A neighbour of that colour; part of the individual but no attribute of its own."""

    @abstractmethod
    def stream(self, name: str) -> Generator:
        """Where many small things lie: an arrangement, drawn freely."""

    @abstractmethod
    def words(self) -> Generator:
        """How the caption puts it; no attribute."""


class Drawn(Traits):
    """Every trait drawn from one generator in the order in which it is asked for."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng

    def uniform(self, name: str, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def count(self, name: str, low: int, high: int) -> int:
        return int(self._rng.integers(low, high))

    def chance(self, name: str, share: float) -> bool:
        return bool(self._rng.random() < share)

    def choice(self, name: str, options: Sequence[T], shares: Sequence[float] | None = None) -> T:
        if shares is None:
            return options[int(self._rng.integers(len(options)))]
        return options[int(self._rng.choice(len(options), p=shares))]

    def pick(self, name: str, *names: str, avoid: str = "") -> Colour:
        return pick(self._rng, *names, avoid=avoid)

    def pick_unlike(self, name: str, other: Colour) -> Colour:
        while (found := pick(self._rng)).name == other.name:
            pass
        return found

    def jitter(self, name: str, colour: Colour, amount: float = 1.0) -> Colour:
        return jitter(self._rng, colour, amount)

    def stream(self, name: str) -> Generator:
        return self._rng

    def words(self) -> Generator:
        return self._rng


class Kept(Traits):
    """Every trait from a seed of its own, so that a change of one leaves all others as they were.

    seen: what was asked for so far, by name, in order.
    """

    def __init__(self, seed: Sequence[int], changes: Mapping[str, Value]) -> None:
        self._seed = tuple(seed)
        self._changes = changes
        self.seen: dict[str, Trait] = {}

    def uniform(self, name: str, low: float, high: float) -> float:
        share = float(self._take(name, "amount", self._own(name).random()))
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}, and must be in [0, 1]")
        return low + (high - low) * share

    def count(self, name: str, low: int, high: int) -> int:
        options = tuple(range(low, high))
        return int(self._take(name, "count", int(self._own(name).integers(low, high)), options))

    def chance(self, name: str, share: float) -> bool:
        usual = bool(self._own(name).random() < share)
        return bool(self._take(name, "yes or no", usual, (False, True)))

    def choice(self, name: str, options: Sequence[T], shares: Sequence[float] | None = None) -> T:
        usual = options[int(self._own(name).choice(len(options), p=shares))]
        open_to = cast("tuple[Value, ...]", tuple(options))
        return cast("T", self._take(name, "choice", cast("Value", usual), open_to))

    def pick(self, name: str, *names: str, avoid: str = "") -> Colour:
        rng = self._own(name)
        options = names or tuple(NAMED)
        order: list[int] = rng.permutation(len(options)).tolist()
        usual = next(options[i] for i in order if options[i] != avoid)
        word = str(self._take(name, "colour", usual, tuple(dict.fromkeys(options)), avoid))
        return jitter(rng, named(word))

    def pick_unlike(self, name: str, other: Colour) -> Colour:
        return self.pick(name, avoid=other.name)

    def jitter(self, name: str, colour: Colour, amount: float = 1.0) -> Colour:
        return jitter(self._own(name), colour, amount)

    def stream(self, name: str) -> Generator:
        return self._own(name, int(self._take(name, "arrangement", 0)))

    def words(self) -> Generator:
        return self._own("words")

    def _own(self, name: str, variant: int = 0) -> Generator:
        return np.random.default_rng([*self._seed, crc32(name.encode()), variant])

    def _take(
        self, name: str, sort: Sort, usual: Value, options: tuple[Value, ...] = (), unlike: str = ""
    ) -> Value:
        value = self._changes.get(name, usual)
        if options and value not in options:
            raise ValueError(f"{name} is {value!r}, and must be one of {', '.join(map(str, options))}")
        if len(options) != 1:
            self.seen[name] = Trait(name, sort, value, options, unlike)
        return value
