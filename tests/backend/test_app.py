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

from backend import app
from backend.acts.paint import perform as painting
from backend.acts.region.paint_input import Painted, PaintInput
from backend.acts.report import Quiet, Report
from backend.acts.work import RawPixels
from backend.weights.files.small_networks import write_network
from backend.weights.runtime import families
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.loaded import networks
from models.networks.completion import CompletionNet
from shared.acts import Painting, PaintRequest
from shared.errors import Cancelled, MissingWeights, Refusal
from shared.geometry import Bounds, Extent
from shared.pixels import cut
from tests.backend.made import make


@pytest.fixture
def tiny(model: BaseModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The families that were loaded; every one is the tiny one."""
    loaded: list[str] = []

    def load(family: str) -> BaseModel:
        loaded.append(family)
        if family == "damaged":
            raise MissingWeights("A file is damaged.", "Install again.")
        return model

    monkeypatch.setattr(families, "load_family", load)
    monkeypatch.setattr(families, "weights_mib", lambda id: None)
    networks().clear()
    yield loaded
    networks().clear()


@pytest.fixture
def completion(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where a completion network of one's own lies; none is there."""
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    monkeypatch.setenv("UNDERDRAWING_DEVICE", "cpu")
    networks().clear()
    yield tmp_path / "weights" / "completion"
    networks().clear()


def work(family: str = "embedded", **changes: Any) -> tuple[PaintRequest, dict[str, RawPixels]]:
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
    pixels = {name: RawPixels(extent, c.surface.format, bytearray(c.buffer)) for name, c in cuts.items()}
    return made, pixels


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
    done = make(*work(), notes)
    assert isinstance(done.outcome, Painting)
    assert done.bounds == Bounds(20, 10, 40, 30)
    assert (done.outcome.layer.format, done.outcome.seed) == ("bgra_u8", 7)
    assert len(done.data["layer"]) == 40 * 30 * 4
    assert set(done.data["layer"][3::4]) == {255}
    assert notes.heard[0] == (0, 0, "loading the model")
    assert notes.heard[-1][0] == notes.heard[-1][1] > 0
    assert make(*work()).data == done.data, "all is masked: the picture itself is not looked at"


def test_a_model_is_loaded_once_and_makes_way_for_another(tiny: list[str]) -> None:
    for family in ("embedded", "embedded", "other", "embedded"):
        make(*work(family=family))
    assert tiny == ["embedded", "other", "embedded"]


def test_missing_weights_and_a_cancel_pass_through(tiny: list[str]) -> None:
    with pytest.raises(MissingWeights):
        make(*work(family="damaged"))
    with pytest.raises(Cancelled):
        make(*work(), Notes(cancel_at=1))


def test_the_instant_engine_completes_with_a_network_that_stays_warm(completion: Path) -> None:
    write_network(CompletionNet((8, 16), (1, 1)), completion)
    asked, pixels = work(engine="instant")
    pixels["mask"].data[:600] = bytes(600)
    done = make(asked, pixels)
    assert isinstance(done.outcome, Painting)
    assert (done.bounds, done.outcome.seed) == (Bounds(20, 25, 40, 15), 7)
    assert len(set(done.data["layer"])) > 10
    shutil.rmtree(completion)
    assert make(asked, pixels).data == done.data
    for changes in ({"quick": True}, {"live": True}, {"live": True, "quick": True}):
        again = make(replace(asked, **changes), pixels)
        assert again.bounds == done.bounds and set(again.data["layer"][3::4]) == {255}


def test_the_full_engine_paints_live_in_few_steps(tiny: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    real = painting.paint

    def watched(model: BaseModel, input: PaintInput, report: Report) -> Painted:
        asked.append(input.request.quick)
        return real(model, input, report)

    monkeypatch.setattr(painting, "paint", watched)
    for live in (False, True):
        make(*work(live=live))
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
