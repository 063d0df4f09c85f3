# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch

from backend.acts.lines import extract as act
from backend.acts.lines.extract import extract, working_extent
from backend.acts.report import Quiet
from backend.imaging.pixels import DEPTHS, Floats, Picture, from_rgba
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, Cancelled
from shared.geometry import Extent


@pytest.fixture(scope="module")
def extractor() -> LineExtractor:
    torch.manual_seed(0)
    network = LineExtractor((16, 16), (1, 1)).eval().requires_grad_(False)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
        network.conv_out.weight.mul_(4)
    return network


def scene(height: int = 70, width: int = 90) -> Floats:
    """Opaque colour with a disc in it, in steps of 1/255 so that every depth can hold it."""
    y, x = np.mgrid[:height, :width]
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., 0] = np.where(np.hypot(y - 35, x - 40) < 20, 51 / 255, 204 / 255)
    rgba[..., 1] = x / width
    return np.rint(rgba * 255).astype(np.float32) / 255


@pytest.mark.parametrize("format", [name for name in DEPTHS if name.startswith(("bgra", "rgba"))])
def test_every_depth_gives_the_same_lines(extractor: LineExtractor, format: str) -> None:
    eight = extract(extractor, Picture(from_rgba(scene(), "bgra_u8"), "bgra_u8"), Quiet())
    this = extract(extractor, Picture(from_rgba(scene(), format), format), Quiet())
    for plane, same in zip(this, eight, strict=True):
        assert plane.dtype == np.uint8
        assert plane.shape == (70, 90)
        assert np.abs(plane.astype(int) - same).max() <= 2
    assert eight[0].std() > 1


def test_grey_layers_are_pictures_too(extractor: LineExtractor) -> None:
    contour, detail = extract(extractor, Picture(np.full((20, 30, 1), 90, np.uint8), "grey_u8"), Quiet())
    assert contour.shape == detail.shape == (20, 30)


def test_transparent_pixels_are_white_whatever_colour_they_hide(extractor: LineExtractor) -> None:
    white, hidden = scene(), scene()
    white[:, 60:] = 1
    hidden[:, 60:, 3] = 0
    drawn = [
        extract(extractor, Picture(from_rgba(p, "bgra_u8"), "bgra_u8"), Quiet()) for p in (white, hidden)
    ]
    assert np.array_equal(drawn[0][0], drawn[1][0])


def test_a_large_picture_is_drawn_smaller_and_its_ink_enlarged(
    extractor: LineExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(act, "LARGEST_PX", 64)
    assert working_extent(Extent(640, 200)) == Extent(64, 20)
    assert working_extent(Extent(64, 20)) == Extent(64, 20)
    contour, _ = extract(extractor, Picture(from_rgba(scene(200, 333), "bgra_u8"), "bgra_u8"), Quiet())
    assert contour.shape == (200, 333)


def test_cleaned_lines_come_in_the_same_size(extractor: LineExtractor) -> None:
    picture = Picture(from_rgba(scene(), "bgra_u8"), "bgra_u8")
    rough, clean = extract(extractor, picture, Quiet()), extract(extractor, picture, Quiet(), clean=True)
    assert clean[0].shape == rough[0].shape
    assert not np.array_equal(clean[0], rough[0])


class Told(Quiet):
    def __init__(self, last: int = 99) -> None:
        self.steps: list[tuple[int, int]] = []
        self.last = last

    def progress(self, step: int, steps: int, note: str = "") -> None:
        self.steps.append((step, steps))

    def check(self) -> None:
        if len(self.steps) >= self.last:
            raise Cancelled


def test_every_tile_is_told_and_it_can_be_stopped(
    extractor: LineExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(act, "TILE_PX", 32)
    picture, told = Picture(from_rgba(scene(), "bgra_u8"), "bgra_u8"), Told()
    extract(extractor, picture, told)
    assert told.steps == [(i, 9) for i in range(10)]
    twice = Told()
    extract(extractor, picture, twice, confirm=True)
    assert twice.steps == [(i, 13) for i in range(14)]
    with pytest.raises(Cancelled):
        extract(extractor, picture, Told(last=4))


def test_an_empty_layer_is_refused_with_a_remedy(extractor: LineExtractor) -> None:
    with pytest.raises(BadRequest, match="Choose a layer"):
        extract(extractor, Picture(np.zeros((30, 30, 4), np.uint8), "bgra_u8"), Quiet())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused_with_a_remedy(extractor: LineExtractor, value: float) -> None:
    array = from_rgba(scene(), "rgba_f32").copy()
    array[3, 4, 1] = value
    with pytest.raises(BadRequest, match="8 or 16 bits"):
        extract(extractor, Picture(array, "rgba_f32"), Quiet())


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 200), (17, 15)])
def test_tiny_pictures_are_drawn(extractor: LineExtractor, height: int, width: int) -> None:
    contour, _ = extract(extractor, Picture(np.full((height, width, 4), 99, np.uint8), "bgra_u8"), Quiet())
    assert contour.shape == (height, width)
