# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
import torch
from torch import nn

from models.recipes.optimiser import Muon, build_optimisers, orthogonalised


@pytest.mark.parametrize("shape", [(32, 64), (64, 32), (48, 48)])
def test_singular_values_come_close_to_one(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalised(torch.randn(shape)))
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_muon_fits_a_linear_map() -> None:
    torch.manual_seed(0)
    true, layer = torch.randn(32, 32), nn.Linear(32, 32, bias=False)
    optimiser = Muon(layer.parameters(), lr=0.05, weight_decay=0)
    x = torch.randn(256, 32)
    first = None
    for _ in range(150):
        loss = (layer(x) - x @ true).square().mean()
        first = first or loss.item()
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss.item() < 0.02 * first


def test_a_closure_is_refused() -> None:
    with pytest.raises(ValueError, match="closure"):
        Muon([nn.Parameter(torch.ones(16, 16))], lr=0.1).step(lambda: 0.0)


def test_ends_and_small_weights_go_to_adamw() -> None:
    net = nn.ModuleDict(
        {"conv_in": nn.Conv2d(32, 32, 3), "inner": nn.Conv2d(32, 32, 3), "thin": nn.Linear(32, 4)}
    )
    muon, adamw = build_optimisers({"net": net}, 1e-3)
    assert [w is net["inner"].weight for w in muon.param_groups[0]["params"]] == [True]
    assert len(adamw.param_groups[0]["params"]) == 5


def test_critics_have_an_optimiser_of_short_memory() -> None:
    painter, critic = nn.Linear(32, 32), nn.Linear(32, 32)
    muon, adamw, judging = build_optimisers(
        {"painter": painter, "critic": critic}, 1e-3, {"critic": 0.2}, ["critic"]
    )
    assert [w is painter.weight for w in muon.param_groups[0]["params"]] == [True]
    assert [w is painter.bias for w in adamw.param_groups[0]["params"]] == [True]
    (group,) = judging.param_groups
    assert {id(w) for w in group["params"]} == {id(w) for w in critic.parameters()}
    assert (group["betas"], group["share"], group["lr"]) == ((0.0, 0.9), 0.2, 2e-4)
