# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.acts.line_style.augmentation import Views, cut, photographed, side_of
from backend.acts.line_style.distillation import STATE, Distillation, Plan, drawn_apart
from backend.acts.line_style.example import Example
from models.networks.line_extractor import LineExtractor

SMALL = Views(side_px=32)


def network(seed: int = 0) -> LineExtractor:
    torch.manual_seed(seed)
    return LineExtractor((16, 16), (1, 1))


def example(side: int = 72) -> Example:
    """A square on noise, with its outline as contour and a diagonal as detail."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 60, (side, side, 3), np.uint8)
    picture[16:56, 16:56] = 220
    contour, detail = (np.zeros((side, side), np.uint8) for _ in range(2))
    contour[15:57, 15:57] = 255
    contour[17:55, 17:55] = 0
    detail[np.arange(20, 52), np.arange(20, 52)] = 255
    return Example(picture, contour, detail)


def plan(steps: int) -> Plan:
    return Plan(steps=steps, cuts=2, views=SMALL, warmup=2, trained=())


def weights(distillation: Distillation) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in distillation.network.state_dict().items()}


def test_learning_goes_towards_the_example() -> None:
    distillation = Distillation(network(), example(), plan=replace(plan(60), rate=3e-3))
    losses = [distillation.advance() for _ in range(60)]
    assert np.mean(losses[-8:]) < 0.75 * np.mean(losses[:8])
    assert distillation.progress == 1


def test_the_general_extractor_is_not_changed() -> None:
    general = network().eval().requires_grad_(False)
    before = {name: weight.clone() for name, weight in general.state_dict().items()}
    Distillation(general, example(), plan=plan(1)).advance()
    assert all(torch.equal(weight, before[name]) for name, weight in general.state_dict().items())
    assert not any(weight.requires_grad for weight in general.parameters())


def test_only_the_named_tensors_are_trained() -> None:
    start = network()
    distillation = Distillation(start, example(), plan=replace(plan(3), trained=("conv_out", "meet")))
    for _ in range(3):
        distillation.advance()
    learnt = distillation.learnt().state_dict()
    changed = {name for name, weight in start.state_dict().items() if not torch.equal(weight, learnt[name])}
    assert changed == {"conv_out.weight", "conv_out.bias", "meet.weight", "meet.bias"}


def test_only_the_finest_layers_are_trained_if_nothing_is_said() -> None:
    trained = {name.split(".")[0] for name in Distillation(network(), example()).trained}
    assert trained == {"up", "meet", "conv_out"}


def test_every_tensor_is_trained_where_none_is_named() -> None:
    start = network()
    distillation = Distillation(start, example(), plan=plan(4))
    for _ in range(4):
        distillation.advance()
    learnt = distillation.learnt().state_dict()
    assert not any(torch.equal(weight, learnt[name]) for name, weight in start.state_dict().items())


def test_stopped_and_resumed_is_the_same_as_in_one_go(tmp_path: Path) -> None:
    through = Distillation(network(), example(), plan=plan(6))
    for _ in range(6):
        through.advance()
    first = Distillation(network(), example(), plan=plan(6))
    for _ in range(3):
        first.advance()
    first.save(tmp_path)
    second = Distillation(network(), example(), plan=plan(6))
    assert second.resume(tmp_path) and second.step == 3
    for _ in range(3):
        second.advance()
    assert all(torch.equal(w, weights(second)[name]) for name, w in weights(through).items())
    assert all(
        torch.equal(w, second.learnt().state_dict()[name])
        for name, w in through.learnt().state_dict().items()
    )


def test_nothing_saved_changes_nothing(tmp_path: Path) -> None:
    distillation = Distillation(network(), example(), plan=plan(2))
    before = weights(distillation)
    assert not distillation.resume(tmp_path)
    (tmp_path / STATE).write_bytes(b"half a fi")
    assert not distillation.resume(tmp_path)
    torch.manual_seed(5)
    other = Distillation(LineExtractor((16, 32), (1, 1)), example(), plan=plan(2))
    other.advance()
    other.save(tmp_path)
    assert not distillation.resume(tmp_path)
    assert all(torch.equal(weight, weights(distillation)[name]) for name, weight in before.items())
    assert distillation.step == 0


def test_pairs_are_learnt_from() -> None:
    other = (torch.rand(3, 72, 72), torch.zeros(2, 72, 72))
    with_pairs = Distillation(network(), example(), [other], replace(plan(4), of_pairs=1.0))
    alone = Distillation(network(), example(), plan=plan(4))
    for _ in range(4):
        with_pairs.advance(), alone.advance()
    mean_ink = [
        d.network(torch.rand(1, 3, 64, 64) * 2 - 1).sigmoid().mean().item() for d in (with_pairs, alone)
    ]
    assert mean_ink[0] < mean_ink[1]  # the pairs' ink is empty


def test_pairs_of_another_size_go_together_with_the_example() -> None:
    other = (torch.rand(3, 40, 48), torch.zeros(2, 40, 48))
    distillation = Distillation(network(), example(), [other], replace(plan(4), views=Views(side_px=64)))
    for _ in range(4):
        assert np.isfinite(distillation.advance())


def test_the_loss_is_least_for_the_truth() -> None:
    truth = (torch.rand(1, 2, 16, 16, generator=torch.Generator().manual_seed(0)) > 0.8).float()
    right = drawn_apart((truth * 2 - 1) * 30, truth)
    assert right < 1e-3 < drawn_apart(torch.zeros_like(truth), truth)


def test_a_view_moves_picture_and_ink_alike() -> None:
    ink = torch.zeros(2, 80, 80)
    ink[0, 20:60, 30:34] = 1
    picture = ink[:1].expand(3, -1, -1)
    plain = Views(side_px=48, colour=0, noise=0, grey=0)
    for seed in range(6):
        seen, drawn = cut(np.random.default_rng(seed), picture, ink, plain)
        assert seen.shape == (3, 48, 48) and drawn.shape == (2, 48, 48)
        assert torch.allclose(seen[0], drawn[0], atol=1e-5)


def test_a_view_shows_lines_where_there_are_some() -> None:
    ink = torch.zeros(2, 200, 200)
    ink[1, 100:104, 90:110] = 1
    found = [
        cut(np.random.default_rng(seed), torch.rand(3, 200, 200), ink, Views(side_px=64))[1].sum() > 0
        for seed in range(30)
    ]
    assert np.mean(found) > 0.5  # a blind cut would show them in one of eight


def test_only_the_picture_is_recoloured() -> None:
    picture = torch.full((3, 32, 32), 0.5)
    seen = [photographed(np.random.default_rng(seed), picture, Views()) for seed in range(4)]
    assert all(one.min() >= 0 and one.max() <= 1 for one in seen)
    assert not torch.equal(seen[0], seen[1])
    assert torch.allclose(
        photographed(np.random.default_rng(0), picture, Views(colour=0, noise=0, grey=0)), picture
    )


@pytest.mark.parametrize(("edge", "side"), [(64, 48), (96, 80), (512, 192)])
def test_a_view_fits_at_every_scale(edge: int, side: int) -> None:
    assert side_of(torch.zeros(5, edge, edge), Views(side_px=192, scale=1.15)) == side
