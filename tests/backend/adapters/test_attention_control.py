# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch
from diffusers.models.attention_processor import Attention
from torch import Tensor

from backend.adapters.attached import attached
from backend.adapters.attention_control import AttentionControl, Layer, attentions
from backend.weights.runtime.base_model import BaseModel
from tests.backend.adapters.test_stroke_guidance import answer


class Watching:
    """Remembers what it was shown, and gives it back, perhaps changed."""

    def __init__(self, share: float = 1.0) -> None:
        self.seen: list[tuple[Layer, tuple[int, ...]]] = []
        self._share = share

    def __call__(self, layer: Layer, chances: Tensor) -> Tensor:
        assert float((chances.sum(-1) - 1).abs().max()) < 0.01
        self.seen.append((layer, tuple(chances.shape)))
        return chances * self._share


def within(model: BaseModel, control: AttentionControl) -> Tensor:
    with attached(model.unet, [control]):
        return answer(model, None)


def test_looking_changes_next_to_nothing_and_detached_nothing_at_all(model: BaseModel) -> None:
    before = answer(model, None)
    watching = Watching()
    looked = within(model, AttentionControl(watching))
    torch.testing.assert_close(looked, before, atol=1e-4, rtol=1e-3)
    assert len(watching.seen) == len(list(attentions(model.unet)))
    assert {layer.cross for layer, _ in watching.seen} == {True, False}
    for layer, (_, pixels, seen) in watching.seen:
        assert seen == (5 if layer.cross else pixels)
    assert torch.equal(answer(model, None), before)


def test_what_is_changed_counts_and_only_where_it_is_wanted(model: BaseModel) -> None:
    before = answer(model, None)
    words = Watching(0.5)
    changed = within(model, AttentionControl(words, lambda layer: layer.cross))
    assert all(layer.cross for layer, _ in words.seen) and words.seen
    assert float((changed - before).abs().max()) > 1e-3
    with pytest.raises(ZeroDivisionError), attached(model.unet, [AttentionControl(Watching())]):
        raise ZeroDivisionError
    assert torch.equal(answer(model, None), before)
    with pytest.raises(ValueError, match="transformer"):
        AttentionControl(Watching()).attach(torch.nn.ModuleList([Attention(16, residual_connection=True)]))
    twice = AttentionControl(Watching())
    with pytest.raises(RuntimeError), attached(model.unet, [twice, twice]):
        pass
    assert torch.equal(answer(model, None), before)
