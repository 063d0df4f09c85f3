# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from backend.acts.line_style import learn, pages
from backend.acts.line_style.augmentation import Views
from backend.acts.line_style.distillation import STATE, Distillation, Plan
from backend.acts.line_style.example import Example
from backend.acts.report import Quiet
from backend.library import line_styles
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, Cancelled, MissingWeights
from tests.backend.acts.line_style.test_distillation import example, network, weights


class Watched(Quiet):
    """Remembers what it was told; stops at the given check."""

    def __init__(self, stop_at: int = -1) -> None:
        self.stop_at, self.checks, self.steps, self.notes = stop_at, 0, [], []
        self.previews: list[tuple[int, int, int]] = []

    def progress(self, step: int, steps: int, note: str = "") -> None:
        self.steps.append(step / steps)
        self.notes.append(note)

    def preview(self, step: int, width: int, height: int, bgra: bytes) -> None:
        assert len(bgra) == width * height * 4 and max(width, height) <= 256
        self.previews.append((step, width, height))

    def check(self) -> None:
        self.checks += 1
        if self.checks == self.stop_at:
            raise Cancelled


def distillation(steps: int = 6) -> Distillation:
    return Distillation(
        network(), example(), plan=Plan(steps=steps, cuts=2, views=Views(side_px=32), warmup=2)
    )


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small general extractor and an empty library."""
    from backend.weights.runtime import line_extractor

    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(line_styles, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(line_extractor, "load_extractor", lambda *_: network().eval().requires_grad_(False))
    monkeypatch.setattr(learn, "check_match", lambda *_: 1.0)  # the extractor here is random
    return tmp_path


def test_the_artist_sees_it_grow(tmp_path: Path) -> None:
    report = Watched()
    learn.distil(distillation(), tmp_path, report)
    assert report.steps == sorted(report.steps) and report.steps[-1] == 1
    assert report.previews[0][1:] == (256, 256)
    assert report.checks == 6


def test_stopped_and_called_again_is_the_same_as_in_one_go(tmp_path: Path) -> None:
    through = learn.distil(distillation(), tmp_path / "a", Watched())
    with pytest.raises(Cancelled):
        learn.distil(distillation(), tmp_path / "b", Watched(stop_at=4))
    assert (tmp_path / "b" / STATE).is_file()
    again = Watched()
    resumed = learn.distil(distillation(), tmp_path / "b", again)
    assert again.checks == 3  # of 6 steps 3 were done
    for name, weight in through.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    first = learn.distil(distillation(), tmp_path, Watched())
    report = Watched(stop_at=1)
    assert torch.equal(learn.distil(distillation(), tmp_path, report).conv_out.weight, first.conv_out.weight)


def test_a_line_is_learnt_into_the_library(tiny: Path) -> None:
    report, folder = Watched(), tiny / "work"
    info = learn.learn_style(
        example(), "Mine", minutes=0.02, family="embedded", folder=folder, report=report, method="example"
    )
    assert line_styles.list_styles() == (info,) and info.title == "Mine"
    assert not folder.exists()
    learnt = line_styles.load_style(info.id).state_dict()
    assert any(
        not torch.equal(weight, learnt[name])
        for name, weight in network().half().float().state_dict().items()
    )
    with Image.open(io.BytesIO(info.thumbnail)) as shown:
        assert shown.size == (128, 128)
    assert report.steps[-1] >= 1 and "left" in report.notes[-1]


def test_a_stopped_learning_leaves_no_style_and_goes_on(tiny: Path) -> None:
    options = {"minutes": 0.03, "family": "embedded", "folder": tiny / "work", "method": "example"}
    with pytest.raises(Cancelled):
        learn.learn_style(example(), "Mine", report=Watched(stop_at=3), **options)
    assert line_styles.list_styles() == () and (tiny / "work" / STATE).is_file()
    learn.learn_style(example(), "Mine", report=Watched(), **options)
    assert len(line_styles.list_styles()) == 1


@pytest.mark.parametrize("title", ["", "a\nb"])
def test_the_title_is_checked_before_anything_is_learnt(tiny: Path, title: str) -> None:
    report = Watched()
    with pytest.raises(BadRequest):
        learn.learn_style(example(), title, minutes=1, family="embedded", folder=tiny / "work", report=report)
    assert report.checks == 0


@pytest.mark.parametrize("minutes", [0, -1, float("nan")])
def test_learning_takes_time(tiny: Path, minutes: float) -> None:
    with pytest.raises(BadRequest, match="no time"):
        learn.learn_style(
            example(), "x", minutes=minutes, family="embedded", folder=tiny / "work", report=Watched()
        )


def test_a_large_example_is_learnt_smaller(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, seen = example(), []
    large = Example(*(np.repeat(np.repeat(plane, 3, 0), 3, 1) for plane in vars(small).values()))

    def remember(distillation: Distillation, *_: object) -> LineExtractor:
        seen.append(distillation.pairs[0][0].shape)
        return distillation.learnt()

    monkeypatch.setattr(learn, "distil", remember)
    monkeypatch.setattr(learn, "LARGEST_PX", 100)
    learn.learn_style(
        large, "x", minutes=1, family="embedded", folder=tiny / "work", report=Watched(), method="example"
    )
    assert seen == [(3, 100, 100)]


def test_a_thumbnail_shows_the_line() -> None:
    held = np.full((64, 64, 3), 128, np.uint8)
    black = network()
    with torch.no_grad():
        black.conv_out.weight.zero_()
        black.conv_out.bias.fill_(20)
    assert pages.drawn(black, held).max() < 30 < 200 < np.asarray(pages.PAPER).min()
    with torch.no_grad():
        black.conv_out.bias.fill_(-20)
    assert (pages.drawn(black, held) == np.array(pages.PAPER)).all()


def test_a_missing_held_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights):
        pages.held_picture(tmp_path / "none.webp")


def test_weights_seen_by_the_report_are_not_disturbed(tmp_path: Path) -> None:
    one = distillation(2)
    before = weights(one)
    pages.send(Watched(), pages.drawn(one.learnt(), pages.held_picture()), 0)
    assert all(torch.equal(weight, before[name]) for name, weight in weights(one).items())


def test_a_generator_is_trained_where_there_is_time_and_features_are_quick() -> None:
    assert learn.way("auto", 1.0, "sd15", "cuda") == ("example", "sd15")
    assert learn.way("auto", 10.0, "sd15", "cuda") == ("generator", "sd15")
    assert learn.way("auto", 10.0, "sd15", "cpu") == ("generator", "embedded")
    assert learn.way("generator", 1.0, "sd15", "cpu") == ("generator", "sd15")
    assert learn.way("example", 10.0, "sd15", "cpu") == ("example", "sd15")
