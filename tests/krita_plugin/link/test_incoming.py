# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from dataclasses import replace

import pytest

from krita_plugin.underdrawing.link.incoming import Incoming
from krita_plugin.underdrawing.model.events import Pasted
from shared.acts import Painting, PastedSketch
from shared.errors import ProtocolError
from shared.geometry import Bounds, Extent
from shared.messages import PutTiles, Result
from shared.pixels import cut

NOISE = random.Random(1).randbytes(300 * 260 * 4)
CUT = cut(NOISE, Extent(300, 260), "bgra_u8")
PAINTING = Painting(CUT.surface, 9, "Closed a gap of 9 px.")
RESULT = Result("job", Bounds(1, 2, 300, 260), 2.5, PAINTING)
TILES = CUT.whole(CUT.surface.tiles)


def test_tiles_may_come_before_the_result() -> None:
    incoming = Incoming()
    assert incoming.put(PutTiles("job", tuple(TILES))) == []
    (painted,), asks = incoming.expect(RESULT)
    assert asks == []
    assert (painted.data, painted.bounds, painted.seed) == (NOISE, RESULT.bounds, 9)
    assert painted.thumbnail.width == 128
    assert painted.note == PAINTING.note


def test_missing_tiles_are_asked_for() -> None:
    incoming = Incoming()
    incoming.put(PutTiles("job", (TILES[0],)))
    whole, (ask,) = incoming.expect(RESULT)
    assert whole == []
    assert set(ask.digests) == {tile.digest for tile in TILES[1:]}
    assert incoming.put(PutTiles("job", tuple(TILES[1:-1]))) == []
    (painted,) = incoming.put(PutTiles("job", (TILES[-1],)))
    assert painted.data == NOISE
    assert incoming.put(PutTiles("job", (TILES[-1],))) == [], "a result is whole once"


def test_a_paste_is_whole_with_its_colours() -> None:
    ink = cut(NOISE[: 300 * 260], Extent(300, 260), "grey_u8")
    region = cut(bytes([255]) * 78000, Extent(300, 260), "grey_u8")
    sketch = PastedSketch(ink.surface, region.surface, CUT.surface)
    result = replace(RESULT, outcome=sketch)
    incoming = Incoming()
    whole, (ask,) = incoming.expect(result)
    assert whole == [] and set(ask.digests) > {tile.digest for tile in TILES}
    tiles = [*ink.whole(ink.surface.tiles), *region.whole(region.surface.tiles), *TILES]
    (pasted,) = incoming.put(PutTiles("job", tuple(tiles)))
    assert pasted == Pasted("job", RESULT.bounds, NOISE[:78000], NOISE, bytes([255]) * 78000)
    (bare,), _ = incoming.expect(replace(result, outcome=replace(sketch, colours=None)))
    assert bare == replace(pasted, colours=None)


def test_a_live_result_has_no_thumbnail_and_its_tiles_outlast_it() -> None:
    """The next one names most of them again."""
    incoming = Incoming()
    incoming.put(PutTiles("job", tuple(TILES)))
    (painted,), _ = incoming.expect(RESULT, shown=False)
    assert (painted.data, painted.thumbnail.width) == (NOISE, 0)
    incoming.forget("job")
    (again,), asks = incoming.expect(replace(RESULT, job_id="next"), shown=False)
    assert (again.data, asks) == (NOISE, [])
    incoming.forget("next")
    other = cut(NOISE[::-1], Extent(300, 260), "bgra_u8")
    incoming.put(PutTiles("job", tuple(other.whole(other.surface.tiles))))
    incoming.expect(replace(RESULT, outcome=replace(PAINTING, layer=other.surface)), shown=False)
    incoming.forget("job")
    assert incoming.expect(RESULT)[0] == [], "only those of the last one stay"


def test_an_empty_result_needs_no_tiles() -> None:
    clear = cut(bytes(16), Extent(2, 2), "bgra_u8").surface
    (painted,), asks = Incoming().expect(
        replace(RESULT, bounds=Bounds(0, 0, 2, 2), outcome=replace(PAINTING, layer=clear))
    )
    assert (painted.data, asks) == (bytes(16), [])


def test_a_forgotten_job_is_not_delivered() -> None:
    incoming = Incoming()
    incoming.expect(RESULT)
    incoming.forget("job")
    assert incoming.put(PutTiles("job", tuple(TILES))) == []


def test_damaged_tiles_break_the_contract() -> None:
    incoming = Incoming()
    incoming.expect(RESULT)
    with pytest.raises(ProtocolError):
        incoming.put(PutTiles("job", tuple(replace(tile, data=tile.data[:-4]) for tile in TILES)))
