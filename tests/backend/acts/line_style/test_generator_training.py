# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backend.acts.line_style import generator_training, material
from backend.acts.line_style.example_views import views_of
from backend.acts.line_style.generator_training import GeneratorTraining, Recipe, part_of
from backend.acts.line_style.losses import PARTS, VaeLpips
from backend.acts.report import Quiet
from backend.weights.runtime.base_model import BaseModel
from models.networks.line_extractor import LineExtractor
from shared.errors import Cancelled


class Pair:
    """A bright square on a dark ground, its outline and one line in it, (height, width)."""

    def __init__(self, height: int = 64, width: int = 64) -> None:
        rng = np.random.default_rng(0)
        self.picture = rng.integers(0, 60, (height, width, 3)).astype(np.uint8)
        self.picture[16:-16, 16:-16] += 150
        self.contour, self.detail = (np.zeros((height, width), np.uint8) for _ in range(2))
        for line in (self.contour[16:18, 16:-16], self.contour[-18:-16, 16:-16], self.contour[16:-16, 16:18]):
            line[:] = 255
        self.detail[30:32, 20:40] = 200


@pytest.fixture
def make(model: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Trainings of the tiny family, with small random encoders for the losses."""
    torch.manual_seed(0)
    eye = nn.Sequential(nn.AdaptiveAvgPool2d(8), nn.Flatten(), nn.Linear(192, 8)).requires_grad_(False)
    monkeypatch.setattr(generator_training, "load_eye", lambda device: eye)
    monkeypatch.setattr(generator_training, "load_vae_lpips", lambda device: VaeLpips(model.vae))
    monkeypatch.setattr(material, "captions", lambda: ["a cat", "a dog", "a red cup"])
    extractor = LineExtractor((4, 6), (1, 1)).eval().requires_grad_(False)
    passed = model.schedule.timesteps(model.steps)
    recipe = Recipe(steps=(passed[0], passed[2]), iterations=8, samples=3, free=1, rate=5e-3)

    def made(folder: str = "run", example: Any = None, **changes: Any) -> GeneratorTraining:
        where, shared = tmp_path / folder, tmp_path / "captured"
        given = example or Pair()
        return GeneratorTraining(model, extractor, given, where, replace(recipe, **changes), captured=shared)

    return made


def weights(training: GeneratorTraining) -> list[Tensor]:
    return [weight.detach().clone() for weight in training.generator.parameters()]


def same(a: list[Tensor], b: list[Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_views_keep_the_scale_and_begin_with_the_most_ink() -> None:
    example = Pair(96, 160)
    views = views_of(example, 64, 16, most=3)
    assert len(views) == 12 and {tuple(view.picture.shape) for view in views[:6]} == {(3, 64, 64)}
    assert all(side % 16 == 0 and side <= 64 for view in views for side in view.ink.shape[-2:])
    amounts = [float(view.ink.mean()) for view in views[:3]]
    assert amounts == sorted(amounts, reverse=True) and amounts[-1] > 0
    assert torch.equal(views[3].ink, views[0].ink.flip(-1))
    whole = torch.as_tensor(np.stack([example.contour, example.detail])).float() / 255
    assert any(torch.equal(whole[:, :64, x : x + 64], views[0].ink) for x in range(97)) or any(
        torch.equal(whole[:, 32:, x : x + 64], views[0].ink) for x in range(97)
    )
    assert views_of(Pair(70, 65), 64, 16)[0].ink.shape == (2, 64, 64)
    assert views_of(Pair(50, 65), 256, 16)[0].ink.shape == (2, 48, 64)
    with pytest.raises(ValueError, match="no view"):
        views_of(Pair(40, 40), 64, 64)


def test_it_learns_the_example(make: Any) -> None:
    training = make(iterations=40)
    training.prepare(Quiet())
    steps = list(training.run())
    missing = [step.losses["rec"] + step.losses["sim"] for step in steps]
    assert np.mean(missing[-5:]) < 0.6 * np.mean(missing[:5])
    assert [step.number for step in steps] == list(range(1, 41))
    assert set(steps[0].losses) == {"rec", "sim", "across", "within"}
    assert all(np.isfinite(list(step.losses.values())).all() for step in steps)


def test_it_draws_with_the_artists_contrast(make: Any) -> None:
    training = make()
    training.prepare(Quiet())
    list(training.run())
    names, views = training.material.shelf.views[:4], training.views[:4]
    drawn = torch.stack([training.draw(training.material.captured(name)) for name in names])
    for kind in range(2):
        wanted = torch.cat([view.ink[kind].flatten() for view in views]).mean()
        assert float(drawn[:, kind].mean()) == pytest.approx(float(wanted), rel=0.15)


def test_a_training_that_was_stopped_goes_on_exactly(make: Any) -> None:
    whole = make("whole")
    whole.prepare(Quiet())
    list(whole.run())
    first = make("parts")
    first.prepare(Quiet())
    for step in first.run():
        if step.number == 3:
            break
    first.save()
    torch.manual_seed(99)
    second = make("parts")
    assert second.iteration == 3 and same(weights(first), weights(second))
    second.prepare(Quiet())
    assert [step.number for step in second.run()] == [4, 5, 6, 7, 8]
    assert same(weights(whole), weights(second))


def test_another_recipe_or_example_begins_anew(make: Any) -> None:
    training = make()
    training.prepare(Quiet())
    next(training.run())
    training.save()
    assert make().iteration == 1
    assert make(rate=1e-4).iteration == 0
    other = Pair()
    other.contour[40:42, 20:40] = 255
    assert make(example=other).iteration == 0
    (training.folder / generator_training.STATE).write_bytes(b"torn")
    assert make().iteration == 0


def test_preparing_stops_at_any_check_and_does_nothing_twice(
    make: Any, monkeypatch: pytest.MonkeyPatch, model: BaseModel
) -> None:
    class Impatient(Quiet):
        left = 9

        def check(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    training = make()
    with pytest.raises(RuntimeError, match="nothing was prepared"):
        next(training.run())
    with pytest.raises(Cancelled):
        training.prepare(Impatient())
    calls: list[int] = []
    denoise = model.denoise
    monkeypatch.setattr(model, "denoise", lambda *a: calls.append(1) or denoise(*a))
    training.prepare(Quiet())
    assert 0 < len(calls) < 2 * len(training.views) + 4 * model.steps
    calls.clear()
    make("another").prepare(Quiet())
    assert not calls


def test_samples_come_in_the_order_of_cdst(make: Any) -> None:
    training = make()
    training.prepare(Quiet())
    used: list[str] = []
    for k in range(8):
        used.append(training.material.sample_at(k / 8, np.random.default_rng(k)))
    order = [*training.material.shelf.samples, *training.material.shelf.free]
    assert used == sorted(used, key=order.index) and set(used) == set(order)
    assert [round(share, 2) for share, _ in training.material.likeness(training.losses.eye)] == [0, 0.5, 1]
    random = make("random", cdst=False)
    random.prepare(Quiet())
    assert random.material.shelf.samples[0] != training.material.shelf.samples[0]


@pytest.mark.parametrize(
    "change",
    [
        {"low": False}, {"vae": False}, {"picture": False, "ink": False}, {"losses": frozenset({"rec"})},
        {"real": "inversion"}, {"cdst": False}, {"free": 0},
    ],
    ids=str,
)  # fmt: skip
def test_every_ablation_runs(make: Any, change: dict[str, Any]) -> None:
    learnt: list[list[Tensor]] = []
    for folder, changes in (("with_all", {}), ("without", change)):
        torch.manual_seed(0)
        training = make(folder, iterations=2, **changes)
        training.prepare(Quiet())
        before = weights(training)
        steps = list(training.run())
        wanted = changes.get("losses", set(PARTS))
        assert [set(step.losses) for step in steps] == [wanted, wanted]
        assert all(math.isfinite(loss) for step in steps for loss in step.losses.values())
        assert not same(before, weights(training))
        learnt.append(weights(training))
    if "free" in change:  # two steps are too few to come to a free sample
        assert training.material.shelf.free == []
    else:
        assert [w.shape for w in learnt[0]] != [w.shape for w in learnt[1]] or not same(*learnt)


def test_parts_lie_on_the_grid_and_everywhere() -> None:
    rng = np.random.default_rng(0)
    parts = [part_of(torch.zeros(3, 64, 96), 16, 0.5, rng) for _ in range(60)]
    assert {(p.width, p.height) for p in parts} == {(48, 32)}
    assert {p.x for p in parts} == {0, 16, 32, 48} and {p.y for p in parts} == {0, 16, 32}
    assert part_of(torch.zeros(3, 16, 16), 16, 0.5, rng) == (0, 0, 16, 16)


def test_one_step_is_one_step(make: Any, model: BaseModel) -> None:
    training = make(steps=(model.schedule.timesteps(model.steps)[1],), iterations=1)
    training.prepare(Quiet())
    assert training.generator.steps == 1 and len(list(training.run())) == 1


def test_pairs_and_pictures_of_any_size(make: Any) -> None:
    training = make()
    training.prepare(Quiet())
    pairs = list(training.pairs(6))
    assert len(pairs) == 6 and len({float(picture.sum()) for picture, _ in pairs}) == 6
    for picture, ink in pairs:
        assert (picture.shape, ink.shape) == ((3, 64, 64), (2, 64, 64))
        assert float(ink.min()) >= 0 and float(ink.max()) <= 1 and not ink.requires_grad
    drawn = training.ink_of(torch.rand(3, 70, 41))
    assert drawn.shape == (2, 70, 41) and bool(drawn.isfinite().all())
