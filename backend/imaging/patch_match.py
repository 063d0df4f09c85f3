# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""For every patch that overlaps a hole, the known patch that looks most like it.

Patches are compared by their principal components, about a tenth of their numbers. Places are flat indices of
a (height, width) plane with a margin as wide as a patch reaches, so that no step leaves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv2d

COMPONENTS = 24
SAMPLES = 4000
"""Known patches that the components are taken from."""

EXHAUSTIVE_PAIRS = 60_000_000
"""Up to so many pairs are all compared: 0.2 s."""

NEARNESS = 2.0
"""A match a whole picture away counts as if its colours were so far off: what is near has the same light."""

CHUNK_PAIRS = 8_000_000
REACH_SHRINK = 4
"""Each random step reaches this much less far than the one before."""


@dataclass
class Field:
    """Which known place each place copies.

    Attributes:
        places: (N,) to be matched.
        matches: (N,) of the same, known centres.
        errors: (N,) squared distance of the patches' components.
    """

    places: Tensor
    matches: Tensor
    errors: Tensor


class Descriptors:
    """Principal components of patches, and where these lie: of two that look alike the nearer one is better.

    Args:
        planes: (C,H,W), of which the known parts are final.
        sources: (M,) places whose whole patch is known; at least one.
        radius_px: A patch is 2 radius_px + 1 wide.

    Source: principal components of patches for nearest neighbours: He and Sun 2012, section 3.1 (there Walsh
    and Hadamard's).
    """

    def __init__(self, planes: Tensor, sources: Tensor, radius_px: int, dice: torch.Generator) -> None:
        self._radius = radius_px
        picks = torch.randint(len(sources), (min(SAMPLES, 4 * len(sources)),), generator=dice)
        patches = patches_at(planes, sources[picks], radius_px).double()
        patches = patches - patches.mean(0)
        vectors: Tensor = torch.linalg.eigh(patches.T @ patches)[1].flip(1)[:, :COMPONENTS]
        side = 2 * radius_px + 1
        self._filters = vectors.T.float().reshape(-1, len(planes), side, side).contiguous()

    def __call__(self, planes: Tensor) -> Tensor:
        """(H * W, components + 2) of (C,H,W); beyond the edge there is nothing."""
        found = conv2d(planes[None], self._filters, padding=self._radius)[0]
        height, width = found.shape[1:]
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        where = torch.stack([y, x]) * (NEARNESS / max(height, width))
        return torch.cat([found, where]).flatten(1).T.contiguous()


def patches_at(planes: Tensor, places: Tensor, radius_px: int) -> Tensor:
    """(N, C * side * side) of (C,H,W)."""
    width = planes.shape[-1]
    steps = torch.arange(-radius_px, radius_px + 1)
    around = (steps[:, None] * width + steps).flatten()
    return planes.flatten(1)[:, places[:, None] + around].permute(1, 0, 2).flatten(1)


def exhaustive(seen: Tensor, table: Tensor, places: Tensor, sources: Tensor) -> Field:
    """Compare with every source.

    Args:
        seen: (N,D) descriptors of the places.
        table: (H * W, D), from which those of the sources are read.
    """
    known = table[sources]
    half_lengths = known.square().sum(1) / 2
    rows = max(1, CHUNK_PAIRS // len(sources))
    parts: Sequence[Tensor] = seen.split(rows)
    nearest = torch.cat([(half_lengths - part @ known.T).argmin(1) for part in parts])
    matches = sources[nearest]
    return Field(places, matches, _errors(seen, table, matches))


def improved(
    field: Field,
    seen: Tensor,
    table: Tensor,
    is_source: Tensor,
    *,
    width: int,
    dice: torch.Generator,
    sweeps: int,
) -> Field:
    """What neighbours copy, moved by the step to them, and places at random near what is copied now.

    Args:
        is_source: (H * W,) bool.
        width: Of the plane.

    Source: Barnes et al. 2009, PatchMatch, sections 3.2 and 3.3; all places at once instead of in scan order,
    with steps of one and three pixels.
    """
    number = torch.full((len(is_source),), -1)
    number[field.places] = torch.arange(len(field.places))
    matches, errors = field.matches.clone(), _errors(seen, table, field.matches)

    def offer(candidates: Tensor, rows: Tensor) -> None:
        fits = is_source[candidates]
        rows, candidates = rows[fits], candidates[fits]
        found = _errors(seen[rows], table, candidates)
        better = found < errors[rows]
        rows = rows[better]
        matches[rows], errors[rows] = candidates[better], found[better]

    every = torch.arange(len(field.places))
    for _ in range(sweeps):
        for length in (3, 1):
            for step in (-length * width, length * width, -length, length):
                beside = number[(field.places + step).clamp(0, len(number) - 1)]
                rows = every[beside >= 0]
                offer((matches[beside[rows]] - step).clamp(0, len(number) - 1), rows)
        height, reach = len(is_source) // width, float(max(width, len(is_source) // width))
        while reach >= 1:
            shifts = (torch.rand(2, len(matches), generator=dice) * 2 - 1) * reach
            y = (matches // width + shifts[0].round().long()).clamp(0, height - 1)
            x = (matches % width + shifts[1].round().long()).clamp(0, width - 1)
            offer(y * width + x, every)
            reach /= REACH_SHRINK
    return Field(field.places, matches, errors)


def _errors(seen: Tensor, table: Tensor, matches: Tensor) -> Tensor:
    return (seen - table[matches]).square().sum(1)
