# SPDX-License-Identifier: GPL-3.0-or-later
"""Sketching: every kind does what its name says, and no more."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from models.recipes.studio import Sample, render
from models.recipes.studio.hands import EXACT
from models.recipes.studio.lines import Lines
from models.recipes.studio.sketching import (
    KINDS,
    MOST_MOVED_PX,
    Sketch,
    few_details,
    sketch_by_hand,
    wrong_proportions,
)

SIZE = 256


def ring(radius: float = 80.0) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 400)
    points = np.stack([128 + radius * np.cos(angle), 128 + radius * np.sin(angle)], axis=1)
    points[-1] = points[0]
    return points


RING = Lines((ring(),), (ring(60), ring(40), ring(20)), SIZE)
BAR = Lines((np.array([[60.0, 128.0], [190.0, 128.0]]),), (), SIZE)


@pytest.fixture(scope="module")
def cup() -> Sample:
    return render(2, SIZE, category="cup", hand=EXACT)


def contour(*kinds: str | tuple[str, float], lines: Lines = RING, seed: int = 1) -> np.ndarray:
    return sketch_by_hand(lines, seed, *kinds)[0].astype(float)


def off_ring_px(ink: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(ink > 128)
    return np.abs(np.hypot(columns + 0.5 - 128, rows + 0.5 - 128) - 80)


def test_no_kind_draws_exactly() -> None:
    assert off_ring_px(contour()).max() <= EXACT.width / 2 + 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_is_one_drawing(kind: str, cup: Sample) -> None:
    first, again = sketch_by_hand(cup, 3, (kind, 0.8)), sketch_by_hand(cup, 3, (kind, 0.8))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    exact = sketch_by_hand(cup, 3)
    assert any(not np.array_equal(a, b) for a, b in zip(first, exact, strict=True))


def test_wobble_grows_with_its_strength() -> None:
    steady, shaky, wild = (off_ring_px(contour(("wobble", s))).mean() for s in (0.0, 0.4, 1.0))
    assert 1.3 * steady < shaky < wild < 8


def test_gaps_take_ink_away() -> None:
    whole, some, many = (contour(("gaps", s)).sum() for s in (0.0, 0.5, 1.0))
    assert 0.5 < many / whole < 0.96
    assert many < some < whole


def test_overshoot_adds_ink_beyond_the_ends() -> None:
    exact, some, far = (contour(("overshoot", s), lines=BAR) for s in (0.0, 0.4, 1.0))
    assert exact[:, 193:].sum() == 0
    assert exact.sum() < some.sum() < far.sum()
    assert far[:, 195:].sum() > 255
    assert far[:, 209:].sum() == 0


def test_repeated_strokes_add_ink_near_the_line() -> None:
    once, twice = contour(), contour(("repeated strokes", 1.0))
    assert twice.sum() > 1.25 * once.sum()
    assert off_ring_px(twice).max() < 9


def test_width_is_in_pixels() -> None:
    for strength, px in ((0.0, 1.0), (0.5, 4.5), (1.0, 8.0)):
        assert contour(("width", strength)).sum() / 255 / (2 * np.pi * 80) == pytest.approx(px, abs=0.3)


def test_pressure_makes_widths_differ() -> None:
    def spread(strength: float) -> float:
        ink = contour("width", ("pressure", strength))
        rows, columns = np.nonzero(ink > 128)
        sector = ((np.arctan2(rows - 127.5, columns - 127.5) + np.pi) / (2 * np.pi) * 40).astype(int) % 40
        return float(np.bincount(sector, minlength=40).std())

    assert spread(1.0) > 3 * spread(0.0)


def test_wrong_proportions_move_lines_together_and_not_far() -> None:
    for seed in range(10):
        wrong = wrong_proportions(Sketch(RING), np.random.default_rng(seed), 1.0).lines
        moved = wrong.contour[0] - RING.contour[0]
        far = np.linalg.norm(moved, axis=1)
        assert far.max() <= MOST_MOVED_PX
        assert far.max() > 2
        assert np.linalg.norm(np.diff(moved, axis=0), axis=1).max() < 0.7
    assert contour(("wrong proportions", 0.0)).sum() == pytest.approx(contour().sum(), rel=1e-3)


def test_only_contour_leaves_details_out(cup: Sample) -> None:
    outer, inner = sketch_by_hand(cup, 0, "only contour")
    assert outer.max() > 200
    assert inner.max() == 0


def test_few_details_are_some_of_all() -> None:
    many = Lines((), tuple(ring(r) for r in range(10, 80, 5)), SIZE)
    kept = few_details(Sketch(many), np.random.default_rng(0), 1.0).lines.detail
    assert len(kept) == 2
    assert all(any(np.array_equal(k, line) for line in many.detail) for k in kept)
    assert len(few_details(Sketch(many), np.random.default_rng(0), 0.0).lines.detail) == len(many.detail)


def test_kinds_add_up() -> None:
    both = contour(("wobble", 1.0), ("gaps", 1.0))
    assert both.sum() < contour(("wobble", 1.0)).sum()
    assert off_ring_px(both).mean() > off_ring_px(contour(("gaps", 1.0))).mean()


def test_any_mix_stays_near_the_truth(cup: Sample) -> None:
    outer = sketch_by_hand(cup, 5, "wobble", "gaps", "overshoot", "repeated strokes", "wrong proportions")[0]
    free = np.ones((SIZE, SIZE), bool)
    for line in cup.lines.contour:
        columns, rows = line.T.astype(int).clip(0, SIZE - 1)
        free[rows, columns] = False
    assert np.percentile(distance_transform_edt(free)[outer > 128], 95) < MOST_MOVED_PX + 8


def test_bad_requests_are_refused() -> None:
    with pytest.raises(KeyError):
        sketch_by_hand(RING, 0, "sneeze")
    with pytest.raises(ValueError, match="strength"):
        sketch_by_hand(RING, 0, ("gaps", 1.2))
    with pytest.raises(ValueError, match="seed"):
        sketch_by_hand(RING, -1)
