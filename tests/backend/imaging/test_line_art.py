# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
import torch

from backend.imaging import line_art
from backend.imaging.line_art import Ink, cleaned, confirmed_ink, extract_ink, weighed
from backend.imaging.resize import picture_resized
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, Cancelled


@pytest.fixture(scope="module")
def extractor() -> LineExtractor:
    torch.manual_seed(0)
    network = LineExtractor((16, 16, 16, 16), (1, 1, 2, 3)).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.08 * torch.randn_like(weight))
    return network


def test_tiles_fit_without_seams(extractor: LineExtractor) -> None:
    torch.manual_seed(1)
    picture = torch.rand(1, 3, 500, 613)
    whole = extract_ink(extractor, picture, tile_px=1024)
    tiles = extract_ink(extractor, picture, tile_px=208)
    assert whole.shape == (2, 500, 613)
    assert whole.std() > 0.01
    assert (whole - tiles).abs().max() < 1 / 255


def test_ink_that_does_not_show_from_afar_is_weakened(extractor: LineExtractor) -> None:
    torch.manual_seed(2)
    picture = torch.rand(1, 3, 120, 90)
    near, kept = extract_ink(extractor, picture), confirmed_ink(extractor, picture, tile_px=32)
    assert kept.shape == near.shape
    assert (kept <= near + 1e-6).all()
    assert kept.mean() > 0.2 * near.mean()
    afar = line_art.extract_ink(extractor, picture_resized(picture, (60, 45)))
    sure = picture_resized(1 - (1 - afar).prod(0)[None, None], (120, 90))[0, 0] > 0.5
    assert sure.any()
    assert torch.allclose(kept[:, sure], near[:, sure], atol=1e-5)


def test_from_afar_nothing_confirms_nothing(
    extractor: LineExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, picture = line_art.extract_ink, torch.rand(1, 3, 40, 40)
    monkeypatch.setattr(
        line_art, "extract_ink", lambda e, p, **more: real(e, p, **more) * (0 if p.shape[-1] == 20 else 1)
    )
    assert confirmed_ink(extractor, picture).max() == 0


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 40), (16, 15), (33, 31)])
def test_tiny_and_odd_pictures_are_drawn(extractor: LineExtractor, height: int, width: int) -> None:
    torch.manual_seed(3)
    pictures = torch.rand(2, 1, 3, height, width)
    ink, other = (extract_ink(extractor, picture) for picture in pictures)
    assert ink.shape == (2, height, width)
    assert ink.isfinite().all() and 0 <= ink.min() < ink.max() <= 1
    assert not torch.equal(ink, other), "what is drawn depends on the picture"
    assert torch.equal(ink, extract_ink(extractor, pictures[0]))
    confirmed = confirmed_ink(extractor, pictures[0])
    assert confirmed.shape == ink.shape
    assert (confirmed >= 0).all() and (confirmed <= ink + 1e-6).all()


def test_a_thin_strip_is_drawn_in_tiles(extractor: LineExtractor) -> None:
    ink = extract_ink(extractor, torch.rand(1, 3, 3, 700), tile_px=16)
    assert ink.shape == (2, 3, 700)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_with_a_remedy(extractor: LineExtractor, value: float) -> None:
    picture = torch.rand(1, 3, 32, 32)
    picture[0, 1, 4, 5] = value
    with pytest.raises(BadRequest, match="8 or 16 bits"):
        extract_ink(extractor, picture)


@pytest.mark.parametrize(
    ("shape", "tile_px"), [((3, 32, 32), 64), ((2, 3, 32, 32), 64), ((1, 3, 32, 32), 40)]
)
def test_other_shapes_are_refused(extractor: LineExtractor, shape: tuple[int, ...], tile_px: int) -> None:
    with pytest.raises(ValueError):
        extract_ink(extractor, torch.rand(shape), tile_px=tile_px)


def test_it_can_be_stopped_between_tiles(extractor: LineExtractor) -> None:
    seen: list[int] = []

    def check() -> None:
        seen.append(1)
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        extract_ink(extractor, torch.rand(1, 3, 64, 64), tile_px=16, check=check)
    assert len(seen) == 3


def test_weight_one_without_threshold_changes_nothing() -> None:
    ink = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(weighed(ink, 1.0, 0.0), ink)


def test_more_weight_is_more_ink_and_none_is_none() -> None:
    ink = np.arange(256, dtype=np.uint8)
    assert (weighed(ink, 2.0, 0.0)[1:255] > ink[1:255]).all()
    assert (weighed(ink, 0.5, 0.0)[2:254] < ink[2:254]).all()
    assert not weighed(ink, 0.0, 0.0).any()
    assert (np.diff(weighed(ink, 1.7, 0.3).astype(int)) >= 0).all()


def test_a_threshold_takes_the_veil_and_leaves_full_ink() -> None:
    made = weighed(np.array([0, 20, 51, 52, 255], np.uint8), 1.0, 0.2)
    assert made[:3].tolist() == [0, 0, 0]
    assert made[-1] == 255


@pytest.mark.parametrize(("weight", "threshold"), [(-1.0, 0.0), (9.0, 0.0), (1.0, 1.0), (1.0, -0.1)])
def test_no_such_weight_or_threshold(weight: float, threshold: float) -> None:
    with pytest.raises(ValueError):
        weighed(np.zeros(4, np.uint8), weight, threshold)


@pytest.fixture
def rough() -> Ink:
    """A wavering line with a gap of 4 px, a circle, a speck and a grey veil."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:200, :240].astype(np.float64)
    ink = (1.6 - abs(y - 60 - np.round(rng.normal(0, 0.6, 240))[None])).clip(0, 1) * ((x > 20) & (x < 220))
    ink[:, 118:122] = 0
    ink = np.maximum(ink, (1.5 - abs(np.hypot(y - 130, x - 120) - 40)).clip(0, 1))
    ink[20:23, 20:23] = 1
    return (255 * np.maximum(ink, 0.1)).astype(np.uint8)


def test_cleaning_takes_specks_and_veil_and_closes_gaps(rough: Ink) -> None:
    clean = cleaned(rough)
    assert clean[15:30, 15:30].max() == 0
    assert np.median(clean) == 0
    assert clean[55:66, 118:122].max(0).min() > 150
    assert clean[168:173, 120].max() > 200


def test_cleaned_lines_are_even(rough: Ink) -> None:
    before, after = (ink[50:71, 40:110].astype(float) for ink in (rough, cleaned(rough)))
    middle = [(ink * np.arange(21)[:, None]).sum(0) / ink.sum(0) for ink in (before - 25, after)]
    assert np.abs(np.diff(middle[1])).mean() < 0.5 * np.abs(np.diff(middle[0])).mean()


def test_cleaning_keeps_width_and_strength_of_a_stroke() -> None:
    y, x = np.mgrid[:60, :200]
    thin = np.where((abs(y - 20) < 1) & (x > 10) & (x < 190), 140, 0)
    wide = np.where((abs(y - 40) < 4) & (x > 10) & (x < 190), 255, 0)
    clean = cleaned((thin + wide).astype(np.uint8))
    assert abs(int(clean[20, 100]) - 140) < 15
    assert abs(int((clean[30:50, 100] > 127).sum()) - 7) <= 1


@pytest.mark.parametrize("ink", [np.zeros((40, 50), np.uint8), np.full((1, 1), 255, np.uint8)])
def test_cleaning_of_nothing_is_nothing(ink: Ink) -> None:
    assert not cleaned(ink).any()
    assert cleaned(ink).shape == ink.shape
