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

from backend.acts.line_style.perform import learning_folder, tidy_learnings
from backend.acts.lines.layers import ink_of, over_white
from backend.acts.work import RawPixels
from backend.library import line_styles
from backend.weights.runtime import loaded
from models.networks.line_extractor import LineExtractor
from shared.acts import ExtractRequest, LearnStyleRequest, Lines
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat, Surface
from shared.surfaces import surfaces
from tests.backend.made import make

EXTENT = Extent(48, 32)
AREA = Bounds(5, 7, 48, 32)


@pytest.fixture
def found_styles(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The styles that were loaded; every one is random."""
    found: list[str] = []

    def load(id: str, device: object = None) -> LineExtractor:
        found.append(id)
        torch.manual_seed(0)
        return LineExtractor().eval()

    monkeypatch.setattr(line_styles, "load_style", load)
    loaded.networks().clear()
    yield found
    loaded.networks().clear()


def pixels(array: np.ndarray, format: PixelFormat) -> RawPixels:
    return RawPixels(Extent(array.shape[1], array.shape[0]), format, bytearray(array.tobytes()))


def blank(format: PixelFormat) -> Surface:
    return Surface(EXTENT, format, (b"",))


def picture(format: PixelFormat = "bgra_u8") -> RawPixels:
    noise = np.random.default_rng(0).integers(0, 256, (32, 48, 4), np.uint8)
    noise[..., 3] = 255
    return pixels(noise.astype("<u2") * 257 if format == "bgra_u16" else noise, format)


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16"])
def test_lines_of_a_request(found_styles: list[str], format: PixelFormat) -> None:
    request = ExtractRequest(EXTENT, AREA, blank(format), style="ink")
    made = make(request, {"image": picture(format)})
    assert isinstance(made.outcome, Lines) and made.bounds == AREA
    assert len(made.data["contour"]) == len(made.data["detail"]) == EXTENT.area
    make(request, {"image": picture(format)})
    make(replace(request, style=""), {"image": picture(format)})
    assert found_styles == ["ink", ""], "kept warm"


def test_there_is_no_line_outside_the_mask(found_styles: list[str]) -> None:
    mask = np.zeros((32, 48), np.uint8)
    mask[8:20, 10:30] = 255
    request = ExtractRequest(EXTENT, AREA, blank("bgra_u8"), mask=blank("grey_u8"))
    held = {"image": picture(), "mask": pixels(mask, "grey_u8")}
    made = make(request, held)
    free = make(replace(request, mask=None), {"image": held["image"]})
    for ours, whole in ((made.data[name], free.data[name]) for name in ("contour", "detail")):
        inside = np.frombuffer(ours, np.uint8).reshape(32, 48)
        assert not inside[mask == 0].any()
        assert (inside[mask > 0] == np.frombuffer(whole, np.uint8).reshape(32, 48)[mask > 0]).all()


def test_only_so_many_styles_are_kept(found_styles: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(loaded.MOST, "line style", 2)
    for style in ("a", "b", "a", "c", "a", "b"):
        line_styles.loaded_style(style)
    assert found_styles == ["a", "b", "c", "b"]


def test_what_the_artist_drew_becomes_ink_and_a_picture_over_white() -> None:
    layer = np.zeros((32, 48, 4), np.uint8)
    layer[4, 5] = (255, 255, 255, 255)
    layer[6, 7] = (0, 0, 0, 128)
    drawn = ink_of(pixels(layer, "bgra_u8"))
    assert (drawn[4, 5], drawn[6, 7], int((drawn > 0).sum())) == (255, 128, 2), "whatever the ink's colour"
    white = over_white(pixels(layer, "bgra_u8"))
    assert tuple(white[6, 7]) == (127, 127, 127) and (white[0] == 255).all()


def test_a_learning_is_known_again_by_its_pixels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    surface, other = (Surface(EXTENT, "bgra_u8", (bytes([n]) * 16,)) for n in (1, 2))
    request = LearnStyleRequest(AREA, surface, surface, title="A", minutes=1)
    folder = learning_folder(request)
    assert folder.parent == tmp_path / "styles" / "learning"
    assert folder == learning_folder(replace(request, title="B", minutes=2, area=AREA.shifted(1, 1)))
    changed = [
        replace(request, contour=other),
        replace(request, contour=None, detail=surface),
        replace(request, detail=surface),
        replace(request, family="sd15"),
    ]
    folders = {learning_folder(each) for each in changed} | {folder}
    assert len(folders) == 5 and all(len(surfaces(each)) for each in changed)


def test_old_learnings_are_removed(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state").write_text("x")
    os.utime(tmp_path / "old", (time.time() - 100,) * 2)
    tidy_learnings(tmp_path, max_age_s=50)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
