# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Fill a hole in a picture with what is around it: texture and edges go on across it.

1. Halve the picture until the hole is hardly wider than a patch, and fill it there from its rim inwards.
2. On each level, from small to large: match every patch that overlaps the hole with a known one, and give
   each pixel of the hole the weighted mean of what the patches over it say; several times.
3. In the last rounds of each level a pixel copies from the best match alone, so that texture stays sharp.

Source: Wexler et al. 2007, Space-Time Completion of Video; with the texture planes, the start from the rim
and the sharp end of Newson et al. 2017, Non-Local Patch-Based Image Inpainting.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt, gaussian_filter  # pyright: ignore[reportMissingTypeStubs]
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d, pad

from backend.imaging import patch_match
from backend.imaging.carried_copies import reduced
from backend.imaging.gradient_join import Copies
from backend.imaging.patch_match import Field

RADIUS_PX = 3
"""Patches are 7 x 7."""

TEXTURE_GAIN = 7.0
"""What a step of mean gradient counts over one of colour. Source: Newson et al. 2017, whose weight is 50."""

TEXTURE_PX = 8
"""Radius over which gradients are averaged."""

COARSEST_THICKNESS_PX = 4
"""Halved until no pixel of the hole is further from the rim."""

LEAST_SOURCES = 64
"""But never so far that fewer known patches are left."""

ROUNDS_COARSE, ROUNDS_FINE = 10, 4
SHARP_ROUNDS = 2
"""Of a level: without them texture fades, as the mean of many patches is best matched by a smooth one."""

SETTING_OUT = 500
"""Pixels' worth of work that a round costs whatever the hole."""

CERTAINTY_FALL = 1.2
"""Per pixel from the rim what a patch says counts so much less. Source: Wexler et al. 2007, section 3.3."""

Step = Callable[[float], None]
"""Told the share of the work that is done; may raise to stop it."""


@dataclass
class _Level:
    """The picture at one size, with a margin of RADIUS_PX in which the picture is mirrored.

    Attributes:
        planes: (5,h,w): RGB, and mean gradients across and down.
        hole: (h,w) bool, to be filled.
        known: (h,w) bool, to be copied from. What is neither is left alone.
    """

    planes: Tensor
    hole: Tensor
    known: Tensor

    def __post_init__(self) -> None:
        width = self.hole.shape[1]
        inside = _with_margin(torch.ones_like(_inner(self.hole)))
        self.width = width
        self.is_source = (_around(~self.known) < 0.5).flatten()
        self.sources = self.is_source.nonzero()[:, 0]
        self.targets = ((_around(self.hole) > 0.5) & inside).flatten().nonzero()[:, 0]
        self.pixels = self.hole.flatten().nonzero()[:, 0]
        away = torch.as_tensor(np.asarray(distance_transform_edt(~self.known.numpy())))
        self.certainty = CERTAINTY_FALL ** -away.float().flatten()
        self.thickness = float((away * self.hole).max())

    @property
    def flat(self) -> Tensor:
        """(5,h * w), a view."""
        return self.planes.flatten(1)

    def write(self, values: Tensor) -> None:
        """(5,N) into the hole; the margin follows."""
        self.flat[:, self.pixels] = values
        self.planes = _mirrored(_inner(self.planes))


def copies_for(
    picture: Tensor, hole: Tensor, known: Tensor, *, seed: int, step: Step = lambda share: None
) -> Copies | None:
    """Find for each pixel of a hole the known pixel to copy.

    Args:
        picture: (1,3,H,W) in [0, 1]; only what is known is looked at.
        hole, known: (H,W) bool, disjoint.
        seed: The same gives the same again.

    Returns:
        None where no whole patch is known.
    """
    dice = torch.Generator().manual_seed(seed)
    levels = _pyramid(picture, hole, known)
    if levels is None:
        return None
    smallest, *larger = levels
    rounds = [smallest] * len(STARTS) * ROUNDS_COARSE + [
        level for level in larger for _ in range(ROUNDS_FINE)
    ]
    tell = _told(step, [len(level.pixels) + SETTING_OUT for level in rounds])
    tried: list[Field] = []
    for start in STARTS:
        start(smallest)
        tried.append(_settled(smallest, None, ROUNDS_COARSE, dice, tell))
    field = min(tried, key=lambda one: float(one.errors.mean()))
    for before, level in itertools.pairwise(levels):
        field = _enlarged(field, before, level, dice)
        level.write(_voted(level, field))
        field = _settled(level, field, ROUNDS_FINE, dice, tell)
    return _without_margin(levels[-1], _best(levels[-1], field))


def _told(step: Step, costs: list[int]) -> Callable[[], None]:
    """To be called before each of the rounds, of which the costs are known."""
    shares = iter(itertools.accumulate([0, *costs]))
    return lambda: step(next(shares) / sum(costs))


def _settled(
    level: _Level, field: Field | None, rounds: int, dice: torch.Generator, tell: Callable[[], None]
) -> Field:
    """Match and fill in turn; the last rounds copy instead of taking means, so that texture does not fade."""
    describe = patch_match.Descriptors(level.planes, level.sources, RADIUS_PX, dice)
    table = describe(level.planes)
    for left in reversed(range(rounds)):
        tell()
        field = _matched(level, describe, table, field, dice)
        sharp = left < SHARP_ROUNDS
        level.write(level.flat[:, _best(level, field)] if sharp else _voted(level, field))
    assert field is not None
    return field


def _pyramid(picture: Tensor, hole: Tensor, known: Tensor) -> list[_Level] | None:
    """From small to large."""
    planes = torch.cat([picture[0], _texture(picture, known)])
    planes = planes * known
    levels = [_leveled(planes, hole, known)]
    if not len(levels[0].sources):
        return None
    while levels[0].thickness > COARSEST_THICKNESS_PX:
        smaller_planes, hole, known = reduced(planes[None], hole, known, 2)
        planes = smaller_planes[0]
        if min(hole.shape) <= RADIUS_PX:
            break
        smaller = _leveled(planes, hole, known)
        if len(smaller.sources) < LEAST_SOURCES:
            break
        levels.insert(0, smaller)
    return levels


def _leveled(planes: Tensor, hole: Tensor, known: Tensor) -> _Level:
    return _Level(_mirrored(planes), _with_margin(hole), _with_margin(known))


def _texture(picture: Tensor, known: Tensor) -> Tensor:
    """(2,H,W): mean length of the gradient across and down near each pixel, of what is known.

    Source: Newson et al. 2017, section 3.3.
    """
    luma = picture.mean(1, keepdim=True)
    planes: list[Tensor] = []
    for axis in (-1, -2):
        both = known & known.roll(-1, axis)
        both.select(axis, -1).fill_(False)
        steps = (luma.roll(-1, axis) - luma).abs() * both
        total, share = (_mean(each.float()) for each in (steps, both[None, None]))
        planes.append(total[0, 0] / share[0, 0].clamp(min=1e-6))
    return torch.stack(planes) * TEXTURE_GAIN


def _mean(planes: Tensor) -> Tensor:
    side = 2 * TEXTURE_PX + 1
    return avg_pool2d(planes, side, 1, TEXTURE_PX, count_include_pad=False)


def _fill_from_rim(level: _Level) -> None:
    """Fill the smallest picture pixel by pixel inwards, by what is known or filled of each patch.

    Source: Newson et al. 2017, section 3.4.
    """
    patches = patch_match.patches_at(level.planes, level.sources, RADIUS_PX)
    against = torch.cat([patches, patches.square()], 1).T
    side = (2 * RADIUS_PX + 1) ** 2
    left, seen = level.hole.clone(), level.known.clone()
    while left.any():
        beside = max_pool2d(seen[None, None].float(), 3, 1, 1)[0, 0] > 0.5
        rim = (left & beside if (left & beside).any() else left).flatten().nonzero()[:, 0]
        mine = patch_match.patches_at(level.planes, rim, RADIUS_PX)
        weigh = patch_match.patches_at(seen[None].float(), rim, RADIUS_PX).repeat(1, mine.shape[1] // side)
        apart = torch.cat([-2 * weigh * mine, weigh], 1) @ against
        level.flat[:, rim] = level.flat[:, level.sources[apart.argmin(1)]]
        left.flatten()[rim], seen.flatten()[rim] = False, True
    level.write(level.flat[:, level.pixels])


def _fill_smoothly(level: _Level) -> None:
    """Fill the smallest picture with means of what is near."""
    reach = (0.0, level.thickness, level.thickness)
    total = gaussian_filter((level.planes * level.known).numpy(), reach)
    share = gaussian_filter(level.known[None].float().numpy(), reach)
    level.write(torch.as_tensor(total / np.maximum(share, 1e-6)).flatten(1)[:, level.pixels])


STARTS = (_fill_from_rim, _fill_smoothly)
"""That whose patches match better in the end is taken."""


def _matched(
    level: _Level,
    describe: patch_match.Descriptors,
    table: Tensor,
    field: Field | None,
    dice: torch.Generator,
) -> Field:
    """Every patch over the hole with a known one."""
    seen = describe(level.planes)[level.targets]
    if field is None or len(level.targets) * len(level.sources) <= patch_match.EXHAUSTIVE_PAIRS:
        return patch_match.exhaustive(seen, table, level.targets, level.sources)
    return patch_match.improved(field, seen, table, level.is_source, width=level.width, dice=dice, sweeps=1)


def _overlapping(level: _Level, field: Field) -> list[tuple[Tensor, Tensor, Tensor]]:
    """For each place within a patch: rows of the hole's pixels, of the field, and what it says they are."""
    number = torch.full((level.hole.numel(),), -1)
    number[field.places] = torch.arange(len(field.places))
    rows = torch.arange(len(level.pixels))
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for y in range(-RADIUS_PX, RADIUS_PX + 1):
        for x in range(-RADIUS_PX, RADIUS_PX + 1):
            step = y * level.width + x
            over = number[level.pixels - step]
            meets = over >= 0
            over = over[meets]
            found.append((rows[meets], over, field.matches[over] + step))
    return found


def _voted(level: _Level, field: Field) -> Tensor:
    """(5,N): weighted means of what the patches over each pixel of the hole say.

    Source: Wexler et al. 2007, equation 5; the width of the weights: Newson et al. 2017, equation 5.
    """
    width = torch.quantile(field.errors[:: 1 + len(field.errors) // 100_000], 0.75).clamp(min=1e-6)
    weights = torch.exp(-field.errors / (2 * width)).clamp(min=1e-6) * level.certainty[field.places]
    flat = level.flat
    total, weight = torch.zeros(len(flat), len(level.pixels)), torch.zeros(len(level.pixels))
    for rows, over, sources in _overlapping(level, field):
        total[:, rows] += flat[:, sources] * weights[over]
        weight[rows] += weights[over]
    return total / weight


def _enlarged(field: Field, small: _Level, large: _Level, dice: torch.Generator) -> Field:
    """The same copies on a level of twice the size."""
    number = torch.full((small.hole.numel(),), 0)
    number[field.places] = torch.arange(len(field.places))
    y, x = (large.targets // large.width - RADIUS_PX), (large.targets % large.width - RADIUS_PX)
    over = number[(y // 2 + RADIUS_PX) * small.width + x // 2 + RADIUS_PX]
    from_y, from_x = (field.matches[over] // small.width), (field.matches[over] % small.width)
    from_y = 2 * (from_y - RADIUS_PX) + y % 2 + RADIUS_PX
    from_x = 2 * (from_x - RADIUS_PX) + x % 2 + RADIUS_PX
    matches = (from_y * large.width + from_x).clamp(0, large.hole.numel() - 1)
    fallback = large.sources[torch.randint(len(large.sources), (len(matches),), generator=dice)]
    matches = torch.where(large.is_source[matches], matches, fallback)
    return Field(large.targets, matches, torch.zeros(len(matches)))


def _best(level: _Level, field: Field) -> Tensor:
    """(N,) what each pixel of the hole is in the patch over it that matches best."""
    best = torch.full((len(level.pixels),), torch.inf)
    source = torch.zeros(len(level.pixels), dtype=torch.long)
    for rows, over, sources in _overlapping(level, field):
        found = field.errors[over] / level.certainty[field.places[over]]
        better = found < best[rows]
        best[rows[better]], source[rows[better]] = found[better], sources[better]
    return source


def _without_margin(level: _Level, sources: Tensor) -> Copies:
    height, width = _inner(level.hole).shape

    def moved(places: Tensor) -> Tensor:
        return (places // level.width - RADIUS_PX) * width + places % level.width - RADIUS_PX

    return Copies(moved(level.pixels), moved(sources), (height, width))


def _around(marked: Tensor) -> Tensor:
    """(h,w): 1 where anything within a patch's reach is marked; beyond the edge nothing is."""
    return max_pool2d(marked[None, None].float(), 2 * RADIUS_PX + 1, 1, RADIUS_PX)[0, 0]


def _with_margin(marked: Tensor) -> Tensor:
    return pad(marked, (RADIUS_PX,) * 4)


def _mirrored(planes: Tensor) -> Tensor:
    return pad(planes[None], (RADIUS_PX,) * 4, mode="reflect")[0]


def _inner(planes: Tensor) -> Tensor:
    return planes[..., RADIUS_PX:-RADIUS_PX, RADIUS_PX:-RADIUS_PX]
