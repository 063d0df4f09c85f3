# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import threading

import pytest

from backend.acts.work import Answer, Work
from backend.jobs.work import CODEC, Gathering
from backend.jobs.worker import Channel, ChannelReport, Desk, work_on
from shared.acts import Painting, PaintRequest
from shared.errors import Cancelled, OutOfMemory
from shared.geometry import Bounds, Extent
from shared.messages import Failed, JobStatus, Message, Preview, PutTiles, Result, Submit, Surface, Tile
from shared.pixels import TileStore, assemble, cut

EXTENT = Extent(300, 2)
MASK = cut(bytes(range(100)) * 6, EXTENT, "grey_u8")
REQUEST = PaintRequest(EXTENT, Bounds(0, 0, 300, 2), MASK.surface)


def run(perform, *, cancelled: bool = False) -> list[Message]:
    """What the worker says about a job."""
    store = TileStore(1 << 20)
    for tile in MASK.changes:
        store.put(tile)
    event = threading.Event()
    if cancelled:
        event.set()
    sink = io.BytesIO()
    work_on(
        Submit("j", REQUEST), Gathering(REQUEST, store), Desk(), perform, Channel(io.BytesIO(), sink), event
    )
    data, said = sink.getvalue(), []
    while data:
        length = int.from_bytes(data[:4], "big")
        said.append(CODEC.decode(data[4 : 4 + length], "server"))
        data = data[4 + length :]
    return said


def test_the_work_gets_whole_pixels_and_its_layer_comes_back() -> None:
    def perform(work: Work, report) -> Answer:
        assert work.request == REQUEST and list(work.pixels) == ["mask"]
        mask = work.pixels["mask"]
        layer = work.surface(bytes(mask.data)[::-1], mask.extent, "grey_u8")
        return Answer(Bounds(-3, 4, 300, 2), Painting(layer, 5))

    *puts, result = run(perform)
    assert isinstance(result, Result) and (result.bounds, result.outcome.seed) == (Bounds(-3, 4, 300, 2), 5)
    tiles = {tile.digest: tile.data for put in puts for tile in put.tiles}
    assert assemble(result.outcome.layer, tiles.get) == MASK.buffer[::-1]


def test_every_ending_is_told() -> None:
    def refuse(work, report):
        raise OutOfMemory("No room.", "Paint less.")

    def bug(work, report):
        raise ZeroDivisionError("secret path")

    assert run(refuse) == [Failed("j", "out_of_memory", "No room.", "Paint less.")]
    (failed,) = run(bug)
    assert (
        failed.code == "internal" and "ZeroDivisionError" in failed.message and "secret" not in repr(failed)
    )
    assert run(bug, cancelled=True) == [JobStatus("j", "cancelled")]


def test_a_tile_of_the_wrong_size_is_a_failure_and_no_crash() -> None:
    request = PaintRequest(Extent(2, 1), Bounds(0, 0, 2, 1), Surface(Extent(2, 1), "grey_u8", (bytes(16),)))
    store = TileStore(1 << 20, verify=False)
    store.put(Tile(bytes(16), b"too long"))
    sink = io.BytesIO()
    work_on(
        Submit("j", request),
        Gathering(request, store),
        Desk(),
        run,
        Channel(io.BytesIO(), sink),
        threading.Event(),
    )
    assert CODEC.decode(sink.getvalue()[4:], "server").code == "internal"


def test_the_desk_writes_over_the_last_job_and_lets_go_of_a_large_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, store = Desk(), TileStore(1 << 20)
    requests = []
    for buffer in (b"a" * 600, b"b" * 600):
        made = cut(buffer, EXTENT, "grey_u8")
        for tile in made.changes:
            store.put(tile)
        requests.append(PaintRequest(EXTENT, Bounds(0, 0, 300, 2), made.surface))
    first = desk.lay_out(requests[0], Gathering(requests[0], store))["mask"].data
    assert first == b"a" * 600
    monkeypatch.setattr("backend.jobs.worker.DESK_BYTES", 599)
    second = desk.lay_out(requests[1], Gathering(requests[1], store))["mask"].data
    assert second is first and second == b"b" * 600
    third = desk.lay_out(requests[0], Gathering(requests[0], store))["mask"].data
    assert third is not second and (second, third) == (b"b" * 600, b"a" * 600)


def test_statuses_are_thinned_but_notes_and_the_end_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("backend.jobs.worker.time.monotonic", lambda: now[0])
    said: list[JobStatus] = []
    report = ChannelReport("j", said.append, threading.Event())
    report.progress(0, 0, "loading the model")
    for step in range(1, 101):
        now[0] += 0.01
        report.progress(step, 100, "painting")
    assert [s.state for s in said] == ["loading"] + ["running"] * (len(said) - 1)
    steps = [s.step for s in said[1:]]
    assert steps[0] == 1 and steps[-1] == 100 and 10 <= len(steps) <= 12


def test_a_report_checks_and_previews() -> None:
    said: list[Message] = []
    event = threading.Event()
    report = ChannelReport("j", said.append, event)
    report.check()
    event.set()
    with pytest.raises(Cancelled):
        report.check()
    report.preview(2, 1, 2, bytes(8))
    assert said == [Preview("j", 2, Extent(1, 2), bytes(8))]
    with pytest.raises(ValueError, match="7 bytes are not 1 x 2 BGRA"):
        report.preview(2, 1, 2, bytes(7))


def test_a_channel_carries_messages_until_the_end() -> None:
    sink = io.BytesIO()
    channel = Channel(io.BytesIO(), sink)
    channel.send(PutTiles("job", (Tile(bytes(16), b"x"),)))
    back = Channel(io.BytesIO(sink.getvalue()), io.BytesIO())
    assert back.receive() == PutTiles("job", (Tile(bytes(16), b"x"),))
    assert back.receive() is None
