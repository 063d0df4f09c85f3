# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Classifiers that only measure: one linear layer on what EfficientNet-Lite0 sees, taught in seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, cross_entropy

from backend import home
from benchmarks.rulers.networks import feature_network

EARLY, MIDDLE = 4, 10
"""Blocks whose maps are looked at too, in ninths and in quarters of the picture: where a line is counts."""

TOGETHER = 32
STEPS, BATCH, RATE, DECAY, SMOOTHING, DROPPED = 400, 256, 2e-3, 2e-2, 0.1, 0.5


def looked_at(pictures: Tensor) -> Tensor:
    """(B,2088) of (B,3,H,W) in [-1, 1]: what the last, a middle and an early block of the network answer.

    Raises:
        MissingWeights: the `bench` extra is not installed.
    """
    network, found = feature_network(), list[Tensor]()
    with torch.inference_mode():
        for part in pictures.split(TOGETHER):
            x = part.contiguous(memory_format=torch.channels_last)
            maps, taken = network.maps_with(x, (EARLY, MIDDLE))
            early, middle = adaptive_avg_pool2d(taken[0], 3), adaptive_avg_pool2d(taken[1], 2)
            found.append(torch.cat([maps.mean((2, 3)), middle.flatten(1), early.flatten(1)], 1))
    return torch.cat(found).clone()


@dataclass(frozen=True)
class Head:
    """
    Args:
        names: Of the classes.
        mean, spread: (F,) of the features.
        weight, bias: (N,F) and (N,).
    """

    names: tuple[str, ...]
    mean: Tensor
    spread: Tensor
    weight: Tensor
    bias: Tensor

    def scores(self, features: Tensor) -> Tensor:
        """(B,N) logits of (B,F)."""
        return ((features - self.mean) / self.spread) @ self.weight.T + self.bias

    def best(self, features: Tensor, count: int) -> list[list[str]]:
        """The likeliest names of each of (B,F), the likeliest first."""
        ranked = self.scores(features).topk(count, 1).indices
        return [[self.names[int(i)] for i in row] for row in ranked]

    def save(self, path: Path) -> None:
        tensors = {name: getattr(self, name).contiguous() for name in ("mean", "spread", "weight", "bias")}
        save_file(tensors, path, {"names": "\n".join(self.names)})


def load_head(path: Path) -> Head:
    """What `save` wrote."""
    with safe_open(path, "pt") as file:
        names = tuple(file.metadata()["names"].split("\n"))
        return Head(names, *(file.get_tensor(name) for name in ("mean", "spread", "weight", "bias")))


def kept_head(name: str, key: str, teach: Callable[[], Head]) -> Head:
    """The head of that name and key out of the backend's caches, taught now where it is not there."""
    path = home.home() / "caches" / "bench" / f"{name}-{key}.safetensors"
    if not path.is_file():
        head = teach()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        head.save(part)
        part.replace(path)
    return load_head(path)


def taught(features: Tensor, labels: Sequence[str], seed: int = 0) -> Head:
    """Teach one linear layer to tell the labels of (B,F) features apart; the same again for the same seed."""
    names = tuple(sorted(set(labels)))
    wanted = torch.tensor([names.index(label) for label in labels])
    mean, spread = features.mean(0), features.std(0).clamp(min=1e-3)
    seen = (features - mean) / spread
    dice = torch.Generator().manual_seed(seed)
    weight = torch.zeros(len(names), len(mean), requires_grad=True)
    bias = torch.zeros(len(names), requires_grad=True)
    optimiser = torch.optim.AdamW([weight, bias], RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        drawn = torch.randint(len(wanted), (BATCH,), generator=dice)
        kept = (torch.rand(len(drawn), seen.shape[1], generator=dice) > DROPPED) / (1 - DROPPED)
        loss = cross_entropy((seen[drawn] * kept) @ weight.T + bias, wanted[drawn], label_smoothing=SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return Head(names, mean, spread, weight.detach(), bias.detach())
