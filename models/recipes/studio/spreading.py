# SPDX-License-Identifier: GPL-3.0-or-later
"""Dabs spread over the areas that lines enclose, as the act spreads them, and single strokes as paint."""

from collections.abc import Iterable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.networks.line_fill import enclosed_areas
from models.recipes.studio.colouring import UNDRAWN, footprint
from models.recipes.studio.fields import label_boxes, labelled, nearest_place, reached
from models.recipes.studio.raster import Pixels
from models.recipes.studio.shapes import Points

_INK = 85  # from which a pixel parts two areas
_OWN_SHARE = 0.2  # a dab belongs to every area that holds so much of it
_ALONE = 0.3  # a stroke that runs along areas for less than this share of its way encloses nothing
_BALLS_PX = (0, 2, 5)  # radii of balls that must not roll out of an area: 0 where its lines are closed
_BESIDE_PX = 4
_MOST_UNLIKE = 30  # mean 8-bit difference from the picture
_PAINTED_SHARE = 0.7  # of single strokes that have their colour


def spread(
    colours: Pixels, image: Pixels, ink: Pixels, silhouette: NDArray[np.bool_]
) -> tuple[Pixels, NDArray[np.int32]]:
    """Fill every enclosed area of the figure that holds a dab; of several, the nearest one counts.

    Where that would belie the picture, because a line between two dabs was not drawn, the one dab counts that
    is most like the area.

    Args:
        colours: (size, size, 4) RGB and coverage.
        image: (size, size, 3), the picture.
        ink: (size, size), of all lines as they are drawn.
        silhouette: (size, size), where the figure is; areas beside it keep their dabs as they are.

    Returns:
        The filled colours, and the figure's areas numbered from 1 on, 0 elsewhere.
    """
    areas = figure_areas(ink, silhouette)
    made = colours.copy()
    made[areas > 0] = (UNDRAWN, UNDRAWN, UNDRAWN, 0)
    pieces = labelled(colours[..., 3] > 0)
    own = _owned(pieces, areas)
    for number, place in enumerate(label_boxes(areas), start=1):
        if place is None or not own[place][areas[place] == number].any():
            continue
        here = areas[place] == number
        made[place][here] = _filling(colours[place], image[place], own[place] & here, here)
    return made, areas


def _filling(
    colours: Pixels, image: Pixels, own: NDArray[np.bool_], here: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """RGB and coverage (n, 4) for the pixels of one area."""
    rows, columns = nearest_place(own)
    filling = colours[rows[here], columns[here]]
    true = image[here].astype(np.float64)
    if np.abs(filling[:, :3] - true).mean() <= _MOST_UNLIKE:
        return filling
    dabs = colours[own]
    unlike = np.abs(dabs[:, :3] - np.median(true, axis=0)).sum(axis=1)
    return np.broadcast_to(dabs[int(unlike.argmin())], filling.shape)


def figure_areas(ink: Pixels, silhouette: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Number the areas that lines enclose and that lie mostly in the figure; gaps are closed last."""
    walls = ink > _INK
    found = np.zeros(walls.shape, np.int32)
    unit = max(1.0, len(ink) / 256)
    for ball_px in _BALLS_PX:
        areas = enclosed_areas(walls, round(ball_px * unit))
        count = int(areas.max()) + 1
        sizes = np.bincount(areas.ravel(), minlength=count)
        inside = np.bincount(areas[silhouette], minlength=count)
        is_figure = 2 * inside > sizes
        is_figure[0] = False
        free = is_figure[areas] & (found == 0)
        found[free] = areas[free] + int(found.max())
    return found


def _owned(pieces: NDArray[np.int32], areas: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels of dabs in areas that hold enough of the dab."""
    drawn = (pieces > 0) & (areas > 0)
    own = np.zeros(areas.shape, np.bool_)
    if not drawn.any():
        return own
    pairs = pieces[drawn].astype(np.int64) * (int(areas.max()) + 1) + areas[drawn]
    _, which, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    sizes = np.bincount(pieces.ravel())
    own[drawn] = counts[which] >= _OWN_SHARE * sizes[pieces[drawn]]
    return own


def paint_single_strokes(
    rng: Generator,
    colours: Pixels,
    image: Pixels,
    lines: Iterable[Points],
    areas: NDArray[np.int32],
    width_px: float,
) -> None:
    """Lay strokes that enclose nothing (stems, whiskers, one-stroke legs) as wide as the pen, in place.

    Args:
        rng: Leaves some out.
        colours: (size, size, 4) RGB and coverage.
        image: (size, size, 3), of which a stroke takes the colour under it.
        lines: As drawn, in pixels.
        areas: Of `spread`.
        width_px: Of the pen.
    """
    beside = reached(areas > 0, _BESIDE_PX)
    for line in lines:
        at = line.astype(int).clip(0, len(areas) - 1)
        if beside[at[:, 1], at[:, 0]].mean() > _ALONE or rng.random() >= _PAINTED_SHARE:
            continue
        under, place = footprint(line, max(width_px, 1.0), len(areas))
        kept = colours[place]
        kept[under, :3] = np.median(image[at[:, 1], at[:, 0]], axis=0).astype(np.uint8)
        kept[under, 3] = 255
