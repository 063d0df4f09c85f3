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


def nearest_place(marked: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Row and column (2,H,W) of the nearest marked pixel."""
    return _ndimage.distance_transform_edt(~marked, return_distances=False, return_indices=True)


def reached(marked: NDArray[np.bool_], reach_px: int) -> NDArray[np.bool_]:
    """Pixels (H,W) with a marked one in a square of so many pixels around them."""
    return _ndimage.maximum_filter(marked, 2 * reach_px + 1)


def label_boxes(labels: NDArray[np.integer]) -> list[tuple[slice, slice] | None]:
    """Bounding box (rows, columns) of label 1, 2, ...; None where a label is absent."""
    return _ndimage.find_objects(labels.astype(np.int32))


def labelled(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Connected true areas numbered from 1 on (H,W), diagonal neighbours together."""
    return _ndimage.label(mask, np.ones((3, 3)))[0]


def boundaries(mask: NDArray[np.bool_]) -> list[Floats]:
    """Closed traces (n, 2) in row, column between the pixels of a mask and the rest."""
    return _measure.find_contours(mask.astype(np.float64), 0.5)


def lab(rgb: Floats) -> Floats:
    """RGB in [0, 1], (n, 3), as CIE Lab."""
    return _color.rgb2lab(rgb[None])[0]


def warped_tile(
    tile: NDArray[np.floating], bend_px: tuple[NDArray[np.floating], NDArray[np.floating]]
) -> NDArray[np.float32]:
    """The tile (H,W) read where the bend (rows, columns; (H,W) each) says; it wraps around."""
    rows, columns = np.mgrid[: tile.shape[0], : tile.shape[1]].astype(np.float32)
    at = (rows + bend_px[0], columns + bend_px[1])
    return _ndimage.map_coordinates(tile, at, order=1, mode="wrap").astype(np.float32)


def blurred(field: NDArray[np.floating], sigma_px: float) -> NDArray[np.floating]:
    """Gaussian blur along the first two axes, the border repeated; wide ones at a quarter of the size.

    Args:
        field: (H,W) or (H,W,channels).
    """
    if sigma_px <= 0:
        return field
    spread = (sigma_px, sigma_px, 0)[: field.ndim] if field.ndim == 3 else (sigma_px, sigma_px)
    if sigma_px < 6:
        return _ndimage.gaussian_filter(field, spread, mode="nearest", truncate=3.0)
    height, width = field.shape[:2]
    coarse = _ndimage.gaussian_filter(field[::4, ::4], [s / 4 for s in spread], mode="nearest", truncate=3.0)
    ratio = (height / coarse.shape[0], width / coarse.shape[1], 1)[: field.ndim]
    return _ndimage.zoom(coarse, ratio, order=1, mode="nearest", grid_mode=True)


def sharp_rims(labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(H,W) pixels that have a right, left, upper or lower neighbour of another label."""
    rims = np.zeros(labels.shape, np.bool_)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    rims[:, 1:] |= across
    rims[:, :-1] |= across
    rims[1:] |= down
    rims[:-1] |= down
    return rims


def local_range(field: NDArray[np.floating], reach_px: int = 2) -> NDArray[np.floating]:
    """How far (H,W) or (H,W,channels) varies within so many pixels of each one."""
    side = (2 * reach_px + 1, 2 * reach_px + 1, 1)[: field.ndim]
    return _ndimage.maximum_filter(field, side) - _ndimage.minimum_filter(field, side)


def lowest_near(field: NDArray[np.floating], reach_px: int = 2) -> NDArray[np.floating]:
    """The lowest value of (H,W) within so many pixels of each one."""
    return _ndimage.minimum_filter(field, 2 * reach_px + 1)


def enlarged(field: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    """A square field smoothly enlarged to (size,size)."""
    ratio = size / len(field)
    return _ndimage.zoom(field, ratio, order=1, mode="nearest", grid_mode=True)[:size, :size].astype(
        np.float32
    )


def smeared(field: NDArray[np.floating], length_px: int, axis: int) -> NDArray[np.floating]:
    """Mean over so many pixels along one axis, the border repeated."""
    return _ndimage.uniform_filter1d(field, length_px, axis=axis, mode="nearest")
