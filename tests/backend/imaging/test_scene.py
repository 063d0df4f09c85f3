# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
import torch

from backend.imaging import scene as scenes
from backend.imaging.pixels import Picture
from backend.imaging.scene import Layers, Scene, read_scene
from shared.geometry import Bounds


def layers(height: int = 387, width: int = 513) -> Layers:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (height, width, 4), np.uint8)
    image[..., 3] = 255
    contour = np.zeros_like(image)
    contour[50:300, 200, 3] = 255
    colours = np.zeros_like(image)
    colours[60:90, 60:90] = (0, 0, 255, 255)
    mask = np.zeros((height, width), np.uint8)
    mask[40:200, 50:260] = 255
    return Layers(
        mask, Picture(image, "bgra_u8"), Picture(contour, "bgra_u8"), None, Picture(colours, "bgra_u8")
    )


def planes(scene: Scene) -> list[torch.Tensor]:
    return [scene.picture, scene.mask, scene.contour, scene.detail, scene.colours]


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_bands_do_not_show(monkeypatch: pytest.MonkeyPatch, factor: int) -> None:
    crop = Bounds(11, 17, 301, 223)
    whole = read_scene(layers(), crop, factor)
    monkeypatch.setattr(scenes, "BAND_PIXELS", 2000)
    for a, b in zip(planes(whole), planes(read_scene(layers(), crop, factor)), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=0)
    assert whole.size == (-(-223 // factor), -(-301 // factor))


def test_what_is_read() -> None:
    scene = read_scene(layers(), Bounds(0, 0, 513, 387), 1, grow_px=3)
    assert scene.mask[0, 0, 100, 46:49].tolist() == [0, 1, 1]
    assert scene.contour[0, 0, 100, 199:202].tolist() == [0, 1, 0]
    assert not scene.detail.any()
    strokes = scene.strokes()
    assert strokes.colour[0, :, 70, 70].tolist() == [1, 0, 0, 1]
    assert strokes.colour[0, :, 0, 0].tolist() == [0.5, 0.5, 0.5, 0]
    known = scene.known_picture()
    assert not known[..., 100, 100].any()
    torch.testing.assert_close(known[..., 0, 0], scene.picture[..., 0, 0] * 2 - 1)


def test_transparent_canvas_is_unknown() -> None:
    given = layers()
    assert given.image
    given.image.array[:, 400:, 3] = 0
    scene = read_scene(given, Bounds(0, 0, 513, 387), 1)
    assert scene.mask[..., 400:].all()
    assert scene.picture[..., 400:].min() == 1
    none = Layers(given.mask, None, None, None, None)
    assert read_scene(none, Bounds(0, 0, 513, 387), 2).mask.all()


def test_sizes_change_together() -> None:
    scene = read_scene(layers(), Bounds(3, 5, 301, 223), 1).resized((95, 128)).padded(32, 64)
    assert {tuple(p.shape[-2:]) for p in planes(scene)} == {(96, 128)}
    part = scene.on_grid(8).cut(Bounds(32, 16, 40, 24))
    assert {tuple(p.shape[-2:]) for p in planes(part)} == {(24, 40)}


def test_padding_masks_the_mirror_of_what_is_masked() -> None:
    given = layers()
    given.mask[:] = 255
    assert read_scene(given, Bounds(0, 0, 513, 387), 1).padded(32, 0).mask.all()
