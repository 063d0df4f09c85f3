# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A soft shadow where a figure stands on the ground."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d  # pyright: ignore[reportMissingTypeStubs]

from backend.imaging.pixels import Floats

FOOT_SHARE = 0.06
"""The lowest part of a figure, in shares of its height, is what touches the ground."""

SOFT_SHARE, FLAT_SHARE = 0.05, 0.03
"""How soft the shadow is along the ground, and how far it reaches above and below it, in shares of the
figure's longer side."""

DARKEST = 0.4


def contact_shadow(alpha: Floats, *, darkest: float = DARKEST) -> Floats:
    """Lay a shadow under a figure, on the line that it stands on.

    Args:
        alpha: (H,W) in [0, 1] of the figure, with room around it: a shadow ends where the plane does.
        darkest: Alpha of the shadow in its middle.

    Returns:
        (H,W), the alpha of a black layer that lies below the figure; 0 where the figure is opaque, and all 0
        without a figure.
    """
    rows, columns = (np.flatnonzero((alpha > 0.5).any(axis)) for axis in (1, 0))
    if rows.size == 0:
        return np.zeros_like(alpha)
    top, ground = int(rows[0]), int(rows[-1])
    longer = max(ground - top, int(columns[-1] - columns[0])) + 1
    foot = alpha[max(top, ground - round(FOOT_SHARE * (ground - top))) : ground + 1].max(0)
    along = gaussian_filter1d(foot, max(1.0, SOFT_SHARE * longer), mode="constant")
    height = (np.arange(alpha.shape[0]) - ground) / max(1.0, FLAT_SHARE * longer)
    plane = np.exp(-np.square(height) / 2)[:, None] * along[None, :] / max(float(along.max()), 1e-6)
    return (darkest * plane * (1 - alpha)).astype(np.float32)
