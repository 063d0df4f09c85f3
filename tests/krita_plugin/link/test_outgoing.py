# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random

import pytest

from krita_plugin.underdrawing.link.outgoing import BATCH_BYTES, Outgoing
from krita_plugin.underdrawing.model.canvas import Band
from krita_plugin.underdrawing.model.capture import Painting, Plan, Source, SurfaceName
from krita_plugin.underdrawing.model.settings import Settings
from shared.acts import PaintRequest
from shared.errors import Refusal
from shared.geometry import Bounds, Extent
from shared.pixels import SurfaceCache, TileStore, assemble

AREA = Bounds(5, 7, 600, 530)
NOISE = random.Random(3).randbytes(AREA.extent.area * 4)


def captured(cache: SurfaceCache, image: bytes = NOISE, job_id: str = "job") -> tuple[Outgoing, PaintRequest]:
    picture = Source("image", "", AREA, "bgra_u8")
    mask = Source("mask", "m", Bounds(105, 107, 50, 3), "bgra_u8", alpha_only=True)
    job = Outgoing(job_id, Plan(Extent(900, 900), AREA, (mask, picture), ()), cache)
    job.feed(mask, Band(mask.bounds, bytes([1, 2, 3, 200]) * 150))
    for row in range(0, AREA.height, 100):
        bounds = Bounds(AREA.x, AREA.y + row, AREA.width, min(100, AREA.height - row))
        start = row * AREA.width * 4
        job.feed(picture, Band(bounds, image[start : start + bounds.extent.area * 4]))
    return job, job.finish(Painting(Settings(), 1)).request


def received(job: Outgoing, request: PaintRequest, store: TileStore) -> dict[str, bytes]:
    surfaces = {"image": request.image, "mask": request.mask}
    pixels: dict[str, bytes] = {}
    for name, surface in surfaces.items():
        assert surface is not None
        for message in job.answer(store.missing(surface.tiles)):
            assert sum(len(tile.data) for tile in message.tiles) <= BATCH_BYTES
            for tile in message.tiles:
                store.put(tile)
        pixels[name] = bytes(assemble(surface, store.get))
    return pixels


def test_all_pixels_arrive() -> None:
    store = TileStore(2**30)
    job, request = captured(SurfaceCache(2**30))
    pixels = received(job, request, store)
    assert pixels["image"] == NOISE
    mask = bytearray(AREA.extent.area)
    for row in range(100, 103):
        mask[row * AREA.width + 100 : row * AREA.width + 150] = bytes([200]) * 50
    assert pixels["mask"] == bytes(mask)


def test_a_change_travels_as_a_patch_and_whole_if_asked_again() -> None:
    cache, store = SurfaceCache(2**30), TileStore(2**30)
    first, request = captured(cache)
    received(first, request, store)
    changed = bytearray(NOISE)
    changed[(40 * AREA.width + 50) * 4 : (40 * AREA.width + 60) * 4] = bytes(40)
    second, request = captured(cache, bytes(changed), "next")
    assert request.image is not None
    (lacking,) = store.missing(request.image.tiles)
    (patch,) = [tile for message in second.answer([lacking]) for tile in message.tiles]
    assert len(patch.data) == 40
    (whole,) = [tile for message in second.answer([lacking]) for tile in message.tiles]
    assert (whole.base, len(whole.data)) == (None, 256 * 256 * 4)
    store.put(patch)
    assert bytes(assemble(request.image, store.get)) == bytes(changed)


def test_a_stopped_job_sends_no_more() -> None:
    job, request = captured(SurfaceCache(2**30))
    assert request.image is not None
    messages = job.answer(request.image.tiles)
    next(messages)
    job.stop()
    assert list(messages) == []


def test_a_mask_without_rows_is_all_clear() -> None:
    mask: SurfaceName = "mask"
    area = Bounds(0, 0, 10, 10)
    plan = Plan(Extent(10, 10), area, (Source(mask, "", area, "grey_u8"),), ())
    job = Outgoing("job", plan, SurfaceCache(2**20))
    assert job.finish(Painting(Settings(), 1)).request.mask.tiles == (b"",)


def test_a_small_change_travels_before_it_is_asked_for() -> None:
    cache, store = SurfaceCache(2**30), TileStore(2**30)
    first, request = captured(cache)
    assert list(first.unasked()) == [], "a new picture is offered by its names"
    received(first, request, store)
    changed = bytearray(NOISE)
    changed[(40 * AREA.width + 50) * 4 : (40 * AREA.width + 60) * 4] = bytes(40)
    second, request = captured(cache, bytes(changed), "next")
    assert request.image is not None
    for message in second.unasked():
        for tile in message.tiles:
            store.put(tile)
    assert store.missing(request.image.tiles) == ()
    assert bytes(assemble(request.image, store.get)) == bytes(changed)
    lacking = [name for name in request.image.tiles if name not in first.submit.request.image.tiles]
    (whole,) = [tile for message in second.answer(lacking) for tile in message.tiles]
    assert whole.base is None, "a backend that had to ask after all gets it whole"
    third, _ = captured(cache, random.Random(4).randbytes(len(NOISE)), "all new")
    assert list(third.unasked()) == [], "much change waits until it is asked for"


def test_what_is_kept_is_not_read_and_still_named() -> None:
    """A live capture reads only what changed; the rest is as it was cut last."""
    cache, store = SurfaceCache(2**30), TileStore(2**30)
    first, request = captured(cache)
    received(first, request, store)
    mask = Source("mask", "m", Bounds(105, 107, 50, 3), "bgra_u8", alpha_only=True)
    picture = Source("image", "", AREA, "bgra_u8")
    plan = Plan(Extent(900, 900), AREA, (mask, picture), (), kept=("image",))
    job = Outgoing("next", plan, cache)
    job.feed(mask, Band(mask.bounds, bytes([1, 2, 3, 90]) * 150))
    again = job.finish(Painting(Settings(), 1)).request
    assert isinstance(again, PaintRequest)
    assert again.image is not None and again.image == request.image
    assert again.mask != request.mask
    assert received(job, again, store)["mask"].count(90) == 150
    asked = [tile for message in job.answer(again.image.tiles) for tile in message.tiles]
    assert {tile.digest for tile in asked} == set(again.image.tiles), "and it can be asked for"


def test_what_is_kept_but_forgotten_is_refused() -> None:
    picture = Source("image", "", AREA, "bgra_u8")
    plan = Plan(Extent(900, 900), AREA, (picture,), (), kept=("image",))
    with pytest.raises(Refusal) as refused:
        Outgoing("job", plan, SurfaceCache(2**30)).finish(Painting(Settings(), 1))
    assert refused.value.code == "forgotten"
