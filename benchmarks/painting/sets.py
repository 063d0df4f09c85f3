# SPDX-License-Identifier: GPL-3.0-or-later
"""What the quality benchmark has painted: each set is another kind of work that artists bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.held_out import EDGE_PX, FIRST_SEED, GUIDES, Task, part, whole
from benchmarks.painting.rows import (
    BARE,
    DRAWING,
    FLAT,
    INSTANT,
    PAINT,
    PASTED,
    STUDENT,
    TRUE,
    WITHOUT,
)
from benchmarks.rulers.doodle_strokes import TRIED, drawings
from benchmarks.rulers.doodles import doodle_task
from models.recipes.studio import render
from models.recipes.studio.hands import EXACT
from models.recipes.studio.photographic import render_photographic

LINES = ("contour_f3", "detail_f3", "stroke_delta_e")
INSIDE = ("doodle_recognised", "stroke_alone_kept", "outside_lines_changed_bytes")

SUBJECTS_DRAWN = ("cup", "cat", "house", "fish", "tree", "car", "bird", "mushroom", "teapot", "apple")
"""Things whose outline closes."""


@dataclass(frozen=True)
class PictureSet:
    """
    Args:
        key: Names it.
        title: For people.
        label: Turns the name of a ruler into that of a figure of this set.
        counts: Pictures in a full run and in a quick one.
        task: The one of that number.
        rows: The ways to paint it.
        rulers: What is measured of each picture.
    """

    key: str
    title: str
    label: str
    counts: tuple[int, int]
    task: Callable[[int], Task]
    rows: tuple[str, ...]
    rulers: tuple[str, ...]

    def tasks(self, *, quick: bool) -> list[Task]:
        return [self.task(number) for number in range(self.counts[quick])]


def by_words(number: int) -> Task:
    """A held-out picture of which only the words are given."""
    return whole(number).lacking("contour").lacking("detail").lacking("colour")


def by_people(number: int, *, dabs: bool) -> Task:
    """A drawing by a person, on a plain ground."""
    return doodle_task(drawings(TRIED)[number], number, dabs=dabs)


def textured(number: int) -> Task:
    """A thing of the studio drawn into a photographic scene, to be painted inside its lines."""
    scene = render_photographic(FIRST_SEED + number, EDGE_PX, "held_out").image
    kind = SUBJECTS_DRAWN[number % len(SUBJECTS_DRAWN)]
    thing = render(FIRST_SEED + number, EDGE_PX, "held_out", hand=EXACT, category=kind)
    dabs = thing.colours.copy()
    dabs[..., 3] = np.minimum(dabs[..., 3], thing.mask)  # those on its own ground are none of the scene's
    everywhere = np.full((EDGE_PX, EDGE_PX), 255, np.uint8)
    return Task(replace(thing, image=scene, colours=dabs), everywhere, number, scope="lines")


SETS = (
    PictureSet(
        "studio",
        "Held-out pictures of the studio, painted whole at 256 px",
        "{}",
        (48, 2),
        whole,
        (FLAT, INSTANT, BARE, STUDENT, PAINT, TRUE),
        ("perceptual", "category", *LINES),
    ),
    PictureSet(
        "canvas_512",
        "The same on canvases of 512 px",
        "{}_512",
        (12, 1),
        lambda number: whole(number, size=512),
        (FLAT, INSTANT, PAINT, TRUE),
        ("perceptual", "category"),
    ),
    PictureSet(
        "canvas_1024",
        "The same on canvases of 1024 px",
        "{}_1024",
        (6, 0),
        lambda number: whole(number, size=1024),
        (FLAT, INSTANT, PAINT, TRUE),
        ("perceptual", "category"),
    ),
    PictureSet(
        "no_dabs",
        "Held-out pictures, drawn without a single dab",
        "no_dabs_{}",
        (48, 1),
        lambda number: whole(number).lacking("colour"),
        (FLAT, INSTANT, PAINT, TRUE),
        ("perceptual", "category"),
    ),
    PictureSet(
        "words_only",
        "Held-out pictures, by their words alone",
        "words_only_{}",
        (48, 1),
        by_words,
        (PASTED, PAINT, TRUE),
        ("category",),
    ),
    PictureSet(
        "doodles",
        "Drawings by people with two or three dabs, on plain grounds",
        "{}",
        (100, 2),
        lambda number: by_people(number, dabs=True),
        (DRAWING, FLAT, INSTANT, BARE, PAINT),
        INSIDE,
    ),
    PictureSet(
        "doodles_no_dabs",
        "The same drawings without dabs",
        "no_dabs_{}",
        (100, 1),
        lambda number: by_people(number, dabs=False),
        (DRAWING, FLAT, INSTANT, PAINT),
        INSIDE,
    ),
    PictureSet(
        "textured",
        "Things drawn into textured scenes",
        "{}",
        (24, 2),
        textured,
        (FLAT, INSTANT, BARE, PAINT),
        ("grain_ratio", "outside_lines_changed_bytes"),
    ),
    PictureSet(
        "regions",
        "Regions of held-out pictures, painted into what is around them",
        "{}",
        (24, 2),
        part,
        (FLAT, INSTANT, PAINT, TRUE),
        ("seam_ratio", "outside_changed_bytes"),
    ),
    PictureSet(
        "by_hand",
        "Held-out pictures from quick sketches, trembling, with gaps",
        "{}_by_hand",
        (24, 1),
        lambda number: whole(number, by_hand=True),
        (FLAT, INSTANT, PAINT, TRUE),
        ("contour_f3", "perceptual"),
    ),
    PictureSet(
        "guides",
        "The same pictures with one guide withheld",
        "{}_guides",
        (12, 0),
        whole,
        (PAINT, *(WITHOUT + guide for guide in GUIDES)),
        LINES,
    ),
)
