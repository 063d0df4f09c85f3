# SPDX-License-Identifier: GPL-3.0-or-later
"""Light is measured where a picture shows tones, and taken for usual where it does not."""

from __future__ import annotations

import random

import pytest

from shared.light import USUAL, lightness


def picture(gain: float, dark: int = 10, light: int = 220) -> bytes:
    dice = random.Random(0)
    tones = (round(gain * dice.randint(dark, light)) for _ in range(3 * 2000))
    return b"".join(bytes([next(tones), next(tones), next(tones), 255]) for _ in range(2000))


@pytest.mark.parametrize("gain", [0.4, 0.7, 1.1])
def test_a_gain_of_the_colours_is_found(gain: float) -> None:
    assert lightness(picture(gain)) / lightness(picture(1.0)) == pytest.approx(gain, rel=0.03)


def test_a_plain_ground_tells_nothing() -> None:
    for tone in (0, 60, 255):
        assert lightness(bytes([tone, tone, tone, 255]) * 100) == pytest.approx(USUAL)
    assert lightness(b"") == USUAL
    some = lightness(picture(0.5, 100, 220))
    assert 0.5 * 215 / 255 < some < USUAL, "few tones: in between"


def test_a_few_bright_pixels_do_not_count() -> None:
    assert lightness(picture(0.5) + b"\xff" * 4 * 20) == pytest.approx(lightness(picture(0.5)), rel=0.03)
