# SPDX-License-Identifier: GPL-3.0-or-later
"""Captions as people write them: short ones, true ones, and both things where there are two."""

import numpy as np

from models.recipes.studio import render
from models.recipes.studio.wording import VARIANTS, spoken, ways_to_say

CAT = "a striped light blue cat with green eyes and a red collar, wearing a hat"


def test_a_caption_is_taken_apart() -> None:
    cat = spoken(CAT, "cat", 0.2)
    assert cat.modifiers == ("striped", "light blue")
    assert cat.features == ("with green eyes", "with a red collar", "wearing a hat")
    assert "kitty" in cat.names


def test_a_named_thing_keeps_its_name_whole() -> None:
    engine = spoken("a red fire engine", "icon", 0.2)
    assert (engine.names, engine.modifiers) == (("fire engine",), ("red",))


def test_only_what_covers_much_is_big_and_only_little_small() -> None:
    assert spoken(CAT, "cat", 0.6).modifiers[0] == "big"
    assert spoken(CAT, "cat", 0.05).modifiers[0] == "small"


def test_dots_are_spots() -> None:
    assert "spotted" in spoken("a blue cup with red dots", "cup", 0.2).modifiers


def test_at_least_a_third_is_a_name_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    said = [text for _ in range(100) for text in ways_to_say(rng, [spoken(CAT, "cat", 0.2)], ["on grass"])]
    short = [text for text in said if text.removeprefix("a ") in ("cat", "kitty", "kitten")]
    assert len(short) / len(said) >= 1 / 3
    assert any(text.endswith("on grass") for text in said)


def test_two_things_are_mostly_both_named() -> None:
    rng = np.random.default_rng(0)
    things = [spoken(CAT, "cat", 0.2), spoken("a red cup", "cup", 0.2)]
    said = [text for _ in range(100) for text in ways_to_say(rng, things, [])]
    assert 0.75 < np.mean([" and " in text for text in said]) < 0.95


def test_every_sample_says_it_in_several_ways_and_usually_as_before() -> None:
    sample = render(3, 64, category="cat")
    assert len(sample.captions) == VARIANTS + 1
    assert sample.caption == sample.captions[0]
    assert sample.captions == render(3, 64, category="cat").captions
