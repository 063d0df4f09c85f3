# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Pictures side by side, to be looked at."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def picture_grid(rows: Sequence[Sequence[Tensor]], gap_px: int = 4) -> Image.Image:
    """Lay (3,H,W) pictures in [-1, 1], all of one size, in rows.

    Raises:
        ValueError: there is no picture.
    """
    if not rows or not rows[0]:
        raise ValueError("a grid needs at least one picture")
    _, height, width = rows[0][0].shape
    columns = max(len(row) for row in rows)
    size = (len(rows) * (height + gap_px) - gap_px, columns * (width + gap_px) - gap_px, 3)
    sheet = np.full(size, 255, np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            pixels = ((picture.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
            y, x = r * (height + gap_px), c * (width + gap_px)
            sheet[y : y + height, x : x + width] = pixels.permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(sheet)


def lines_over(contour: Tensor, detail: Tensor, colour: Tensor) -> Tensor:
    """Show strokes as a painter sees them: colours on grey paper, detail thin and dark, contour black.

    Args:
        contour, detail: (1,H,W) ink in [0, 1].
        colour: (4,H,W) RGB and coverage in [0, 1].

    Returns:
        (3,H,W) in [-1, 1].
    """
    paper = torch.full_like(colour[:3], 0.92)
    painted = paper + (colour[:3] - paper) * colour[3:]
    return (painted * (1 - 0.7 * detail) * (1 - contour)) * 2 - 1
