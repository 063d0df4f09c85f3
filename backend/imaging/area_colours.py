# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A dab colours the area it lies in, a stroke that stands alone has its dab's colour or its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]
from skimage.measure import label

from backend.imaging.areas import Areas, Marks, Numbers
from backend.imaging.pixels import Floats

DRAWN = 0.5
"""Coverage from which a pixel belongs to a dab."""

OWN_SHARE = 0.2
"""A dab belongs to every area that holds so much of it; what it spills elsewhere was not meant."""

INSET_PX = 1.0
"""Spread colour ends this far before the middle of the outline, so that none is seen beyond it."""

PAPER = np.array([0.95, 0.93, 0.88], np.float32)
PALER = 0.75
"""How far an area without a dab is from the mean colour of the others towards paper."""

STROKE_SHARE = 0.15
"""Of a stroke that stands alone, what a dab must cover to give it its colour."""


def spread(dabs: Floats, areas: Areas) -> Floats:
    """Each dab over the areas it lies in; of several in one, each pixel takes the nearest one's colour.

    Args:
        dabs: (H,W,4) RGB and coverage in [0, 1]; RGB counts where something is covered.
        areas: of the same size.

    Returns:
        (H,W,4), coverage 1 in areas with a dab, 0 in areas without; outside all areas as it was.
    """
    made = dabs.copy()
    inside = areas.numbers > 0
    if not inside.any():
        return made
    made[inside, 3] = 0
    for number, own in _owners(dabs, areas.numbers).items():
        here = (areas.numbers == number) & (areas.depth >= INSET_PX)
        rows, columns = _box(here | own)
        near = (rows, columns)
        place = distance_transform_edt(~own[near], return_distances=False, return_indices=True)
        assert place is not None
        colour = dabs[near][place[0], place[1], :3]
        made[near][here[near]] = np.concatenate([colour, np.ones_like(colour[..., :1])], -1)[here[near]]
    return made


def coloured_rest(laid: Floats, areas: Areas) -> Floats:
    """Areas without a dab in a pale tint of the others' colours, or in that of paper: never what lies behind.

    Args:
        laid: (H,W,4) of `spread`.

    Returns:
        (H,W,4), covered in every area.
    """
    inside = areas.depth >= INSET_PX
    bare = inside & (laid[..., 3] < DRAWN)
    if not bare.any():
        return laid
    made, coloured = laid.copy(), inside & ~bare
    own = laid[coloured, :3].mean(0) if coloured.any() else PAPER
    tint = own + PALER * (PAPER - own)
    made[bare] = (*tint.tolist(), 1.0)
    return made


def _owners(dabs: Floats, numbers: Numbers) -> dict[int, Marks]:
    """For each area with a dab of its own, where within it that lies."""
    pieces: Numbers = np.asarray(label(dabs[..., 3] >= DRAWN, connectivity=2), np.int32)
    drawn = (pieces > 0) & (numbers > 0)
    if not drawn.any():
        return {}
    pairs, counts = np.unique(np.stack([pieces[drawn], numbers[drawn]]), axis=1, return_counts=True)
    sizes = np.bincount(pieces.ravel())
    owned = counts >= OWN_SHARE * sizes[pairs[0]]
    found: dict[int, Marks] = {}
    for piece, number in pairs.T[owned].tolist():
        here = (pieces == piece) & (numbers == number)
        found[number] = found[number] | here if number in found else here
    return found


def standing_alone(dabs: Floats, areas: Areas) -> Marks:
    """Dabs (H,W) that lie neither in an area nor on a stroke: they are painted as they are."""
    pieces: Numbers = np.asarray(label(dabs[..., 3] >= DRAWN, connectivity=2), np.int32)
    if not pieces.any():
        return np.zeros(pieces.shape, np.bool_)
    size = np.bincount(pieces.ravel())
    inside = np.bincount(pieces.ravel(), areas.numbers.ravel() > 0)
    on_stroke = np.bincount(pieces.ravel(), areas.single.ravel())
    alone = (inside < 0.5 * size) & (on_stroke == 0)
    alone[0] = False
    return alone[pieces] & (areas.numbers == 0)


def stroke_colours(ink: Floats, dabs: Floats, single: Marks) -> Floats:
    """(H,W,3) colours of strokes that stand alone.

    Args:
        ink: (H,W,4) RGB and coverage of the lines themselves.
        dabs: (H,W,4) RGB and coverage.
        single: (H,W), of `Areas`.
    """
    made = ink[..., :3].copy()
    pieces: Numbers = np.asarray(label(single, connectivity=2), np.int32)
    dabbed = single & (dabs[..., 3] >= DRAWN)
    if not dabbed.any():
        return made
    count = int(pieces.max()) + 1
    covered = np.bincount(pieces[dabbed], minlength=count)
    taken = covered >= STROKE_SHARE * np.bincount(pieces.ravel(), minlength=count)
    taken[0] = False
    sums = np.stack([np.bincount(pieces[dabbed], dabs[dabbed, i], count) for i in range(3)], -1)
    means = (sums / np.maximum(covered, 1)[:, None]).astype(np.float32)
    around = _nearest(pieces)
    chosen = taken[around]
    made[chosen] = means[around[chosen]]
    return made


def _nearest(pieces: Numbers) -> Numbers:
    """The number of the nearest piece for every pixel."""
    place = distance_transform_edt(pieces == 0, return_distances=False, return_indices=True)
    assert place is not None
    return pieces[place[0], place[1]]


def _box(marks: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(marks.any(axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
