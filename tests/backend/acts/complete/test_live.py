# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers a stroke gives the same kind of layer as completion, and never what another request was."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.acts.complete.complete import complete
from backend.acts.complete.live import LiveCompletion
from backend.acts.complete.plan import KNOWN_PX, LIVE_PX, plan_live
from backend.acts.region.inside_lines import ENCLOSES_NOTHING
from backend.acts.region.paint_input import Painted, PaintInput
from backend.acts.report import Quiet
from models.networks.completion import CompletionNet
from shared.acts import Strengths
from shared.errors import BadRequest, Cancelled
from shared.geometry import Bounds, Extent
from shared.pixels import cut
from tests.backend.acts.complete.test_complete import ask
from tests.backend.acts.region.test_inside_lines import ask as inside_ask


@pytest.fixture(scope="module")
def network() -> CompletionNet:
    torch.manual_seed(0)
    made = CompletionNet((8, 16), (1, 1)).eval().requires_grad_(False)
    torch.nn.init.normal_(made.conv_out.weight, std=0.05)
    return made


def named(given: PaintInput) -> PaintInput:
    """With the tiles' names, as requests come over the wire."""
    surfaces = {}
    for name in ("image", "mask", "contour", "detail", "colours"):
        surface, array = getattr(given.request, name), getattr(given, name)
        if surface is not None:
            surfaces[name] = cut(array.tobytes(), surface.extent, surface.format).surface
    return replace(given, request=replace(given.request, **surfaces))


def answer(network: CompletionNet, given: PaintInput) -> Painted:
    return LiveCompletion(network).complete(given, Quiet())


@pytest.mark.parametrize("size", [(70, 54), (700, 531)])
def test_it_gives_nearly_what_completion_gives(
    network: CompletionNet, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ask(*size, feather_px=3)
    quick = answer(network, given)
    monkeypatch.setattr("backend.acts.complete.complete.plan_completion", plan_live)
    usual = complete(network, given, Quiet())
    assert (quick.bounds, quick.format, quick.seed) == (usual.bounds, usual.format, usual.seed)
    assert np.array_equal(quick.pixels[..., 3], usual.pixels[..., 3])
    away = np.abs(quick.pixels[..., :3].astype(int) - usual.pixels[..., :3])
    assert away.mean() < 6  # half precision, coarser grids; a network without training exaggerates them


def test_an_answer_does_not_depend_on_the_requests_before(network: CompletionNet) -> None:
    base = ask(700, 530)
    blue = np.where(base.colours[..., 3:] > 0, np.uint8([200, 90, 30, 255]), np.uint8(0))
    smaller = np.where(np.tri(530, 700)[..., None] > 0, base.mask, 0).astype(np.uint8)
    requests = [
        base,
        replace(base, contour=np.roll(base.contour, 30, 0)),
        replace(base, colours=blue),
        replace(base, mask=smaller),
        replace(base, image=base.image ^ np.uint8([255, 255, 255, 0])),
        replace(base, image=base.image * np.uint8([1, 1, 1, 0])),
        *(replace(base, request=replace(base.request, **{name: 9})) for name in ("grow_px", "feather_px")),
        replace(base, request=replace(base.request, seed=1)),
        *(
            replace(base, request=replace(base.request, strengths=Strengths(**{name: 0})))
            for name in ("contour", "colour")
        ),
        base,
    ]
    warm = LiveCompletion(network)
    seen = set()
    for request in map(named, requests):
        got, fresh = warm.complete(request, Quiet()), answer(network, request)
        assert np.abs(got.pixels.astype(int) - fresh.pixels).max() <= 4, "no eye sees it"
        seen.add(got.pixels.tobytes())
    assert len(seen) >= len(requests) - 1


def test_the_number_of_threads_is_as_before(network: CompletionNet) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        answer(network, ask())
        with pytest.raises(BadRequest):
            answer(network, ask(image=None, contour=None, colours=None))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_layers_that_stayed_are_not_read_again(network: CompletionNet, monkeypatch) -> None:
    from backend.acts.complete import live_scene

    read: list[str] = []
    for name in ("small_picture", "small_mask", "small_ink", "small_colours"):
        real = getattr(live_scene, name)
        monkeypatch.setattr(
            live_scene, name, lambda *a, name=name, real=real, **k: (read.append(name), real(*a, **k))[1]
        )
    base = ask()
    live = LiveCompletion(network)
    live.complete(named(base), Quiet())
    assert sorted(read) == ["small_colours", "small_ink", "small_mask", "small_picture"]
    read.clear()
    live.complete(named(replace(base, contour=np.roll(base.contour, 3, 0))), Quiet())
    assert read == ["small_ink"]
    live.complete(ask(), Quiet())
    assert len(read) == 5, "layers without names are read"


def test_what_cannot_be_is_refused(network: CompletionNet) -> None:
    everything = np.full((54, 70, 1), 255, np.uint8)
    with pytest.raises(BadRequest, match="nothing to go by"):
        answer(network, ask(mask=everything, contour=None, colours=None))
    with pytest.raises(BadRequest, match="selection is empty"):
        answer(network, ask(mask=np.zeros_like(everything)))
    assert answer(network, ask(mask=everything)).bounds == Bounds(0, 0, 70, 54)


def test_an_all_black_sketch_and_no_picture(network: CompletionNet) -> None:
    black = np.zeros((54, 70, 4), np.uint8)
    black[..., 3] = 255
    for given in (ask(contour=black), ask(image=None)):
        assert (answer(network, given).pixels[..., 3] == 255).all()


@pytest.mark.parametrize(("format", "depth", "most"), [("rgba_f16", "<f2", 1), ("bgra_u16", "<u2", 65535)])
def test_deep_pictures_keep_their_depth(network: CompletionNet, format: str, depth: str, most: int) -> None:
    given = ask()
    deep = given.image.astype(np.float32) / 255
    if format == "rgba_f16":
        deep = deep[..., [2, 1, 0, 3]]
    request = replace(given.request, image=replace(given.request.image, format=format))
    layer = answer(network, replace(given, request=request, image=(deep * most).astype(depth)))
    assert (layer.format, layer.pixels.dtype) == (format, np.dtype(depth))
    plain = answer(network, given).pixels[..., :3].astype(float)
    made = layer.pixels[..., :3].astype(float) / most * 255
    assert np.abs((made[..., ::-1] if format == "rgba_f16" else made) - plain).mean() < 1.5


def test_dabs_of_colour_are_obeyed(network: CompletionNet) -> None:
    layer = answer(network, ask(contour=None))
    under = layer.pixels[18 + 1 - 13 : 18 + 5 - 13, 23 + 1 - 17 : 23 + 7 - 17, :3].astype(int)
    assert np.abs(under - (30, 60, 220)).mean() < 25


def test_small_pieces_answer_strokes() -> None:
    near = plan_live(Bounds(400, 300, 256, 200), Extent(1024, 1024))
    assert near.first == (near.crop.height, near.crop.width) and max(near.first) == LIVE_PX
    far = plan_live(Bounds(100, 100, 1500, 900), Extent(2048, 2048))
    assert max(far.first) == KNOWN_PX


def test_a_sharper_answer_is_the_same_picture_in_more_detail(network: CompletionNet) -> None:
    given = named(ask(900, 731))
    live = LiveCompletion(network)
    soft, sharp = live.complete(given, Quiet()), live.complete(given, Quiet(), sharp=True)
    assert soft.bounds == sharp.bounds and np.array_equal(soft.pixels[..., 3], sharp.pixels[..., 3])

    def detail(layer: Painted) -> float:
        return float(np.abs(np.diff(layer.pixels[..., :3].astype(float), axis=1)).mean())

    assert detail(sharp) > 1.2 * detail(soft)
    away = blocks(sharp.pixels) - blocks(soft.pixels)
    assert np.abs(away).mean() < 12
    assert np.array_equal(live.complete(given, Quiet()).pixels, sharp.pixels), "sharp where nothing changed"


def test_where_it_is_sharp_already_nothing_is_done_twice(network: CompletionNet) -> None:
    live = LiveCompletion(network)
    assert np.array_equal(
        live.complete(ask(), Quiet()).pixels, live.complete(ask(), Quiet(), sharp=True).pixels
    )


def test_it_can_be_stopped_between_pieces(network: CompletionNet) -> None:
    class Stop(Quiet):
        left = 100

        def check(self) -> None:
            self.left -= 1
            if self.left == 0:
                raise Cancelled

    live, given, count = LiveCompletion(network), ask(900, 731), Stop()
    live.complete(given, count, sharp=True)
    checks = 100 - count.left
    assert checks > 8, "before each of four pieces, and after them"
    for last in range(1, checks + 1):
        stop = Stop()
        stop.left = last
        with pytest.raises(Cancelled):
            live.complete(given, stop, sharp=True)


def blocks(pixels: np.ndarray) -> np.ndarray:
    """Means over blocks of 16 pixels."""
    height, width = (side // 16 * 16 for side in pixels.shape[:2])
    return pixels[:height, :width, :3].reshape(height // 16, 16, width // 16, 16, 3).mean((1, 3))


HOUSE = [(0.3, 0.8), (0.3, 0.5), (0.5, 0.3), (0.7, 0.5), (0.7, 0.8), (0.3, 0.8)]


@pytest.mark.parametrize("side", [96, 300, 900])
def test_inside_lines_is_where_the_act_that_stays_paints(network: CompletionNet, side: int) -> None:
    given = inside_ask(HOUSE, [(0.5, 0.8), (0.5, 0.95)], side=side, width=max(3, side // 60))
    quick, final = LiveCompletion(network).complete(given, Quiet()), complete(network, given, Quiet())
    whole = np.zeros((2, side, side))
    for plane, layer in zip(whole, (quick, final), strict=True):
        box = layer.bounds
        plane[box.y : box.bottom, box.x : box.right] = layer.pixels[..., 3] / 255
    assert np.abs(whole[0] - whole[1]).mean() < 0.006
    assert (whole[0][whole[1] == 0] > 0).mean() < 0.01


def test_live_paints_strokes_alone_and_says_where_nothing_is_enclosed(network: CompletionNet) -> None:
    line = [(0.1, 0.5), (0.9, 0.55)]
    alone = LiveCompletion(network).complete(inside_ask(line, region="strokes"), Quiet())
    assert (alone.pixels[..., 3] > 0).mean() < 0.06
    whole = LiveCompletion(network).complete(inside_ask(line), Quiet())
    assert (whole.pixels[..., 3] > 0).mean() > 0.9
    assert whole.note == ENCLOSES_NOTHING


def test_a_line_that_closes_the_outline_moves_the_region_at_once(network: CompletionNet) -> None:
    live = LiveCompletion(network)
    before = live.complete(named(inside_ask(HOUSE[:3], region="strokes")), Quiet())
    after = live.complete(named(inside_ask(HOUSE, region="strokes")), Quiet())
    assert before.pixels[58, 48, 3] == 0
    assert after.pixels[58, 48, 3] == 255
