# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Rulers of a figure painted inside lines: what it leaves alone, what it keeps, whether it belongs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter, uniform_filter  # pyright: ignore
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.morphology import skeletonize

from benchmarks.held_out import Image8, Task
from benchmarks.rulers.enclosed import INK, distance_px, enclosed_parts, far_outside, standing_alone
from models.recipes.studio.fields import Floats

SEEN_DELTA_E = 8.0
"""From this on a stroke is seen before what was there: several times a just noticeable difference."""

NEAR_PX = 2
"""So far from where it was drawn a stroke is looked for."""

FINE_PX, WINDOW_PX = 1.0, 7
"""What is finer than this blur is grain; its energy is the mean over such a window."""

OFF_LINES_PX, AROUND_SHARE, LEAST_PIXELS = 6, 0.15, 150
"""Grain is measured so far from every line, around the figure within so much of the picture's side."""

LEAST_ENERGY = 2e-6
"""Of the surroundings, on luma in [0, 1]: a smoother ground has no grain to belong to."""


def outside_lines_changed_bytes(task: Task, result: Image8) -> float:
    """Bytes that differ beyond all that the drawn lines could enclose; NaN where they enclose nothing."""
    if not enclosed_parts(task.sample.contour).any():
        return math.nan
    lines = np.maximum(task.sample.contour, task.sample.detail)
    return float((result != task.sample.image)[far_outside(lines)].sum())


def stroke_alone_kept(task: Task, result: Image8) -> float:
    """Share of the length of strokes that border no area that can still be seen; NaN without such strokes."""
    alone = skeletonize(task.sample.contour > INK) & standing_alone(task.sample.contour)
    if not alone.any():
        return math.nan
    seen = deltaE_ciede2000(rgb2lab(result), rgb2lab(task.sample.image)) >= SEEN_DELTA_E
    return float(maximum_filter(seen, 2 * NEAR_PX + 1)[alone].mean())


def grain_ratio(task: Task, result: Image8) -> float:
    """Fine energy inside the figure over that around it; NaN where one is too small, or nothing is fine."""
    figure = enclosed_parts(task.sample.contour) > 0
    ink = np.maximum(task.sample.contour, task.sample.detail) > INK
    off = distance_px(ink) > OFF_LINES_PX
    near = distance_px(figure) <= AROUND_SHARE * len(figure)
    inside, around = figure & off, ~figure & off & near & far_outside(task.sample.contour)
    if min(inside.sum(), around.sum()) < LEAST_PIXELS:
        return math.nan
    energy = fine_energy(result)
    ground = float(np.median(energy[around]))
    return float(np.median(energy[inside])) / ground if ground >= LEAST_ENERGY else math.nan


def fine_energy(picture: Image8) -> Floats:
    """(H,W): the mean square around each pixel of what is finer than `FINE_PX`, on luma in [0, 1]."""
    luma: NDArray[np.float64] = picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114]) / 255
    fine = luma - gaussian_filter(luma, FINE_PX)
    return np.asarray(uniform_filter(np.square(fine), WINDOW_PX))
