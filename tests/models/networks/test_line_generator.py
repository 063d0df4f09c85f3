# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from models.networks.line_extractor import LineExtractor
from models.networks.line_generator import FeatureLayout, FeatureMap, LineGenerator, sizes_of


def maps(name: str, rows: list[tuple[int, int, int]]) -> tuple[FeatureMap, ...]:
    """(channels, stride, how many) of each level."""
    return tuple(
        FeatureMap(f"{name}.{i}.{j}", channels, stride)
        for i, (channels, stride, count) in enumerate(rows)
        for j in range(count)
    )


SD = FeatureLayout(
    maps("unet", [(1280, 64, 3), (1280, 32, 3), (640, 16, 3), (320, 8, 3)]),
    maps("vae", [(512, 8, 5), (512, 4, 3), (256, 2, 3), (128, 1, 3)]),
    halves=2,
)
EMBEDDED = FeatureLayout(
    maps("unet", [(224, 32, 2), (160, 16, 2), (96, 8, 2)]),
    maps("vae", [(128, 8, 4), (96, 4, 2), (64, 2, 2), (32, 1, 2)]),
    halves=2,
)
SMALL = FeatureLayout(
    maps("unet", [(12, 8, 1), (8, 4, 2), (8, 2, 2)]), maps("vae", [(8, 2, 3), (4, 1, 2)]), halves=2
)
STEPS, PX = 3, 32

Inputs = tuple[list[Tensor], list[Tensor], Tensor]


def inputs(layout: FeatureLayout = SMALL, seed: int = 0) -> Inputs:
    torch.manual_seed(seed)
    unet = [torch.randn(1, STEPS, 2, p.channels, *[PX // p.stride_px] * 2) for p in layout.unet]
    vae = [torch.randn(1, p.channels, *[PX // p.stride_px] * 2) for p in layout.vae]
    return unet, vae, torch.rand(1, 3, PX, PX) * 2 - 1


def extractor() -> LineExtractor:
    torch.manual_seed(2)
    network = LineExtractor((4, 6), (1, 1))
    for name, weight in network.named_parameters():  # blocks begin as the identity, which hides their insides
        if "second" in name:
            torch.nn.init.normal_(weight, std=0.2)
    return network


def generator(*, general: bool = True, **switches: bool) -> LineGenerator:
    first = extractor() if general else None
    torch.manual_seed(1)
    return LineGenerator(SMALL, STEPS, general=first, **switches)


def test_sizes_of_sd_are_the_papers() -> None:
    sizes = sizes_of(SD)
    assert (sizes.low, sizes.high, sizes.fuse) == (960, 384, (256, 128, 64, 64))
    with torch.device("meta"):
        network = LineGenerator(SD, 13)
        beside = LineGenerator(SD, 13, general=LineExtractor((4, 6), (1, 1)))
    assert [tuple(fuse.conv.weight.shape[:2]) for fuse in network.fuse] == [
        (256, 848),
        (128, 304),
        (64, 152),
        (64, 91),
    ]
    assert [fuse.conv.in_channels for fuse in beside.fuse] == [848, 304, 152 + 8, 91 + 2]  # its ink
    assert [reduce.out_channels for reduce in network.reduce] == [16] * 8 + [8] * 6
    assert tuple(network.high.mixing.shape) == (14, 3)
    count = sum(weight.numel() for weight in network.parameters())
    assert count == pytest.approx(21.6e6, rel=0.01)


def test_a_small_family_gets_a_small_generator() -> None:
    with torch.device("meta"):
        network = LineGenerator(EMBEDDED, 4)
    assert 0.4e6 < sum(weight.numel() for weight in network.parameters()) < 3e6


def test_every_tensor_learns() -> None:
    network = generator()
    network(*inputs()).square().sum().backward()
    still = [n for n, w in network.named_parameters() if w.grad is None or not bool(w.grad.abs().sum() > 0)]
    assert not still


def changed(change: Callable[[Inputs], None]) -> bool:
    network, given = generator(), inputs()
    before = network(*given)
    change(given)
    return not torch.allclose(before, network(*given), atol=1e-6)


def noised(given: Inputs, place: int) -> None:
    given[1][place].normal_()


def negated(plane: Tensor) -> None:
    plane.neg_().add_(1)


@pytest.mark.parametrize("layer", range(len(SMALL.unet)))
@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("half", range(2))
def test_every_layer_at_every_step_of_both_halves_counts(layer: int, step: int, half: int) -> None:
    def change(given: Inputs) -> None:
        given[0][layer][:, step, half] = torch.randn_like(given[0][layer][:, step, half])

    assert changed(change)


def test_every_map_and_the_picture_count() -> None:
    for k in range(len(SMALL.vae)):
        assert changed(partial(noised, place=k))
    assert changed(lambda given: negated(given[2]))


@pytest.mark.parametrize("off", ["low", "vae", "picture"])
def test_what_is_switched_off_counts_no_more_and_all_else_learns(off: str) -> None:
    network = generator(general=off != "picture", **{off: False})
    given, other = inputs(), inputs(seed=5)
    before = network(*given)
    if off == "low":
        given[0][:3] = other[0][:3]
    else:
        given = (given[0], other[1], given[2]) if off == "vae" else (given[0], given[1], other[2])
    assert torch.equal(before, network(*given))
    before.square().sum().backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None and bool(weight.grad.abs().sum() > 0), name


def test_state_and_config_rebuild_it() -> None:
    network = generator()
    config = json.loads(json.dumps(network.config))
    layout, first = FeatureLayout.from_dict(config.pop("layout")), LineExtractor(**config.pop("general"))
    again = LineGenerator(layout, **config, general=first)
    assert layout == SMALL
    again.load_state_dict(network.state_dict())
    assert torch.equal(network(*inputs()), again(*inputs()))


def test_it_begins_as_the_general_extractor_and_leaves_it_alone() -> None:
    first, given = extractor(), inputs()
    network = LineGenerator(SMALL, STEPS, general=first)
    drawn, general = network(*given), first(given[2])
    assert 0 < (drawn - general).abs().mean() < 0.1
    assert drawn.shape == (1, 2, PX, PX)
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
    assert torch.equal(first(given[2]), general)


def test_the_size_of_features_is_no_matter() -> None:
    network, given = generator(), inputs()
    louder = [layer * 1000 for layer in given[0]]
    torch.testing.assert_close(network(*given), network(louder, *given[1:]), atol=1e-4, rtol=1e-4)


def test_other_steps_and_layouts_are_refused() -> None:
    network, (unet, vae, picture) = generator(), inputs()
    with pytest.raises(ValueError, match="not of this generator's steps"):
        network([layer[:, :2] for layer in unet], vae, picture)
    with pytest.raises(ValueError, match="maps"):
        network(unet[1:], vae, picture)
    with pytest.raises(ValueError, match="do not lead"):
        LineGenerator(FeatureLayout(SMALL.unet, SMALL.vae[:3], 2), STEPS)
    with pytest.raises(ValueError, match="none to look at"):
        LineGenerator(SMALL, 0)
