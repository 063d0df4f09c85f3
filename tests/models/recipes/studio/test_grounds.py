# SPDX-License-Identifier: GPL-3.0-or-later
"""Textured grounds keep their colours, differ from place to place, and leave two things two."""

import numpy as np

from models.recipes.studio import backgrounds, grounds
from models.recipes.studio.backgrounds import paint_background
from models.recipes.studio.grounds import give_texture, with_grain

SIZE = 128


def roughness(image: np.ndarray) -> float:
    """Mean difference of neighbours."""
    return float(np.abs(np.diff(image[..., :3].astype(float), axis=1)).mean())


def test_texture_makes_an_even_ground_rough_and_keeps_its_colour() -> None:
    made = []
    for seed in range(12):
        ground = np.full((SIZE, SIZE, 4), (120, 150, 90, 255), np.uint8)
        give_texture(np.random.default_rng(seed), ground)
        made.append(roughness(ground))
        assert np.abs(ground[..., :3].mean((0, 1)) - (120, 150, 90)).max() < 15
        assert (ground[..., 3] == 255).all()
    assert np.median(made) > 1


def test_above_and_below_keep_their_own_colours() -> None:
    for seed in range(6):
        ground = np.full((SIZE, SIZE, 4), (220, 230, 250, 255), np.uint8)
        ground[64:] = (60, 90, 40, 255)
        give_texture(np.random.default_rng(seed), ground)
        assert np.abs(ground[:48, :, :3].mean((0, 1)) - (220, 230, 250)).max() < 40
        assert np.abs(ground[80:, :, :3].mean((0, 1)) - (60, 90, 40)).max() < 40


def test_so_many_grounds_are_textured(monkeypatch) -> None:
    given: list[int] = []
    monkeypatch.setattr(backgrounds, "give_texture", lambda rng, ground: given.append(1))
    for seed in range(200):
        paint_background(np.random.default_rng(seed), 32)
    assert abs(len(given) / 200 - grounds.TEXTURED_SHARE) < 0.1


def test_grain_varies_about_one_now_and_then() -> None:
    even = np.ones((SIZE, SIZE), np.float32)
    fields = [with_grain(np.random.default_rng(seed), even) for seed in range(100)]
    rough = [field for field in fields if field.std() > 0.005]
    assert 5 <= len(rough) <= 25
    assert all(abs(field.mean() - 1) < 0.02 for field in rough)


def test_large_pictures_are_textured_too() -> None:
    ground = np.full((600, 600, 4), (120, 150, 90, 255), np.uint8)
    give_texture(np.random.default_rng(0), ground)
    assert roughness(ground) > 0
