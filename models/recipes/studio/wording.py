# SPDX-License-Identifier: GPL-3.0-or-later
"""Captions as people write them: "cat", "a red mug", "kitty on grass"; only what can be seen is said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator

from models.recipes.studio.palette import NAMED

SYNONYMS: dict[str, tuple[str, ...]] = {
    "face": ("face", "face", "portrait", "person", "head"),
    "cup": ("cup", "cup", "mug", "mug", "coffee cup", "teacup"),
    "teapot": ("teapot", "teapot", "tea pot"),
    "apple": ("apple", "apple", "apple", "fruit"),
    "house": ("house", "house", "home", "cottage"),
    "cat": ("cat", "cat", "cat", "kitty", "kitten"),
    "dog": ("dog", "dog", "dog", "puppy", "doggy"),
    "bird": ("bird", "bird", "birdie"),
    "car": ("car", "car", "automobile", "auto"),
    "sailboat": ("sailboat", "boat", "sailing boat", "ship"),
    "airplane": ("airplane", "plane", "aeroplane", "aircraft"),
    "shoe": ("shoe", "shoe", "sneaker", "trainer"),
    "rabbit": ("rabbit", "rabbit", "bunny", "hare"),
    "turtle": ("turtle", "turtle", "tortoise"),
    "ice cream": ("ice cream", "ice cream", "ice cream cone"),
    "umbrella": ("umbrella", "umbrella", "parasol"),
    "flower": ("flower", "flower", "blossom"),
    "mushroom": ("mushroom", "mushroom", "toadstool"),
}
"""Other names for what the studio paints; a category without any has its own name only."""

MODIFIERS: dict[str, tuple[str, ...]] = {
    "striped": ("striped", "striped", "stripy"),
    "spotted": ("spotted", "spotted", "dotted"),
    "wooden": ("wooden", "wooden", "wood"),
    "metal": ("metal", "metal", "metallic", "steel"),
    "golden": ("golden", "gold"),
    "furry": ("furry", "furry", "fluffy"),
    "shiny": ("shiny", "shiny", "glossy"),
    "big": ("big", "large"),
    "small": ("small", "little", "tiny"),
}
"""Other words for the same."""

LARGE, SMALL = 0.4, 0.1
"""Shares of the picture from which, and up to which, a thing is called big or small."""

VARIANTS = 7
"""Ways to say what a picture shows beside the usual one."""

_LEADS = ("a painting of", "a drawing of", "an illustration of", "a picture of")
_COLOUR = "|".join(sorted(NAMED, key=len, reverse=True))
_MODIFIER = re.compile(rf"{_COLOUR}|[\w-]+")
_FEATURE = re.compile(r"(?:, |\b)(?=with |wearing |carrying |on a |in a |in the )| and |, ")
_SPOTS = re.compile(r"\b(spots|dots)\b")


@dataclass(frozen=True)
class Spoken:
    """A thing in words: its names, what describes it before the name, and phrases that follow it."""

    names: tuple[str, ...]
    modifiers: tuple[str, ...]
    features: tuple[str, ...]


def spoken(caption: str, category: str, share: float) -> Spoken:
    """Take the caption of one thing apart.

    Args:
        caption: as the studio's subjects write it: "a striped orange cat with green eyes and a red collar".
        category: what names the thing in it; a caption without that word is a name as a whole.
        share: of the picture that the thing covers, in [0, 1].
    """
    words = re.sub(r"^an? ", "", caption)
    found = re.search(rf"\b{category}\b", words)
    if found is None:
        modifiers, name, tail = _named(words)
        names = (name,)
    else:
        modifiers = tuple(_MODIFIER.findall(words[: found.start()]))
        names, tail = SYNONYMS.get(category, (category,)), words[found.end() :]
    size = ("big",) if share > LARGE else ("small",) if share < SMALL else ()
    spots = ("spotted",) if _SPOTS.search(tail) else ()
    return Spoken(names, tuple(dict.fromkeys((*size, *spots, *modifiers))), _features(tail))


def _named(words: str) -> tuple[tuple[str, ...], str, str]:
    """Colour in front, the rest as a name."""
    colour = re.match(rf"({_COLOUR}) (?=\w)", words)
    return ((colour[1],), words[colour.end() :], "") if colour else ((), words, "")


def _features(tail: str) -> tuple[str, ...]:
    """Phrases that follow a name, each with its own "with"."""
    found: list[str] = []
    joint = "with "
    for piece in _FEATURE.split(tail):
        piece = piece.strip(" ,")
        begins = re.match(r"(with|wearing|carrying|on|in) ", piece)
        if begins:
            joint = f"{begins[1]} "
        elif piece and joint in ("with ", "wearing "):
            piece = joint + piece
        if " " in piece:
            found.append(piece)
    return tuple(found)


def ways_to_say(rng: Generator, things: Sequence[Spoken], places: Sequence[str]) -> tuple[str, ...]:
    """Several captions for a picture, short ones above all.

    Args:
        rng: chooses the words.
        things: what it shows, the main thing first.
        places: phrases for what stands behind, any of which is true.
    """
    return tuple(with_articles(_said(rng, things, places)) for _ in range(VARIANTS))


def _said(rng: Generator, things: Sequence[Spoken], places: Sequence[str]) -> str:
    kind = rng.random()
    if kind < 0.45:
        text = _together(rng, [_name(rng, thing, 0) for thing in things])
        return text if rng.random() < 0.85 else f"{_one_of(rng, _LEADS)} {_with_a(text)}"
    text = _together(rng, [_name(rng, thing, int(rng.integers(1, 3))) for thing in things])
    features = things[0].features
    if kind < 0.6 and features and len(things) == 1:
        text = f"{text} {_one_of(rng, features)}"
    elif kind < 0.75 and places:
        text = f"{text} {_one_of(rng, places)}"
    return text if rng.random() < 0.9 else f"{_one_of(rng, _LEADS)} {_with_a(text)}"


def _name(rng: Generator, thing: Spoken, most: int) -> str:
    """A name with up to so many modifiers in their order, with or without an article."""
    count = min(most, len(thing.modifiers))
    kept: list[int] = sorted(rng.permutation(len(thing.modifiers))[:count].tolist())
    words = [_one_of(rng, MODIFIERS.get(word, (word,))) for word in (thing.modifiers[i] for i in kept)]
    text = " ".join([*words, _one_of(rng, thing.names)])
    return f"a {text}" if rng.random() < 0.5 else text


def _together(rng: Generator, names: list[str]) -> str:
    """All of them; now and then only the main one is worth a word."""
    return names[0] if rng.random() < 0.15 else " and ".join(names)


def _with_a(text: str) -> str:
    return text if text.startswith("a ") else f"a {text}"


def _one_of(rng: Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def with_articles(caption: str) -> str:
    """An before a vowel."""
    return re.sub(r"\ba (?=[aeiou])", "an ", caption)
