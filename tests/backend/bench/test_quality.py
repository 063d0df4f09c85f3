# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulers of the quality benchmark, on pictures whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.bench import quality
from backend.bench.held_out import EDGE_PX, GUIDES, Task, input_of, painted, part, whole
from backend.weights.families import load_family


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


def test_the_true_picture_is_the_best(task: Task) -> None:
    true = task.sample.image
    assert quality.outside_changed(task, true) == 0
    made, wanted = quality.seam_steps(task, true)
    assert made == wanted > 0
    assert quality.contour_f3(task, true) > 0.9
    assert quality.contour_f3(task, np.full_like(true, 128)) == 0


def test_a_seam_and_a_changed_byte_are_seen(task: Task) -> None:
    true = task.sample.image
    lifted = np.where((task.region > 0)[..., None], np.minimum(true, 215) + 40, true).astype(np.uint8)
    made, wanted = quality.seam_steps(task, lifted)
    assert made > 2 * wanted
    assert quality.outside_changed(task, lifted) == 0
    y, x = np.argwhere(task.region == 0)[0]
    lifted[y, x, 1] ^= 1
    assert quality.outside_changed(task, lifted) == 1


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
    assert quality.outside_changed(small, result) == 0
    assert (result != small.sample.image)[small.region > 0].any()
