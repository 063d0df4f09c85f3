# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Muon for the inner weight matrices, AdamW for everything else."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from models.recipes import parallel

SMALLEST_MATRIX = 16
"""A weight with fewer rows or columns has too little structure for an orthogonal step."""

_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Newton-Schulz coefficients of Jordan et al. 2024: steepest slope at 0 that still converges."""


def orthogonalised(matrix: Tensor, iterations: int = 5) -> Tensor:
    """Push the singular values of (rows, columns) towards 1 by Newton-Schulz iterations in bf16."""
    a, b, c = _QUINTIC
    x = matrix.bfloat16()
    tall = x.size(0) > x.size(1)
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon(Optimizer):
    """Momentum whose update is orthogonalised; convolutions count as (out, in * height * width) matrices.

    Updates are scaled to the root mean square of an AdamW step, so that both share one learning rate. Of
    several processes each orthogonalises its share of the matrices.

    Source: Jordan et al. 2024; the scale 0.2 * sqrt(max(rows, columns)) is of Liu et al. 2025, section 2.2.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter] | Iterable[dict[str, Any]],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Take one step.

        Raises:
            ValueError: a closure was given; this optimiser re-evaluates nothing.
        """
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            updates = [self._momentum(weight, group) for weight in weights]
            turns = range(parallel.rank(), len(weights), parallel.world())
            for i, update in enumerate(updates):
                updates[i] = orthogonalised(update) if i in turns else torch.zeros_like(update)
            parallel.add_up(updates)
            for weight, update in zip(weights, updates, strict=True):
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(update.view_as(weight), alpha=group["lr"] * 0.2 * max(update.shape) ** 0.5)

    def _momentum(self, weight: nn.Parameter, group: dict[str, Any]) -> Tensor:
        gradient: Tensor = weight.grad  # type: ignore[assignment]
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        mean: Tensor = state["momentum"].lerp_(gradient, 1 - group["momentum"])
        return gradient.lerp(mean, group["momentum"]).flatten(1)


def build_optimisers(
    networks: Mapping[str, nn.Module],
    lr: float,
    shares: Mapping[str, float] | None = None,
    critics: Collection[str] = (),
) -> list[Optimizer]:
    """Give inner matrices to Muon and the rest (ends, embeddings, norms, biases) to AdamW.

    Args:
        networks: trained together, by name.
        lr: peak learning rate of both.
        shares: share of the rate for single networks; 1 for the others. Each group says its own as `share`.
        critics: networks whose task changes as they learn; they have AdamW of short memory for all weights.
            With Muon the critics of a completion swung to and fro.
    """
    inner: dict[float, list[nn.Parameter]] = {}
    rest: dict[float, list[nn.Parameter]] = {}
    judging: list[dict[str, Any]] = []
    for network, module in networks.items():
        share = (shares or {}).get(network, 1.0)
        if network in critics:
            judging.append({"params": list(module.parameters()), "lr": lr * share, "share": share})
            continue
        for name, weight in module.named_parameters():
            matrix = weight.ndim >= 2 and min(weight.size(0), weight[0].numel()) >= SMALLEST_MATRIX
            end = "embedding" in name or "conv_in" in name or "conv_out" in name
            (inner if matrix and not end else rest).setdefault(share, []).append(weight)
    muon, adamw = (
        [{"params": weights, "lr": lr * share, "share": share} for share, weights in kind.items()]
        for kind in (inner, rest)
    )
    optimisers: list[Optimizer] = [Muon(muon, lr)] if muon else []
    for groups, betas in ((adamw, (0.9, 0.99)), (judging, (0.0, 0.9))):
        if groups:
            optimisers.append(AdamW(groups, lr=lr, betas=betas, weight_decay=0.0))
    return optimisers
