# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing drawn and nothing said: what is selected goes, and its surroundings go on across it."""

from typing import Any

import numpy as np
import pytest
import torch

from backend.acts.complete.complete import complete
from backend.acts.paint.paint import paint
from backend.acts.region import fill
from backend.acts.region.fill import NOTE
from backend.acts.region.paint_input import Painted, PaintInput
from backend.acts.report import Quiet
from backend.imaging.pixels import DEPTHS, Pixels, from_rgba, to_rgba
from backend.weights.runtime.base_model import BaseModel
from models.networks.completion import CompletionNet
from shared.acts import PaintRequest
from shared.errors import BadRequest, Cancelled
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat, Surface
from tests.backend.tiny import Recorder


@pytest.fixture(scope="module")
def network() -> CompletionNet:
    return CompletionNet((8, 16), (1, 1)).eval().requires_grad_(False)


def weave(width: int, height: int) -> np.ndarray:
    """(H,W,4) in [0, 1]: diagonal stripes, eight pixels wide, opaque."""
    y, x = np.mgrid[:height, :width]
    tone = np.where((x + y) % 16 < 8, 0.75, 0.25)
    return np.stack([tone, tone * 0.8, tone * 0.6, np.ones_like(tone)], -1).astype(np.float32)


def ask(
    rgba: np.ndarray,
    selection: Bounds,
    *,
    format: PixelFormat = "bgra_u8",
    stroke: bool = False,
    **settings: Any,
) -> PaintInput:
    """Take away a part of a picture, on which black lies now."""
    height, width = rgba.shape[:2]
    extent = Extent(width, height)
    place = np.s_[selection.y : selection.bottom, selection.x : selection.right]
    spoilt = rgba.copy()
    spoilt[place][..., :3] = 0
    mask = np.zeros((height, width, 1), np.uint8)
    mask[place] = 255
    contour: Pixels | None = None
    if stroke:
        contour = np.zeros((height, width, 4), np.uint8)
        contour[place][..., 3] = 255
    request = PaintRequest(
        canvas=extent,
        area=Bounds.of(extent),
        mask=Surface(extent, "grey_u8", ()),
        image=Surface(extent, format, ()),
        contour=Surface(extent, "bgra_u8", ()) if stroke else None,
        **settings,
    )
    return PaintInput(request, from_rgba(spoilt, format), mask, contour, None, None)


def wrong(layer: Painted, true: np.ndarray) -> float:
    """Mean error of colour within the layer."""
    box = layer.bounds
    there = true[box.y : box.bottom, box.x : box.right, :3]
    return float(np.abs(to_rgba(layer.pixels, layer.format)[..., :3] - there).mean())


SELECTION = Bounds(52, 40, 30, 27)


def test_both_engines_fill_where_nothing_is_asked(model: BaseModel, network: CompletionNet) -> None:
    true = weave(131, 107)
    for layer in (
        paint(model, ask(true, SELECTION), Quiet()),
        complete(network, ask(true, SELECTION, engine="instant"), Quiet()),
    ):
        assert (layer.bounds, layer.note, layer.seed) == (SELECTION, NOTE, 0)
        assert wrong(layer, true) < 0.02
        assert (layer.pixels[..., 3] == 255).all()


def test_words_or_strokes_ask_for_a_painting(model: BaseModel, network: CompletionNet) -> None:
    true = weave(131, 107)
    assert paint(model, ask(true, SELECTION, prompt="zzz"), Quiet()).note != NOTE
    assert paint(model, ask(true, SELECTION, stroke=True), Quiet()).note != NOTE
    assert complete(network, ask(true, SELECTION, stroke=True), Quiet()).note != NOTE


def test_with_nothing_around_it_there_is_nothing_to_fill_from(
    model: BaseModel, network: CompletionNet
) -> None:
    whole = ask(weave(80, 70), Bounds(0, 0, 80, 70))
    with pytest.raises(BadRequest):
        paint(model, whole, Quiet())
    with pytest.raises(BadRequest):
        complete(network, whole, Quiet())


@pytest.mark.parametrize("format", list(DEPTHS))
def test_every_depth(network: CompletionNet, format: PixelFormat) -> None:
    true = weave(110, 90)
    layer = complete(network, ask(true, Bounds(40, 30, 22, 25), format=format), Quiet())
    told = to_rgba(from_rgba(true, format), format)
    assert layer.format == ("graya_u8" if format == "grey_u8" else format)
    assert wrong(layer, told) < 0.02


def test_only_the_selection_is_covered(network: CompletionNet) -> None:
    given = ask(weave(131, 107), SELECTION, feather_px=6)
    ragged = given.mask.copy()
    ragged[..., 0] *= np.tri(107, 131, 12, dtype=np.uint8)
    layer = complete(network, PaintInput(given.request, given.image, ragged, None, None, None), Quiet())
    box = layer.bounds
    inside = ragged[box.y : box.bottom, box.x : box.right, 0] > 0
    assert np.array_equal(layer.pixels[..., 3] == 255, inside)
    assert not layer.pixels[~inside].any()


@pytest.mark.parametrize(
    "selection", [Bounds(0, 0, 20, 24), Bounds(45, 0, 19, 64), Bounds(30, 41, 34, 23), Bounds(0, 0, 55, 64)]
)
def test_at_the_border_of_a_small_picture(network: CompletionNet, selection: Bounds) -> None:
    layer = complete(network, ask(weave(64, 64), selection), Quiet())
    rgba = to_rgba(layer.pixels, layer.format)
    assert layer.bounds == selection
    assert ((rgba[..., 0] > 0.05) & (rgba[..., 0] < 0.95)).mean() > 0.95


def test_a_rim_too_thin_to_copy_from_gives_its_colour(network: CompletionNet) -> None:
    plain = np.full((64, 64, 4), (0.6, 0.3, 0.2, 1.0), np.float32)
    layer = complete(network, ask(plain, Bounds(3, 3, 58, 58)), Quiet())
    assert wrong(layer, plain) < 0.01


def test_transparent_canvas_is_not_copied(network: CompletionNet) -> None:
    true = weave(120, 90)
    given = ask(true, Bounds(30, 30, 25, 25))
    assert given.image is not None
    image = given.image.copy()
    image[:, 62:] = 0
    image[70:] = 0
    layer = complete(network, PaintInput(given.request, image, given.mask, None, None, None), Quiet())
    assert to_rgba(layer.pixels, layer.format)[..., :3].max() < 0.8
    assert wrong(layer, true) < 0.04


def test_the_seed_decides(network: CompletionNet) -> None:
    noise = np.random.default_rng(0).random((90, 110, 4), np.float32)
    noise[..., 3] = 1
    first, again, other = (
        complete(network, ask(noise, Bounds(40, 30, 22, 25), seed=seed), Quiet()).pixels for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_large_hole_is_searched_small_and_copied_sharp(
    network: CompletionNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "LARGEST_HOLE_PX", 20)
    true = weave(213, 190)
    layer = complete(network, ask(true, Bounds(80, 70, 50, 41)), Quiet())
    tones = to_rgba(layer.pixels, layer.format)[..., 0]
    assert wrong(layer, true) < 0.06
    assert float(((tones > 0.65) | (tones < 0.35)).mean()) > 0.85


def test_it_tells_how_far_it_is_and_stops_when_asked(network: CompletionNet) -> None:
    report = Recorder()
    complete(network, ask(weave(131, 107), SELECTION), report)
    done = [step for step, _, _ in report.steps]
    assert done == sorted(done) and done[-1] == fill.STEPS

    class Impatient(Quiet):
        checks = 0

        def check(self) -> None:
            self.checks += 1
            if self.checks > 3:
                raise Cancelled

    impatient = Impatient()
    with pytest.raises(Cancelled):
        complete(network, ask(weave(131, 107), SELECTION), impatient)
    assert impatient.checks == 4


def test_a_picture_that_is_not_there_is_not_filled_from(network: CompletionNet) -> None:
    given = ask(weave(80, 70), Bounds(20, 20, 20, 20))
    blank = torch.zeros(70, 80, 4, dtype=torch.uint8).numpy()
    with pytest.raises(BadRequest):
        complete(network, PaintInput(given.request, blank, given.mask, None, None, None), Quiet())
