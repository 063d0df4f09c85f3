# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker makes of a request for lines, with an extractor of random weights."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from backend import app, line_acts
from backend.acts.report import Quiet
from backend.jobs.work import Inked, Pixels, Work, surfaces
from backend.library import line_styles
from models.networks.line_extractor import LineExtractor
from shared.geometry import Bounds, Extent
from shared.line_messages import ExtractRequest, LearnStyleRequest
from shared.messages import PixelFormat, Surface

EXTENT = Extent(48, 32)
AREA = Bounds(5, 7, 48, 32)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The styles that were loaded; every one is random."""
    found: list[str] = []

    def load(id: str, device: object = None) -> LineExtractor:
        found.append(id)
        torch.manual_seed(0)
        return LineExtractor().eval()

    monkeypatch.setattr(line_styles, "load_style", load)
    monkeypatch.setattr(line_acts, "_extractors", type(line_acts._extractors)())
    yield found


def pixels(array: np.ndarray, format: PixelFormat) -> Pixels:
    return Pixels(Extent(array.shape[1], array.shape[0]), format, bytearray(array.tobytes()))


def blank(format: PixelFormat) -> Surface:
    return Surface(EXTENT, format, (b"",))


def picture(format: PixelFormat = "bgra_u8") -> Pixels:
    noise = np.random.default_rng(0).integers(0, 256, (32, 48, 4), np.uint8)
    noise[..., 3] = 255
    return pixels(noise.astype("<u2") * 257 if format == "bgra_u16" else noise, format)


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16"])
def test_lines_of_a_request(loaded: list[str], format: PixelFormat) -> None:
    request = ExtractRequest(EXTENT, AREA, blank(format), style="ink")
    made = app.perform(Work(request, {"image": picture(format)}), Quiet())
    assert isinstance(made, Inked) and made.bounds == AREA
    assert len(made.contour) == len(made.detail) == EXTENT.area
    app.perform(Work(request, {"image": picture(format)}), Quiet())
    app.perform(Work(replace(request, style=""), {"image": picture(format)}), Quiet())
    assert loaded == ["ink", ""], "kept warm"


def test_there_is_no_line_outside_the_mask(loaded: list[str]) -> None:
    mask = np.zeros((32, 48), np.uint8)
    mask[8:20, 10:30] = 255
    request = ExtractRequest(EXTENT, AREA, blank("bgra_u8"), mask=blank("grey_u8"))
    held = {"image": picture(), "mask": pixels(mask, "grey_u8")}
    made = app.perform(Work(request, held), Quiet())
    free = app.perform(Work(replace(request, mask=None), {"image": held["image"]}), Quiet())
    assert isinstance(made, Inked) and isinstance(free, Inked)
    for ours, whole in ((made.contour, free.contour), (made.detail, free.detail)):
        inside = np.frombuffer(ours, np.uint8).reshape(32, 48)
        assert not inside[mask == 0].any()
        assert (inside[mask > 0] == np.frombuffer(whole, np.uint8).reshape(32, 48)[mask > 0]).all()


def test_only_so_many_styles_are_kept(loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_acts, "MOST_EXTRACTORS", 2)
    for style in ("a", "b", "a", "c", "a", "b"):
        line_acts.warm_extractor(style)
    assert loaded == ["a", "b", "c", "b"]


def test_what_the_artist_drew_becomes_ink_and_a_picture_over_white() -> None:
    layer = np.zeros((32, 48, 4), np.uint8)
    layer[4, 5] = (255, 255, 255, 255)
    layer[6, 7] = (0, 0, 0, 128)
    drawn = line_acts.ink_of(pixels(layer, "bgra_u8"))
    assert (drawn[4, 5], drawn[6, 7], int((drawn > 0).sum())) == (255, 128, 2), "whatever the ink's colour"
    white = line_acts.over_white(pixels(layer, "bgra_u8"))
    assert tuple(white[6, 7]) == (127, 127, 127) and (white[0] == 255).all()


def test_a_learning_is_known_again_by_its_pixels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    surface, other = (Surface(EXTENT, "bgra_u8", (bytes([n]) * 16,)) for n in (1, 2))
    request = LearnStyleRequest(AREA, surface, surface, title="A", minutes=1)
    folder = line_acts.learning_folder(request)
    assert folder.parent == tmp_path / "styles" / "learning"
    assert folder == line_acts.learning_folder(
        replace(request, title="B", minutes=2, area=AREA.shifted(1, 1))
    )
    changed = [
        replace(request, contour=other),
        replace(request, contour=None, detail=surface),
        replace(request, detail=surface),
        replace(request, family="sd15"),
    ]
    folders = {line_acts.learning_folder(each) for each in changed} | {folder}
    assert len(folders) == 5 and all(len(surfaces(each)) for each in changed)


def test_old_learnings_are_removed(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state").write_text("x")
    os.utime(tmp_path / "old", (time.time() - 100,) * 2)
    line_acts.tidy_learnings(tmp_path, max_age_s=50)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
