# SPDX-License-Identifier: GPL-3.0-or-later
"""Holes to fill, their rivals, and that a win is told from a tie."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.painting import fill_figures
from benchmarks.painting.fill_cases import (
    LARGEST,
    SMALLEST,
    Hole,
    Way,
    blob,
    by_biharmonic,
    by_mean,
    by_surroundings,
    by_telea,
    input_of,
    studio_hole,
)
from benchmarks.rulers import networks as rulers


@pytest.fixture(scope="module")
def stripes() -> Hole:
    """Diagonal stripes with a round hole."""
    y, x = np.mgrid[:120, :150]
    tone = np.where((x + y) % 20 < 10, 200, 60).astype(np.uint8)
    return Hole(np.stack([tone, tone // 2, tone // 3], -1), np.hypot(y - 60, x - 70) < 15, 3)


def off(made: np.ndarray, one: Hole) -> float:
    assert np.array_equal(made[~one.hole], one.true[~one.hole])
    return float(np.abs(made[one.hole].astype(float) - one.true[one.hole]).mean())


def test_holes_are_as_large_as_people_make_them() -> None:
    for number in range(40):
        hole = blob(np.random.default_rng(number), (200, 300))
        side = np.sqrt(hole.sum() * 4 / np.pi) / 200
        assert 0.6 * SMALLEST < side < 1.4 * LARGEST


def test_the_same_holes_come_again_and_others_with_other_numbers() -> None:
    one, again, other = studio_hole(2), studio_hole(2), studio_hole(3)
    assert np.array_equal(one.true, again.true) and np.array_equal(one.hole, again.hole)
    assert not np.array_equal(one.hole, other.hole)


def test_what_is_looked_at_holds_the_hole_and_stays_in_the_picture() -> None:
    hole = np.zeros((90, 300), bool)
    hole[2:6, 280:300] = True
    rows, columns = Hole(np.zeros((90, 300, 3), np.uint8), hole, 0).around
    assert (rows, columns) == (slice(0, 64), slice(236, 300))


def test_nobody_sees_what_was_there(stripes: Hole) -> None:
    given = input_of(stripes)
    assert given.image is not None
    assert not given.image[stripes.hole][:, :3].any()
    spoilt = Hole(np.where(stripes.hole[..., None], np.uint8(9), stripes.true), stripes.hole, 3)
    for way in (by_mean, by_biharmonic, by_surroundings):
        assert np.array_equal(way(stripes)[stripes.hole], way(spoilt)[stripes.hole])


def test_stripes_are_continued_by_ours_alone(stripes: Hole) -> None:
    rivals = [off(way(stripes), stripes) for way in (by_mean, by_biharmonic)]
    assert off(by_surroundings(stripes), stripes) < 5 < 20 < min(rivals)


def test_telea_fills_what_is_plain() -> None:
    pytest.importorskip("cv2")
    hole = np.zeros((40, 50), bool)
    hole[15:25, 20:30] = True
    plain = Hole(np.full((40, 50, 3), 77, np.uint8), hole, 0)
    assert off(by_telea(plain), plain) <= 1


def colour_apart(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).abs().mean((1, 2, 3))


@pytest.mark.parametrize(("ways", "beaten"), [(("true", "mean", "mean"), 4), (("mean", "mean", "true"), 0)])
def test_a_rival_is_beaten_only_beyond_the_interval(
    monkeypatch: pytest.MonkeyPatch, stripes: Hole, ways: tuple[str, ...], beaten: int
) -> None:
    kinds: Mapping[str, Way] = {"true": lambda one: one.true, "mean": by_mean}
    named = dict(zip(("", "_telea", "_biharmonic"), (kinds[way] for way in ways), strict=True))
    monkeypatch.setattr(fill_figures, "WAYS", named)
    monkeypatch.setattr(fill_figures, "photographs", lambda: [stripes.true])
    monkeypatch.setattr(fill_figures, "studio_hole", lambda number: stripes)
    monkeypatch.setattr(rulers, "perceptual", colour_apart)
    found = {figure.name: figure for figure in fill_figures.fill_figures(3, 0, lambda note: None)}
    assert found["fill_beaten_of_4"].value == beaten
    assert found["fill_studio_less_telea"].value == pytest.approx(
        found["fill_perceptual_studio"].value - found["fill_perceptual_telea_studio"].value
    )
    assert torch.isfinite(torch.tensor([figure.value for figure in found.values()])).all()


def test_what_this_machine_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch, stripes: Hole) -> None:
    def absent(one: Hole) -> np.ndarray:
        raise ImportError("no OpenCV")

    monkeypatch.setattr(fill_figures, "WAYS", {"": by_mean, "_telea": absent})
    monkeypatch.setattr(fill_figures, "photographs", list)
    monkeypatch.setattr(fill_figures, "studio_hole", lambda number: stripes)
    monkeypatch.setattr(rulers, "perceptual", colour_apart)
    told: list[str] = []
    names = [figure.name for figure in fill_figures.fill_figures(2, 0, told.append)]
    assert names == ["fill_perceptual_studio", "fill_psnr_studio"]
    assert "left out: telea (no OpenCV)" in told
