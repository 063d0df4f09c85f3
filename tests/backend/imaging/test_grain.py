# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from backend.imaging.grain import grain_around, grain_ratio, with_grain
from backend.imaging.pixels import DEPTHS, Floats, Picture, from_rgba, to_rgba
from shared.geometry import Bounds
from shared.messages import PixelFormat

HEIGHT, WIDTH = 301, 397
PLACE = Bounds(140, 90, 120, 110)


def ground() -> Floats:
    """(H,W,3): a smooth slope of tones."""
    return np.zeros((HEIGHT, WIDTH, 3), np.float32) + np.linspace(0.3, 0.7, WIDTH, dtype=np.float32)[:, None]


def film(strength: float = 0.04, seed: int = 3) -> Floats:
    noise = gaussian_filter(np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH, 1)), (0.6, 0.6, 0))
    return np.clip(ground() + strength * noise, 0, 1).astype(np.float32)


def weave() -> Floats:
    """Threads across, a little uneven."""
    rng = np.random.default_rng(4)
    wander = gaussian_filter(rng.standard_normal((HEIGHT, WIDTH)), (3, 9)) * 15
    threads = np.sin(np.arange(HEIGHT)[:, None] * 2 * np.pi / 4 + wander) + 0.5 * rng.standard_normal(
        (HEIGHT, WIDTH)
    )
    return np.clip(ground() * (1 + 0.03 * threads[..., None]), 0, 1).astype(np.float32)


def with_leaves() -> Floats:
    """Sharp things of every size all over, and no grain."""
    rng = np.random.default_rng(5)
    made = ground()
    for _ in range(900):
        y, x, side = rng.integers(0, HEIGHT), rng.integers(0, WIDTH), rng.integers(4, 20)
        made[y : y + side, x : x + side // 2 + 1] = rng.uniform(0.2, 0.8, 3)
    return made


def picture(rgb: Floats, format: PixelFormat = "bgra_u8") -> Picture:
    opaque = np.ones((*rgb.shape[:2], 1), np.float32)
    return Picture(from_rgba(np.concatenate([rgb, opaque], -1), format), format)


def layer(format: PixelFormat = "bgra_u8") -> Picture:
    """A smooth disc."""
    y, x = np.mgrid[: PLACE.height, : PLACE.width]
    alpha = (np.hypot(y - 55, x - 60) < 50).astype(np.float32)[..., None]
    rgb = np.array([0.6, 0.45, 0.3], np.float32) * alpha
    return Picture(from_rgba(np.concatenate([rgb, alpha], -1), format), format)


def disc() -> np.ndarray:
    figure = np.zeros((HEIGHT, WIDTH), bool)
    figure[PLACE.y : PLACE.bottom, PLACE.x : PLACE.right] = layer().array[..., 3] > 0
    return figure


def laid(rgb: Floats, pixels: np.ndarray) -> np.ndarray:
    """(H,W,3) uint8: the picture with the layer on it."""
    made = np.rint(rgb * 255).astype(np.uint8)
    box = made[PLACE.y : PLACE.bottom, PLACE.x : PLACE.right]
    box[pixels[..., 3] > 0] = pixels[pixels[..., 3] > 0][:, 2::-1]
    return made


@pytest.mark.parametrize("rgb", [film(), film(0.02), weave()], ids=["film", "light film", "weave"])
def test_a_smooth_figure_takes_on_the_grain_around_it(rgb: Floats) -> None:
    smooth = layer().array
    made = with_grain(layer(), PLACE, picture(rgb), 7)
    assert grain_ratio(laid(rgb, smooth), disc()) < 0.2
    assert 0.7 < grain_ratio(laid(rgb, made), disc()) < 1.3
    inside = smooth[..., 3] > 0
    assert np.abs(made[inside].mean(0) - smooth[inside].mean(0)).max() < 1, "the colour stays"


def test_the_threads_of_a_canvas_run_the_same_way() -> None:
    made = with_grain(layer(), PLACE, picture(weave()), 7)[30:80, 35:85, 1].astype(float)
    assert np.square(np.diff(made, axis=0)).mean() > 2 * np.square(np.diff(made, axis=1)).mean()


def test_grey_grain_stays_grey() -> None:
    made = with_grain(layer(), PLACE, picture(film()), 7).astype(float)
    added = (made - layer().array)[30:80, 35:85, :3]
    assert (added - added.mean(-1, keepdims=True)).std() < 0.15 * added.std()


@pytest.mark.parametrize("rgb", [ground(), with_leaves()], ids=["smooth", "leaves"])
def test_where_there_is_no_grain_nothing_changes(rgb: Floats) -> None:
    np.testing.assert_array_equal(with_grain(layer(), PLACE, picture(rgb), 7), layer().array)


def test_a_figure_that_has_grain_of_its_own_gets_no_more() -> None:
    grainy = layer().array.copy()
    noise = np.random.default_rng(1).normal(0, 12, grainy.shape[:2])[..., None]
    grainy[..., :3] = np.clip(grainy[..., :3] + noise, 0, 255) * (grainy[..., 3:] > 0)
    made = with_grain(Picture(grainy, "bgra_u8"), PLACE, picture(film(0.02)), 7)
    np.testing.assert_array_equal(made, grainy)


def test_the_seed_decides() -> None:
    first, again, other = (with_grain(layer(), PLACE, picture(film()), seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32", "graya_u8", "graya_u16"])
def test_in_every_depth_and_nothing_outside(format: PixelFormat) -> None:
    made = with_grain(layer(format), PLACE, picture(film(), format), 7)
    assert made.dtype == np.dtype(DEPTHS[format][0])
    before, after = to_rgba(layer(format).array, format), to_rgba(made, format)
    np.testing.assert_array_equal(before[..., 3], after[..., 3])
    assert not made[before[..., 3] == 0].any()
    inside = before[..., 3] > 0
    assert 0.005 < (after - before)[inside][:, 0].std() < 0.05


def test_too_little_around_it_gives_none() -> None:
    small = picture(film()[:130, :140])
    place = Bounds(10, 10, 120, 110)
    assert grain_around(small, place, np.ones((110, 120), bool), 0) is None


def test_grain_is_stronger_where_it_is_so_around() -> None:
    rgb = film(0)
    noise = np.random.default_rng(2).standard_normal((HEIGHT, WIDTH, 1)).astype(np.float32)
    grain = grain_around(picture(rgb + 0.02 * (1.4 - rgb) * noise), PLACE, np.ones((110, 120), bool), 0)
    assert grain is not None
    assert list(grain.tones) == sorted(grain.tones)
    assert grain.rms[0] > 1.2 * grain.rms[-1]


def test_the_ratio_tells_smooth_from_grainy_and_says_when_there_is_no_grain() -> None:
    whole = np.rint(film() * 255).astype(np.uint8)
    assert grain_ratio(whole, disc()) == pytest.approx(1, abs=0.15)
    assert math.isnan(grain_ratio(np.rint(ground() * 255).astype(np.uint8), disc()))
    assert math.isnan(grain_ratio(whole, np.zeros((HEIGHT, WIDTH), bool)))
    assert math.isnan(grain_ratio(whole, np.ones((HEIGHT, WIDTH), bool)))
