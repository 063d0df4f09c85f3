# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands: exact ones trace the line, others stay near it and differ from it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from models.recipes.studio.hands import EXACT, Hand, draw, random_hand, wobbly_hand
from models.recipes.studio.lines import length_px

SIZE = 256


def ring() -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 200)
    return np.stack([128 + 80 * np.cos(angle), 128 + 80 * np.sin(angle)], axis=1)


def off_line_px(ink: np.ndarray) -> np.ndarray:
    """Distance of each inked pixel's centre from the true ring."""
    rows, columns = np.nonzero(ink > 128)
    return np.abs(np.hypot(columns + 0.5 - 128, rows + 0.5 - 128) - 80)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_exact_hand_traces_the_line() -> None:
    ink = draw(rng(), [ring()], EXACT, SIZE)
    assert off_line_px(ink).max() <= EXACT.width / 2 + 0.5
    area = ink.astype(float).sum() / 255
    assert area == pytest.approx(length_px(ring()) * EXACT.width, rel=0.03)


def test_gaps_leave_ink_out() -> None:
    whole = draw(rng(), [ring()], EXACT, SIZE)
    broken = draw(rng(), [ring()], dataclasses.replace(EXACT, gaps=1.0), SIZE)
    assert 0.5 < broken.sum() / whole.sum() < 0.95


def test_wobble_moves_the_line() -> None:
    steady = off_line_px(draw(rng(), [ring()], EXACT, SIZE)).mean()
    shaky = off_line_px(draw(rng(), [ring()], dataclasses.replace(EXACT, wobble=1.5), SIZE)).mean()
    assert shaky > 2 * steady


def test_repeated_strokes_add_ink() -> None:
    shaky = Hand(wobble=1.5)
    once = draw(rng(), [ring()], shaky, SIZE)
    twice = draw(rng(), [ring()], dataclasses.replace(shaky, repeat=1.0), SIZE)
    assert twice.astype(float).sum() > 1.3 * once.astype(float).sum()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_any_hand_stays_near_the_truth(seed: int) -> None:
    ink = draw(rng(seed), [ring()], wobbly_hand(rng(seed)), SIZE)
    assert np.percentile(off_line_px(ink), 90) < 12
    near_ink = distance_transform_edt(ink < 64)
    columns, rows = ring().T.astype(int)
    assert np.median(near_ink[rows, columns]) < 4


def test_most_hands_are_light() -> None:
    drawn = [random_hand(rng(seed)) for seed in range(300)]
    light = np.mean([hand.gaps == 0 and hand.wobble <= 0.4 for hand in drawn])
    assert 0.5 < light < 0.7


def test_a_line_scales_with_the_picture() -> None:
    small = draw(rng(), [ring()], EXACT, 256)
    large = draw(rng(), [ring() * 2], EXACT, 512)
    assert large.astype(float).sum() / small.astype(float).sum() == pytest.approx(4, rel=0.05)
