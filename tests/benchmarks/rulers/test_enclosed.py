# SPDX-License-Identifier: GPL-3.0-or-later
"""What lines enclose, on drawings whose answer is known; and the rulers of figures on them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.held_out import Image8, Task
from benchmarks.rulers.doodle_strokes import Drawing
from benchmarks.rulers.doodles import doodle_task
from benchmarks.rulers.enclosed import enclosed_parts, far_outside, standing_alone
from benchmarks.rulers.figures import grain_ratio, outside_lines_changed_bytes, stroke_alone_kept


def circle(x: float, y: float, radius: float, share: float = 1.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi * share, 80)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], 1)


LOLLIPOP = Drawing("lollipop", (circle(128, 70, 60), np.array([[128.0, 130.0], [128.0, 255.0]])))


@pytest.fixture
def task() -> Task:
    return doodle_task(LOLLIPOP, 3, dabs=True)


def painted(task: Task) -> Image8:
    """The circle red, the stick brown, nothing else."""
    result = task.sample.image.copy()
    result[enclosed_parts(task.sample.contour) > 0] = (200, 30, 30)
    result[task.sample.contour > 100] = (90, 60, 20)
    return result


def test_a_circle_encloses_and_its_stick_stands_alone(task: Task) -> None:
    contour = task.sample.contour
    parts, alone, far = enclosed_parts(contour), standing_alone(contour), far_outside(contour)
    assert parts.max() == 1
    y, x = np.argwhere(parts == 1).mean(0)
    rows = np.argwhere(alone)[:, 0]
    assert parts[round(y), round(x)] == 1
    assert rows.min() > y
    assert alone.sum() == pytest.approx((contour > 100)[rows.min() :].sum(), rel=0.05)
    assert far[0].all() and far[:, 0].all()
    assert not (far & ((parts > 0) | (contour > 0))).any()


def test_a_small_gap_leaves_it_closed_and_a_wide_one_opens_it() -> None:
    near, wide = (doodle_task(Drawing("o", (circle(128, 128, 100, s),)), 0, dabs=False) for s in (0.99, 0.8))
    assert enclosed_parts(near.sample.contour).max() == 1
    assert enclosed_parts(wide.sample.contour).max() == 0
    assert math.isnan(outside_lines_changed_bytes(wide, wide.sample.image))


def test_dabs_lie_in_areas_each_in_another_colour(task: Task) -> None:
    two = doodle_task(Drawing("8", (circle(128, 70, 50), circle(128, 190, 50))), 1, dabs=True)
    for some, count in ((task, 1), (two, 2)):
        laid = some.sample.colours[..., 3] > 127
        parts = enclosed_parts(some.sample.contour)
        assert set(parts[laid]) == set(range(1, count + 1))
        assert len({tuple(colour) for colour in some.sample.colours[laid][:, :3]}) == count
    assert not doodle_task(LOLLIPOP, 3, dabs=False).sample.colours[..., 3].any()


def test_one_byte_beyond_the_lines_is_counted_and_none_within(task: Task) -> None:
    result = painted(task)
    assert outside_lines_changed_bytes(task, result) == 0
    result[4, 4, 1] ^= 1
    assert outside_lines_changed_bytes(task, result) == 1


def test_a_stick_is_kept_lost_or_half_lost(task: Task) -> None:
    result = painted(task)
    assert stroke_alone_kept(task, result) == 1
    alone = np.argwhere(standing_alone(task.sample.contour))[:, 0]
    half = result.copy()
    half[(alone.min() + alone.max()) // 2 :] = task.sample.image[0, 0]
    assert stroke_alone_kept(task, half) == pytest.approx(0.5, abs=0.06)
    assert stroke_alone_kept(task, task.sample.image) == 0
    closed = doodle_task(Drawing("o", (circle(128, 128, 100),)), 0, dabs=False)
    assert math.isnan(stroke_alone_kept(closed, closed.sample.image))


@pytest.mark.parametrize(("spread", "ratio"), [(0.0, 0.0), (6.0, 0.25), (12.0, 1.0)])
def test_grain_is_a_share_of_energy(task: Task, spread: float, ratio: float) -> None:
    dice = np.random.default_rng(0)
    figure = enclosed_parts(task.sample.contour) > 0
    grain = dice.normal(0, 1, figure.shape)[..., None]
    ground = 128 + 12 * grain
    scene = replace(task, sample=replace(task.sample, image=ground.clip(0, 255).astype(np.uint8)))
    result = np.where(figure[..., None], 90 + spread * grain, ground).clip(0, 255).astype(np.uint8)
    result = np.broadcast_to(result, (*figure.shape, 3)).copy()
    assert grain_ratio(scene, result) == pytest.approx(ratio, abs=0.08)
    assert math.isnan(grain_ratio(task, painted(task))), "a plain ground has no grain"
