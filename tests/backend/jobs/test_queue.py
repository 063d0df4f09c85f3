# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests over the socket cannot reach quickly: limits, disobedience, repeated deaths."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.jobs import book, child, disk, job, queue
from backend.jobs.keep import Keep
from backend.jobs.queue import Jobs
from shared.acts import PaintRequest
from shared.geometry import Bounds, Extent
from shared.messages import Failed, FetchTiles, JobStatus, PutTiles, Result, ServerMessage, Submit, Surface
from shared.pixels import cut
from tests.backend.server.client import request

TARGET = "tests.backend.jobs.performs:perform"


class Heard:
    def __init__(self) -> None:
        self.all: list[tuple[str, ServerMessage]] = []
        self._more = asyncio.Condition()

    def __call__(self, client: str, message: ServerMessage) -> None:
        self.all.append((client, message))

    async def wait(self, kind: type, **fields: Any) -> Any:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for _, message in self.all:
                if isinstance(message, kind) and all(getattr(message, k) == v for k, v in fields.items()):
                    return message
            await asyncio.sleep(0.01)
        raise AssertionError(f"no {kind.__name__} {fields} in {[m for _, m in self.all][-5:]}")


@asynccontextmanager
async def running(folder: Path, target: str = TARGET) -> AsyncIterator[tuple[Jobs, Heard]]:
    heard = Heard()
    (folder / "jobs").mkdir(exist_ok=True)
    jobs = Jobs(target, folder / "worker.log", Keep(folder / "jobs"), heard)
    await jobs.start()
    try:
        yield jobs, heard
    finally:
        await jobs.stop()


def submit(jobs: Jobs, job_id: str, prompt: str = "", **fields: Any) -> None:
    made, cuts = request(prompt, **fields)
    jobs.submit("me", Submit(job_id, made))
    for made_cut in cuts:
        jobs.put(PutTiles("job", tuple(made_cut.whole(made_cut.surface.tiles))))


def test_a_worker_that_does_not_obey_a_cancel_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "CANCEL_PATIENCE_S", 0.3)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "deaf", "hang")
            await heard.wait(JobStatus, note="hanging")
            pid = jobs.worker_pid
            jobs.cancel("me", "deaf")
            await heard.wait(JobStatus, job_id="deaf", state="cancelled")
            submit(jobs, "next")
            await heard.wait(Result, job_id="next")
            assert jobs.worker_pid not in (None, pid)
            assert not any(isinstance(m, Failed) for _, m in heard.all)

    asyncio.run(play())


def test_a_cancel_while_tiles_travel_to_the_worker(tmp_path: Path) -> None:
    extent = Extent(2048, 2048)
    made = cut(random.Random(1).randbytes(extent.area * 4), extent, "bgra_u8")
    mask = Surface(extent, "grey_u8", (b"",) * len(made.surface.tiles))
    wanted = PaintRequest(
        canvas=extent, area=Bounds.of(extent), mask=mask, image=made.surface, prompt="", steps=150
    )

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            while not jobs.worker_pid:
                await asyncio.sleep(0.02)
            jobs.submit("me", Submit("long", wanted))
            jobs.put(PutTiles("job", tuple(made.whole(made.surface.tiles))))
            while not any(getattr(message, "state", "") == "loading" for _, message in heard.all):
                await asyncio.sleep(0)
            jobs.cancel("me", "long")
            await heard.wait(JobStatus, job_id="long", state="cancelled")
            assert not any(isinstance(message, Result) for _, message in heard.all)
            submit(jobs, "next")
            await heard.wait(Result, job_id="next")

    asyncio.run(play())


def test_three_deaths_in_a_row_and_jobs_are_refused_until_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "DEATHS_PAUSE_S", 1.5)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            for number in range(4):
                submit(jobs, f"die-{number}", "die")
            codes = [(await heard.wait(Failed, job_id=f"die-{n}")).code for n in range(4)]
            assert codes == ["worker_lost"] * 3 + ["worker_broken"]
            assert "doctor" in (await heard.wait(Failed, code="worker_broken")).remedy
            await asyncio.sleep(1.6)
            submit(jobs, "later")
            await heard.wait(Result, job_id="later")

    asyncio.run(play())


def test_a_finished_job_forgives_earlier_deaths(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            for number in range(4):
                submit(jobs, f"die-{number}", "die")
                submit(jobs, f"live-{number}")
                await heard.wait(Result, job_id=f"live-{number}")
            assert {m.code for _, m in heard.all if isinstance(m, Failed)} == {"worker_lost"}

    asyncio.run(play())


def test_more_pixels_than_a_job_may_have_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "MAX_JOB_BYTES", 300 * 270 - 1)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            jobs.submit("me", Submit("huge", request()[0]))
            assert (await heard.wait(Failed)).code == "bad_request"

    asyncio.run(play())


def test_only_so_many_ended_jobs_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MAX_ENDED", 2)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            for number in range(4):
                submit(jobs, f"j{number}", "refuse", steps=0)
                await heard.wait(Failed, job_id=f"j{number}")
            assert [s.job_id for s in jobs.statuses("me")] == ["j2", "j3"]

    asyncio.run(play())


def test_a_result_on_disk_leaves_memory_and_is_fetched_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "KEEP_AFTER_S", 0.0)
    monkeypatch.setattr(disk, "RESULT_BYTES", 1)

    async def fetch(jobs: Jobs, result: Result) -> dict[bytes, bytes]:
        names = tuple(dict.fromkeys(result.outcome.layer.tiles))
        puts = await jobs.fetch("me", FetchTiles(result.job_id, names))
        return {tile.digest: tile.data for put in puts for tile in put.tiles}

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "kept")
            result = await heard.wait(Result)
            first = await fetch(jobs, result)
            await until(lambda: not jobs._book.find("me", "kept").tiles)
            assert await fetch(jobs, result) == first != {}
            jobs.release("me", "kept")
            assert list((tmp_path / "jobs").iterdir()) == []
            assert await fetch(jobs, result) == {}
            assert (await heard.wait(Failed)).code == "unknown_job"

    asyncio.run(play())


def test_a_result_whose_file_is_gone_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "KEEP_AFTER_S", 0.0)
    monkeypatch.setattr(disk, "RESULT_BYTES", 1)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "kept")
            result = await heard.wait(Result)
            await until(lambda: not jobs._book.find("me", "kept").tiles)
            (tmp_path / "jobs" / "me.kept.result").unlink()
            await jobs.fetch("me", FetchTiles("kept", result.outcome.layer.tiles[:1]))
            assert (await heard.wait(Failed)).code == "unknown_job"

    asyncio.run(play())


def test_the_device_is_the_workers(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "a")
            await heard.wait(Result)
            assert jobs.device == "a test's hand"
            assert jobs.worker_pid is not None
            os.kill(jobs.worker_pid, signal.SIGKILL)

    asyncio.run(play())


async def until(ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not ask():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
