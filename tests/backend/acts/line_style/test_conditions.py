# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch

from backend.acts.line_style.captions import captions
from backend.acts.line_style.conditions import Conditions, mixed, shares
from backend.weights.runtime.base_model import BaseModel, PromptEmbedding


def words(seed: int, *, pooled: bool = False) -> PromptEmbedding:
    torch.manual_seed(seed)
    return PromptEmbedding(torch.randn(1, 3, 4) + 2, "", torch.randn(1, 5) if pooled else None)


PLACES = [(0, 0.0), (100, 0.25), (500, 0.5), (900, 0.75), (1000, 1.0), (1500, 1.0)]


@pytest.mark.parametrize(("at", "share"), PLACES)
def test_the_schedule_is_the_papers(at: int, share: float) -> None:
    alpha, beta = shares(at, 1000)
    assert beta / (alpha + beta) == pytest.approx(share, abs=0.001)
    if at <= 1000:
        assert alpha**2 + beta**2 == pytest.approx(1)


@pytest.mark.parametrize(("at", "horizon"), [(-1, 10), (1, 0)])
def test_places_off_the_way(at: float, horizon: float) -> None:
    with pytest.raises(ValueError, match="no place"):
        shares(at, horizon)


def test_mixtures() -> None:
    a, b = words(0, pooled=True), words(1, pooled=True)
    assert torch.equal(mixed(a, b, 1, 0).embedding, a.embedding)
    half = mixed(a, b, 0.7, 0.7)
    torch.testing.assert_close(half.embedding, (a.embedding + b.embedding) / 2)
    assert half.pooled is not None and a.pooled is not None and b.pooled is not None
    torch.testing.assert_close(half.pooled, (a.pooled + b.pooled) / 2)
    assert mixed(words(0), words(1), 1, 1).pooled is None


def test_moments_of_what_is_drawn_are_those_of_the_captions() -> None:
    known = [words(seed) for seed in range(40)]
    rows = torch.stack([each.embedding.flatten() for each in known])
    conditions = Conditions(known)
    drawn = torch.stack([conditions.drawn(seed).embedding.flatten() for seed in range(6000)])
    torch.testing.assert_close(drawn.mean(0), rows.mean(0), atol=0.06, rtol=0)
    torch.testing.assert_close(drawn.T.cov(), rows.T.cov(), atol=0.12, rtol=0)


def test_directions_are_orthogonal_and_few() -> None:
    conditions = Conditions([words(seed, pooled=True) for seed in range(9)], components=4)
    assert conditions.directions.shape == (4, 17)
    torch.testing.assert_close(
        conditions.directions @ conditions.directions.T, torch.eye(4, dtype=torch.float64)
    )
    drawn = conditions.drawn(3)
    assert drawn.pooled is not None
    assert (drawn.embedding.shape, drawn.pooled.shape) == ((1, 3, 4), (1, 5))
    assert torch.equal(conditions.drawn(3).embedding, drawn.embedding)
    assert not torch.equal(conditions.drawn(4).embedding, drawn.embedding)
    with pytest.raises(ValueError, match="no spread"):
        Conditions([words(0)])


def test_a_familys_own_words_have_a_spread(model: BaseModel) -> None:
    conditions = Conditions([model.encode_prompt(caption) for caption in captions(12)])
    assert conditions.drawn(0).embedding.shape == model.encode_prompt("a cat").embedding.shape
    assert bool((conditions.deviations[-3:] > 0).all())


def test_captions() -> None:
    found = captions(300)
    assert found == captions(300) and found != captions(300, seed=1)
    assert len(set(found)) > 250
    assert not any("{" in caption or "  " in caption for caption in found)
    with pytest.raises(ValueError, match="no spread"):
        captions(1)
