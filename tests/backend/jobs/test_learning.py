# SPDX-License-Identifier: GPL-3.0-or-later
"""A learning gives way to other jobs and goes on after them, after a cancel and after a death."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from backend.jobs import queue
from backend.jobs.job import PAUSED, RESTARTED
from backend.jobs.queue import Jobs
from shared.acts import ExtractRequest, LearnStyleRequest, LearntStyle, Lines
from shared.geometry import Bounds, Extent
from shared.messages import Failed, JobStatus, PutTiles, Result, Submit
from shared.pixels import cut
from shared.surfaces import surfaces
from tests.backend.server.client import picture

from .performs import LEARN_STEPS
from .test_queue import Heard, running, submit

EXTENT = Extent(300, 270)
AREA = Bounds(0, 0, 300, 270)


def learn(jobs: Jobs, job_id: str, folder: Path, title: str = "") -> None:
    """The tests' Perform keeps its state in the file that the request's family names."""
    made = cut(picture(), EXTENT, "bgra_u8")
    request = LearnStyleRequest(AREA, made.surface, made.surface, title=title, family=str(folder / "state"))
    jobs.submit("me", Submit(job_id, request))
    jobs.put(PutTiles("job", tuple(made.whole(made.surface.tiles))))


def learnt(heard: Heard, job_id: str) -> list[int]:
    """The steps that were told of."""
    return [
        message.step
        for _, message in heard.all
        if isinstance(message, JobStatus) and message.job_id == job_id and message.state == "running"
    ]


def test_a_learning_pauses_for_a_painting_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path, "My ink")
            while max(learnt(heard, "style"), default=0) < 3:
                await asyncio.sleep(0.01)
            submit(jobs, "painting")
            await heard.wait(JobStatus, job_id="style", state="queued", note=PAUSED)
            kinds = await ended(heard, "painting", "style")
            assert kinds == ["painting", "style"]
            result = await heard.wait(Result, job_id="style")
            assert result.outcome == LearntStyle("learnt-1", "My ink")
            assert result.bounds == AREA
            steps = learnt(heard, "style")
            assert steps == sorted(steps) and steps[-1] == LEARN_STEPS, "no step was done twice"

    asyncio.run(play())


def test_what_a_learning_makes_way_for_is_not_told_to_wait_behind_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path)
            while max(learnt(heard, "style"), default=0) < 3:
                await asyncio.sleep(0.01)
            submit(jobs, "painting")
            submit(jobs, "next")
            assert await ended(heard, "painting", "next", "style") == ["painting", "next", "style"]
            places = [
                message.position
                for _, message in heard.all
                if isinstance(message, JobStatus)
                and message.job_id == "painting"
                and message.state == "queued"
            ]
            assert set(places) == {0}

    asyncio.run(play())


def test_others_are_done_before_a_learning_that_waits(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            submit(jobs, "first", steps=20)
            learn(jobs, "style", tmp_path)
            submit(jobs, "second")
            assert await ended(heard, "first", "second", "style") == ["first", "second", "style"]

    asyncio.run(play())


def test_a_cancelled_learning_ends_and_the_next_one_goes_on_there(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "one", tmp_path)
            while max(learnt(heard, "one"), default=0) < 5:
                await asyncio.sleep(0.01)
            jobs.cancel("me", "one")
            await heard.wait(JobStatus, job_id="one", state="cancelled")
            learn(jobs, "two", tmp_path)
            await heard.wait(Result, job_id="two")
            assert learnt(heard, "two")[0] >= 5

    asyncio.run(play())


def test_a_paused_learning_can_be_cancelled(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path)
            while not learnt(heard, "style"):
                await asyncio.sleep(0.01)
            submit(jobs, "painting", steps=30)
            await heard.wait(JobStatus, job_id="style", state="queued", note=PAUSED)
            jobs.cancel("me", "style")
            await heard.wait(JobStatus, job_id="style", state="cancelled")
            await heard.wait(Result, job_id="painting")
            assert jobs.statuses("me")[0].state == "cancelled"

    asyncio.run(play())


def test_a_learning_whose_worker_died_goes_on_in_the_next(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path, "die once")
            await heard.wait(JobStatus, job_id="style", state="queued", note=RESTARTED)
            await heard.wait(Result, job_id="style")

    asyncio.run(play())


def test_a_learning_that_always_dies_fails_in_words(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path, "die")
            assert (await heard.wait(Failed, job_id="style")).code == "worker_lost"
            submit(jobs, "next")
            await heard.wait(Result, job_id="next")

    asyncio.run(play())


def test_one_that_does_not_pause_in_time_is_ended_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "CANCEL_PATIENCE_S", 0.0)

    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            learn(jobs, "style", tmp_path)
            while not learnt(heard, "style"):
                await asyncio.sleep(0.01)
            submit(jobs, "painting")
            assert await ended(heard, "painting", "style") == ["painting", "style"]
            assert not any(isinstance(message, Failed) for _, message in heard.all)

    asyncio.run(play())


def test_extracted_lines_come_as_two_surfaces(tmp_path: Path) -> None:
    async def play() -> None:
        async with running(tmp_path) as (jobs, heard):
            made = cut(picture(), EXTENT, "bgra_u8")
            jobs.submit("me", Submit("lines", ExtractRequest(EXTENT, AREA, made.surface)))
            jobs.put(PutTiles("job", tuple(made.whole(made.surface.tiles))))
            result = await heard.wait(Result)
            assert isinstance(result.outcome, Lines)
            named = {name for surface in surfaces(result.outcome).values() for name in surface.tiles}
            puts = [m for _, m in heard.all if isinstance(m, PutTiles)]
            assert named == {tile.digest for put in puts for tile in put.tiles}

    asyncio.run(play())


async def ended(heard: Heard, *names: str) -> list[str]:
    """The jobs in the order in which their results came."""
    for name in names:
        await heard.wait(Result, job_id=name)
    found: list[Any] = [m.job_id for _, m in heard.all if isinstance(m, Result)]
    return found
