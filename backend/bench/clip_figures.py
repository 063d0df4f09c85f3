# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What the family's own CLIP says: does it know captions by their pictures, how real do paintings look?"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from backend.bench.form import BOOTSTRAP_DRAWS, Figure, interval, percentile
from backend.bench.held_out import Image8, whole
from backend.weights.clip import ClipScores

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
    captions: dict[str, Image8] = {}
    number = 0
    while len(captions) < choices:
        sample = whole(number).sample
        captions.setdefault(sample.caption, sample.image)
        number += 1
    others = looked_at(clip, [whole(BESIDE + i).sample.image for i in range(2 * choices)])
    true = looked_at(clip, [whole(i).sample.image for i in range(len(paintings))])
    return [
        retrieval(looked_at(clip, list(captions.values())), clip.read(list(captions)), seed),
        kid_figure("kid_x1000", looked_at(clip, paintings), others, seed),
        kid_figure("kid_x1000_true", true, others, seed),
    ]


def looked_at(clip: ClipScores, pictures: Sequence[Image8]) -> Tensor:
    """(N,width) of length 1, of (H,W,3) pictures."""
    planes = torch.as_tensor(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    return torch.cat([clip.look(part) for part in planes.split(16)])


def retrieval(pictures: Tensor, captions: Tensor, seed: int) -> Figure:
    """How often the picture nearest to a caption is its own."""
    nearest = (captions @ pictures.T).argmax(1)
    right = (nearest == torch.arange(len(captions))).float().tolist()
    return interval("clip_top1_of_100", right, of=statistics.fmean, seed=seed)


def kid_figure(name: str, made: Tensor, true: Tensor, seed: int) -> Figure:
    """Kernel distance times 1000; the interval is of resampled sets without repeats within one set."""
    dice = np.random.default_rng(seed)
    draws: list[float] = []
    for _ in range(BOOTSTRAP_DRAWS // 10):
        rows, columns = (dice.permutation(len(all))[: max(2, len(all) // 2)] for all in (made, true))
        draws.append(1000 * kernel_distance(made[rows], true[columns]))
    value = 1000 * kernel_distance(made, true)
    return Figure(name, value, percentile(draws, 2.5), percentile(draws, 97.5), "", len(made))


def kernel_distance(one: Tensor, other: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy of (N,width) and (M,width) features of length 1.

    The kernel is (cosine + 1) ** 3: the cubic one of the source, for features of length sqrt(width).

    Source: Binkowski et al. 2018, Demystifying MMD GANs, section 4 (there on Inception's features).
    """

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T + 1).double() ** 3

    def within(a: Tensor) -> float:
        both = kernel(a, a)
        return float((both.sum() - both.diagonal().sum()) / (len(a) * (len(a) - 1)))

    return within(one) + within(other) - 2 * float(kernel(one, other).mean())
