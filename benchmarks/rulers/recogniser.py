# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Tells what a drawing by a person shows, from the lines of a picture alone. It only measures.

It is taught on other drawings than it is tried on, as lines that were read out of pictures: drawn on white or
coloured grounds, with areas filled and lines faint, with grain. So it knows what painters do to a drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # pyright: ignore
from skimage.measure import label
from torch import Tensor
from torch.nn.functional import interpolate

from benchmarks.form import Progress
from benchmarks.kept import code_key, file_key, key_of
from benchmarks.rulers.doodle_strokes import TAUGHT, Drawing, Points, drawings, fitted, inked
from benchmarks.rulers.feature_head import Head, kept_head, looked_at, taught
from benchmarks.rulers.line_reader import READ_PX, lines_of
from benchmarks.rulers.networks import Image8, planes
from benchmarks.shared_data import shared_data

SEEN_PX = 128
"""Side at which the lines are looked at."""

VIEWS = 2
"""How often each drawing is drawn: once as it is, then by another hand, in other paint."""

CHOICES = 5
"""A drawing is recognised when its word is among so many guesses."""

TOGETHER = 64
Floats = NDArray[np.float32]


class Recogniser:
    """
    Args:
        head: Its classes are words.
    """

    def __init__(self, head: Head) -> None:
        self.head = head

    def knows(self, word: str) -> bool:
        return word in self.head.names

    def guesses(self, pictures: Sequence[Image8]) -> list[list[str]]:
        """The `CHOICES` likeliest words of each (H,W,3) picture, the likeliest first."""
        found: list[list[str]] = []
        for start in range(0, len(pictures), TOGETHER):
            lines = seen(planes(pictures[start : start + TOGETHER]))
            found += self.head.best(looked_at(lines), CHOICES)
        return found


def load_recogniser(progress: Progress) -> Recogniser:
    """The recogniser of this code and these drawings, taught now where it was not before: in some minutes.

    Raises:
        MissingWeights: the drawings, or the `bench` extra, are not here.
    """
    key = key_of([code_key(__name__), file_key(shared_data() / TAUGHT)])
    return Recogniser(kept_head("recogniser", key, lambda: teach(drawings(TAUGHT), progress)))


def teach(shown: Sequence[Drawing], progress: Progress, views: int = VIEWS) -> Head:
    """Teach a head on drawings, each in several views."""
    features: list[Tensor] = []
    labels: list[str] = []
    for view in range(views):
        dice = np.random.default_rng([view, 13])
        for start in range(0, len(shown), TOGETHER):
            some = shown[start : start + TOGETHER]
            pictures = np.stack([painted_by_chance(drawing, dice, as_it_is=view == 0) for drawing in some])
            features.append(looked_at(seen(torch.as_tensor(pictures).permute(0, 3, 1, 2))))
            labels += [drawing.word for drawing in some]
            progress(f"recogniser: {len(labels)} of {views * len(shown)} drawings looked at")
    return taught(torch.cat(features), labels)


def seen(pictures: Tensor) -> Tensor:
    """(B,3,128,128) in [-1, 1], dark lines on white, of (B,3,H,W) pictures in [0, 1]."""
    lines = interpolate(lines_of(pictures), (SEEN_PX, SEEN_PX), mode="bilinear", antialias=True)
    return (1 - 2 * lines).expand(-1, 3, -1, -1)


def painted_by_chance(drawing: Drawing, dice: Generator, *, as_it_is: bool) -> Floats:
    """(160,160,3) in [0, 1]: the drawing in one of the ways in which a painter may leave it."""
    strokes = list(drawing.strokes) if as_it_is else list(redrawn(drawing.strokes, dice))
    way = 0 if as_it_is else int(dice.integers(4))
    ink = inked(fitted(strokes, READ_PX, 0.06 * READ_PX), READ_PX, dice.uniform(1.3, 3)) / 255
    ground = dice.uniform(0.55, 1, 3) if way else np.ones(3)
    picture = np.broadcast_to(ground, (READ_PX, READ_PX, 3))
    if way >= 2:
        picture = _filled(ink, ground, dice)
    cover = ink[..., None] * (dice.uniform(0.2, 1) if way == 3 else 1)
    picture = picture + (dice.uniform(0, 0.35, 3) - picture) * cover
    if way >= 2:
        picture = picture + dice.normal(0, dice.uniform(0, 0.03), picture.shape)
    return picture.clip(0, 1).astype(np.float32)


def _filled(ink: NDArray[np.float64], ground: NDArray[np.float64], dice: Generator) -> NDArray[np.float64]:
    """Every area in a colour of its own, up to the middle of its lines."""
    areas = np.asarray(label(ink < 0.4, connectivity=1), np.int32)
    colours = np.concatenate([np.zeros((1, 3)), dice.uniform(0.15, 1, (int(areas.max()), 3))])
    colours[areas[0, 0]] = ground
    nearest = np.asarray(distance_transform_edt(areas == 0, return_distances=False, return_indices=True))
    return colours[areas[nearest[0], nearest[1]]]


def redrawn(strokes: Sequence[Points], dice: Generator) -> Iterator[Points]:
    """The strokes turned, stretched, mirrored and shaken, now and then one left out."""
    turn, slant = dice.uniform(-0.25, 0.25), dice.uniform(-0.15, 0.15)
    wide, high = dice.uniform(0.75, 1, 2) * (dice.choice([-1, 1]), 1)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    change = rotation @ np.array([[wide, slant], [0, high]])
    shake = dice.uniform(0, 0.6)
    for number, stroke in enumerate(strokes):
        if number and len(strokes) > 3 and dice.random() < 0.06:
            continue
        trembling = np.cumsum(dice.normal(0, shake, stroke.shape), 0)
        yield stroke @ change.T + trembling - trembling.mean(0) + dice.normal(0, 2, 2)
