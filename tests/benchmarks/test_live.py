# SPDX-License-Identifier: GPL-3.0-or-later
"""The live benchmark: its figures, and an artist of its own at a real backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.weights.files.small_networks import write_network
from backend.weights.runtime import completion
from backend.weights.runtime.completion import load_completion
from benchmarks import live
from benchmarks.goals import GOALS
from benchmarks.programs.live_krita import Drawn
from models.networks.completion import CompletionNet


def told(total: float) -> dict[str, float]:
    return {"capture_ms": 1, "wire_ms": 2, "network_ms": 3, "write_ms": 4, "ui_ms": 5, "total_ms": total}


def test_every_figure_that_is_owed_is_given() -> None:
    sessions = [Drawn([told(100), told(200)], 0, 0), Drawn([told(300)], 2, 1)]
    figures = [f for n in ("1024", "2048", "student") for f in live.on_the_canvas(n, sessions[0].timings)]
    by_name = {figure.name: figure for figure in [*figures, *live.own_thread(sessions)]}
    assert set(GOALS["live"]) <= set(by_name)
    assert by_name["stroke_to_preview_1024_ms"].value == 150
    assert by_name["wire_1024_ms"].value == 2
    assert (by_name["strokes_lost"].value, by_name["undo_extra"].value) == (2, 1)


def test_a_session_without_an_answer_gives_no_time() -> None:
    assert live.on_the_canvas("1024", []) == []
    assert [figure.name for figure in live.own_thread([Drawn([], 4, 0)])] == ["strokes_lost", "undo_extra"]


def test_an_artist_is_answered_by_a_real_backend(tmp_path: Path) -> None:
    write_network(CompletionNet((8, 16), (1, 1)), tmp_path / "weights" / "completion")
    first, second, third = live.answers(tmp_path, 600, 0, "instant", 3)
    for answer in (first, second, third):
        assert 0 < answer.act_ms < answer.total_ms
        assert answer.sent_bytes < 600 * 600, "only what changed is sent"
        assert 0 < answer.got_bytes < 300 * 300 * 4 + 10_000
    figures = live.over_the_socket("600", [first, second, third])
    assert [figure.name for figure in figures][:2] == ["socket_600_ms", "act_600_ms"]


def test_where_weights_are_missing_others_take_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(completion, "COMPLETION", tmp_path / "completion")
    live.prepare(tmp_path / "home", said.append)
    assert len(said) == 1 and load_completion(None, tmp_path / "home" / "weights" / "completion").filled
    (tmp_path / "completion").mkdir()
    live.prepare(tmp_path / "other", said.append)
    assert len(said) == 1 and not (tmp_path / "other").exists()
