# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A soft shadow where a figure stands on the ground."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d  # pyright: ignore[reportMissingTypeStubs]

from backend.imaging.masks import Mask
from backend.imaging.pixels import Floats, Picture, from_rgba
from shared.geometry import Bounds, Extent

FOOT_SHARE = 0.06
"""The lowest part of a figure, in shares of its height, is what touches the ground."""

SOFT_SHARE, FLAT_SHARE = 0.05, 0.03
"""How soft the shadow is along the ground, and how far it reaches above and below it, in shares of the
figure's longer side."""

DARKEST = 0.4
ROOM_SHARE = 0.2
"""Room for a shadow around a layer, in shares of its longer side."""


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


def on_ground(layer: Picture, bounds: Bounds, mask: Mask) -> tuple[Picture, Bounds]:
    """Lay a contact shadow under a painted layer.

    Args:
        bounds: Where the layer lies in the mask.
        mask: (H,W) uint8; where it is 0 no shadow falls.

    Returns:
        A larger layer with the figure's pixels over the shadow, and where it lies.
    """
    height, width = mask.shape
    room = round(ROOM_SHARE * max(bounds.extent))
    around = bounds.grown(room).intersect(Bounds.of(Extent(width, height)))
    rgba = np.zeros((around.height, around.width, 4), np.float32)
    inner = bounds.shifted(-around.x, -around.y)
    rgba[inner.y : inner.bottom, inner.x : inner.right] = layer.rgba(Bounds.of(layer.extent))
    figure = rgba[..., 3].copy()
    allowed = mask[around.y : around.bottom, around.x : around.right].astype(np.float32) / 255
    shadow = contact_shadow(figure) * allowed
    whole = figure + shadow * (1 - figure)
    rgba[..., :3] *= (figure / np.maximum(whole, 1e-6))[..., None]
    rgba[..., 3] = whole
    return Picture(from_rgba(rgba, layer.format), layer.format), around
