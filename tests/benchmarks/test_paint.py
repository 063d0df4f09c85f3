# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
import torch

from backend.weights.files.catalogue import Family
from backend.weights.runtime import families as known
from backend.weights.runtime.base_model import BaseModel
from benchmarks import paint as bench
from shared.errors import Refusal


@pytest.fixture(autouse=True)
def tiny_family(
    families: dict[str, Family], models: dict[str, BaseModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "read_catalogue", lambda: {"embedded": families["embedded"]})
    monkeypatch.setattr(known, "load_folder", lambda *_: models["embedded"])
    monkeypatch.setattr(bench, "STEPS", 2)
    monkeypatch.setattr(models["embedded"], "resolution", 256)


def test_the_bare_loop_does_the_work_of_the_act(model: BaseModel) -> None:
    shapes: list[torch.Size] = []

    def note(module: Any, args: tuple[torch.Tensor, ...]) -> None:
        shapes.append(args[0].shape)

    handle = model.unet.register_forward_pre_hook(note)
    said: list[str] = []
    acts, loops = bench.act_and_loop(1, 0, said.append)
    handle.remove()
    assert len(acts) == len(loops) == len(said) == 1
    assert min(acts + loops) > 0
    assert len(shapes) == 8, "two of each, with two steps"
    assert len(set(shapes)) == 1


def test_a_cold_start_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "EXAMPLE", "unicorn")
    with pytest.raises(Refusal, match="no example 'unicorn'"):
        bench.cold_run(0)
