# SPDX-License-Identifier: GPL-3.0-or-later
"""Short captions of many kinds of pictures, whose spread stands for all that can be asked of a family."""

from __future__ import annotations

import random

COLOURS = (
    "red", "orange", "yellow", "green", "teal", "blue", "navy", "purple", "pink", "brown", "beige", "grey",
    "black", "white",
)  # fmt: skip
SUBJECTS = (
    "{a} cat with {b} eyes", "{a} dog with pointed ears", "{a} bird with {b} wings, on a branch",
    "{a} fish with {b} stripes", "{a} butterfly with {b} spots", "{a} horse", "{a} flower in a {b} pot",
    "{a} mushroom with {b} spots", "{a} fir tree", "{a} round tree with {b} fruit", "{a} apple with a leaf",
    "{a} cup with a {b} stripe", "{a} teapot on a {b} table", "{a} shoe with a {b} sole", "{a} chair",
    "{a} house with a {b} roof", "{a} tower by the sea", "{a} car with a {b} stripe",
    "{a} airplane with {b} wings",
    "{a} sailboat with {b} sails", "{a} bicycle", "{a} lamp and a {b} book", "{a} guitar",
    "smiling face with {a} hair, {b} eyes", "laughing face with a {a} hat", "portrait of a woman in {a}",
    "portrait of a man with a {a} beard", "{a} hand holding a {b} ball", "{a} mountain under a {b} sky",
    "street with {a} houses", "forest with a {a} path", "{a} dragon with {b} wings",
)  # fmt: skip
LEADS = ("", "", "a painting of ", "an illustration of ", "a drawing of ", "a photo of ")
ENDS = (
    "",
    "",
    " in watercolour",
    " on a white background",
    " outdoors",
    " on paper",
    " at night",
    ", close up",
)


def captions(count: int = 300, seed: int = 0) -> list[str]:
    """So many captions, the same for the same seed.

    Raises:
        ValueError: fewer than two.
    """
    if count < 2:
        raise ValueError(f"{count} captions have no spread")
    rng = random.Random(seed)
    return [_caption(rng) for _ in range(count)]


def _caption(rng: random.Random) -> str:
    subject = rng.choice(SUBJECTS).format(a=rng.choice(COLOURS), b=rng.choice(COLOURS))
    article = "an" if subject[0] in "aeiou" else "a"
    return f"{rng.choice(LEADS)}{article} {subject}{rng.choice(ENDS)}"
