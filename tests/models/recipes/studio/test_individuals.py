# SPDX-License-Identifier: GPL-3.0-or-later
"""Individuals: one trait changes and nothing else; the same one is known again in any light and place."""

import numpy as np
import pytest

from models.recipes.studio.individuals import (
    Individual,
    attributes_of,
    effect_of,
    render_individual,
)
from models.recipes.studio.subjects import SUBJECTS

SIZE = 96


def palette_of(individual: Individual) -> dict[str, object]:
    return {n: t.value for n, t in individual.attributes.items() if t.sort == "colour"}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_has_attributes_enough(subject: str) -> None:
    found = attributes_of(subject, 25)
    assert len(found) >= 8
    assert sum(t.sort == "colour" for t in found.values()) >= 2
    assert min(len(Individual(subject, seed).attributes) for seed in range(6)) >= 6


def test_there_are_subjects_enough() -> None:
    assert "face" in SUBJECTS
    assert len(SUBJECTS) >= 13


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_changed_trait_changes_the_picture_and_no_other_trait(subject: str) -> None:
    one = Individual(subject, 3)
    for seed in range(3):
        other = one.changed(np.random.default_rng(seed))
        (name,) = other.changes
        assert effect_of(one, other) != "none"
        now, then = other.attributes, one.attributes
        assert all(now[n].value == then[n].value for n in now.keys() & then.keys() - {name})
        kept = {n: c for n, c in palette_of(other).items() if n != name and n in then}
        assert kept.items() <= palette_of(one).items()


@pytest.mark.parametrize("effect", ["shape", "detail", "colour"])
@pytest.mark.parametrize("subject", ["face", "cup", "cat", "house"])
def test_what_must_differ_can_be_asked_for(subject: str, effect: str) -> None:
    one = Individual(subject, 1)
    other = one.changed(np.random.default_rng(2), effect)  # type: ignore[arg-type]
    assert effect_of(one, other) == effect
    a, b = (render_individual(i, SIZE).mask for i in (one, other))
    assert (np.count_nonzero(a != b) > 2) == (effect == "shape")


def test_the_same_place_and_light_show_the_change_only() -> None:
    plain = Individual("cup", 5).with_(pattern="plain")
    dotted = plain.with_(pattern="heart", heart_size=1.0)
    a, b = (render_individual(i, SIZE, pose=2, background=3, light=4) for i in (plain, dotted))
    assert np.array_equal(a.mask, b.mask)
    assert np.array_equal(a.contour, b.contour)
    differs = np.abs(a.image.astype(int) - b.image).max(axis=2) > 3
    assert 0 < differs.mean() < 0.1
    assert not differs[a.mask == 0].any()
    assert b.detail.sum() > a.detail.sum()


def test_an_individual_is_one_picture() -> None:
    first, again = (render_individual(Individual("dog", 7), SIZE, pose=1) for _ in range(2))
    for name in ("image", "mask", "contour", "detail", "colours"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    assert (first.caption, first.category) == (again.caption, "dog")
    other = render_individual(Individual("dog", 8), SIZE, pose=1)
    held_out = render_individual(Individual("dog", 7, "held_out"), SIZE, pose=1)
    assert not np.array_equal(first.image, other.image)
    assert not np.array_equal(first.image, held_out.image)


def test_views_of_one_individual_differ_where_they_say() -> None:
    one = Individual("teapot", 2)
    first = render_individual(one, SIZE)
    moved = render_individual(one, SIZE, pose=5)
    lit = render_individual(one, SIZE, light=9)
    elsewhere = render_individual(one, SIZE, background=6)
    assert not np.array_equal(first.mask, moved.mask)
    for still in (lit, elsewhere):
        assert np.array_equal(first.mask, still.mask)
    inside = first.mask > 0
    assert np.abs(first.image.astype(int) - lit.image)[inside].mean() > 2
    assert np.abs(first.image.astype(int) - elsewhere.image)[~inside].mean() > 2
    words = str(one.attributes["body_colour"].value)
    assert all(words in view.caption for view in (first, moved, lit, elsewhere))


def test_values_are_taken_by_name() -> None:
    cup = Individual("cup", 1).with_(body_colour="red", saucer=True, handle_reach=1.0, pattern="dots", dots=8)
    assert "a red cup with" in render_individual(cup, SIZE).caption
    assert {n: cup.attributes[n].value for n in cup.changes} == dict(cup.changes)
    wide, slim = (Individual("cup", 1).with_(breadth=x).figure.marks for x in (1.0, 0.0))
    assert wide != slim


def test_equal_individuals_are_one() -> None:
    assert len({Individual("cup", 1).with_(steam=True), Individual("cup", 1).with_(steam=True)}) == 1
    assert Individual("cup", 1) != Individual("cup", 2)


def test_bad_requests_are_refused() -> None:
    with pytest.raises(KeyError, match="wheels"):
        Individual("cup", 1).with_(wheels=3)
    with pytest.raises(KeyError):
        Individual("spoon", 1).attributes  # noqa: B018
    with pytest.raises(ValueError, match="pattern"):
        Individual("cup", 1).with_(pattern="tartan")
    with pytest.raises(ValueError, match="breadth"):
        Individual("cup", 1).with_(breadth=1.5)
    with pytest.raises(ValueError, match="size"):
        render_individual(Individual("cup", 1), 16)
    with pytest.raises(LookupError, match="nothing"):
        Individual("cup", 1).changed(np.random.default_rng(0), "sound")  # type: ignore[arg-type]
