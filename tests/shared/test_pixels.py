# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import ProtocolError
from shared.geometry import Bounds, Extent
from shared.messages import Surface, Tile
from shared.pixels import BYTES_PER_PIXEL, Cut, SurfaceCache, TileStore, assemble, cut, digest

FORMATS = sorted(BYTES_PER_PIXEL)


def noise(length: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(length)


def painted(buffer: bytes, extent: Extent, pixel: int, bounds: Bounds, seed: int) -> bytes:
    """A copy with other bytes in `bounds`."""
    out, new = bytearray(buffer), noise(bounds.extent.area * pixel, seed)
    size = bounds.width * pixel
    for row in range(bounds.height):
        at = ((bounds.y + row) * extent.width + bounds.x) * pixel
        out[at : at + size] = bytes(
            b ^ (c | 1) for b, c in zip(out[at : at + size], new[row * size :], strict=False)
        )
    return bytes(out)


def stored(*cuts: Cut, limit: int = 1 << 30) -> TileStore:
    store = TileStore(limit)
    for made in cuts:
        for tile in made.changes:
            store.put(tile)
    return store


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("extent", [Extent(1, 1), Extent(256, 256), Extent(513, 387), Extent(257, 3)])
def test_a_cut_and_assembled_buffer_is_the_same(format, extent):
    buffer = noise(extent.area * BYTES_PER_PIXEL[format])
    made = cut(buffer, extent, format)
    assert len(made.surface.tiles) == -(-extent.width // 256) * -(-extent.height // 256)
    assert assemble(made.surface, stored(made).get) == buffer


def test_the_digest_is_sha256_cut_to_16_bytes():
    # sha256sum of "underdrawing"
    assert digest(b"underdrawing").hex() == "2a775be733a50b09df5f89a1e299bfca"
    assert digest(bytes(1000)) == b""
    assert digest(bytes(999) + b"\1") != b""


def test_all_zero_tiles_have_no_name_and_never_travel():
    extent = Extent(512, 256)
    buffer = bytearray(extent.area * 4)
    buffer[300 * 4] = 9  # in the right-hand tile
    made = cut(bytes(buffer), extent, "bgra_u8")
    assert made.surface.tiles[0] == b"" and len(made.changes) == 1
    assert assemble(made.surface, stored(made).get) == buffer
    cleared = cut(bytes(len(buffer)), extent, "bgra_u8", made)
    assert cleared.surface.tiles == (b"", b"") and cleared.changes == ()


def test_an_unchanged_layer_sends_nothing():
    extent = Extent(700, 600)
    first = cut(noise(extent.area * 4), extent, "bgra_u8")
    again = cut(bytes(bytearray(first.buffer)), extent, "bgra_u8", first)
    assert again.changes == () and again.surface == first.surface


def test_only_the_dirty_rectangle_travels():
    extent, dirty = Extent(2048, 1024), Bounds(133, 217, 256, 256)
    first = cut(noise(extent.area * 4), extent, "bgra_u8")
    second = cut(painted(first.buffer, extent, 4, dirty, 1), extent, "bgra_u8", first)
    assert sum(len(tile.data) for tile in second.changes) == dirty.extent.area * 4
    assert {tile.patch for tile in second.changes} == {
        Bounds(133, 217, 123, 39),
        Bounds(0, 217, 133, 39),
        Bounds(133, 0, 123, 217),
        Bounds(0, 0, 133, 217),
    }
    assert assemble(second.surface, stored(first, second).get) == second.buffer


def test_two_far_strokes_in_one_band_do_not_send_what_lies_between():
    extent = Extent(2048, 256)
    first = cut(noise(extent.area), extent, "grey_u8")
    buffer = painted(first.buffer, extent, 1, Bounds(3, 5, 7, 11), 1)
    buffer = painted(buffer, extent, 1, Bounds(2000, 250, 48, 6), 2)
    second = cut(buffer, extent, "grey_u8", first)
    assert [len(tile.data) for tile in second.changes] == [77, 288]


def test_another_size_or_format_starts_anew():
    first = cut(noise(64 * 64 * 4), Extent(64, 64), "bgra_u8")
    for extent, format in ((Extent(32, 128), "bgra_u8"), (Extent(64, 64), "graya_u16")):
        again = cut(first.buffer, extent, format, first)
        assert all(tile.patch is None for tile in again.changes)
        assert assemble(again.surface, stored(again).get) == first.buffer


def test_a_digest_is_sent_once_however_many_tiles_share_it():
    extent = Extent(1024, 256)
    made = cut(bytearray(b"\7" * extent.area), extent, "grey_u8")
    assert len(set(made.surface.tiles)) == 1 and len(made.changes) == 1
    assert assemble(made.surface, stored(made).get) == made.buffer


def test_a_wrong_length_is_refused():
    with pytest.raises(ValueError, match="3 bytes are not 1 x 1 bgra_u8"):
        cut(b"abc", Extent(1, 1), "bgra_u8")


def test_tiles_are_emitted_while_cutting():
    extent, seen = Extent(600, 300), []
    made = cut(noise(extent.area), extent, "grey_u8", emit=seen.append)
    assert made.changes == () and [tile.digest for tile in seen] == list(made.surface.tiles)
    assert made.whole(made.surface.tiles) == seen
    assert [tile.digest for tile in made.whole([made.surface.tiles[4], b"elsewhere"])] == [
        made.surface.tiles[4]
    ]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_rectangles_painted_over_any_picture_arrive(data):
    extent = Extent(data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300)))
    made = cut(noise(extent.area, 7), extent, "grey_u8")
    store = stored(made)
    for seed in range(data.draw(st.integers(1, 3))):
        x, y = data.draw(st.integers(0, extent.width - 1)), data.draw(st.integers(0, extent.height - 1))
        size = data.draw(st.integers(1, extent.width - x)), data.draw(st.integers(1, extent.height - y))
        made = cut(painted(made.buffer, extent, 1, Bounds(x, y, *size), seed), extent, "grey_u8", made)
        assert sum(len(tile.data) for tile in made.changes) <= Extent(*size).area * 8 // 7 + 1
        for tile in made.changes:
            assert store.put(tile) is not None
        assert assemble(made.surface, store.get) == made.buffer


def test_the_cache_forgets_the_longest_unused_layer():
    cache, extent = SurfaceCache(limit_bytes=25), Extent(10, 1)
    for key in "abc":
        cache.cut(key, noise(10), extent, "grey_u8")
    assert cache.cut("c", noise(10), extent, "grey_u8").changes == ()
    assert len(cache.cut("a", noise(10), extent, "grey_u8").changes) == 1
    cache.forget("c")
    assert len(cache.cut("c", noise(10), extent, "grey_u8").changes) == 1


def test_the_store_keeps_within_its_room_and_says_what_is_missing():
    store = TileStore(limit_bytes=250)
    tiles = [Tile(digest(noise(100, n)), noise(100, n)) for n in range(3)]
    store.put(tiles[0])
    store.put(tiles[1])
    store.get(tiles[0].digest)
    store.put(tiles[2])
    names = [tile.digest for tile in tiles]
    assert store.missing([*names, b"", names[1]]) == (names[1],)
    assert store.bytes_held == 200


def test_a_patch_without_its_base_asks_for_the_whole():
    extent = Extent(64, 64)
    first = cut(noise(extent.area), extent, "grey_u8")
    (tile,) = cut(painted(first.buffer, extent, 1, Bounds(1, 1, 2, 2), 1), extent, "grey_u8", first).changes
    assert TileStore(1 << 20).put(tile) is None


@pytest.mark.parametrize(
    "change",
    [
        {"data": b"1234"},
        {"digest": bytes(16)},
        {"patch": Bounds(0, 0, 3, 1)},
        {"patch": Bounds(63, 0, 2, 2)},
        {"patch": Bounds(0, 63, 2, 2)},
        {"row_bytes": 1},
        {"row_bytes": 4000},
        {"data": b""},
    ],
)
def test_a_patch_that_lies_is_refused(change):
    extent = Extent(64, 64)
    first = cut(noise(extent.area), extent, "grey_u8")
    (tile,) = cut(painted(first.buffer, extent, 1, Bounds(1, 1, 2, 2), 1), extent, "grey_u8", first).changes
    fields = {
        "digest": tile.digest,
        "data": tile.data,
        "base": tile.base,
        "patch": tile.patch,
        "row_bytes": 64,
    }
    store = stored(first)
    with pytest.raises(ProtocolError, match=r"put_tiles\.tiles"):
        store.put(Tile(**{**fields, **change}))
    assert store.put(Tile(**fields)) is not None


def test_a_tile_of_another_size_is_not_assembled():
    name = digest(b"abc")
    with pytest.raises(ProtocolError, match="another size"):
        assemble(Surface(Extent(2, 1), "grey_u8", (name,)), lambda _: b"abc")
    with pytest.raises(ProtocolError, match="missing"):
        assemble(Surface(Extent(2, 1), "grey_u8", (name,)), lambda _: None)


def test_assembling_over_a_buffer_writes_what_differs_also_back_to_nothing():
    extent = Extent(600, 300)
    first = cut(noise(extent.area * 4), extent, "bgra_u8")
    second = cut(painted(first.buffer, extent, 4, Bounds(200, 100, 100, 50), 3), extent, "bgra_u8", first)
    empty = cut(bytes(extent.area * 4), extent, "bgra_u8")
    store, asked = stored(first, second), []

    def get(name):
        asked.append(name)
        return store.get(name)

    buffer = assemble(first.surface, get)
    asked.clear()
    again = assemble(second.surface, get, (first.surface, buffer))
    assert again is buffer and again == second.buffer and len(asked) == 2
    assert assemble(empty.surface, get, (second.surface, buffer)) == empty.buffer
    other = Surface(Extent(1, 1), "bgra_u8", (b"",))
    assert assemble(other, get, (empty.surface, buffer)) == bytes(4)
