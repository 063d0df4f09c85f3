# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loop is open for: adapters, callbacks, any start."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from backend.acts.denoising.denoise import Job, denoised, pass_steps
from backend.acts.denoising.moment import Moment
from backend.adapters.attention_control import AttentionControl, Layer
from backend.imaging.scene import Scene
from backend.weights.runtime.base_model import BaseModel
from models.networks.sketch_fusion import Strengths
from tests.backend.tiny import Recorder

SIDE = 64


def scene(side: int = SIDE) -> Scene:
    blank = torch.zeros(1, 1, side, side)
    mask = blank.clone()
    mask[..., side // 4 : -side // 4, side // 4 : -side // 4] = 1
    dabs = torch.zeros(1, 4, side, side)
    return Scene(torch.full((1, 3, side, side), 0.3), mask, blank, blank, dabs, dabs)


def job(model: BaseModel, **changes: object) -> Job:
    words, negative = model.encode_prompt("a cup"), model.encode_prompt("", negative=True)
    made = Job(model, Recorder(), SIDE, 1, 4, 2.0, words, negative, Strengths())
    return replace(made, **changes)


def test_callbacks_see_every_step_and_what_they_give_goes_on(model: BaseModel) -> None:
    seen: list[tuple[int, int, int, int | None, int]] = []

    def grey(moment: Moment, x: Tensor, clean: Tensor) -> Tensor:
        assert x.shape == clean.shape == (1, 16, 8, 8)
        seen.append((moment.index, moment.steps, moment.t, moment.then, moment.tiles))
        return torch.zeros_like(x)

    plain = denoised(job(model), scene(), "painting")
    blank = denoised(job(model, after_step=(grey,)), scene(), "painting")
    path = job(model).timesteps()
    assert seen == [
        (i, 4, t, then, 1) for i, (t, then) in enumerate(zip(path, [*path[1:], None], strict=True))
    ]
    assert not torch.equal(plain, blank)
    nothing = model.decode(torch.zeros(1, 16, 8, 8))
    torch.testing.assert_close(blank, nothing)


def test_adapters_know_step_and_tile_and_halves(model: BaseModel) -> None:
    moment, seen = Moment(), set[tuple[int, int, int]]()

    def look(layer: Layer, chances: Tensor) -> Tensor:
        seen.add((moment.index, moment.tile, len(chances) // layer.heads))
        return chances

    wide = job(model, adapters=(AttentionControl(look),), moment=moment)
    denoised(wide, scene(2 * SIDE), "painting")
    assert moment.tiles > 1
    assert seen == {(step, tile, 2) for step in range(4) for tile in range(moment.tiles)}


@pytest.mark.parametrize(("share", "steps"), [(0.25, 1), (0.5, 2), (1.0, 4)])
def test_it_starts_anywhere_with_any_picture(model: BaseModel, share: float, steps: int) -> None:
    painting = job(model)
    picture, other = torch.rand(2, 1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    assert pass_steps(painting, scene(), share) == steps
    assert painting.timesteps(share) == painting.timesteps()[-steps:]
    made = denoised(painting, scene(), "painting", picture, share)
    assert painting.done == steps
    again = denoised(job(model), scene(), "painting", other, share)
    assert torch.equal(made, again) == (share == 1), "all of the path begins in pure noise"
