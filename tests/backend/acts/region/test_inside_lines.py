# SPDX-License-Identifier: GPL-3.0-or-later
"""Painting inside the lines changes nothing else, whatever the size, and says where it could not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from backend.acts.complete.complete import complete
from backend.acts.complete.live import LiveCompletion
from backend.acts.paint.paint import paint
from backend.acts.region.inside_lines import CLOSED, ENCLOSES_NOTHING, narrowed
from backend.acts.region.paint_input import PaintInput, layers_on_canvas
from backend.acts.report import Quiet
from backend.weights.runtime.base_model import BaseModel
from models.networks.completion import CompletionNet
from shared.acts import PaintRequest, Strengths
from shared.errors import Refusal
from shared.geometry import Bounds, Extent
from shared.messages import Surface
from tests.backend.tiny import Recorder

HOUSE = [(0.3, 0.8), (0.3, 0.5), (0.5, 0.3), (0.7, 0.5), (0.7, 0.8), (0.3, 0.8)]
STEM = [(0.5, 0.8), (0.5, 0.95)]
OPEN = [(0.3, 0.4), (0.32, 0.8), (0.68, 0.8), (0.7, 0.4)]


@pytest.fixture(scope="module")
def network() -> CompletionNet:
    torch.manual_seed(0)
    made = CompletionNet((8, 16), (1, 1)).eval().requires_grad_(False)
    torch.nn.init.normal_(made.conv_out.weight, std=0.05)
    return made


def ask(*strokes: list[tuple[float, float]], side: int = 96, width: int = 3, **changes: Any) -> PaintInput:
    """A picture of noise, all of it selected, with black lines over it."""
    extent = Extent(side, side)
    image = np.full((side, side, 4), 255, np.uint8)
    image[..., :3] = np.random.default_rng(0).integers(0, 255, (side, side, 3))
    drawn = Image.new("L", (2 * side, 2 * side))
    for stroke in strokes:
        points = [(2 * x * side, 2 * y * side) for x, y in stroke]
        ImageDraw.Draw(drawn).line(points, 255, 2 * width, joint="curve")
    contour = np.zeros((side, side, 4), np.uint8)
    contour[..., 3] = np.asarray(drawn.resize((side, side), Image.Resampling.BOX))
    arrays: dict[str, Any] = {
        "image": image,
        "mask": np.full((side, side, 1), 255, np.uint8),
        "contour": contour,
        "detail": None,
        "colours": None,
    }
    settings = {name: changes.pop(name) for name in list(changes) if name not in arrays}
    arrays |= changes
    surfaces = {
        name: None if array is None else Surface(extent, "grey_u8" if name == "mask" else "bgra_u8", ())
        for name, array in arrays.items()
    }
    request = PaintRequest(
        canvas=extent, area=Bounds.of(extent), **surfaces, **{"region": "lines", "feather_px": 4, **settings}
    )
    return PaintInput(request, **arrays)


def alpha_of(painted: Any, side: int) -> np.ndarray:
    whole, box = np.zeros((side, side)), painted.bounds
    whole[box.y : box.bottom, box.x : box.right] = painted.pixels[..., 3] / 255
    return whole


def house_at(side: int) -> np.ndarray:
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).polygon([(x * side, y * side) for x, y in HOUSE], 255)
    return np.asarray(mask) > 0


@pytest.mark.parametrize("side", [96, 257, 1500])
def test_only_what_is_enclosed_is_painted(network: CompletionNet, side: int) -> None:
    alpha = alpha_of(complete(network, ask(HOUSE, side=side, width=max(2, side // 60)), Quiet()), side)
    house = house_at(side)
    assert np.abs(alpha - house).mean() < 0.02
    assert (alpha[: int(0.27 * side)] == 0).all()
    assert (alpha[int(0.6 * side), : int(0.28 * side)] == 0).all()
    assert alpha[int(0.6 * side), side // 2] == 1


def test_the_diffusion_act_and_the_instant_engine_share_the_region(
    network: CompletionNet, model: BaseModel
) -> None:
    given = ask(HOUSE, STEM)
    one, other = complete(network, given, Quiet()), paint(model, given, Recorder())
    assert one.bounds == other.bounds
    np.testing.assert_array_equal(one.pixels[..., 3], other.pixels[..., 3])


def test_a_stem_keeps_its_width_and_colour(network: CompletionNet) -> None:
    painted = complete(network, ask(HOUSE, STEM), Quiet())
    alpha, box = alpha_of(painted, 96), painted.bounds
    row = int(0.88 * 96)
    assert alpha[row].sum() == pytest.approx(3, abs=0.6)
    pixel = painted.pixels[row - box.y, 48 - box.x]
    assert pixel[3] == 255
    assert pixel[:3].max() < 40


def test_the_selection_bounds_what_is_enclosed(network: CompletionNet) -> None:
    mask = np.zeros((96, 96, 1), np.uint8)
    mask[:, :48] = 255
    alpha = alpha_of(complete(network, ask(HOUSE, mask=mask), Quiet()), 96)
    assert alpha[58, 40] == 1
    assert (alpha[:, 48:] == 0).all()


def test_where_nothing_is_enclosed_all_is_painted_and_said(network: CompletionNet) -> None:
    painted = complete(network, ask([(0.1, 0.5), (0.9, 0.55)]), Quiet())
    assert painted.bounds == Bounds(0, 0, 96, 96)
    assert painted.note == ENCLOSES_NOTHING
    assert complete(network, ask(HOUSE), Quiet()).note == ""


def test_strokes_alone_never_touch_what_is_not_drawn(network: CompletionNet) -> None:
    dabs = np.zeros((96, 96, 4), np.uint8)
    dabs[10:16, 10:20] = (30, 60, 220, 255)
    painted = complete(network, ask([(0.1, 0.5), (0.9, 0.55)], colours=dabs, region="strokes"), Quiet())
    alpha = alpha_of(painted, 96)
    assert painted.note == ""
    assert alpha[12, 14] == 1
    assert alpha.sum() < 6 * 10 + 80 * 4.5
    assert (alpha[60:] == 0).all()


@pytest.mark.parametrize("changes", [{"strengths": Strengths(contour=0)}, {"contour": None}])
def test_strokes_that_do_not_count_are_no_leave_to_paint_all(
    network: CompletionNet, model: BaseModel, changes: dict[str, Any]
) -> None:
    """A white line, or one of no strength, marks nothing; what is around it is not asked for."""
    given = ask(HOUSE, region="strokes", prompt="a house", **changes)
    live = replace(given, request=replace(given.request, live=True))
    for act in (
        lambda: complete(network, given, Quiet()),
        lambda: LiveCompletion(network).complete(live, Quiet()),
        lambda: paint(model, given, Recorder()),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "no_strokes"


def test_an_open_outline_is_closed_shown_first_and_said(network: CompletionNet, model: BaseModel) -> None:
    report = Recorder()
    painted = paint(model, ask(OPEN), report)
    assert painted.note == CLOSED
    assert report.previews
    step, width, height, data = report.previews[0]
    shown = np.frombuffer(data, np.uint8).reshape(height, width, 4)
    assert step == 0
    assert (shown[int(0.4 * height) - 3 : int(0.4 * height) + 4, width // 2, 2] > 200).any()
    assert alpha_of(painted, 96)[60, 48] == 1


def test_a_whole_selection_and_words_alone_are_left_as_they_are() -> None:
    for given in (ask(HOUSE, region="selection"), ask(contour=None, prompt="a cat")):
        layers, area = layers_on_canvas(given)
        kept, request, inside = narrowed(layers, given.request, area)
        assert inside is None
        assert kept is layers
        assert request is given.request


def test_a_dab_colours_its_area_without_a_stamp(network: CompletionNet) -> None:
    dabs = np.zeros((96, 96, 4), np.uint8)
    dabs[52:60, 40:48] = (30, 60, 220, 255)
    painted = complete(network, ask(HOUSE, colours=dabs), Quiet())
    box = painted.bounds
    wall = painted.pixels[50 - box.y : 72 - box.y, 34 - box.x : 62 - box.x, :3].astype(float)
    assert np.abs(wall.mean((0, 1)) - (30, 60, 220)).max() < 40
    under, beside = wall[3:9, 7:13].mean((0, 1)), wall[:, 18:].mean((0, 1))
    assert np.abs(under - beside).max() < 25


def test_a_smile_is_painted_in_its_own_colour(network: CompletionNet) -> None:
    dabs = np.zeros((96, 96, 4), np.uint8)
    dabs[52:60, 36:44] = (30, 60, 220, 255)
    smile = [(0.42, 0.66), (0.5, 0.7), (0.58, 0.66)]
    painted = complete(network, ask(HOUSE, smile, colours=dabs), Quiet())
    box = painted.bounds
    pixel = painted.pixels[67 - box.y, 48 - box.x, :3].astype(int)
    beside = painted.pixels[74 - box.y, 48 - box.x, :3].astype(int)
    assert pixel.sum() < 0.6 * beside.sum()


def test_a_shadow_lies_under_the_figure_only_when_asked_for_and_within_the_selection(
    network: CompletionNet,
) -> None:
    plain, shaded = (complete(network, ask(HOUSE, shadow=on), Quiet()) for on in (False, True))
    before, after = alpha_of(plain, 96), alpha_of(shaded, 96)
    assert 0.1 < after[77:81, 48].max(initial=0, where=before[77:81, 48] == 0) < 0.6
    assert before[79, 48] == 0
    assert (after[:60][before[:60] == 0] < 0.02).all()
    box, inner = shaded.bounds, plain.bounds
    y, x = inner.y - box.y, inner.x - box.x
    solid = plain.pixels[..., 3] == 255
    same = shaded.pixels[y : y + inner.height, x : x + inner.width]
    np.testing.assert_array_equal(same[solid], plain.pixels[solid])
    mask = np.full((96, 96, 1), 255, np.uint8)
    mask[78:] = 0
    assert (alpha_of(complete(network, ask(HOUSE, shadow=True, mask=mask), Quiet()), 96)[78:] == 0).all()


@pytest.mark.parametrize(
    ("prompt", "dabbed", "tinted"), [("", False, True), ("a cat", True, True), ("a cat", False, False)]
)
def test_areas_without_a_dab_are_tinted_unless_words_are_all_there_is(
    model: BaseModel, monkeypatch: pytest.MonkeyPatch, prompt: str, dabbed: bool, tinted: bool
) -> None:
    from backend.acts.paint import paint as act

    seen = []
    real = act.painted_scene
    monkeypatch.setattr(act, "painted_scene", lambda *a: (seen.append(a[4]), real(*a))[1])
    dabs = np.zeros((96, 96, 4), np.uint8)
    dabs[34:40, 44:52] = (30, 60, 220, 255)
    floor = [(0.3, 0.5), (0.7, 0.5)]
    paint(model, ask(HOUSE, floor, colours=dabs if dabbed else None, prompt=prompt), Recorder())
    whole = seen[0].spread[0, 3]
    height, width = whole.shape
    assert bool(whole[int(0.75 * height), width // 2] > 0.5) == tinted
