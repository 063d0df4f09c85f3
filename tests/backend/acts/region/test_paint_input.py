# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.acts.region.paint_input import layers_on_canvas, require_something_to_go_by, result_format
from backend.imaging.scene import read_scene
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat
from tests.backend.tiny import paint_input

WHOLE = Bounds(0, 0, 40, 30)


def test_surfaces_are_cut_to_the_canvas() -> None:
    given = paint_input(
        Extent(40, 30), Bounds(5, 5, 20, 20), area=Bounds(-10, -4, 40, 30), canvas=Extent(25, 100)
    )
    layers, visible = layers_on_canvas(given)
    assert visible == Bounds(0, 0, 25, 26)
    assert layers.mask.shape == (26, 25)
    assert layers.mask[1:21, :15].all()
    assert not layers.mask[:, 15:].any()
    assert layers.image
    assert layers.image.extent == Extent(25, 26)


@pytest.mark.parametrize("area", [Bounds(100, 0, 40, 30), Bounds(-40, 0, 40, 30)])
def test_a_selection_off_the_canvas(area: Bounds) -> None:
    with pytest.raises(BadRequest, match="outside the canvas"):
        layers_on_canvas(paint_input(Extent(40, 30), WHOLE, area=area, canvas=Extent(100, 100)))


def test_an_empty_selection() -> None:
    with pytest.raises(BadRequest, match=r"selection is empty.*Select"):
        layers_on_canvas(paint_input(Extent(40, 30), Bounds(3, 3, 0, 0)))


def test_surfaces_that_do_not_fit() -> None:
    given = paint_input(Extent(40, 30), WHOLE)
    with pytest.raises(BadRequest, match="contour layer is 40x29"):
        layers_on_canvas(replace(given, contour=np.zeros((29, 40, 4), np.uint8)))


def nothing(**settings: object) -> None:
    given = paint_input(Extent(40, 30), WHOLE, **{"prompt": " ", **settings})  # type: ignore[arg-type]
    layers, visible = layers_on_canvas(given)
    require_something_to_go_by(read_scene(layers, Bounds.of(visible.extent), 1), given.request)


def test_nothing_to_go_by() -> None:
    with pytest.raises(BadRequest, match=r"nothing to go by.*Draw"):
        nothing(drawn=False, image=False)
    with pytest.raises(BadRequest, match="nothing to go by"):
        nothing(drawn=False)
    nothing(drawn=True, image=False)
    nothing(drawn=False, prompt="a cup")


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32", "graya_u8", "graya_u16"])
def test_the_layer_has_the_pictures_depth(format: PixelFormat) -> None:
    layers, _ = layers_on_canvas(paint_input(Extent(40, 30), WHOLE, format=format))
    assert result_format(layers) == format
    layers, _ = layers_on_canvas(paint_input(Extent(40, 30), WHOLE, format=format, image=False))
    assert result_format(layers) == format
    layers, _ = layers_on_canvas(paint_input(Extent(40, 30), WHOLE, image=False, drawn=False))
    assert result_format(layers) == "bgra_u8"
