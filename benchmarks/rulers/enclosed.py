# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What drawn lines enclose, as a ruler sees it: so that no act is measured by its own answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # pyright: ignore
from skimage.measure import label

from benchmarks.rulers.networks import Image8

Marks = NDArray[np.bool_]
INK = 100
"""From this on a pixel of a line is drawn."""

GAP_SHARE = 0.03
"""Of the side: gaps up to this do not open an area."""

LEAST_SHARE = 0.0004
"""Of the picture: a smaller area is none."""

FAR_SHARE = 0.1
"""Of the side: a ball of this radius that comes from the rim finds what is outside beyond any doubt."""

RIM_SHARE = 0.02
"""Of the side: so near to a line its anti-aliased rim may be painted."""

ALONE_SHARE = 0.016
"""Of the side: ink further than this from every area stands alone."""


def enclosed_parts(contour: Image8) -> NDArray[np.int32]:
    """Number (H,W), from 1 on, the areas that lines (H,W), 255 on 0, enclose; 0 is ink or outside."""
    size = contour.shape[0]
    ink = contour > INK
    free = distance_px(ink)
    reach = max(1.0, GAP_SHARE * size / 2)
    outside = _joined_to_rim(free > reach)
    outside = (distance_px(outside) <= reach + 1) & ~ink
    parts = np.asarray(label(~outside & ~ink, connectivity=1), np.int32)
    sizes = np.bincount(parts.ravel())
    small = sizes < LEAST_SHARE * size * size
    parts[small[parts]] = 0
    return parts


def far_outside(contour: Image8) -> Marks:
    """(H,W) what no reading of these lines encloses: beyond even wide gaps and deep bays, off their rims."""
    size = contour.shape[0]
    reach = round(FAR_SHARE * size)
    free = distance_px(np.pad(contour > INK, reach))
    beyond = _joined_to_rim(free > reach)
    far = (distance_px(beyond) <= reach) & (free > RIM_SHARE * size)
    return far[reach:-reach, reach:-reach]


def standing_alone(contour: Image8) -> Marks:
    """(H,W) the ink that borders no area: stems, whiskers, strings."""
    size = contour.shape[0]
    inside = enclosed_parts(contour) > 0
    return (contour > INK) & (distance_px(inside) > ALONE_SHARE * size)


def distance_px(marks: Marks) -> NDArray[np.float64]:
    """How far each pixel is from the nearest mark; infinitely where there is none."""
    if not marks.any():
        return np.full(marks.shape, np.inf)
    return np.asarray(distance_transform_edt(~marks), np.float64)


def depth_px(inside: Marks) -> NDArray[np.float64]:
    """How far each pixel inside is from what is not; 0 there."""
    return np.asarray(distance_transform_edt(inside), np.float64)


def _joined_to_rim(free: Marks) -> Marks:
    """The free pixels that a walk from beyond the picture reaches."""
    wide = np.pad(free, 1, constant_values=True)
    parts = np.asarray(label(wide, connectivity=1), np.int32)
    return (parts == parts[0, 0])[1:-1, 1:-1]
