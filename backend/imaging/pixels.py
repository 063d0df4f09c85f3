# SPDX-License-Identifier: GPL-3.0-or-later
"""Krita's pixel layouts as arrays, and as RGB and alpha in [0, 1].

Arrays keep the surface's own depth; floats are made only of the rectangle at hand, so that an 8192x8192
canvas never exists as floats.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat

Pixels = NDArray[Any]
"""(height, width, channel) in the surface's own depth and channel order."""

Floats = NDArray[np.float32]
ROWS = 256

DEPTHS: dict[PixelFormat, tuple[str, int]] = {
    "bgra_u8": ("<u1", 4),
    "bgra_u16": ("<u2", 4),
    "rgba_f16": ("<f2", 4),
    "rgba_f32": ("<f4", 4),
    "graya_u8": ("<u1", 2),
    "graya_u16": ("<u2", 2),
    "grey_u8": ("<u1", 1),
}
"""numpy type and channels of each layout."""

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of red, green and blue. Source: ITU-R BT.709."""


class Picture(NamedTuple):
    """A surface at hand: its pixels and how to read them."""

    array: Pixels
    format: PixelFormat

    @property
    def extent(self) -> Extent:
        return Extent(self.array.shape[1], self.array.shape[0])

    def is_clear(self, bounds: Bounds) -> bool:
        """Whether a rectangle is all transparent; a layout without alpha never is."""
        alpha = self.array[bounds.y : bounds.bottom, bounds.x : bounds.right, -1]
        return self.array.shape[-1] > 1 and not alpha.any()

    def rgba(self, bounds: Bounds) -> Floats:
        """(height, width, 4) in [0, 1] of a rectangle that lies within the picture."""
        return to_rgba(self.array[bounds.y : bounds.bottom, bounds.x : bounds.right], self.format)


def to_array(data: bytes | bytearray | memoryview, extent: Extent, format: PixelFormat) -> Pixels:
    """View row-major bytes as (height, width, channel), without a copy.

    Raises:
        ValueError: the number of bytes does not fit.
    """
    depth, channels = DEPTHS[format]
    wanted = extent.area * channels * np.dtype(depth).itemsize
    if len(data) != wanted:
        raise ValueError(f"{format} of {extent.width}x{extent.height} is {wanted} bytes, not {len(data)}")
    return np.frombuffer(data, depth).reshape(extent.height, extent.width, channels)


def to_bytes(array: Pixels) -> bytes:
    """Row-major bytes without padding."""
    return array.tobytes()


def to_rgba(array: Pixels, format: PixelFormat) -> Floats:
    """Read any layout as RGB and alpha.

    Args:
        array: (height, width, channel) as `format` says.

    Returns:
        (height, width, 4) in [0, 1], not premultiplied. Light beyond 1 of a float layer is cut; a value that
        is no number reads as 0. grey_u8 reads as opaque grey.

    Raises:
        ValueError: the array is not of that layout.
    """
    depth, channels = DEPTHS[format]
    if array.dtype != np.dtype(depth) or array.shape[-1] != channels:
        raise ValueError(f"{array.dtype} with {array.shape[-1]} channels is not {format}")
    values = array.astype(np.float32)
    if array.dtype.kind == "u":
        values /= np.float32(np.iinfo(array.dtype).max)
    else:
        values = np.clip(np.nan_to_num(values, posinf=1.0, neginf=0.0), 0, 1)
    if format.startswith("bgra"):
        return values[..., [2, 1, 0, 3]]
    if format.startswith("rgba"):
        return values
    alpha = values[..., 1:] if channels == 2 else np.ones_like(values)
    return np.concatenate([values[..., :1]] * 3 + [alpha], -1)


def over_white(array: Pixels, format: PixelFormat) -> Floats:
    """(height, width, 3) in [0, 1] of any layout, laid over white."""
    rgba = to_rgba(array, format)
    return rgba[..., :3] * rgba[..., 3:] + (1 - rgba[..., 3:])


def bytes_over_white(array: Pixels, format: PixelFormat) -> NDArray[np.uint8]:
    """The same in bytes; only a few rows are floats at a time."""
    whole = np.empty((*array.shape[:2], 3), np.uint8)
    for y in range(0, len(whole), ROWS):
        whole[y : y + ROWS] = np.rint(255 * over_white(array[y : y + ROWS], format))
    return whole


def from_rgba(rgba: Floats, format: PixelFormat) -> Pixels:
    """Write RGB and alpha in a layer's own layout; the reverse of `to_rgba`, rounded to nearest.

    Args:
        rgba: (height, width, 4) in [0, 1].

    Returns:
        (height, width, channel); grey layouts get the luminance, grey_u8 drops the alpha.
    """
    depth, channels = DEPTHS[format]
    if channels < 3:
        values = np.concatenate([rgba[..., :3] @ LUMA[:, None], rgba[..., 3:]], -1)[..., :channels]
    else:
        values = rgba[..., [2, 1, 0, 3]] if format.startswith("bgra") else rgba
    if np.dtype(depth).kind == "u":
        values = np.rint(np.clip(values, 0, 1) * np.float32(np.iinfo(depth).max))
    return np.ascontiguousarray(values.astype(depth))


def luminance(rgb: Floats) -> Floats:
    """(height, width) of (height, width, 3 or 4), display-referred."""
    return rgb[..., :3] @ LUMA
