# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the backend lives: with its owner, without one, and beside another."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backend.server.state import STATE_FILE, State
from shared.messages import JobStatus, Submit
from tests.backend.server.client import REPO, Backend, request, until

OWNER = """
import subprocess, sys, time
command = [sys.executable, "-m", "tests.backend.server.program", sys.argv[1], "--owned"]
subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(600)
"""


def all_gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def test_the_backend_ends_when_its_owner_is_killed_even_in_mid_job(tmp_path: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], cwd=REPO)
    state = until(lambda: State.read(tmp_path / "run"), "no backend came up")
    backend = Backend.__new__(Backend)
    backend.home = tmp_path
    process = psutil.Process(state.pid)
    with backend.connect() as client:
        made, cuts = request("hang")
        client.say(Submit("endless", made))
        client.answer(cuts, "endless")
        client.wait(JobStatus, note="hanging")
        family = [process, *process.children(recursive=True)]
        assert len(family) >= 2
        owner.kill()
        owner.wait()
        time.sleep(0.5)
        assert process.is_running()  # a client is there still
    until(lambda: all_gone(family), "the backend outlived its owner")
    assert not (tmp_path / "run" / STATE_FILE).exists()


def test_an_owned_backend_ends_when_nobody_ever_came(tmp_path: Path) -> None:
    with Backend(tmp_path, "--owned", stdin=subprocess.PIPE) as backend:
        assert backend.state.pid == backend.process.pid
        backend.process.stdin.close()
        backend.process.stdin = None
        assert backend.ended()[0] == 0


def test_the_worker_dies_with_a_killed_backend(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        made, cuts = request("hang")
        client.say(Submit("endless", made))
        client.answer(cuts, "endless")
        client.wait(JobStatus, note="hanging")
        family = psutil.Process(backend.process.pid).children(recursive=True)
        assert family
        backend.process.kill()
        until(lambda: all_gone(family), "the worker outlived the backend")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        client.paint(*request(), "done")
        backend.process.send_signal(number)
        assert backend.ended()[0] == 0
    assert not (tmp_path / "run" / STATE_FILE).exists()
    assert [p.name for p in (tmp_path / "jobs").iterdir()] == ["krita-1.done.result"]


def test_results_and_queued_jobs_outlive_a_killed_backend(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        made, cuts = request()
        before = client.pixels(client.paint(made, cuts, "done"))
        client.say(Submit("running", request("hang")[0]))
        client.say(Submit("queued", request(steps=2)[0]))
        names = lambda: {p.name for p in (tmp_path / "jobs").iterdir()}  # noqa: E731
        until(lambda: names() >= {"krita-1.done.result", "krita-1.queued.request"}, "not kept")
        backend.process.kill()
        backend.process.wait()
    with Backend(tmp_path) as backend:
        until(lambda: (s := State.read(tmp_path / "run")) and s.pid == backend.process.pid, "no new backend")
        with backend.connect() as client:
            assert {s.job_id for s in client.welcome.jobs} == {"done", "queued"}
            done = client.result("done")
            assert not client.store.missing([b""])
            assert client.pixels(done) == before
            client.result("queued")


def test_a_second_backend_says_where_the_first_is(tmp_path: Path) -> None:
    with Backend(tmp_path) as first:
        state = first.state
        with Backend(tmp_path) as second:
            code, out, _ = second.ended()
        assert code == 0 and out == f"The backend runs already: process {state.pid}, port {state.port}.\n"
        assert State.read(tmp_path / "run") == state
        with first.connect() as client:
            client.paint(*request(), "undisturbed")


def test_a_stale_state_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    stale = State(1, "old", 2**22 - 1)
    stale.write(tmp_path / "run")
    with Backend(tmp_path) as backend:
        until(lambda: State.read(tmp_path / "run") not in (None, stale), "the stale file stayed")
        with backend.connect() as client:
            client.paint(*request(), "fresh")


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Backend(tmp_path, "--port", str(port)) as backend:
            code, _, errors = backend.ended()
    assert code == 2 and errors.startswith(f"port_taken Port {port} is taken")


def test_a_worker_that_never_starts_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with (
        Backend(tmp_path, "--target", "tests.backend.jobs.broken:perform") as backend,
        backend.connect() as client,
    ):
        made, cuts = request()
        client.say(Submit("hopeless", made))
        client.answer(cuts, "hopeless")
        with pytest.raises(AssertionError, match="worker_broken") as caught:
            client.result("hopeless")
        assert "no torch here" in str(caught.value) and "doctor" in str(caught.value)


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root on Linux"
)
def test_a_full_disk_is_told_and_a_result_survives_it(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let a test mount a small disk")
    try:
        with Backend(disk) as backend, backend.connect() as client:
            result = client.paint(*request(image=os.urandom(300 * 270 * 4)), "big")
            time.sleep(1.5)  # the time by which it would have been kept
            assert [p.name for p in (disk / "jobs").iterdir()] == []
            client.close()
            with backend.connect() as again:
                assert len(again.pixels(again.result("big"))) == result.bounds.extent.area * 4
        with (disk / "fill").open("ab", buffering=0) as fill, pytest.raises(OSError, match="No space"):
            while True:
                fill.write(bytes(512))
        with Backend(disk) as backend:
            code, _, errors = backend.ended()
        assert code == 2 and errors.startswith("disk ") and "Free some space" in errors
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_command_line_serves(tmp_path: Path) -> None:
    environment = {**os.environ, "UNDERDRAWING_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "backend.cli", "serve", "--owned"]
    with subprocess.Popen(
        command, cwd=REPO, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        state = until(lambda: State.read(tmp_path / "run"), "no backend came up", timeout_s=60)
        entries = json.loads((tmp_path / "run" / STATE_FILE).read_text("utf-8"))
        assert {"port", "token", "pid", "version", "protocol"} <= set(entries)
        backend = Backend.__new__(Backend)
        backend.home = tmp_path
        with backend.connect() as client:
            assert client.welcome.families
        again = subprocess.run(command, cwd=REPO, env=environment, capture_output=True, text=True, check=True)
        assert f"port {state.port}" in again.stdout
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and f"ws://127.0.0.1:{state.port}" in out
