# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes with truth: every object's pixels are its own, and together they are the whole."""

import dataclasses

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, distance_transform_edt

from models.recipes.studio.scene_truth import SceneTruth, render_scene_truth

SIZE = 160


@pytest.fixture(scope="module")
def scenes() -> list[SceneTruth]:
    return [render_scene_truth(seed, SIZE) for seed in range(12)]


def test_a_seed_is_one_scene() -> None:
    first, again = render_scene_truth(3, 96), render_scene_truth(3, 96)
    assert np.array_equal(first.image, again.image)
    assert first.caption == again.caption
    assert [dataclasses.astuple(o)[-3:] for o in first.objects] == [
        dataclasses.astuple(o)[-3:] for o in again.objects
    ]
    assert not np.array_equal(first.image, render_scene_truth(3, 96, "held_out").image)
    assert not np.array_equal(first.image, render_scene_truth(4, 96).image)


def test_most_scenes_hold_several_objects_and_some_overlap(scenes: list[SceneTruth]) -> None:
    assert sum(len(scene.objects) >= 2 for scene in scenes) >= 9
    assert max(len(scene.objects) for scene in scenes) <= 4
    touching = 0
    for scene in scenes:
        for one in scene.objects[1:]:
            others = np.maximum.reduce([o.mask for o in scene.objects if o is not one]) > 0
            touching += bool((binary_dilation(one.mask > 0) & others).any())
    assert touching >= 2


def test_objects_share_no_pixel_and_make_up_the_whole(scenes: list[SceneTruth]) -> None:
    for scene in scenes:
        owners = sum((one.mask > 0).astype(int) for one in scene.objects)
        assert np.max(owners) == 1
        assert np.array_equal(np.asarray(owners) > 0, scene.mask > 0)


def test_boxes_fit_tightly(scenes: list[SceneTruth]) -> None:
    for scene in scenes:
        for one in scene.objects:
            x, y, width, height = one.box
            inside = one.mask[y : y + height, x : x + width] > 0
            assert inside.sum() == (one.mask > 0).sum()
            for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                assert edge.any()


def test_lines_belong_to_their_object(scenes: list[SceneTruth]) -> None:
    for scene in scenes:
        for one in scene.objects:
            inside = one.mask > 0
            edge_px = np.where(inside, distance_transform_edt(inside), distance_transform_edt(~inside))
            assert edge_px[one.contour > 100].max() <= 4
            beyond = (one.detail > 100) & ~binary_dilation(inside, iterations=3)
            assert beyond.mean() < 0.004  # whiskers and feelers reach out
            assert one.lines.size == SIZE


def test_details_lie_in_the_picture(scenes: list[SceneTruth]) -> None:
    assert sum(one.detail.max() > 100 for scene in scenes for one in scene.objects) > 20


def test_captions_name_every_object(scenes: list[SceneTruth]) -> None:
    for scene in scenes:
        for one in scene.objects:
            assert one.category in one.caption
            assert one.caption in scene.caption


def test_objects_came_onto_the_canvas_before(scenes: list[SceneTruth]) -> None:
    for scene in scenes:
        inside = scene.mask > 0
        change = np.abs(scene.image.astype(int) - scene.before).mean(axis=2)
        assert change[inside].mean() > 8 * max(change[~inside].mean(), 0.1)


def test_the_count_can_be_asked_for() -> None:
    assert all(len(render_scene_truth(seed, 96, count=1).objects) == 1 for seed in range(4))


def test_bad_requests_are_refused() -> None:
    for wrong in ({"seed": -1}, {"seed": 0, "size": 16}, {"seed": 0, "count": 0}):
        with pytest.raises(ValueError, match="must be"):
            render_scene_truth(**wrong)  # type: ignore[arg-type]
