# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way over a real socket, to a real worker process and back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shared.geometry import Bounds, Extent
from shared.messages import (
    Cancel,
    Failed,
    FetchTiles,
    JobStatus,
    NeedTiles,
    Preview,
    PutTiles,
    Release,
    Result,
    Shutdown,
    Submit,
    Welcome,
)
from shared.pixels import cut
from tests.backend.server.client import Backend, picture, request, until


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with Backend(tmp_path_factory.mktemp("backend")) as running:
        yield running


def worker_pid(backend: Backend) -> int:
    (child,) = until(lambda: psutil.Process(backend.process.pid).children() or None, "no worker came up")
    return child.pid


def test_a_job_from_submit_to_release(backend: Backend) -> None:
    image = picture()
    made, cuts = request("preview", image=image, steps=12)
    with backend.connect() as client:
        client.say(Submit("whole-way", made))
        client.wait(JobStatus, job_id="whole-way", state="waiting")
        need = client.wait(NeedTiles)
        assert set(need.digests) == {d for c in cuts for d in c.surface.tiles if d}
        for made_cut in cuts:
            client.say(PutTiles("job", tuple(made_cut.whole(need.digests))))
        result = client.result("whole-way")
        assert (result.bounds, result.outcome.seed) == (Bounds(20, 10, 300, 270), 7)
        assert client.pixels(result) == bytes(255 - b for b in image)
        statuses = [m for m in client.heard if isinstance(m, JobStatus)]
        assert [s.state for s in statuses][-1] == "done"
        steps = [s.step for s in statuses if s.state == "running"]
        assert len(steps) >= 2 and steps == sorted(steps) and max(steps) == 12
        assert any(s.seconds_left is not None and s.seconds_left > 0 for s in statuses)
        preview = next(m for m in client.heard if isinstance(m, Preview))
        assert preview == Preview("whole-way", 1, Extent(2, 1), b"\1\2\3\4\5\6\7\xff")
        client.say(Release("whole-way"))
        client.say(FetchTiles("whole-way", result.outcome.layer.tiles[:1]))
        assert client.wait(Failed).code == "unknown_job"


def test_the_device_is_told_when_it_is_known(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        assert client.welcome.families
        if not client.welcome.device:
            client.wait(Welcome, device="a test's hand")
    with Backend(tmp_path) as backend, backend.connect() as client:
        client.paint(*request(), "a")
        with backend.connect("other") as other:
            assert other.welcome.device == "a test's hand"


def test_an_unchanged_layer_is_never_sent_twice_and_a_stroke_costs_a_stroke(backend: Backend) -> None:
    image = picture()
    with backend.connect() as client:
        made, cuts = request(image=image)
        client.paint(made, cuts, "first")
        client.sent_bytes = 0
        again = client.paint(made, [], "again")
        assert client.sent_bytes < 1500
        stroke = bytearray(image)
        for row in range(100, 150):
            stroke[(row * 300 + 230) * 4 : (row * 300 + 280) * 4] = os.urandom(200)
        after = cut(bytes(stroke), Extent(300, 270), "bgra_u8", cuts[1])
        client.sent_bytes = 0
        for tile in after.changes:
            client.say(PutTiles("job", (tile,)))
        made, _ = request(image=bytes(stroke))
        result = client.paint(made, [], "stroke")
        assert client.sent_bytes < 50 * 50 * 4 + 2000
        assert client.pixels(again) == bytes(255 - b for b in image)
        assert client.pixels(result) == bytes(255 - b for b in stroke)


def test_a_patch_of_a_forgotten_tile_is_asked_for_whole(backend: Backend) -> None:
    old, new = picture(), None
    with backend.connect() as client:
        first = cut(old, Extent(300, 270), "bgra_u8")
        new = old[:-4] + b"abcd"
        second = cut(new, Extent(300, 270), "bgra_u8", first)
        made, cuts = request(image=new)
        (patch,) = second.changes
        assert patch.patch is not None
        client.say(Submit("patched", made))
        client.wait(NeedTiles)
        client.say(PutTiles("job", (patch,)))
        assert client.wait(NeedTiles).digests == (patch.digest,)
        for made_cut in cuts:
            for tile in made_cut.whole(d for d in made_cut.surface.tiles):
                client.say(PutTiles("job", (tile,)))
        assert client.pixels(client.result("patched")) == bytes(255 - b for b in new)


def test_the_same_submit_again_changes_nothing(backend: Backend) -> None:
    made, cuts = request()
    with backend.connect() as client:
        first = client.paint(made, cuts, "same")
        client.say(Submit("same", made))
        assert client.wait(Result) == first


@pytest.mark.parametrize("when", ["waiting", "queued", "running"])
def test_cancel(backend: Backend, when: str) -> None:
    long, cuts = request(steps=150)
    with backend.connect() as client:
        if when == "waiting":
            made, _ = request(image=picture())
            client.say(Submit("victim", made))
            client.wait(NeedTiles)
        else:
            client.say(Submit("other" if when == "queued" else "victim", long))
            client.answer(cuts, "other" if when == "queued" else "victim")
            client.wait(JobStatus, state="running")
            if when == "queued":
                client.say(Submit("victim", long))
                client.wait(JobStatus, job_id="victim", state="queued", position=1)
        client.say(Cancel("victim"))
        assert client.wait(JobStatus, job_id="victim", state="cancelled").step < 100  # of 150
        if when == "queued":
            client.say(Cancel("other"))
            client.wait(JobStatus, job_id="other", state="cancelled")
        client.say(Cancel("victim"))
        client.say(Release("victim"))
        client.say(Release("other"))
        made, cuts = request()
        client.paint(made, cuts, f"after-{when}")


def test_refusals_and_bugs_are_told_in_words(backend: Backend) -> None:
    with backend.connect() as client:
        made, cuts = request("refuse")
        client.say(Submit("refused", made))
        client.answer(cuts, "refused")
        assert client.wait(Failed) == Failed(
            "refused", "bad_request", "Nothing is selected.", "Select a region."
        )
        client.say(Submit("bug", request("bug")[0]))
        failed = client.wait(Failed)
        assert (failed.code, failed.job_id) == ("internal", "bug")
        assert "ZeroDivisionError" in failed.message and "doctor" in failed.remedy
        assert "Traceback" not in repr(failed)
        log = (backend.home / "logs" / "worker.log").read_text("utf-8")
        assert "ZeroDivisionError: a bug" in log


def test_what_the_work_prints_does_not_disturb(backend: Backend) -> None:
    made, cuts = request("print")
    with backend.connect() as client:
        client.paint(made, cuts, "printing")
    assert "this is not a message" in (backend.home / "logs" / "worker.log").read_text("utf-8")


def test_a_client_that_comes_back_finds_its_jobs(backend: Backend) -> None:
    made, cuts = request(image=picture(), steps=20)
    with backend.connect("comes-back") as client:
        client.say(Submit("left", made))
        client.answer(cuts, "left")
        client.say(Submit("lacking", request(image=picture())[0]))
        client.wait(NeedTiles)
        client.socket.socket.close()  # no goodbye
    with backend.connect("comes-back") as client:
        assert {s.job_id for s in client.welcome.jobs} == {"left", "lacking"}
        client.wait(NeedTiles, job_id="lacking")
        result = client.result("left")
        assert client.pixels(result) == bytes(255 - b for b in cuts[1].buffer)
    with backend.connect("comes-back") as client:
        assert client.result("left") == result
        client.say(Release("left"))
        client.say(Cancel("lacking"))
    with backend.connect("somebody-else") as client:
        assert client.welcome.jobs == ()


def test_two_clients_share_the_queue_and_nothing_else(backend: Backend) -> None:
    made, cuts = request(steps=25)
    with backend.connect("one") as one, backend.connect("two") as two:
        one.say(Submit("job", made))
        one.answer(cuts, "job")
        two.say(Submit("job", request(steps=1)[0]))
        two.wait(JobStatus, job_id="job", state="queued", position=1)
        two.say(Cancel("nobody"))
        first, second = one.result("job"), two.result("job")
        assert one.pixels(first) and two.pixels(second)
        assert not any(isinstance(m, JobStatus) and m.position == 1 for m in one.heard)
        one.say(Release("job"))
        two.say(FetchTiles("job", second.outcome.layer.tiles[:1]))
        two.wait(PutTiles)


def test_a_connection_under_the_same_id_replaces_the_first(backend: Backend) -> None:
    with backend.connect("twice") as first, backend.connect("twice") as second:
        with pytest.raises(Exception, match="connected anew"):
            first.hear()
        second.paint(*request(), "still-works")


def test_too_many_jobs_are_refused(backend: Backend) -> None:
    with backend.connect("eager") as client:
        for number in range(65):
            client.say(Submit(f"j{number}", request(image=picture())[0]))
        assert client.wait(Failed).code == "queue_full"
        for number in range(65):
            client.say(Release(f"j{number}"))


def test_a_killed_worker_is_told_within_two_seconds_and_comes_back(backend: Backend) -> None:
    with backend.connect("killer") as client:
        made, cuts = request("print", steps=150)
        client.say(Submit("killed", made))
        client.answer(cuts, "killed")
        client.say(Submit("behind", request(steps=2)[0]))
        client.wait(JobStatus, job_id="killed", state="running")
        pid = worker_pid(backend)
        os.kill(pid, signal.SIGKILL)
        started = time.monotonic()
        failed = client.wait(Failed)
        assert time.monotonic() - started < 2.0
        assert (failed.job_id, failed.code) == ("killed", "worker_lost")
        assert "killed by signal 9" in failed.message and failed.log
        client.result("behind")
        assert worker_pid(backend) != pid


def test_a_worker_killed_while_idle_is_replaced_unnoticed(backend: Backend) -> None:
    with backend.connect("idle-killer") as client:
        client.paint(*request(), "before")
        pid = worker_pid(backend)
        os.kill(pid, signal.SIGKILL)
        until(lambda: worker_pid(backend) != pid, "no new worker came up")
        client.paint(*request(), "after")


def test_the_last_words_of_a_worker_reach_the_artist(backend: Backend) -> None:
    with backend.connect("last-words") as client:
        made, cuts = request("die")
        client.say(Submit("dies", made))
        client.answer(cuts, "dies")
        assert client.wait(Failed).log[-1] == "my last words"


def test_a_shutdown_waits_for_other_clients(tmp_path: Path) -> None:
    with Backend(tmp_path) as other:
        with other.connect("one") as one, other.connect("two"):
            one.say(Shutdown())
            time.sleep(0.6)
            assert other.process.poll() is None
        assert other.ended()[0] == 0
        assert not (tmp_path / "run" / "backend.json").exists()
