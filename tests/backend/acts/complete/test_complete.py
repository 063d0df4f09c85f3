# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion keeps to the selection, obeys the request, and refuses what cannot be."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.acts.complete.complete import complete, in_sketch_domain
from backend.acts.complete.plan import LARGEST_PX, LARGEST_SCENE_PX, plan_completion
from backend.acts.region.paint_input import PaintInput
from backend.acts.report import Quiet
from backend.imaging.sketch_domain import sketch_paths
from backend.weights.runtime.completion import load_completion
from models.networks.completion import CompletionNet
from shared.acts import PaintRequest, Strengths
from shared.errors import BadRequest, Cancelled
from shared.geometry import Bounds, Extent
from shared.messages import Surface


@pytest.fixture(scope="module")
def network() -> CompletionNet:
    torch.manual_seed(0)
    made = CompletionNet((8, 16), (1, 1)).eval().requires_grad_(False)
    torch.nn.init.normal_(made.conv_out.weight, std=0.05)
    return made


def ask(width: int = 70, height: int = 54, **changes) -> PaintInput:
    """A picture with a hole, a line through it and a dab of colour."""
    extent = Extent(width, height)
    rng = np.random.default_rng(0)
    image = np.full((height, width, 4), 255, np.uint8)
    image[..., :3] = rng.integers(90, 140, (height, width, 3))
    mask = np.zeros((height, width, 1), np.uint8)
    mask[height // 4 : -height // 4, width // 4 : -width // 4] = 255
    contour = np.zeros((height, width, 4), np.uint8)
    contour[height // 2 - 1 : height // 2 + 1, :, 3] = 255
    colours = np.zeros((height, width, 4), np.uint8)
    colours[height // 3 : height // 3 + 6, width // 3 : width // 3 + 8] = (30, 60, 220, 255)
    arrays = {"image": image, "mask": mask, "contour": contour, "detail": None, "colours": colours}
    settings = {name: changes.pop(name) for name in list(changes) if name not in arrays}
    arrays |= changes
    surfaces = {
        name: None if array is None else Surface(extent, "grey_u8" if name == "mask" else "bgra_u8", ())
        for name, array in arrays.items()
    }
    return PaintInput(PaintRequest(canvas=extent, area=Bounds.of(extent), **surfaces, **settings), **arrays)


def test_only_the_selection_is_painted(network: CompletionNet) -> None:
    given = ask()
    layer = complete(network, given, Quiet())
    assert layer.bounds == Bounds(17, 13, 35, 27)
    assert layer.pixels.shape == (27, 35, 4)
    assert (layer.pixels[..., 3] == 255).all()
    ragged = ask(mask=np.where(np.tri(54, 70)[..., None] > 0, 255, 0).astype(np.uint8))
    alpha = complete(network, ragged, Quiet()).pixels[..., 3]
    assert np.array_equal(alpha > 0, np.tri(54, 70)[:, : alpha.shape[1]] > 0)


def test_it_is_the_same_again_and_another_with_another_seed(network: CompletionNet) -> None:
    first, again = complete(network, ask(), Quiet()), complete(network, ask(), Quiet())
    assert np.array_equal(first.pixels, again.pixels)
    assert first.pixels[..., :3].std((0, 1)).min() > 1, "something is painted"
    other = complete(network, ask(seed=5), Quiet())
    assert (first.seed, other.seed) == (0, 5)
    assert other.bounds == first.bounds
    assert np.array_equal(other.pixels[..., 3], first.pixels[..., 3])
    assert np.abs(other.pixels[..., :3].astype(int) - first.pixels[..., :3]).mean() > 0.1


def test_lines_and_colours_count_and_can_be_switched_off(network: CompletionNet) -> None:
    whole = complete(network, ask(), Quiet()).pixels
    without = complete(network, ask(contour=None), Quiet()).pixels
    assert not np.array_equal(whole, without)
    off = complete(network, ask(strengths=Strengths(contour=0)), Quiet()).pixels
    assert np.array_equal(without, off)
    assert not np.array_equal(whole, complete(network, ask(colours=None), Quiet()).pixels)


def test_a_gap_is_as_narrow_in_a_large_picture_as_in_a_small_one() -> None:
    for side, gap in ((256, 9), (1024, 26)):
        ink = np.zeros((side, side), np.float32)
        ink[side // 2 - 1 : side // 2 + 1] = 1
        ink[:, side // 2 : side // 2 + gap] = 0
        first = max(plan_completion(Bounds(0, 0, side, side), Extent(side, side)).first)
        closed, left = in_sketch_domain(ink, side / first), sketch_paths(ink)
        assert len(closed) == 4  # two strokes, and a bridge from either end
        assert len(left) == (4 if side == 256 else 2)


def test_the_soft_rim_of_a_dab_leaves_no_ring() -> None:
    """With the network that ships: a dab within a drawn square colours it, and is not seen itself."""
    side, at = 512, np.arange(512) - 255.5
    contour, colours = (np.zeros((side, side, 4), np.uint8) for _ in range(2))
    contour[100:412, 100:412, 3], contour[104:408, 104:408, 3] = 255, 0
    colours[..., :3] = (40, 60, 200)
    soft = np.clip(36 - np.hypot(at[:, None], at), 0, 4) / 4
    colours[..., 3] = np.rint(255 * soft)
    colours[colours[..., 3] == 0] = 0
    white = np.full((side, side, 4), 255, np.uint8)
    given = ask(side, side, image=white, mask=white[..., :1], contour=contour, colours=colours)
    made = complete(load_completion(), given, Quiet()).pixels[..., :3].astype(int)
    away = np.hypot(at[:, None], at)
    dab, rim, beyond = (made[(away > a) & (away < b)] for a, b in ((0, 28), (30, 40), (44, 60)))
    assert np.abs(np.median(dab, 0) - (40, 60, 200)).max() < 12
    for around in (rim, beyond):
        assert np.abs(around - np.median(dab, 0)).mean() < 8
        assert np.percentile(np.abs(around - np.median(dab, 0)).max(-1), 99) < 30


def test_colour_strokes_are_obeyed(network: CompletionNet) -> None:
    layer = complete(network, ask(contour=None), Quiet())
    under = layer.pixels[18 + 1 - 13 : 18 + 5 - 13, 23 + 1 - 17 : 23 + 7 - 17, :3].astype(int)
    assert np.abs(under - (30, 60, 220)).mean() < 25


def test_strokes_outside_the_mask_change_nothing(network: CompletionNet) -> None:
    plain = ask(contour=None)
    outside = np.zeros((54, 70, 4), np.uint8)
    outside[4:6, 5:60, 3] = 255
    drawn = complete(network, ask(contour=outside), Quiet()).pixels
    assert np.array_equal(drawn, complete(network, plain, Quiet()).pixels)


def test_a_mask_over_everything(network: CompletionNet) -> None:
    everything = np.full((54, 70, 1), 255, np.uint8)
    layer = complete(network, ask(mask=everything), Quiet())
    assert layer.bounds == Bounds(0, 0, 70, 54)
    with pytest.raises(BadRequest, match="nothing to go by"):
        complete(network, ask(mask=everything, contour=None, colours=None, prompt="a cat"), Quiet())


@pytest.mark.parametrize("share", [1.0, 0.6])
def test_an_all_black_sketch(network: CompletionNet, share: float) -> None:
    black = np.zeros((54, 70, 4), np.uint8)
    black[: round(54 * share), :, 3] = 255
    layer = complete(network, ask(contour=black), Quiet())
    assert (layer.pixels[..., 3] == 255).all()


def test_an_empty_selection_is_refused(network: CompletionNet) -> None:
    with pytest.raises(BadRequest, match="selection is empty"):
        complete(network, ask(mask=np.zeros((54, 70, 1), np.uint8)), Quiet())


def test_no_picture_at_all(network: CompletionNet) -> None:
    layer = complete(network, ask(image=None), Quiet())
    assert layer.format == "bgra_u8"
    assert (layer.pixels[..., 3] == 255).all()


def test_a_large_selection_is_painted_small_first_then_in_tiles(network: CompletionNet) -> None:
    class Told(Quiet):
        steps: tuple[int, ...] = ()

        def progress(self, step: int, steps: int, note: str = "") -> None:
            self.steps += (step,)

    told = Told()
    layer = complete(network, ask(700, 530), told)
    assert layer.pixels.shape[:2] == (layer.bounds.height, layer.bounds.width)
    assert told.steps == (0, 2)


def test_it_stops_when_told(network: CompletionNet) -> None:
    class Stop(Quiet):
        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        complete(network, ask(), Stop())


def test_lines_as_drawn_are_another_input(network: CompletionNet) -> None:
    thick = np.zeros((54, 70, 4), np.uint8)
    thick[20:30, :, 3] = 255
    given = ask(contour=thick)
    raw = complete(network, given, Quiet(), lines=None).pixels
    assert not np.array_equal(raw, complete(network, given, Quiet()).pixels)


def test_deep_pictures_keep_their_depth(network: CompletionNet) -> None:
    given = ask()
    deep = given.image.astype(np.float16) / 255
    request = replace(given.request, image=replace(given.request.image, format="rgba_f16"))
    layer = complete(network, replace(given, request=request, image=deep.astype("<f2")), Quiet())
    assert layer.pixels.dtype == np.dtype("<f2")
    assert layer.format == "rgba_f16"


def test_small_selections_are_seen_at_full_size() -> None:
    plan = plan_completion(Bounds(400, 300, 40, 30), Extent(1000, 800))
    assert (plan.factor, plan.refined) == (1, False)
    assert plan.first == (plan.crop.height, plan.crop.width)
    assert plan.crop.width >= 250


def test_large_selections_are_reduced() -> None:
    plan = plan_completion(Bounds(100, 100, 3000, 2000), Extent(4000, 3000))
    assert plan.refined
    assert max(plan.size) <= LARGEST_SCENE_PX
    assert max(plan.first) == LARGEST_PX
