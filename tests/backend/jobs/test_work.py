# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from backend.jobs.work import BATCH_BYTES, Gathering, batches, need
from shared.messages import Tile
from shared.pixels import TileStore, digest
from shared.surfaces import surfaces
from tests.golden.samples import REQUEST, A, B


def test_the_surfaces_of_a_request_by_name() -> None:
    assert surfaces(REQUEST) == {
        name: getattr(REQUEST, name) for name in ("mask", "image", "contour", "detail", "colours")
    }


def test_gathering_wants_each_missing_tile_once_and_keeps_what_the_store_forgets() -> None:
    store = TileStore(1 << 20, verify=False)
    store.put(Tile(A, b"a"))
    gathering = Gathering(REQUEST, store)
    assert list(gathering.missing) == [B] and gathering.tiles == {A: b"a"}
    gathering.offer(digest(b"other"), b"other")
    gathering.offer(B, b"b")
    gathering.offer(B, b"again")
    assert not gathering.missing and gathering.tiles == {A: b"a", B: b"b"}


def test_batches_hold_every_tile_in_order_and_end_in_time() -> None:
    tiles = [Tile(A, bytes(size)) for size in (BATCH_BYTES + 1, 10, BATCH_BYTES - 10, 1, 0)]
    made = list(batches("j", tiles))
    assert [tile for put in made for tile in put.tiles] == tiles
    assert [len(put.tiles) for put in made] == [1, 2, 2]
    assert list(batches("j", [])) == []
    assert {put.job_id for put in made} == {"j"}


def test_more_names_than_a_message_may_have_are_asked_for_in_several() -> None:
    names = [number.to_bytes(16, "big") for number in range(5000)]
    asked = list(need("j", names))
    assert [len(m.digests) for m in asked] == [4096, 904]
    assert [name for m in asked for name in m.digests] == names
