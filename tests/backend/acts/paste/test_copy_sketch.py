# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines and colours of a thing come over; light does not; a placing moves them as it says."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from backend.acts.complete.complete import complete
from backend.acts.paste.copy_sketch import (
    Copied,
    Placing,
    copied,
    evened,
    input_of,
    lightness_of,
    lit,
    placed,
)
from backend.acts.report import Quiet
from backend.imaging.sketch_domain import drawn, recall
from models.networks.completion import CompletionNet
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent

REGION = Bounds(20, 16, 60, 60)


def picture() -> np.ndarray:
    """A red disc with a dark square in it, on a light ground with a slope."""
    canvas = Image.new("RGB", (100, 96), (200, 205, 190))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse((28, 24, 72, 68), fill=(180, 60, 50))
    draw.rectangle((42, 40, 56, 52), fill=(40, 40, 60))
    rgb = np.asarray(canvas, np.float32) / 255
    return (rgb * np.linspace(0.9, 1, 100, dtype=np.float32)[None, :, None]).clip(0.05, 0.98)


def raster(copy: Copied) -> np.ndarray:
    return drawn(copy.paths, copy.mask.shape) > 0.3


@pytest.mark.parametrize(("gain", "gamma"), [(0.5, 1.0), (1.0, 1.6), (0.7, 0.6)])
def test_light_changes_no_line(gain: float, gamma: float) -> None:
    bright = copied(picture(), REGION, Quiet())
    dark = copied((gain * picture() ** gamma).astype(np.float32), REGION, Quiet())
    assert raster(bright).sum() > 100
    assert recall(raster(bright), raster(dark), 1.5) > 0.98
    assert recall(raster(dark), raster(bright), 1.5) > 0.98


def test_evened_light_is_the_same_for_gain_and_gamma() -> None:
    assert np.abs(evened(picture()) - evened((0.6 * picture() ** 1.4).astype(np.float32))).max() < 0.01
    assert (evened(np.full((4, 4, 3), 0.4, np.float32)) == 1).all()


def test_colours_are_flat_and_leave_the_rim_bare() -> None:
    copy = copied(picture(), Bounds(44, 16, 40, 60), Quiet())  # half of the disc: nothing is enclosed
    assert copy.colours[30, 16] == pytest.approx((0.66, 0.22, 0.18, 1), abs=0.05)
    assert copy.colours[0, :, 3].max() == copy.colours[:, -1, 3].max() == 0
    assert (copy.mask == 255).all()


def test_a_thing_leaves_its_ground_behind() -> None:
    copy = copied(picture(), Bounds(10, 8, 80, 80), Quiet())
    rows, columns = np.mgrid[:80, :80]
    away = np.hypot(rows + 8 - 46, columns + 10 - 50)
    assert not copy.mask[away > 22 + 10].any() and copy.mask[away < 22 + 4].all()
    assert not copy.colours[away > 24, 3].any() and copy.colours[away < 19, 3].mean() > 0.8
    ring = picture()
    ring[38:54, 40:60] = picture()[10, 10]  # a hole through which the ground is seen
    assert not copied(ring, Bounds(10, 8, 80, 80), Quiet()).colours[32:44, 34:46, 3].any()


def test_an_area_that_lines_enclose_keeps_its_colour_to_the_rim() -> None:
    """A disc that fills the region nearly: of the ground beside it nothing comes along."""
    close = Bounds(25, 21, 50, 50)
    copy = copied(picture(), close, Quiet())
    disc = Image.new("L", (100, 96))
    ImageDraw.Draw(disc).ellipse((31, 27, 69, 65), fill=255)
    inside = np.asarray(disc)[21:71, 25:75] > 0
    covered = copy.colours[..., 3] > 0
    assert covered[inside].mean() > 0.8, "all but the lines"
    assert covered[1, 25] == covered[25, 1] == 0
    reds = copy.colours[covered][:, 0] - copy.colours[covered][:, 1]
    assert (reds > -0.05).all() and np.median(reds) > 0.3


def test_colours_take_on_another_light() -> None:
    copy = copied(picture(), REGION, Quiet())
    bright = lit(copy, 1.2)
    drawn_on = copy.colours[..., 3] > 0
    assert bright.colours[drawn_on, :3] == pytest.approx((copy.colours[drawn_on, :3] * 1.2).clip(0, 1))
    assert np.array_equal(bright.colours[~drawn_on], copy.colours[~drawn_on])
    assert np.array_equal(bright.colours[..., 3], copy.colours[..., 3])
    assert lit(copy, 1.0).colours == pytest.approx(copy.colours)


def test_the_light_of_a_picture_is_found_at_any_size() -> None:
    large = np.kron(picture(), np.ones((7, 7, 1), np.float32))
    assert lightness_of(large) == pytest.approx(lightness_of(picture()), rel=0.03)
    assert lightness_of(0.6 * picture()) < 0.8 * lightness_of(picture())


def test_a_selection_of_any_shape_is_copied() -> None:
    mask = np.zeros((96, 100), np.uint8)
    mask[16:46, 20:80] = 255
    copy = copied(picture(), REGION, Quiet(), mask=mask)
    assert not raster(copy)[34:].any()
    assert copy.mask[:30].all()
    assert not copy.mask[30:].any()


def test_a_placing_moves_scales_turns_and_flips() -> None:
    path = np.array([[0.0, 0.0], [10.0, 0.0]])
    copy = Copied((path,), np.ones((20, 10, 4), np.float32), np.full((20, 10), 255, np.uint8))

    def ends(**how: float) -> np.ndarray:
        return placed(copy, Placing(50, 40, **how), Extent(100, 80)).paths[0]

    assert ends() == pytest.approx(np.array([[45, 30], [55, 30]]))
    assert ends(scale=2.0) == pytest.approx(np.array([[40, 20], [60, 20]]))
    assert ends(turn_deg=90.0) == pytest.approx(np.array([[60, 35], [60, 45]]))
    assert ends(flip=True) == pytest.approx(np.array([[55, 30], [45, 30]]))


@pytest.mark.parametrize("how", [{}, {"scale": 1.5}, {"turn_deg": 30.0}, {"flip": True, "scale": 0.7}])
def test_mask_colours_and_lines_move_together(how: dict) -> None:
    copy = copied(picture(), REGION, Quiet())
    there = placed(copy, Placing(64, 60, **how), Extent(128, 120))
    area = (there.mask > 0).sum() / (copy.mask > 0).sum()
    assert area == pytest.approx(how.get("scale", 1) ** 2, rel=0.03)
    ink = drawn(there.paths, (120, 128)) > 0.3
    assert (there.mask[ink] > 0).mean() > 0.97
    covered = there.colours[..., 3] > 0
    assert (there.mask[covered] > 0).all()
    assert (there.colours[~covered] == (0.5, 0.5, 0.5, 0)).all()


def test_a_copy_is_painted_in_and_nothing_else_changes() -> None:
    torch.manual_seed(0)
    network = CompletionNet((8, 16), (1, 1)).eval().requires_grad_(False)
    torch.nn.init.normal_(network.conv_out.weight, std=0.05)
    target = np.full((80, 90, 4), 255, np.uint8)
    target[..., :3] = (90, 140, 60)
    copy = placed(copied(picture(), REGION, Quiet()), Placing(45, 40, 0.5), Extent(90, 80))
    layer = complete(network, input_of(copy, target, colours=True, feather_px=4), Quiet())
    assert Bounds(30, 25, 30, 30).contains(layer.bounds)
    assert layer.bounds.contains(Bounds(34, 29, 22, 22))
    plain = complete(network, input_of(copy, target, colours=False, feather_px=4), Quiet())
    assert not np.array_equal(layer.pixels, plain.pixels)
    given = input_of(copy, target, colours=False)
    assert given.colours is None
    assert given.contour[..., 3].any()
    assert not given.contour[..., :3].any()


def test_what_cannot_be_copied_is_refused() -> None:
    with pytest.raises(BadRequest, match="outside the picture"):
        copied(picture(), Bounds(200, 0, 20, 20), Quiet())
    with pytest.raises(BadRequest, match="no lines"):
        copied(np.full((64, 64, 3), 0.5, np.float32), Bounds(0, 0, 40, 40), Quiet())
    copy = copied(picture(), REGION, Quiet())
    with pytest.raises(BadRequest, match="outside the canvas"):
        placed(copy, Placing(900, 900), Extent(90, 80))
    with pytest.raises(BadRequest, match="scale"):
        placed(copy, Placing(10, 10, 0.0), Extent(90, 80))
