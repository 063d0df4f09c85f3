# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Does the family's own CLIP know captions by their pictures; and how real do paintings look?"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from backend.weights.runtime.clip import ClipScores
from benchmarks.form import BOOTSTRAP_DRAWS, Figure, interval, percentile
from benchmarks.held_out import Image8, whole
from benchmarks.rulers import networks as rulers

CHOICES = 100
"""Of how many captions the right one is to be found."""

BESIDE = 10_000
"""Pictures from here on are never painted by the benchmark: the paintings are compared with them."""


def clip_figures(clip: ClipScores, paintings: Sequence[Image8], seed: int, *, choices: int) -> list[Figure]:
    """`clip_top1_of_100` and `kid_x1000`, the latter also for true pictures in place of the paintings.

    Args:
        paintings: (H,W,3), of the first held-out pictures.
        choices: Captions to choose from, at most; `CHOICES` but for a quick look.
    """
    mixed, subjects = captioned(choices, icons=True), captioned(choices, icons=False)
    others = seen([whole(BESIDE + i).sample.image for i in range(2 * choices)])
    true = seen([whole(i).sample.image for i in range(len(paintings))])
    return [
        retrieval("clip_top1_of_100", clip, mixed, seed),
        retrieval("clip_top1_of_100_subjects", clip, subjects, seed),
        kid_figure("kid_x1000", seen(paintings), others, seed),
        kid_figure("kid_x1000_true", true, others, seed),
    ]


def captioned(count: int, *, icons: bool) -> dict[str, Image8]:
    """The first held-out pictures with captions that differ.

    Args:
        icons: With icons, whose very names were never seen in training; else only the studio's subjects.
    """
    found: dict[str, Image8] = {}
    number = 0
    while len(found) < count:
        sample = whole(number).sample
        if icons or sample.category != "icon":
            found.setdefault(sample.caption, sample.image)
        number += 1
    return found


def seen(pictures: Sequence[Image8]) -> Tensor:
    """(N,1280) features of (H,W,3) pictures, of a network that no painter was taught with."""
    return rulers.features(rulers.planes(pictures))


def looked_at(clip: ClipScores, pictures: Sequence[Image8]) -> Tensor:
    """(N,width) of length 1, of (H,W,3) pictures."""
    planes = torch.as_tensor(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return torch.cat([clip.look(part) for part in planes.split(16)])


def retrieval(name: str, clip: ClipScores, pairs: Mapping[str, Image8], seed: int) -> Figure:
    """How often the picture nearest to a caption is its own."""
    right = found_own(looked_at(clip, list(pairs.values())), clip.read(list(pairs)))
    return interval(name, right, of=statistics.fmean, seed=seed)


def found_own(pictures: Tensor, captions: Tensor) -> list[float]:
    """1 for every caption (N,width) whose nearest picture is in its own row, else 0."""
    nearest = (captions @ pictures.T).argmax(1)
    return (nearest == torch.arange(len(captions))).float().tolist()


def kid_figure(name: str, made: Tensor, true: Tensor, seed: int) -> Figure:
    """Kernel distance times 1000; the interval is of resampled sets without repeats within one set."""
    dice = np.random.default_rng(seed)
    draws: list[float] = []
    for _ in range(BOOTSTRAP_DRAWS // 10):
        rows, columns = (dice.permutation(len(all))[: max(2, len(all) // 2)] for all in (made, true))
        draws.append(1000 * rulers.kid(made[rows], true[columns]))
    value = 1000 * rulers.kid(made, true)
    return Figure(name, value, percentile(draws, 2.5), percentile(draws, 97.5), "", len(made))
