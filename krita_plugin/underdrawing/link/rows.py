# SPDX-License-Identifier: GPL-3.0-or-later
"""Row-major bytes without numpy: placing bands, the opacity plane, thumbnails."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Sequence

from ..model.events import Thumbnail
from ..wire import geometry, messages, pixels

PIECE_BYTES = 1 << 18
"""Bytes copied in one go."""

THUMBNAIL_PX = 128
"""The longer side of a thumbnail."""


def place(
    buffer: bytearray, area: geometry.Bounds, rows: memoryview, bounds: geometry.Bounds, pixel: int
) -> None:
    """Copy whole rows into their place of a buffer.

    Args:
        buffer: `area`, row-major, `pixel` bytes per pixel.
        rows: `bounds`, likewise; within `area`.

    Raises:
        ValueError: the sizes do not fit.
    """
    if len(rows) != bounds.extent.area * pixel or not area.contains(bounds):
        raise ValueError(f"{len(rows)} bytes are not {bounds} in {area} at {pixel} bytes per pixel")
    stride, size = area.width * pixel, bounds.width * pixel
    at = (bounds.y - area.y) * stride + (bounds.x - area.x) * pixel
    if size == stride:
        for start in range(0, len(rows), PIECE_BYTES):
            piece = rows[start : start + PIECE_BYTES]
            buffer[at + start : at + start + len(piece)] = piece
        return
    for row in range(bounds.height):
        buffer[at : at + size] = rows[row * size : (row + 1) * size]
        at += stride


def alpha_as_grey(rows: bytes, format: messages.PixelFormat) -> bytes:
    """The opacity of every pixel as one byte, 0 to 255."""
    if format == "grey_u8":
        return rows
    if format not in ("rgba_f16", "rgba_f32"):  # alpha comes last, its upper byte too
        return rows[pixels.BYTES_PER_PIXEL[format] - 1 :: pixels.BYTES_PER_PIXEL[format]]
    words = array("H", rows)
    if format == "rgba_f16":
        return bytes(map(_HALF_AS_BYTE.__getitem__, words[3::4]))
    return bytes(map(_FLOAT_HEAD_AS_BYTE.__getitem__, words[7::8]))


def _as_byte(value: float) -> int:
    return round(min(max(value, 0.0), 1.0) * 255) if value == value else 0


class _Table:
    """256 x 256 bytes, made when first needed: the byte of every 16-bit pattern."""

    def __init__(self, read: Callable[[int], float]) -> None:
        self._read = read
        self._made = b""

    def __getitem__(self, word: int) -> int:
        if not self._made:
            self._made = bytes(_as_byte(self._read(word)) for word in range(1 << 16))
        return self._made[word]


_HALF_AS_BYTE = _Table(lambda word: struct.unpack("<e", struct.pack("<H", word))[0])
_FLOAT_HEAD_AS_BYTE = _Table(lambda word: struct.unpack("<f", struct.pack("<I", word << 16))[0])
"""The upper half of a 32-bit float: seven bits of fraction, enough for a mask."""


def _places(extent: geometry.Extent) -> tuple[geometry.Extent, list[int]]:
    """A thumbnail's size, and for each of its pixels the index of the nearest one in the picture."""
    factor = min(1.0, THUMBNAIL_PX / max(extent))
    width, height = max(1, round(extent.width * factor)), max(1, round(extent.height * factor))
    columns = [(2 * x + 1) * extent.width // (2 * width) for x in range(width)]
    lines = [(2 * y + 1) * extent.height // (2 * height) * extent.width for y in range(height)]
    return geometry.Extent(width, height), [line + column for line in lines for column in columns]


def thumbnail(data: bytes, extent: geometry.Extent, format: messages.PixelFormat) -> Thumbnail:
    """A small picture of a painted layer, by its nearest pixels.

    Raises:
        ValueError: grey_u8, which is a mask and no layer.
    """
    if format == "grey_u8":
        raise ValueError("no thumbnail of grey_u8")
    pixel = pixels.BYTES_PER_PIXEL[format]
    small, places = _places(extent)
    found = [_as_bgra(data[at * pixel : (at + 1) * pixel], format) for at in places]
    return Thumbnail(small.width, small.height, b"".join(found))


def ink_thumbnail(planes: Sequence[bytes], extent: geometry.Extent) -> Thumbnail:
    """A small drawing, dark on white.

    Thin lines must not fall between its pixels: the darkest one near counts.

    Args:
        planes: Ink of each layer, extent.width * extent.height bytes.
    """
    small, places = _places(extent)
    reach = max(1, max(extent) // THUMBNAIL_PX)
    rows = range(-(reach // 2), reach - reach // 2, -(-reach // 4))  # four are enough for any line
    found = bytearray()
    for at in places:
        starts = [max(0, at - reach // 2 + row * extent.width) for row in rows]
        ink = max(max(plane[start : start + reach], default=0) for plane in planes for start in starts)
        found += bytes((255 - ink,) * 3 + (255,))
    return Thumbnail(small.width, small.height, bytes(found))


def _as_bgra(pixel: bytes, format: messages.PixelFormat) -> bytes:
    """One pixel as four bytes."""
    if format in ("rgba_f16", "rgba_f32"):
        red, green, blue, alpha = map(
            _as_byte, struct.unpack("<4e" if format == "rgba_f16" else "<4f", pixel)
        )
        return bytes((blue, green, red, alpha))
    upper = pixel[1::2] if format.endswith("u16") else pixel
    return upper if len(upper) == 4 else upper[:1] * 3 + upper[1:]
