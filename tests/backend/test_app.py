# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the rooms are joined: the worker's Perform on a tiny real family, and the server's command."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend import app, instant_acts
from backend.acts import paint
from backend.acts.paint_input import Painted, PaintInput
from backend.acts.report import Quiet, Report
from backend.jobs.work import Pixels, Work
from backend.weights.files.small_networks import write_network
from backend.weights.runtime.base_model import BaseModel
from models.networks.completion import CompletionNet
from shared.errors import Cancelled, MissingWeights, Refusal
from shared.geometry import Bounds, Extent
from shared.messages import PaintRequest
from shared.pixels import cut


@pytest.fixture
def tiny(model: BaseModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The families that were loaded; every one is the tiny one."""
    loaded: list[str] = []

    def load(family: str) -> BaseModel:
        loaded.append(family)
        if family == "damaged":
            raise MissingWeights("A file is damaged.", "Install again.")
        return model

    monkeypatch.setattr(app, "load_family", load)
    monkeypatch.setattr(app, "_models", None)
    yield loaded


@pytest.fixture
def completion(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where a completion network of one's own lies; none is there."""
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    monkeypatch.setenv("UNDERDRAWING_DEVICE", "cpu")
    warm = instant_acts.warm_completion, instant_acts.warm_live
    for loaded in warm:
        loaded.cache_clear()
    yield tmp_path / "weights" / "completion"
    for loaded in warm:
        loaded.cache_clear()


def work(family: str = "embedded", **changes: Any) -> Work:
    extent = Extent(40, 30)
    layers = {"mask": (b"\xff" * extent.area, "grey_u8"), "image": (bytes(range(240)) * 20, "bgra_u8")}
    cuts = {name: cut(buffer, extent, format) for name, (buffer, format) in layers.items()}
    made = PaintRequest(
        canvas=Extent(1000, 1000),
        area=Bounds(20, 10, 40, 30),
        mask=cuts["mask"].surface,
        image=cuts["image"].surface,
        prompt="ab",
        steps=1,
        seed=7,
        family=family,
        **changes,
    )
    pixels = {name: Pixels(extent, c.surface.format, bytearray(c.buffer)) for name, c in cuts.items()}
    return Work(made, pixels)


class Notes(Quiet):
    def __init__(self, cancel_at: int = 1000) -> None:
        self.heard: list[tuple[int, int, str]] = []
        self._cancel_at = cancel_at

    def progress(self, step: int, steps: int, note: str = "") -> None:
        self.heard.append((step, steps, note))

    def check(self) -> None:
        if len(self.heard) >= self._cancel_at:
            raise Cancelled


def test_a_request_becomes_a_painted_layer(tiny: list[str]) -> None:
    notes = Notes()
    done = app.perform(work(), notes)
    assert done.bounds == Bounds(20, 10, 40, 30) and (done.format, done.seed) == ("bgra_u8", 7)
    assert len(done.data) == 40 * 30 * 4
    assert set(done.data[3::4]) == {255}
    assert notes.heard[0] == (0, 0, "loading the model")
    assert notes.heard[-1][0] == notes.heard[-1][1] > 0
    assert (
        app.perform(work(), Quiet()).data == done.data
    )  # all is masked: the picture itself is not looked at


def test_a_model_is_loaded_once_and_makes_way_for_another(tiny: list[str]) -> None:
    for family in ("embedded", "embedded", "other", "embedded"):
        app.perform(work(family=family), Quiet())
    assert tiny == ["embedded", "other", "embedded"]


def test_missing_weights_and_a_cancel_pass_through(tiny: list[str]) -> None:
    with pytest.raises(MissingWeights):
        app.perform(work(family="damaged"), Quiet())
    with pytest.raises(Cancelled):
        app.perform(work(), Notes(cancel_at=1))


def test_the_instant_engine_completes_with_a_network_that_stays_warm(completion: Path) -> None:
    write_network(CompletionNet((8, 16), (1, 1)), completion)
    asked = work(engine="instant")
    asked.pixels["mask"].data[:600] = bytes(600)
    done = app.perform(asked, Quiet())
    assert (done.bounds, done.format, done.seed) == (Bounds(20, 25, 40, 15), "bgra_u8", 7)
    assert len(set(done.data)) > 10
    shutil.rmtree(completion)
    assert app.perform(asked, Quiet()).data == done.data
    for changes in ({"quick": True}, {"live": True}, {"live": True, "quick": True}):
        again = app.perform(replace(asked, request=replace(asked.request, **changes)), Quiet())
        assert again.bounds == done.bounds and set(again.data[3::4]) == {255}


def test_the_full_engine_paints_live_in_few_steps(tiny: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    real = paint.paint

    def watched(model: BaseModel, input: PaintInput, report: Report) -> Painted:
        asked.append(input.request.quick)
        return real(model, input, report)

    monkeypatch.setattr(paint, "paint", watched)
    for live in (False, True):
        app.perform(work(live=live), Quiet())
    assert asked == [False, True]


def test_the_worker_says_what_it_paints_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    monkeypatch.setenv("UNDERDRAWING_DEVICE", "cpu")
    assert app.prepare() == "cpu"


def test_a_folder_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(Refusal, match="cannot be written"):
        app.serve()


def test_the_log_is_bounded_and_echoed_only_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers.clear()
    try:
        app.log_to(tmp_path / "a.log", echo=False)
        logging.getLogger("test").info("quiet")
        app.log_to(tmp_path / "a.log", echo=True)
        logging.getLogger("test").info("loud")
        assert "quiet" in (tmp_path / "a.log").read_text("utf-8")
        assert capsys.readouterr().err.count("loud") == 1
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = before
