# SPDX-License-Identifier: GPL-3.0-or-later
"""Row-major buffers <-> tiles named by their digest.

Pure Python over memcmp and memcpy, for it runs beside Krita's UI thread: no call into C holds the interpreter
for longer than about a millisecond, whatever the size of the canvas.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .errors import ProtocolError
from .geometry import Bounds, Extent
from .messages import DIGEST_BYTES, TILE_EDGE, PixelFormat, Surface, Tile

Buffer = bytes | bytearray | memoryview

BYTES_PER_PIXEL: dict[PixelFormat, int] = {
    "bgra_u8": 4,
    "bgra_u16": 8,
    "rgba_f16": 8,
    "rgba_f32": 16,
    "graya_u8": 2,
    "graya_u16": 4,
    "grey_u8": 1,
}

_ZEROS = bytes(TILE_EDGE * TILE_EDGE * 16)


def digest(data: Buffer) -> bytes:
    """16 bytes that name a tile; b"" for one whose bytes are all zero."""
    if _ZEROS.startswith(data):
        return b""
    return hashlib.sha256(data).digest()[:DIGEST_BYTES]


@dataclass(frozen=True)
class Cut:
    """A buffer and the names of its tiles.

    Args:
        buffer: The pixels, row-major without padding; never to be changed.
        surface: Extent, format and the tiles' digests.
        changes: Tiles that the cut before this one did not have at the same place, as patches of those where
            that is smaller. All-zero tiles are not among them, for they need no bytes.
    """

    buffer: bytes | bytearray
    surface: Surface
    changes: tuple[Tile, ...]

    def whole(self, names: Iterable[bytes]) -> list[Tile]:
        """The tiles of these names, whole. A name of another surface is passed over."""
        wanted = set(names)
        tiles: list[Tile] = []
        for name, bounds in zip(
            self.surface.tiles, Bounds.of(self.surface.extent).tiles(TILE_EDGE), strict=True
        ):
            if name in wanted:
                wanted.remove(name)
                rows = _Rows(self.buffer, self.surface.extent, self.surface.format)
                tiles.append(Tile(name, rows.read(bounds), row_bytes=bounds.width * rows.pixel))
        return tiles


def cut(
    buffer: bytes | bytearray,
    extent: Extent,
    format: PixelFormat,
    previous: Cut | None = None,
    emit: Callable[[Tile], None] | None = None,
) -> Cut:
    """Name every tile of a buffer, reading again only what differs from the cut before.

    Args:
        buffer: extent.width * extent.height pixels, row-major without padding.
        previous: The last cut of the same layer; one of another size or format counts as None.
        emit: Given every changed tile as soon as it has a name, so that it can travel while the next one is
            hashed; `changes` then stays empty.

    Raises:
        ValueError: the buffer's length does not fit.
    """
    rows = _Rows(buffer, extent, format)
    if len(buffer) != extent.area * rows.pixel:
        raise ValueError(f"{len(buffer)} bytes are not {extent.width} x {extent.height} {format}")
    changes: list[Tile] = []
    sent: set[bytes] = set()

    def send(tile: Tile) -> None:
        if tile.digest and tile.digest not in sent:
            sent.add(tile.digest)
            (emit or changes.append)(tile)

    before = previous
    if before is not None and (before.surface.extent, before.surface.format) != (extent, format):
        before = None
    old = None if before is None else _Rows(before.buffer, extent, format)
    names = [] if before is None else list(before.surface.tiles)
    across = -(-extent.width // TILE_EDGE)
    for top in range(0, extent.height, TILE_EDGE):
        band = Bounds(0, top, extent.width, min(TILE_EDGE, extent.height - top))
        dirty = band if old is None else rows.difference(old, band)
        if dirty.is_empty:
            continue
        for column, tile in enumerate(band.tiles(TILE_EDGE), start=top // TILE_EDGE * across):
            if old is None:
                data = rows.read(tile)
                name = digest(data)
                names.append(name)
                send(Tile(name, data, row_bytes=tile.width * rows.pixel))
                continue
            patch = rows.difference(old, tile.intersect(dirty))
            if patch.is_empty:
                continue
            data = rows.read(tile)
            base, names[column] = names[column], digest(data)
            send(_change(rows, tile, patch, data, base, names[column]))
    return Cut(buffer, Surface(extent, format, tuple(names)), tuple(changes))


def _change(rows: _Rows, tile: Bounds, patch: Bounds, data: bytes, base: bytes, name: bytes) -> Tile:
    """`tile`, whole where its base is all zero or nearly all of it changed, otherwise its patch."""
    row_bytes = tile.width * rows.pixel
    if not base or patch.extent.area * 8 > tile.extent.area * 7:
        return Tile(name, data, row_bytes=row_bytes)
    return Tile(name, rows.read(patch), base, patch.shifted(-tile.x, -tile.y), row_bytes)


class _Rows:
    """Rectangles of a row-major buffer."""

    def __init__(self, buffer: bytes | bytearray, extent: Extent, format: PixelFormat) -> None:
        self.buffer = buffer
        self.pixel = BYTES_PER_PIXEL[format]
        self.stride = extent.width * self.pixel

    def read(self, bounds: Bounds) -> bytes:
        start, size = bounds.y * self.stride + bounds.x * self.pixel, bounds.width * self.pixel
        view = memoryview(self.buffer)
        if size == self.stride:
            return bytes(view[start : start + size * bounds.height])
        stop = start + bounds.height * self.stride
        return b"".join([view[at : at + size] for at in range(start, stop, self.stride)])

    def difference(self, other: _Rows, bounds: Bounds) -> Bounds:
        """The smallest rectangle within `bounds` outside which both buffers agree there."""
        if bounds.is_empty:
            return bounds
        theirs, pixel, width = memoryview(other.buffer), self.pixel, bounds.width
        start = bounds.y * self.stride + bounds.x * pixel
        lines = range(start, start + bounds.height * self.stride, self.stride)

        def differs(at: int, left: int = 0, right: int = width) -> bool:
            """Whether columns left..right of the line at `at` differ: memcmp, and no copy of either side."""
            begin = at + left * pixel
            return not self.buffer.startswith(theirs[begin : at + right * pixel], begin)

        nothing = Bounds(bounds.x, bounds.y, 0, 0)
        if width * pixel == self.stride and not differs(start, right=width * bounds.height):
            return nothing
        top = next((row for row, at in enumerate(lines) if differs(at)), None)
        if top is None:
            return nothing
        bottom = next(row for row in range(bounds.height, top, -1) if differs(lines[row - 1]))
        left, right = width, 0
        for at in lines[top:bottom]:
            if left == 0 and right == width:
                break
            if differs(at, 0, left):
                left = bisect_left(range(left), True, key=lambda n, at=at: differs(at, 0, n)) - 1
            if differs(at, right):
                right = bisect_left(range(width), True, right, key=lambda n, at=at: not differs(at, n))
        return Bounds(bounds.x + left, bounds.y + top, right - left, bottom - top)


class SurfaceCache:
    """The last cut of every layer, so that the next one costs only what changed.

    Args:
        limit_bytes: Buffers beyond this are forgotten, the longest unused first; the newest always stays.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._cuts: OrderedDict[str, Cut] = OrderedDict()

    def cut(
        self,
        key: str,
        buffer: bytes | bytearray,
        extent: Extent,
        format: PixelFormat,
        emit: Callable[[Tile], None] | None = None,
    ) -> Cut:
        """`cut` against the last cut under the same key (a layer's unique id, say)."""
        made = cut(buffer, extent, format, self._cuts.get(key), emit)
        self._cuts[key] = Cut(made.buffer, made.surface, ())
        self._cuts.move_to_end(key)
        while len(self._cuts) > 1 and sum(len(c.buffer) for c in self._cuts.values()) > self._limit:
            self._cuts.popitem(last=False)
        return made

    def last(self, key: str) -> Cut | None:
        """The last cut under that key, without changes; None where it was forgotten."""
        return self._cuts.get(key)

    def forget(self, key: str) -> None:
        self._cuts.pop(key, None)


class TileStore:
    """Tiles by digest, the longest unused dropped first.

    Args:
        limit_bytes: Room for tiles' bytes.
        verify: Whether to hash what arrives; False only for what its own maker sends and nobody shares.
    """

    def __init__(self, limit_bytes: int, *, verify: bool = True) -> None:
        self._limit = limit_bytes
        self._verify = verify
        self._tiles: OrderedDict[bytes, bytes] = OrderedDict()
        self.bytes_held = 0

    def __contains__(self, name: bytes) -> bool:
        return not name or name in self._tiles

    def get(self, name: bytes) -> bytes | None:
        """A tile's bytes, or None where it is not here (any more)."""
        data = self._tiles.get(name)
        if data is not None:
            self._tiles.move_to_end(name)
        return data

    def missing(self, names: Iterable[bytes]) -> tuple[bytes, ...]:
        """Those of the names that are not here, each once, in order; the all-zero tile is always here."""
        return tuple(dict.fromkeys(name for name in names if name not in self))

    def put(self, tile: Tile) -> bytes | None:
        """Keep a tile.

        Returns:
            The whole tile's bytes; None for a patch of a base that is not here: ask for the whole tile.

        Raises:
            ProtocolError: the bytes are not what the digest names, or the patch does not fit its base.
        """
        held = self.get(tile.digest)
        if held is not None:
            return held
        data: bytes | None = tile.data
        if tile.base is not None and tile.patch is not None:
            base = self.get(tile.base)
            data = None if base is None else _patched(base, tile.patch, tile.row_bytes, tile.data)
        if data is None:
            return None
        if self._verify and digest(data) != tile.digest:
            raise ProtocolError("the bytes are not those of the digest", "put_tiles.tiles.digest")
        self._tiles[tile.digest] = data
        self.bytes_held += len(data)
        while self.bytes_held > self._limit and len(self._tiles) > 1:
            self.bytes_held -= len(self._tiles.popitem(last=False)[1])
        return data


def _patched(base: bytes, patch: Bounds, row_bytes: int, data: bytes) -> bytes:
    pixel, rest = divmod(len(data), patch.extent.area)
    left, size = patch.x * pixel, patch.width * pixel
    if rest or not pixel or left + size > row_bytes or patch.bottom * row_bytes > len(base):
        raise ProtocolError("does not fit the base", "put_tiles.tiles.patch")
    whole, view = bytearray(base), memoryview(data)
    for row in range(patch.height):
        at = (patch.y + row) * row_bytes + left
        whole[at : at + size] = view[row * size : (row + 1) * size]
    return bytes(whole)


def assemble(
    surface: Surface,
    get: Callable[[bytes], bytes | None],
    before: tuple[Surface, bytearray] | None = None,
) -> bytearray:
    """The row-major buffer of a surface.

    Args:
        get: A tile's bytes by its digest, as TileStore.get.
        before: An assembled surface whose buffer may be written over; of the same extent and format only the
            tiles that differ are written.

    Raises:
        ProtocolError: a tile is missing or has another size than its place.
    """
    extent, pixel = surface.extent, BYTES_PER_PIXEL[surface.format]
    stride = extent.width * pixel
    if before is not None and (before[0].extent, before[0].format) == (extent, surface.format):
        old, buffer = before[0].tiles, before[1]
    else:
        old, buffer = (b"",) * len(surface.tiles), bytearray(extent.area * pixel)
    places = Bounds.of(extent).tiles(TILE_EDGE)
    for name, there, tile in zip(surface.tiles, old, places, strict=True):
        if name == there:
            continue
        size = tile.width * pixel
        data = get(name) if name else _ZEROS[: size * tile.height]
        if data is None or len(data) != size * tile.height:
            raise ProtocolError("a tile is missing or of another size", "surface.tiles")
        view = memoryview(data)
        at = tile.y * stride + tile.x * pixel
        for row in range(0, len(data), size):
            buffer[at : at + size] = view[row : row + size]
            at += stride
    return buffer
