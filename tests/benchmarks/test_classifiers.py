# SPDX-License-Identifier: GPL-3.0-or-later
"""The classifiers that only measure: what they read, and that they learn."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.rulers import category_judge, recogniser
from benchmarks.rulers import networks as rulers
from benchmarks.rulers.doodle_strokes import Drawing, fitted, inked
from benchmarks.rulers.feature_head import Head, kept_head, load_head, taught
from benchmarks.rulers.line_reader import READ_PX, lines_of
from benchmarks.rulers.recogniser import CHOICES, Recogniser, painted_by_chance, redrawn

ABSENT = importlib.util.find_spec(rulers.FEATURES[0]) is None
needs_rulers = pytest.mark.skipif(ABSENT, reason="the bench extra is not installed")


def disc(ground: float, inside: float, line: float, width: float = 2.0) -> Tensor:
    y, x = torch.meshgrid(torch.arange(160.0), torch.arange(160.0), indexing="ij")
    away = (x - 80).hypot(y - 80) - 50
    picture = torch.where(away < 0, inside, ground)
    return torch.where(away.abs() < width / 2, line, picture).expand(1, 3, -1, -1)


@pytest.mark.parametrize("picture", [disc(0.9, 0.9, 0.1), disc(0.9, 0.5, 0.5), disc(0.9, 0.5, 0.1)])
def test_a_stroke_and_a_border_are_one_line_in_the_same_place(picture: Tensor) -> None:
    lines = lines_of(picture)[0, 0]
    assert lines.shape == (READ_PX, READ_PX)
    row = lines[80]
    for middle in (30, 130):
        near = row[middle - 8 : middle + 9]
        highest = [i for i in range(1, 16) if near[i - 1] <= near[i] > near[i + 1]]
        peaks = [i for i in highest if near[i] > 0.5]
        assert len(peaks) == 1
        assert abs(peaks[0] - 8) <= 1
    assert lines[80, 60:100].max() < 0.05


def test_nothing_is_read_out_of_a_plain_picture_and_little_out_of_grain() -> None:
    assert lines_of(torch.full((1, 3, 64, 64), 0.4)).max() < 1e-3
    grain = 0.5 + 0.03 * torch.randn(1, 3, 160, 160, generator=torch.Generator().manual_seed(0))
    assert lines_of(grain).mean() < 0.02


def test_a_head_learns_and_comes_back_as_it_was_written(tmp_path: Path) -> None:
    points = torch.randn(90, 12, generator=torch.Generator().manual_seed(1))
    labels = [("cat", "owl", "sun")[number % 3] for number in range(90)]
    for number in range(90):
        points[number, number % 3] += 5
    head = taught(points, labels)
    assert sum(names[0] == label for names, label in zip(head.best(points, 1), labels, strict=True)) >= 88
    head.save(tmp_path / "head.safetensors")
    assert load_head(tmp_path / "head.safetensors").best(points, 3) == head.best(points, 3)
    assert taught(points, labels).best(points, 3) == head.best(points, 3)


def test_a_head_is_taught_once_for_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    head = Head(("a", "b"), *torch.zeros(2, 4), torch.eye(2, 4), torch.zeros(2))

    def never() -> Head:
        pytest.fail("taught again")

    made: Callable[[], Head] = lambda: head  # noqa: E731
    assert kept_head("some", "1", made).names == ("a", "b")
    assert kept_head("some", "1", never).names == ("a", "b")


STAR = Drawing("star", (np.array([[20.0, 20], [230, 60], [60, 240], [120, 10], [220, 230], [20, 20]]),))


def test_drawings_are_fitted_inked_and_drawn_by_other_hands() -> None:
    (stroke,) = fitted(STAR.strokes, 64, 6)
    assert stroke.min() == pytest.approx(6, abs=1.5)
    assert stroke.max() == pytest.approx(58, abs=1.5)
    thin, broad = (inked([stroke], 64, width) > 127 for width in (1.5, 4))
    assert broad.sum() > 1.8 * thin.sum() and (broad | ~thin).all()
    dice = np.random.default_rng(0)
    again = [next(iter(redrawn(STAR.strokes, dice))) for _ in range(2)]
    assert again[0].shape == STAR.strokes[0].shape
    assert not np.allclose(*again)
    first = painted_by_chance(STAR, dice, as_it_is=True)
    assert first.shape == (READ_PX, READ_PX, 3)
    assert (first[0, 0] == 1).all() and first.min() < 0.4


@needs_rulers
def test_the_recogniser_learns_drawings_and_reads_them_out_of_pictures() -> None:
    turn = np.linspace(0, 6.3, 40)
    shapes = {
        "star": STAR.strokes,
        "ring": (np.stack([128 + 100 * np.cos(turn), 128 + 100 * np.sin(turn)], 1),),
        "box": (np.array([[20.0, 20], [230, 20], [230, 230], [20, 230], [20, 20]]),),
    }
    head = recogniser.teach([Drawing(word, strokes) for word, strokes in shapes.items()] * 3, lambda _: None)
    known = Recogniser(head)
    assert known.knows("ring") and not known.knows("guitar")
    ink = [inked(fitted(strokes, 256, 20), 256, 3) for strokes in shapes.values()]
    dark = [np.repeat((220 - 0.8 * plane)[..., None], 3, -1).astype(np.uint8) for plane in ink]
    assert [known.head.best(recogniser.looked_at(recogniser.seen(rulers.planes(dark))), 1)] == [
        [[word] for word in shapes]
    ]
    assert CHOICES == 5


@needs_rulers
def test_the_judge_learns_two_things_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_judge, "SUBJECTS", ("apple", "house"))
    judge = category_judge.Judge(category_judge.teach(24, lambda _: None))
    shown = [category_judge.render(seed, 160, "held_out", category="house").image for seed in range(4)]
    assert judge.named(shown) == ["house"] * 4
