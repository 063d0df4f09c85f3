# SPDX-License-Identifier: GPL-3.0-or-later
"""The few image operations the studio takes from scipy and scikit-image, given types."""

import importlib
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_ndimage: Any = importlib.import_module("scipy.ndimage")
_measure: Any = importlib.import_module("skimage.measure")
_color: Any = importlib.import_module("skimage.color")

Floats = NDArray[np.float64]


def smooth_along(values: Floats, sigma: float, mode: Literal["nearest", "wrap", "constant"]) -> Floats:
    """Gaussian smoothing along the first axis."""
    return _ndimage.gaussian_filter1d(values, sigma, axis=0, mode=mode)


def noise_tile(
    rng: np.random.Generator, side: int, sigma: tuple[float, float], grow: float
) -> NDArray[np.float32]:
    """Smooth noise of unit variance that wraps around, enlarged `grow` times."""
    tile = _ndimage.gaussian_filter(rng.normal(size=(side, side)), sigma, mode="wrap")
    return _ndimage.zoom(tile / tile.std(), grow, order=1).astype(np.float32)


def soften(field: Floats, sigma: float) -> Floats:
    """Gaussian smoothing along both axes."""
    return _ndimage.gaussian_filter(field, sigma, mode="constant")


def distance_px(free: NDArray[np.bool_]) -> Floats:
    """Distance of each true pixel from the nearest false one."""
    return _ndimage.distance_transform_edt(free)


def label_boxes(labels: NDArray[np.uint8]) -> list[tuple[slice, slice] | None]:
    """Bounding box (rows, columns) of label 1, 2, ...; None where a label is absent."""
    return _ndimage.find_objects(labels.astype(np.int32))


def boundaries(mask: NDArray[np.bool_]) -> list[Floats]:
    """Closed traces (n, 2) in row, column between the pixels of a mask and the rest."""
    return _measure.find_contours(mask.astype(np.float64), 0.5)


def lab(rgb: Floats) -> Floats:
    """RGB in [0, 1], (n, 3), as CIE Lab."""
    return _color.rgb2lab(rgb[None])[0]
