# SPDX-License-Identifier: GPL-3.0-or-later
"""The quality benchmark's pictures, ways to paint and rulers, on pictures whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.imaging import colour_strokes
from backend.weights.runtime.families import load_family
from benchmarks.held_out import EDGE_PX, GUIDES, Task, input_of, painted, part, whole
from benchmarks.painting import measures as quality_measures
from benchmarks.painting.figures import SUMMED
from benchmarks.painting.rows import drawn, flat_fill, without_colour_step
from benchmarks.painting.sets import SETS
from benchmarks.rulers.seams import outside_changed, seam_steps
from models.recipes.studio import render


@pytest.fixture(scope="module")
def task() -> Task:
    return part(3)


def test_the_same_pictures_every_time_and_none_that_was_trained_on(task: Task) -> None:
    again = part(3)
    assert np.array_equal(task.sample.image, again.sample.image)
    assert np.array_equal(task.region, again.region)
    assert 0 < (task.region > 0).mean() < 1
    exact, sketched = whole(3), whole(3, by_hand=True)
    assert np.array_equal(exact.sample.image, sketched.sample.image)
    assert not np.array_equal(exact.sample.contour, sketched.sample.contour)
    assert (exact.region == 255).all()


def test_no_held_out_picture_is_one_of_training() -> None:
    held = {whole(number).sample.image.tobytes() for number in range(6)}
    assert len(held) == 6
    for seed in (*range(6), *range(1_000_000, 1_000_006)):
        assert render(seed, EDGE_PX).image.tobytes() not in held


def test_the_true_picture_is_the_best() -> None:
    """Better than itself moved, in one colour or in noise, by every ruler of lines and dabs, on average."""
    tasks = [whole(number) for number in range(6)]
    rulers = {
        "contour_f3": quality_measures.contour_f3,
        "detail_f3": quality_measures.detail_f3,
        "stroke_delta_e": lambda task, result: -quality_measures.stroke_delta_e(result, task.sample.colours),
    }
    dice = np.random.default_rng(0)
    worse = {
        "moved": lambda image: np.roll(image, 9, (0, 1)),
        "flat": lambda image: np.broadcast_to(image.mean((0, 1)), image.shape).astype(np.uint8),
        "noisy": lambda image: (image + dice.normal(0, 60, image.shape)).clip(0, 255).astype(np.uint8),
    }
    for name, ruler in rulers.items():
        true = np.nanmean([ruler(task, task.sample.image) for task in tasks])
        for kind, change in worse.items():
            less = np.nanmean([ruler(task, change(task.sample.image)) for task in tasks])
            assert true > less, f"{name} of {kind} pictures"


def test_the_true_picture_changes_nothing_outside_and_has_no_seam(task: Task) -> None:
    true = task.sample.image
    assert outside_changed(task, true) == 0
    made, wanted = seam_steps(task, true)
    assert made == wanted > 0
    assert quality_measures.contour_f3(task, np.full_like(true, 128)) == 0


def test_a_seam_and_a_changed_byte_are_seen(task: Task) -> None:
    true = task.sample.image
    lifted = np.where((task.region > 0)[..., None], np.minimum(true, 215) + 40, true).astype(np.uint8)
    made, wanted = seam_steps(task, lifted)
    assert made > 2 * wanted
    assert outside_changed(task, lifted) == 0
    y, x = np.argwhere(task.region == 0)[0]
    lifted[y, x, 1] ^= 1
    assert outside_changed(task, lifted) == 1


def test_a_guide_that_is_withheld_is_not_sent(task: Task) -> None:
    assert input_of(task).request.prompt == task.sample.caption != ""
    for guide in GUIDES:
        given = input_of(task.lacking(guide))
        missing = {
            "contour": given.contour is None and given.request.contour is None,
            "detail": given.detail is None and given.request.detail is None,
            "colour": given.colours is None and given.request.colours is None,
            "text": given.request.prompt == "",
        }
        assert [name for name, gone in missing.items() if gone] == [guide]


def test_the_real_act_paints_inside_the_region_only(task: Task) -> None:
    small = replace(task, region=np.where(np.arange(EDGE_PX) < 64, task.region, 0).astype(np.uint8))
    small.region[:64, :32] = 255
    result = painted(load_family("embedded"), small)
    assert outside_changed(small, result) == 0
    assert (result != small.sample.image)[small.region > 0].any()


def test_a_flat_fill_gives_each_area_its_dab_and_keeps_the_lines() -> None:
    size = 64
    sample = whole(0).sample
    contour, colours = np.zeros((size, size), np.uint8), np.zeros((size, size, 4), np.uint8)
    contour[8:56, 8:11] = contour[8:56, 30:33] = contour[8:56, 53:56] = 255
    contour[8:11, 8:56] = contour[53:56, 8:56] = 255
    colours[20:26, 16:22] = (200, 0, 0, 255)
    colours[30:36, 40:46] = (0, 0, 200, 255)
    image, detail = np.full((size, size, 3), 240, np.uint8), np.zeros((size, size), np.uint8)
    sample = replace(sample, image=image, contour=contour, detail=detail, colours=colours)
    made = flat_fill(Task(sample, np.full((size, size), 255, np.uint8), 0, scope="lines"))
    assert np.abs(made[45, 20].astype(int) - (200, 0, 0)).max() <= 3
    assert np.abs(made[15, 45].astype(int) - (0, 0, 200)).max() <= 3
    assert (made[contour == 255] == 0).all()
    assert (made[:6] == 240).all() and (made[60:] == 240).all()
    bare = drawn(Task(sample, np.full((size, size), 255, np.uint8), 0))
    assert (bare[contour == 0] == 240).all() and (bare[contour == 255] == 0).all()


def test_the_colour_step_is_left_out_and_comes_back() -> None:
    picture, full = torch.rand(1, 3, 16, 16), torch.ones(1, 1, 16, 16)
    colour = torch.cat([torch.zeros(1, 3, 16, 16), full], 1)
    step = colour_strokes.obeyed
    with pytest.raises(ValueError), without_colour_step():
        assert colour_strokes.obeyed(picture, colour, full * 0, full) is picture
        raise ValueError
    assert colour_strokes.obeyed is step
    assert not torch.equal(step(picture, colour, full * 0, full), picture)


def test_every_set_has_names_counts_and_what_its_figures_lean_on() -> None:
    assert len({some.key for some in SETS}) == len(SETS)
    names = [some.label.format(ruler) for some in SETS for ruler in some.rulers if ruler not in SUMMED]
    assert len(set(names)) == len(names)
    for some in SETS:
        assert "category" not in some.rulers or "true" in some.rows
        assert "doodle_recognised" not in some.rulers or "drawing" in some.rows
        assert some.counts[0] >= some.counts[1]
