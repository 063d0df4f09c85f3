# SPDX-License-Identifier: GPL-3.0-or-later
"""Live previews: before all others, in the midst of what runs, and gone when they are outdated."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backend.jobs import disk
from backend.jobs.queue import Jobs
from shared.messages import Failed, FetchTiles, JobStatus, PutTiles, Result, Submit
from shared.pixels import assemble
from tests.backend.server.client import picture, request

from .test_learning import ended, learn, learnt
from .test_queue import Heard, running, submit

INSTANT: dict[str, Any] = {"live": True, "engine": "instant", "quick": True, "steps": 0}
"""The tests' Perform takes as many steps as it is told."""

STUDENT: dict[str, Any] = {"live": True, "engine": "full"}


def states(heard: Heard, job_id: str) -> list[str]:
    return [m.state for _, m in heard.all if isinstance(m, JobStatus) and m.job_id == job_id]


async def pixels_of(jobs: Jobs, result: Result) -> bytes:
    """The result's layer, of the tiles that are its own."""
    puts = await jobs.fetch("me", FetchTiles(result.job_id, tuple(dict.fromkeys(result.outcome.layer.tiles))))
    tiles = {tile.digest: tile.data for put in puts for tile in put.tiles}
    return bytes(assemble(result.outcome.layer, tiles.get))


def painted_of(image: bytes) -> bytes:
    """What the tests' Perform makes of a picture."""
    return bytes(255 - b for b in image)


def test_a_learning_goes_on_around_a_preview(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path)
            while max(learnt(heard, "style"), default=0) < 3:
                await asyncio.sleep(0.01)
            for number in range(5):
                image = picture()
                submit(jobs, f"live-{number}", image=image, **INSTANT)
                result = await heard.wait(Result, job_id=f"live-{number}")
                assert await pixels_of(jobs, result) == painted_of(image)
                jobs.release("me", f"live-{number}")
            assert (await ended(heard, "style"))[-1] == "style"
            assert states(heard, "style").count("queued") == 1, "it was never stopped"
            steps = learnt(heard, "style")
            assert steps == sorted(set(steps))

    asyncio.run(play())


def test_a_painting_goes_on_around_a_preview(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            images = {"painting": picture(), "live": picture()}
            submit(jobs, "painting", steps=30, image=images["painting"])
            await heard.wait(JobStatus, job_id="painting", state="running")
            submit(jobs, "live", image=images["live"], **INSTANT)
            assert await ended(heard, "live", "painting") == ["live", "painting"]
            for name, image in images.items():
                assert await pixels_of(jobs, await heard.wait(Result, job_id=name)) == painted_of(image)

    asyncio.run(play())


def test_the_student_waits_its_turn_but_before_all_others(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "first", steps=20)
            await heard.wait(JobStatus, job_id="first", state="running")
            submit(jobs, "second")
            submit(jobs, "live", **STUDENT)
            assert await ended(heard, "first", "live", "second") == ["first", "live", "second"]

    asyncio.run(play())


def test_a_newer_preview_replaces_one_that_waits(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "painting", steps=20)
            await heard.wait(JobStatus, job_id="painting", state="running")
            for name in ("old", "newer", "newest"):
                submit(jobs, name, **STUDENT)
            assert await ended(heard, "newest") == ["painting", "newest"]
            assert states(heard, "old")[-1] == states(heard, "newer")[-1] == "cancelled"
            submit(jobs, "again", **STUDENT)
            await heard.wait(Result, job_id="again")
            assert not any(isinstance(m, Failed) for _, m in heard.all)

    asyncio.run(play())


@pytest.mark.parametrize("aside", [True, False])
def test_a_sharper_preview_is_ended_by_a_newer_one(tmp_path: Path, aside: bool) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            if aside:
                submit(jobs, "painting", steps=40)
                await heard.wait(JobStatus, job_id="painting", state="running")
            submit(jobs, "sharp", **INSTANT | {"quick": False, "steps": 150})
            await heard.wait(JobStatus, job_id="sharp", state="running")
            submit(jobs, "newer", **INSTANT)
            await heard.wait(Result, job_id="newer")
            assert states(heard, "sharp")[-1] == "cancelled"
            if aside:
                await heard.wait(Result, job_id="painting")

    asyncio.run(play())


def test_a_worker_that_dies_in_the_midst_takes_the_preview_with_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "painting", "die", steps=10)
            await heard.wait(JobStatus, job_id="painting", state="running")
            submit(jobs, "deadly", "die", **INSTANT)
            await heard.wait(JobStatus, job_id="deadly", state="cancelled")
            assert (await heard.wait(Failed, job_id="painting")).code == "worker_lost"
            submit(jobs, "alone", "die", **INSTANT)
            assert (await heard.wait(Failed, job_id="alone")).code == "worker_lost"
            submit(jobs, "next", **INSTANT)
            await heard.wait(Result, job_id="next")

    asyncio.run(play())


def test_nothing_of_a_preview_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "KEEP_AFTER_S", 0.0)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "painting", steps=20)
            await heard.wait(JobStatus, job_id="painting", state="running")
            submit(jobs, "waits", **STUDENT)
            await asyncio.sleep(0.1)
            assert [s.job_id for s in jobs.statuses("me")] == ["painting"]
            await heard.wait(Result, job_id="waits")
            await asyncio.sleep(0.1)
            assert not [file for file in (tmp_path / "jobs").iterdir() if "waits" in file.name]
            before = len(heard.all)
            jobs.recall("me")
            assert [m.job_id for _, m in heard.all[before:] if isinstance(m, Result)] == ["painting"]
            await jobs.fetch("me", FetchTiles("waits", ()))
            assert [s.job_id for s in jobs.statuses("me")] == ["painting"]
        async with running(tmp_path) as (jobs, _):
            assert [s.job_id for s in jobs.statuses("me")] == ["painting"]

    asyncio.run(play())


def test_what_a_client_shows_is_not_sent_again_until_it_was_away(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):

            async def sent(job_id: str) -> int:
                before = sum(isinstance(m, PutTiles) for _, m in heard.all)
                submit(jobs, job_id, **INSTANT)
                await heard.wait(Result, job_id=job_id)
                return sum(isinstance(m, PutTiles) for _, m in heard.all) - before

            assert await sent("one") > 0
            assert await sent("two") == 0
            names = (await heard.wait(Result, job_id="two")).outcome.layer.tiles
            puts = await jobs.fetch("me", FetchTiles("two", tuple(dict.fromkeys(names))))
            assert {tile.digest for put in puts for tile in put.tiles} == set(names)
            jobs.recall("me")
            assert await sent("three") > 0

    asyncio.run(play())


def test_what_one_client_shows_another_gets_whole(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            image = picture()
            submit(jobs, "mine", image=image, **INSTANT)
            await heard.wait(Result, job_id="mine")
            made, cuts = request(image=image, **INSTANT)
            jobs.submit("you", Submit("yours", made))
            for one in cuts:
                jobs.put(PutTiles("job", tuple(one.whole(one.surface.tiles))))
            result = await heard.wait(Result, job_id="yours")
            told = [m for client, m in heard.all if client == "you" and isinstance(m, PutTiles)]
            tiles = {tile.digest: tile.data for put in told for tile in put.tiles}
            assert bytes(assemble(result.outcome.layer, tiles.get)) == painted_of(image)
            other = picture()
            submit(jobs, "other", image=other, **INSTANT)
            result = await heard.wait(Result, job_id="other")
            assert await pixels_of(jobs, result) == painted_of(other)

    asyncio.run(play())


def test_a_new_worker_knows_of_no_preview(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            image = picture()
            submit(jobs, "before", image=image, **INSTANT)
            await heard.wait(Result, job_id="before")
            submit(jobs, "deadly", "die")
            await heard.wait(Failed, job_id="deadly")
            for name in ("after", "again"):
                submit(jobs, name, image=image, **INSTANT)
                result = await heard.wait(Result, job_id=name)
                assert await pixels_of(jobs, result) == painted_of(image)

    asyncio.run(play())


def test_previews_and_paintings_in_any_order_all_end(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            await stir(jobs, heard)

    asyncio.run(play())


async def stir(jobs: Jobs, heard: Heard) -> None:
    """Short paintings, with previews of two clients that come as they begin and end."""
    for number in range(12):
        submit(jobs, f"p{number}", steps=number % 3)
        submit(jobs, f"l{number}", **(STUDENT if number % 4 == 3 else INSTANT))
        await asyncio.sleep(0.013 * (number % 5))
    for number in range(12):
        await heard.wait(Result, job_id=f"p{number}")
    await heard.wait(Result, job_id="l11")
    for number in range(12):
        assert states(heard, f"l{number}")[-1] in ("done", "cancelled")
    assert jobs.is_idle
