# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours and their words."""

import numpy as np
import pytest

from models.recipes.studio.palette import NAMED, jitter, named, nearest_name, pick, shifted


@pytest.mark.parametrize("name", NAMED)
def test_a_colour_has_its_own_name(name: str) -> None:
    assert nearest_name(np.array(NAMED[name], np.uint8)) == name


def test_jitter_keeps_most_colours_in_their_word() -> None:
    rng = np.random.default_rng(0)
    kept = []
    for name in NAMED:
        for _ in range(20):
            pixel = np.array(jitter(rng, named(name)).rgb) * 255
            kept.append(nearest_name(pixel.astype(np.uint8)) == name)
    assert np.mean(kept) > 0.8


def test_pick_avoids() -> None:
    rng = np.random.default_rng(0)
    assert {pick(rng, "red", "blue", avoid="red").name for _ in range(20)} == {"blue"}


def test_a_full_turn_of_hue_is_the_same_colour() -> None:
    assert shifted(named("teal"), 1.0).rgb == pytest.approx(named("teal").rgb)


def test_light_and_shade() -> None:
    red = named("red")
    assert sum(red.lighter(0.3).rgb) > sum(red.rgb) > sum(red.darker(0.3).rgb)
    assert red.toward(named("blue"), 0).rgb == red.rgb
