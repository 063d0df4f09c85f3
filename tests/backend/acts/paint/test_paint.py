# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from backend.acts.paint.paint import Painted, paint
from backend.acts.region.layer import as_layer
from backend.acts.region.paint_input import layers_on_canvas
from backend.acts.region.paint_plan import plan_paint
from backend.imaging.pixels import DEPTHS, to_bytes, to_rgba
from backend.weights.runtime.base_model import BaseModel
from shared.acts import Strengths
from shared.errors import BadRequest, Cancelled, OutOfMemory
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat
from tests.backend.tiny import Recorder, paint_input

ODD = Extent(513, 387)
SELECTION = Bounds(200, 120, 61, 43)
SMALL = Bounds(200, 120, 16, 12)
"""With its surroundings no larger than the tiny families know, so it is painted in one pass."""


def alpha(painted: Painted) -> np.ndarray:
    return to_rgba(painted.pixels, painted.format)[..., 3]


@pytest.mark.parametrize("kind", ["embedded", "sd15", "sd15_inpainting"])
def test_paints_the_selection_and_nothing_else(models: dict[str, BaseModel], kind: str) -> None:
    report = Recorder()
    painted = paint(models[kind], paint_input(ODD, SELECTION), report)
    assert (painted.bounds, painted.format, painted.seed) == (SELECTION, "bgra_u8", 7)
    assert painted.pixels.shape == (43, 61, 4)
    assert np.all(alpha(painted) == 1)
    assert painted.pixels[..., :3].std() > 0
    assert [step for step, _, _ in report.steps] == [*range(1, len(report.steps) + 1)]
    assert {steps for _, steps, _ in report.steps} == {len(report.steps)}


@pytest.mark.parametrize(("kind", "calls"), [("embedded", 1), ("sd15", 2)])
def test_what_is_larger_than_the_family_knows_is_refined(
    models: dict[str, BaseModel], kind: str, calls: int
) -> None:
    small, larger = Recorder(), Recorder()
    paint(models[kind], paint_input(ODD, SMALL, steps=6), small)
    paint(models[kind], paint_input(ODD, SELECTION, steps=6), larger)
    assert [note for _, _, note in small.steps] == ["painting"] * 6
    notes = [note for _, _, note in larger.steps]
    assert notes == ["painting"] * 6 + ["painting the detail"] * 4 * calls, "the student jumps"


def test_the_surroundings_grain_is_matched_when_that_is_wanted() -> None:
    given = paint_input(ODD, SELECTION)
    grainy = np.random.default_rng(0).normal(128, 9, (ODD.height, ODD.width, 1)).repeat(4, -1)
    grainy[..., 3] = 255
    layers, area = layers_on_canvas(replace(given, image=grainy.clip(0, 255).astype(np.uint8)))
    plan = plan_paint(SELECTION, ODD, 64)
    flat = torch.full((1, 3, *plan.size), 0.5)
    matched, plain = (
        as_layer(flat, layers, plan, replace(given.request, match_grain=wanted), area).pixels
        for wanted in (True, False)
    )
    assert plain[..., :3].std() == 0
    assert matched[..., :3].std() > 3
    np.testing.assert_array_equal(matched[..., 3], plain[..., 3])


def test_the_border_is_grown_and_feathered(model: BaseModel) -> None:
    painted = paint(model, paint_input(ODD, SELECTION, grow_px=5, feather_px=9), Recorder())
    assert painted.bounds == SELECTION.grown(5)
    soft = alpha(painted)
    assert soft[0, 0] == 0
    assert not painted.pixels[soft == 0].any()
    assert soft[26, 0] == pytest.approx(1 / 9, abs=1 / 255)
    assert np.all(soft[9:-9, 9:-9] == 1)


def test_without_growing_nothing_outside_is_touched(model: BaseModel) -> None:
    painted = paint(model, paint_input(ODD, SELECTION, feather_px=9), Recorder())
    assert painted.bounds == SELECTION


def test_the_seed_decides(model: BaseModel) -> None:
    first, again = (paint(model, paint_input(ODD, SELECTION), Recorder()).pixels for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, paint(model, paint_input(ODD, SELECTION, seed=8), Recorder()).pixels)


def test_words_and_strokes_count(model: BaseModel) -> None:
    plain = paint(model, paint_input(ODD, SELECTION), Recorder()).pixels
    for change in ({"prompt": "zzz"}, {"strengths": Strengths(0, 1, 1)}, {"strengths": Strengths(1, 1, 0)}):
        assert not np.array_equal(
            plain, paint(model, paint_input(ODD, SELECTION, **change), Recorder()).pixels
        )


@pytest.mark.parametrize(("kind", "counts"), [("embedded", True), ("sd15_inpainting", False)])
def test_guidance_without_words_counts_for_strokes_that_were_learnt_so(
    models: dict[str, BaseModel], kind: str, counts: bool
) -> None:
    mild, strong = (
        paint(models[kind], paint_input(ODD, SELECTION, prompt="", guidance=g), Recorder()).pixels
        for g in (1.0, 3.0)
    )
    assert np.array_equal(mild, strong) is not counts


def test_quick_paints_with_the_student(model: BaseModel) -> None:
    report = Recorder()
    quick = paint(model, paint_input(ODD, SMALL, quick=True, steps=9), report).pixels
    assert len(report.steps) == model.quick_steps
    usual = paint(model, paint_input(ODD, SMALL, steps=model.quick_steps), Recorder()).pixels
    assert not np.array_equal(quick, usual)
    np.testing.assert_array_equal(
        quick, paint(model, paint_input(ODD, SMALL, quick=True, guidance=5.0), Recorder()).pixels
    )
    np.testing.assert_array_equal(
        usual, paint(model, paint_input(ODD, SMALL, steps=model.quick_steps), Recorder()).pixels
    )


def test_quick_is_as_usual_without_a_student(models: dict[str, BaseModel]) -> None:
    quick, usual = (
        paint(models["sd15"], paint_input(ODD, SELECTION, quick=quick), Recorder()).pixels
        for quick in (True, False)
    )
    np.testing.assert_array_equal(quick, usual)


def test_strength_zero_is_as_if_nothing_were_drawn(model: BaseModel) -> None:
    off = paint_input(ODD, SELECTION, strengths=Strengths(0, 0, 0))
    none = paint_input(ODD, SELECTION, drawn=False)
    np.testing.assert_array_equal(paint(model, off, Recorder()).pixels, paint(model, none, Recorder()).pixels)


def test_the_model_is_left_as_it_was(model: BaseModel) -> None:
    x = torch.randn(1, 33, 8, 8, generator=torch.Generator().manual_seed(0))
    words = torch.zeros(1, 3, 16)
    with torch.inference_mode():
        before = model.unet(x, 9, encoder_hidden_states=words).sample
        with pytest.raises(Cancelled):
            paint(model, paint_input(ODD, SELECTION), Recorder(cancel_after=1))
        paint(model, paint_input(ODD, SELECTION), Recorder())
        assert torch.equal(model.unet(x, 9, encoder_hidden_states=words).sample, before)


def test_cancel_stops_within_one_step(model: BaseModel) -> None:
    report = Recorder(cancel_after=4)
    with pytest.raises(Cancelled):
        paint(model, paint_input(ODD, SELECTION, steps=50), report)
    assert len(report.steps) == report.checks - 2, "one check before encoding, and the one that cancelled"


def test_previews_are_small_and_opaque(model: BaseModel) -> None:
    report = Recorder()
    paint(model, paint_input(ODD, SELECTION, steps=16), report)
    assert 4 <= len(report.previews) <= 10
    for _, width, height, bgra in report.previews:
        assert len(bgra) == width * height * 4
        assert max(width, height) <= 256
        assert set(bgra[3::4]) == {255}


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32", "graya_u8", "graya_u16"])
def test_every_depth_comes_back_in_its_own(model: BaseModel, format: PixelFormat) -> None:
    painted = paint(model, paint_input(Extent(96, 80), Bounds(20, 20, 40, 30), format=format), Recorder())
    depth, channels = DEPTHS[format]
    assert painted.format == format
    assert painted.pixels.dtype == np.dtype(depth)
    assert painted.pixels.shape == (30, 40, channels)
    assert len(to_bytes(painted.pixels)) == 30 * 40 * channels * np.dtype(depth).itemsize
    if depth in ("<u2", "<f4"):
        colour = painted.pixels[..., 0].ravel()
        assert len(np.unique(colour)) > 256, "finer than eight bits"


@pytest.mark.parametrize(
    ("canvas", "selection"),
    [
        (Extent(1, 1), Bounds(0, 0, 1, 1)),
        (Extent(1, 700), Bounds(0, 0, 1, 700)),
        (Extent(700, 3), Bounds(650, 1, 50, 2)),
        (Extent(513, 387), Bounds(0, 0, 513, 387)),
        (Extent(513, 387), Bounds(480, 350, 33, 37)),
    ],
)
@pytest.mark.parametrize("kind", ["embedded", "sd15"])
def test_odd_sizes_and_edges(
    models: dict[str, BaseModel], kind: str, canvas: Extent, selection: Bounds
) -> None:
    painted = paint(models[kind], paint_input(canvas, selection, feather_px=3), Recorder())
    assert painted.bounds == selection
    assert np.all(alpha(painted) > 0)


def test_a_small_selection_on_a_huge_canvas(model: BaseModel) -> None:
    extent = Extent(8192, 8192)
    painted = paint(model, paint_input(extent, Bounds(8000, 4000, 50, 60)), Recorder())
    assert painted.bounds == Bounds(8000, 4000, 50, 60)


def test_a_huge_selection_is_painted_in_tiles(model: BaseModel) -> None:
    extent, selection = Extent(1500, 1300), Bounds(10, 0, 1490, 1290)
    report = Recorder()
    painted = paint(model, paint_input(extent, selection, prompt=""), report)
    assert painted.bounds == selection
    assert np.all(alpha(painted) == 1)
    assert report.steps[-1][0] == report.steps[-1][1] == len(report.steps) > 40


def test_the_area_may_lie_anywhere_on_the_canvas(model: BaseModel) -> None:
    area, canvas = Bounds(300, 200, 96, 80), Extent(1000, 1000)
    painted = paint(
        model, paint_input(Extent(96, 80), Bounds(20, 30, 40, 20), area=area, canvas=canvas), Recorder()
    )
    assert painted.bounds == Bounds(320, 230, 40, 20)


def test_nothing_to_go_by_is_refused_before_any_work(model: BaseModel) -> None:
    report = Recorder()
    with pytest.raises(BadRequest, match="nothing to go by"):
        paint(model, paint_input(ODD, SELECTION, prompt="", drawn=False, image=False), report)
    assert report.steps == []


def test_a_description_that_is_too_long_is_told(model: BaseModel) -> None:
    report = Recorder()
    paint(model, paint_input(ODD, SELECTION, prompt="a " * 40), report)
    assert any("left out: a" in note for _, _, note in report.steps)


class ShortOfMemory:
    """A UNet that has room only for pictures up to a number of latent pixels."""

    def __init__(
        self, model: BaseModel, most: int, fault: type[BaseException] = torch.OutOfMemoryError
    ) -> None:
        self.most, self.fault, self.sizes = most, fault, list[int]()
        self._handle = model.unet.register_forward_pre_hook(self._check)

    def _check(self, module: Any, args: tuple[torch.Tensor, ...]) -> None:
        self.sizes.append(args[0].shape[-1] * args[0].shape[-2])
        if self.sizes[-1] > self.most:
            raise self.fault("CUDA out of memory")

    def close(self) -> None:
        self._handle.remove()


@pytest.fixture
def short(model: BaseModel, request: pytest.FixtureRequest) -> Iterator[ShortOfMemory]:
    most, fault = request.param
    shortage = ShortOfMemory(model, most, fault)
    yield shortage
    shortage.close()


@pytest.mark.parametrize(
    "short", [(40, torch.OutOfMemoryError), (40, MemoryError), (40, RuntimeError)], indirect=True
)
def test_little_memory_means_smaller_tiles(model: BaseModel, short: ShortOfMemory) -> None:
    report = Recorder()
    painted = paint(model, paint_input(ODD, SELECTION), report)
    assert painted.bounds == SELECTION
    assert short.sizes[0] > 40 >= max(short.sizes[1:])
    assert any("smaller tiles" in note for _, _, note in report.steps)


@pytest.mark.parametrize("short", [(0, torch.OutOfMemoryError)], indirect=True)
def test_no_memory_at_all_is_told_with_a_remedy(model: BaseModel, short: ShortOfMemory) -> None:
    with pytest.raises(OutOfMemory, match=r"not enough memory.*Close other programs"):
        paint(model, paint_input(ODD, SELECTION), Recorder())


@pytest.mark.parametrize("short", [(0, ZeroDivisionError)], indirect=True)
def test_a_bug_is_not_called_lack_of_memory(model: BaseModel, short: ShortOfMemory) -> None:
    with pytest.raises(ZeroDivisionError):
        paint(model, paint_input(ODD, SELECTION), Recorder())
    assert len(short.sizes) == 1
