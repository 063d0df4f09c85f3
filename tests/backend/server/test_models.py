# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and downloads over a real socket."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from shared.messages import Welcome
from shared.model_messages import GetModel, ListModels, ModelProgress, Models, UseFolder
from tests.backend.server.client import Backend


def test_folders_are_used_and_everybody_is_told(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client, backend.connect("other") as other:
        client.say(ListModels())
        assert client.wait(Models).folders == ()
        client.say(UseFolder(str(tmp_path)))
        assert client.wait(Models).folders == (str(tmp_path),)
        assert other.wait(Models).folders == (str(tmp_path),)
        other.wait(Welcome)
        client.say(UseFolder(str(tmp_path), use=False))
        assert client.wait(Models).folders == ()


def test_a_missing_folder_is_refused_in_words_to_the_one_who_asked(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        client.say(UseFolder(str(tmp_path / "none")))
        told = client.wait(Models)
        assert told.folders == ()
        assert told.problem == f"There is no folder {tmp_path / 'none'}. Choose another."


def test_a_download_from_click_to_a_model_to_paint_with(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        client.say(GetModel("slow"))
        client.say(GetModel("slow"))
        done = [client.wait(ModelProgress)]
        while done[-1].running:
            done.append(client.wait(ModelProgress))
        parts = [progress.done_bytes for progress in done]
        assert parts == sorted(parts) and len(parts) >= 3
        assert (done[-1].done_bytes, done[-1].problem) == (100, "")
        assert client.wait(Models).models[0].state == "ready"
        assert {family.id for family in client.wait(Welcome).families} == {"embedded", "slow"}
        assert sum(isinstance(m, ModelProgress) and not m.running for m in client.heard) == 1


def test_a_download_is_stopped_at_once(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        client.say(GetModel("slow"))
        client.wait(ModelProgress)
        started = time.monotonic()
        client.say(GetModel("slow", stop=True))
        ended = client.wait(ModelProgress, running=False)
        assert time.monotonic() - started < 0.9
        assert ended.done_bytes < 100
        assert client.wait(Models).models[0].state == "missing"
        client.say(GetModel("slow"))
        assert client.wait(ModelProgress, running=True), "and can begin anew"


def test_what_cannot_be_had_says_why(tmp_path: Path) -> None:
    with Backend(tmp_path) as backend, backend.connect() as client:
        client.say(GetModel("none"))
        assert client.wait(ModelProgress).problem == "There is no model none. Choose another."


@pytest.mark.skipif("sys.platform == 'win32'", reason="a signal ends a process there without a word")
def test_the_backend_ends_in_mid_download(tmp_path: Path) -> None:
    backend = Backend(tmp_path)
    with backend.connect() as client:
        client.say(GetModel("slow"))
        client.wait(ModelProgress)
        backend.process.terminate()
        started = time.monotonic()
        code, _, errors = backend.ended()
    assert code == 0, errors
    assert time.monotonic() - started < 10
