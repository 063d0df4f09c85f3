# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Names the studio's subject of a picture. It only measures, and only where it knows the true pictures."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from benchmarks.form import Progress
from benchmarks.kept import code_key, key_of
from benchmarks.rulers.feature_head import Head, kept_head, looked_at, taught
from benchmarks.rulers.networks import Image8, planes
from models.recipes.studio import CATEGORIES, render

ICON = "icon"
SUBJECTS = tuple(category for category in CATEGORIES if category != ICON)
"""Icons are of a thousand kinds: "icon" is no answer to what a picture shows."""

FIRST_SEED = 100_000_000
"""Of the judge's pictures: no training of a painter comes so far."""

COUNT, RENDERED_PX, SEEN_PX = 850, 160, 160
SURE = 0.95
"""A judge that knows fewer of the true pictures does not judge."""

TOGETHER = 32


class Judge:
    """
    Args:
        head: Its classes are the studio's subjects.
    """

    def __init__(self, head: Head) -> None:
        self.head = head

    def named(self, pictures: Sequence[Image8]) -> list[str]:
        """What each (H,W,3) picture shows."""
        found: list[str] = []
        for start in range(0, len(pictures), TOGETHER):
            seen = _seen(planes(pictures[start : start + TOGETHER]))
            found += [names[0] for names in self.head.best(looked_at(seen), 1)]
        return found


def load_judge(progress: Progress) -> Judge:
    """The judge of this code, taught now where it was not before: in some minutes.

    Raises:
        MissingWeights: the `bench` extra is not installed.
    """
    return Judge(kept_head("judge", key_of([code_key(__name__)]), lambda: teach(COUNT, progress)))


def teach(count: int, progress: Progress) -> Head:
    """Teach a head on so many pictures of the studio, of each subject in turn."""
    features: list[Tensor] = []
    labels = [SUBJECTS[number % len(SUBJECTS)] for number in range(count)]
    for start in range(0, count, TOGETHER):
        some = range(start, min(start + TOGETHER, count))
        pictures = [render(FIRST_SEED + n, RENDERED_PX, category=labels[n]).image for n in some]
        features.append(looked_at(_seen(planes(pictures))))
        progress(f"judge: {some[-1] + 1} of {count} pictures looked at")
    return taught(torch.cat(features), labels)


def _seen(pictures: Tensor) -> Tensor:
    """(B,3,160,160) in [-1, 1], of (B,3,H,W) in [0, 1]."""
    small = interpolate(pictures, (SEEN_PX, SEEN_PX), mode="bilinear", antialias=True)
    return small.clamp(0, 1) * 2 - 1
