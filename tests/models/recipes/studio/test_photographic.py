# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from models.recipes.studio.camera import photographed
from models.recipes.studio.photographic import render_photographic
from models.recipes.studio.textures import TILE_PX, random_surface


def test_a_seed_makes_one_scene_and_splits_share_none() -> None:
    first, again, held = (
        render_photographic(5, 96),
        render_photographic(5, 96),
        render_photographic(5, 96, "held_out"),
    )
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.contour, again.contour)
    assert not np.array_equal(first.image, held.image)


def test_every_plane_fits_and_lines_are_thin() -> None:
    scenes = [render_photographic(seed, 128) for seed in range(8)]
    for scene in scenes:
        assert scene.image.shape == (128, 128, 3)
        assert scene.contour.shape == scene.detail.shape == scene.known.shape == (128, 128)
        assert set(np.unique(scene.known)) <= {0, 255}
    ink = np.mean([np.maximum(scene.contour, scene.detail).mean() / 255 for scene in scenes])
    assert 0.01 < ink < 0.15
    assert max(scene.contour.max() for scene in scenes) > 240


def test_known_lines_lie_where_something_begins() -> None:
    """The exact lines must not be shifted against the picture: most ink lies on a step of brightness."""
    on_line: list[float] = []
    elsewhere: list[float] = []
    for seed in range(12):
        scene = render_photographic(seed, 128)
        light = scene.image.astype(float).mean(-1)
        step = np.hypot(*np.gradient(light))
        ink = (scene.contour > 200) & (scene.known > 0)
        if ink.any():
            on_line.append(float(step[ink].mean()))
            elsewhere.append(float(step[scene.contour == 0].mean()))
    assert np.mean(on_line) > 2 * np.mean(elsewhere)


@pytest.mark.parametrize(("seed", "size"), [(-1, 64), (0, 16), (0, 1024)])
def test_no_such_scene(seed: int, size: int) -> None:
    with pytest.raises(ValueError):
        render_photographic(seed, size)


def test_textures_are_even_and_of_many_kinds() -> None:
    rng = np.random.default_rng(0)
    surfaces = [random_surface(rng, 200) for _ in range(20)]
    for surface in surfaces:
        assert surface.light.shape == surface.tint.shape == (200, 200)
        assert abs(surface.light).max() <= 3.001
    rough = [float(np.abs(np.diff(surface.light)).mean()) for surface in surfaces]
    assert max(rough) > 4 * min(rough)
    with pytest.raises(ValueError):
        random_surface(rng, TILE_PX + 1)


def test_a_camera_changes_the_light_but_moves_nothing() -> None:
    rng, picture = np.random.default_rng(0), np.full((64, 64, 3), 40, np.uint8)
    picture[:, 32:] = 210
    taken = [photographed(rng, picture) for _ in range(40)]
    assert any(np.array_equal(one, picture) for one in taken)
    assert sum(not np.array_equal(one, picture) for one in taken) > 25
    for one in taken:
        across = one.astype(float).mean((0, 2))
        assert one.dtype == np.uint8
        assert 29 <= int(np.abs(np.diff(across)).argmax()) <= 34
