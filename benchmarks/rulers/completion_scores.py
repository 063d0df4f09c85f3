# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Rulers for a completed region, and the classical way to fill one."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # pyright: ignore[reportMissingTypeStubs]
from skimage.metrics import structural_similarity
from skimage.restoration import inpaint_biharmonic
from skimage.transform import resize
from torch import Tensor

from backend.acts.line_style.losses import VaeLpips
from benchmarks.held_out import Image8, Task
from models.recipes.measure import Marks, boundary_f, result_edges, stroke_delta_e

CLASSICAL_PX = 64
"""Side at which the biharmonic equation is solved: its answer is smooth, and at 256 px it takes minutes."""


class Scores(NamedTuple):
    """One completed picture against the truth; all but `lpips` inside the region. NaN where not drawn."""

    psnr: float
    ssim: float
    lpips: float
    chamfer_px: float
    f3: float
    delta_e: float


LESS_IS_BETTER = ("lpips", "chamfer_px", "delta_e")


def scores(task: Task, result: Image8, eye: VaeLpips) -> Scores:
    """Measure a result (H,W,3) that is the picture itself around the region."""
    sample, inside = task.sample, task.region > 0
    edges = result_edges(result)
    contour, detail = (plane > 127 for plane in (sample.contour, sample.detail))
    drawn = (contour | detail) & inside
    colours = sample.colours.copy()
    colours[~inside, 3] = 0
    return Scores(
        psnr_db(result, sample.image, inside),
        _ssim(result, sample.image, inside),
        float(eye(planes(result), planes(sample.image))),
        chamfer_px(drawn, edges),
        boundary_f(drawn, (contour | detail) & ~inside, edges),
        stroke_delta_e(result, colours),
    )


def planes(picture: Image8) -> Tensor:
    """(1,3,H,W) in [0, 1]."""
    return torch.as_tensor(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255


def psnr_db(result: Image8, true: Image8, where: Marks) -> float:
    """Peak signal to noise ratio over the marked pixels; 99 where they are equal."""
    error = float(np.square(result[where].astype(np.float64) - true[where]).mean())
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)


def _ssim(result: Image8, true: Image8, where: Marks) -> float:
    """Source: Wang et al. 2004, by scikit-image; averaged over the marked pixels."""
    answer: Any = structural_similarity(result, true, channel_axis=-1, full=True)
    return float(answer[1][where].mean())


def chamfer_px(drawn: Marks, edges: Marks) -> float:
    """Mean distance from the drawn lines to the nearest edge of the result."""
    if not drawn.any():
        return math.nan
    if not edges.any():
        return float(max(drawn.shape))
    away: NDArray[np.float64] = np.asarray(distance_transform_edt(~edges))
    return float(away[drawn].mean())


def classical(task: Task) -> Image8:
    """Fill the region smoothly from its rim and the colour strokes, and lay the lines over it in black.

    Source: biharmonic inpainting, Damelin and Hoang 2018, by scikit-image.
    """
    sample, inside = task.sample, task.region > 0
    strokes = sample.colours[..., 3] > 127
    start = np.where(strokes[..., None], sample.colours[..., :3], sample.image).astype(np.float64) / 255
    unknown = inside & ~strokes
    small_mask = np.asarray(_small(unknown.astype(np.float64))) > 0.4
    if small_mask.all():
        small_mask[0, 0] = False
    start[unknown] = start[~unknown].mean(0) if (~unknown).any() else 0.5
    solved = inpaint_biharmonic(_small(start), small_mask, channel_axis=-1)
    smooth = np.asarray(resize(solved, sample.image.shape)).clip(0, 1)
    filled = np.where(unknown[..., None], smooth, start)
    ink = np.maximum(sample.contour, sample.detail)[..., None] / 255
    filled = np.where(inside[..., None], filled * (1 - ink), sample.image / 255)
    return np.rint(filled * 255).astype(np.uint8)


def _small(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    size = (CLASSICAL_PX, CLASSICAL_PX, *planes.shape[2:])
    return np.asarray(resize(planes, size, anti_aliasing=True), np.float64)
