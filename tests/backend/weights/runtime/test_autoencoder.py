# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from backend.weights.runtime.base_model import BaseModel
from shared.errors import Refusal


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_latents_that_are_no_numbers_are_refused_in_words(model: BaseModel, wrong: float) -> None:
    latents = torch.zeros(1, 16, 4, 4)
    latents[0, 0, 0, 0] = wrong
    with pytest.raises(Refusal, match=r"not a picture.*Lower the guidance"):
        model.decode(latents)
    assert model.take_notes() == []


@pytest.mark.parametrize("work", ["decode", "encode"])
def test_what_not_even_full_precision_can_compute_is_refused(model: BaseModel, work: str) -> None:
    part = {"decode": model.vae.decoder.conv_in, "encode": model.vae.encoder.conv_in}[work]
    before = part.weight.detach().clone()
    calls: dict[str, Callable[[], Tensor]] = {
        "decode": lambda: model.decode(torch.zeros(1, 16, 4, 4)),
        "encode": lambda: model.encode(torch.zeros(1, 3, 32, 32)),
    }
    part.weight.data.fill_(float("nan"))
    try:
        with pytest.raises(Refusal, match="not a picture"):
            calls[work]()
    finally:
        part.weight.data.copy_(before)
    assert bool(torch.isfinite(calls[work]()).all())
