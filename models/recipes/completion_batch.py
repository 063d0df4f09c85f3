# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Pictures with a part missing, and what an artist might give for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from backend.imaging.colour_domain import random_strokes, undrawn
from models.networks.completion import Wanted
from models.recipes.completion_cache import FLAT_SHARE, PLANES, LineKind, OpenDomains
from models.recipes.completion_masks import SHARES, Kind, completion_mask, draw_kind
from models.recipes.studio_cache import COLOUR, IMAGE, MASK, OpenCache

Floats = NDArray[np.float32]
ColourKind = Literal["laid", "random", "flat", "none"]

COLOUR_SHARES: dict[ColourKind, float] = {"laid": 0.35, "random": 0.15, "flat": 0.35, "none": 0.15}
"""Strokes of the studio; strokes sampled from the colour domain; all of it, as copies give."""

LINELESS, ERASED = 0.12, 0.4
"""How often no line is given at all, and how often some are rubbed out."""

RELIT, REHUED = 0.5, 0.15
"""How often the light of picture and colours is changed together, and how often its hues as well."""


@dataclass(frozen=True)
class Choices:
    """What a variant of the training differs in.

    Attributes:
        masks: how often each kind is drawn.
        lines: how often each kind of lines is given.
    """

    masks: Mapping[Kind, float] = field(default_factory=lambda: dict(SHARES))
    lines: Mapping[LineKind, float] = field(default_factory=lambda: {"drawn": 0.3, "edges": 0.7})


@dataclass(frozen=True)
class Lesson:
    """One picture (3,H,W) in [-1, 1] and what is given of it, as in `Wanted` without the batch."""

    picture: Tensor
    mask: Tensor
    lines: Tensor
    colours: Tensor


def lesson(
    rng: Generator,
    pictures: OpenCache,
    domains: OpenDomains,
    index: int,
    side: int,
    progress: float,
    choices: Choices,
) -> Lesson:
    """A crop of one picture with a part missing."""
    size = pictures.picture(index).shape[-1]
    grains = (size - side) // FLAT_SHARE + 1
    y, x = (int(v) * FLAT_SHARE for v in rng.integers(grains, size=2))
    place = (slice(None), slice(y, y + side), slice(x, x + side))
    planes = _shares(pictures.picture(index)[place])
    kind = draw_kind(rng, choices.masks)
    silhouette = np.where(planes[MASK][0] > 0.5, 255, 0).astype(np.uint8)
    mask = completion_mask(rng, kind, silhouette, progress) / np.float32(255)
    lines = _lines(rng, domains.lines(index)[place], silhouette, choices, needed=kind == "whole")
    half = tuple(slice(s.start // FLAT_SHARE, s.stop // FLAT_SHARE) for s in place[1:])
    flat = _shares(domains.flat(index)[(slice(None), *half)])
    given = _colours(rng, planes[COLOUR], flat)
    picture, given = _relit(rng, planes[IMAGE], given)
    arrays = (picture * 2 - 1, mask[None], lines[None], given)
    if rng.random() < 0.5:
        arrays = tuple(array[..., ::-1] for array in arrays)
    return Lesson(*(torch.from_numpy(np.ascontiguousarray(array, np.float32)) for array in arrays))


def batch_of(lessons: Sequence[Lesson]) -> tuple[Tensor, Wanted]:
    """The true pictures (B,3,H,W) and what is given; the noise comes from torch's own seed."""
    picture, mask, lines, colours = (
        torch.stack([getattr(one, name) for one in lessons])
        for name in ("picture", "mask", "lines", "colours")
    )
    return picture, Wanted(picture, mask, lines, colours, torch.randn_like(mask))


def _shares(planes: NDArray[np.uint8]) -> Floats:
    """Bytes as [0, 1]."""
    return np.divide(planes, 255, dtype=np.float32)


def _lines(
    rng: Generator,
    planes: NDArray[np.uint8],
    silhouette: NDArray[np.uint8],
    choices: Choices,
    *,
    needed: bool,
) -> Floats:
    kinds = list(choices.lines)
    weights = np.array([choices.lines[kind] for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    lines = _shares(planes[PLANES[kind]])
    if needed:
        return lines
    if rng.random() < LINELESS:
        return np.zeros_like(lines)
    if rng.random() < ERASED:
        return lines * (completion_mask(rng, "free", silhouette, 1.0) == 0)
    return lines


def _colours(rng: Generator, laid: Floats, flat: Floats) -> Floats:
    """(4,H,W) RGB and coverage."""
    kinds = list(COLOUR_SHARES)
    kind = kinds[int(rng.choice(len(kinds), p=list(COLOUR_SHARES.values())))]
    size = laid.shape[1], laid.shape[2]
    if kind == "laid":
        return laid
    if kind == "none":
        return undrawn(size).transpose(2, 0, 1)
    if kind == "random":
        strokes = random_strokes(rng, flat.transpose(1, 2, 0), int(rng.integers(1, 30)))
        return strokes.transpose(2, 0, 1).repeat(FLAT_SHARE, 1).repeat(FLAT_SHARE, 2)
    return np.concatenate([_blurred(rng, flat, size), np.ones((1, *size), np.float32)])


def _blurred(rng: Generator, flat: Floats, size: tuple[int, int]) -> Floats:
    """As it is, or as coarse as an enlarged picture."""
    coarse = int(rng.choice([1, 2, 4]))
    small = avg_pool2d(torch.from_numpy(np.ascontiguousarray(flat))[None], coarse)
    return interpolate(small, size, mode="bilinear", align_corners=False)[0].numpy()


def _relit(rng: Generator, picture: Floats, colours: Floats) -> tuple[Floats, Floats]:
    """The same scene in another light, now and then in other hues; strokes change with it."""
    if rng.random() > RELIT:
        return picture, colours
    order = rng.permutation(3) if rng.random() < REHUED else np.arange(3)
    gain = rng.uniform(0.75, 1.2, (3, 1, 1)).astype(np.float32)
    gamma = np.float32(np.exp(rng.uniform(-0.3, 0.3)))

    def change(rgb: Floats) -> Floats:
        return (np.maximum(rgb[order], 0) ** gamma * gain).clip(0, 1)

    return change(picture), np.concatenate([change(colours[:3]), colours[3:]])
