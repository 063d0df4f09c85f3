# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The border of a painted region: what changed beyond it, and whether it shows."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.held_out import Image8, Task
from models.recipes.measure import Marks

BORDER_PX = 2


def outside_changed(task: Task, result: Image8) -> int:
    """Bytes that differ from the picture outside the region."""
    return int((result != task.sample.image)[task.region == 0].sum())


def seam_steps(task: Task, result: Image8) -> tuple[float, float]:
    """Mean step of colour across the region's border, in the result and in the true picture."""
    inside = task.region > 0
    grown = [np.asarray(binary_dilation(side, iterations=BORDER_PX), bool) for side in (inside, ~inside)]
    border = grown[0] & grown[1]
    return _steps(result, inside, border), _steps(task.sample.image, inside, border)


def _steps(picture: Image8, inside: Marks, border: Marks) -> float:
    """Mean absolute difference between neighbours at the border of which one is inside."""
    values, found = picture.astype(np.float64), []
    for axis in (0, 1):
        crosses = np.diff(inside.astype(np.int8), axis=axis) != 0
        near = np.take(border, range(border.shape[axis] - 1), axis=axis)
        found.append(np.abs(np.diff(values, axis=axis)).mean(-1)[crosses & near])
    steps = np.concatenate(found)
    return float(steps.mean()) if steps.size else 0.0
