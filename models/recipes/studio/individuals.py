# SPDX-License-Identifier: GPL-3.0-or-later
"""One and the same cup, cat or face: seen again, or with one thing changed and the true picture known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, TypeVar
from zlib import crc32

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio.hands import EXACT, Hand
from models.recipes.studio.painting import Light, Placed, paint_figure, placement, random_light
from models.recipes.studio.raster import skia
from models.recipes.studio.sample import Sample, draw_sample
from models.recipes.studio.scene import Split, stage
from models.recipes.studio.shapes import Figure
from models.recipes.studio.subjects import SUBJECTS
from models.recipes.studio.traits import Kept, Trait, Value

T = TypeVar("T")
Effect = Literal["shape", "detail", "colour", "none"]
_STREAM = {"train": 3, "held_out": 4}
_LOOK_PX = 160
_SEEN_PX = 10  # fewer differing pixels of a look do not count
_ROUNDED_PX = 3  # where two parts share an edge, the silhouette may differ by so much
_OTHERWISE = 0.35  # an amount that changes moves by this share of its range at least


@dataclass(frozen=True)
class Individual:
    """A subject with traits of its own; `seed` and `changes` say all about it.

    Raises:
        KeyError: unknown subject, or a change to a trait that this individual does not have.
        ValueError: a change to a value that the trait cannot have.
    """

    subject: str
    seed: int
    split: Split = "train"
    changes: Mapping[str, Value] = field(default_factory=dict[str, Value])

    def __post_init__(self) -> None:
        unknown = set(self.changes) - set(self.attributes)
        if unknown:
            raise KeyError(f"this {self.subject} has no {', '.join(sorted(unknown))}")

    def __hash__(self) -> int:
        return hash((self.subject, self.seed, self.split, tuple(sorted(self.changes.items()))))

    @property
    def attributes(self) -> dict[str, Trait]:
        """All traits by name. Some depend on others: only a cup with a saucer has a saucer's colour."""
        return _drawn(self)[1]

    @property
    def figure(self) -> Figure:
        """The subject in its unit square, ready to be painted."""
        return _drawn(self)[0]

    def with_(self, **values: Value) -> "Individual":
        """The same individual with these traits set: amounts as a share in [0, 1], colours by their word."""
        return replace(self, changes={**self.changes, **values})

    def changed(self, rng: Generator, effect: Effect | None = None) -> "Individual":
        """The same individual with one trait changed, whichever the generator takes.

        Args:
            rng: Chooses the trait and its new value.
            effect: What must differ, as `effect_of` tells; None for any that can be seen.

        Raises:
            LookupError: no trait of this individual has that effect.
        """
        traits = list(self.attributes.values())
        for trait in _shuffled(rng, traits):
            for value in _other_values(rng, trait, self):
                other = self.with_(**{trait.name: value})
                seen = effect_of(self, other)
                if seen == effect or (effect is None and seen != "none"):
                    return other
        raise LookupError(f"nothing about this {self.subject} changes its {effect or 'look'}")


@lru_cache(maxsize=64)
def _drawn(individual: Individual) -> tuple[Figure, dict[str, Trait]]:
    kept = Kept(
        (individual.seed, _STREAM[individual.split], crc32(individual.subject.encode())), individual.changes
    )
    return SUBJECTS[individual.subject](kept), kept.seen


def _shuffled(rng: Generator, things: Sequence[T]) -> list[T]:
    order: list[int] = rng.permutation(len(things)).tolist()
    return [things[i] for i in order]


def _other_values(rng: Generator, trait: Trait, of: Individual) -> list[Value]:
    """Values to try instead of the one a trait has; colours that it does not show yet come first."""
    if trait.sort == "amount":
        here = float(trait.value)
        away = [x for x in rng.uniform(0, 1, 12).tolist() if abs(x - here) >= _OTHERWISE]
        return away[:2] or [0.0 if here > 0.5 else 1.0]
    if trait.sort == "arrangement":
        return [int(rng.integers(1, 1_000_000))]
    others = _shuffled(rng, [o for o in trait.options if o != trait.value])
    if trait.sort == "colour":
        shown = {t.value for t in of.attributes.values() if t.sort == "colour"}
        return sorted((o for o in others if o != trait.unlike), key=lambda o: o in shown)[:2]
    return others[:2]


def effect_of(one: Individual, other: Individual) -> Effect:
    """What a painter would have to redraw to make one individual the other.

    Returns:
        "shape" if the silhouette differs, else "detail" if lines inside it do, else "colour"; "none" for too
        little to be seen.
    """
    a, b = _look(one), _look(other)
    outside = np.count_nonzero((a.ids > 0) != (b.ids > 0))
    if outside > _ROUNDED_PX:
        return "shape" if outside > _SEEN_PX else "none"
    if _strokes_moved(a, b) or np.count_nonzero(_inner_lines(a) != _inner_lines(b)) > _SEEN_PX:
        return "detail"
    differing = np.abs(a.layer.astype(int) - b.layer).max(axis=2) > 6
    return "colour" if np.count_nonzero(differing) > _SEEN_PX else "none"


@lru_cache(maxsize=64)
def _look(individual: Individual) -> Placed:
    """The individual upright in plain light."""
    matrix = skia.Matrix()
    matrix.setScale(0.45 * _LOOK_PX, 0.45 * _LOOK_PX)
    matrix.postTranslate(_LOOK_PX / 2, _LOOK_PX / 2)
    return paint_figure(individual.figure, matrix, Light(-0.6, -0.8, 0.6), _LOOK_PX)


def _inner_lines(placed: Placed) -> NDArray[np.bool_]:
    """Where parts meet."""
    drawn = np.zeros(placed.ids.shape, np.bool_)
    drawn[:, 1:] |= placed.ids[:, 1:] != placed.ids[:, :-1]
    drawn[1:] |= placed.ids[1:] != placed.ids[:-1]
    return drawn


def _strokes_moved(a: Placed, b: Placed) -> bool:
    """Whether a fine stroke is new, gone, or elsewhere by a pixel."""
    if [len(line) for line in a.strokes] != [len(line) for line in b.strokes]:
        return True
    return any(np.abs(x - y).max() >= 1 for x, y in zip(a.strokes, b.strokes, strict=True))


def render_individual(
    individual: Individual,
    size: int = 256,
    *,
    pose: int = 0,
    background: int = 0,
    light: int = 0,
    hand: Hand = EXACT,
) -> Sample:
    """Paint an individual; the same seeds put every individual of a subject in the same place and light.

    Args:
        individual: Whom.
        size: Side in pixels.
        pose: Place, scale, turn, lean and flip; also where colour strokes are laid. A seed, as the next two.
        background: What stands behind and the words for it.
        light: Where it comes from and how strong it is.
        hand: How the lines are drawn; exactly unless one is given.

    Raises:
        ValueError: a seed < 0 or size < 32.
    """
    if min(pose, background, light) < 0 or size < 32:
        raise ValueError(f"seeds {pose}, {background}, {light} must be >= 0 and size {size} >= 32")
    figure, lit = individual.figure, random_light(np.random.default_rng([light, 11]))
    at = placement(np.random.default_rng([pose, 12]), figure, size)
    placed = paint_figure(figure, at, lit, size)
    scene = stage(np.random.default_rng([background, 13]), figure, placed, lit)
    return draw_sample(np.random.default_rng([individual.seed, pose, 14]), scene, hand)


def attributes_of(subject: str, individuals: int = 40) -> dict[str, Trait]:
    """All attributes that individuals of a subject can have, as found among so many of them.

    Raises:
        KeyError: unknown subject.
    """
    found: dict[str, Trait] = {}
    for seed in range(individuals):
        found |= Individual(subject, seed).attributes
    return found
