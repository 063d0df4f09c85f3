# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A small extractor learns a line: from the one example, and from pairs that a generator drew.

It begins as the general extractor, which knows already where lines are, and learns how they are drawn. Every
step's randomness comes from the step's number, so that a training that was stopped goes on as it would have.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from backend.acts.line_style.augmentation import Views, cut, side_of
from backend.acts.line_style.contrast import with_contrast
from backend.acts.line_style.example import Example
from backend.library.line_style_file import replace_file
from backend.weights.runtime.device import calculation
from models.networks.line_extractor import LineExtractor

STATE = "distillation.safetensors"

FINEST = ("up.0", "meet", "conv_out")
"""Layers that see cells of 2 px: how a line is drawn, not where lines are."""

CONTRAST = 1 << 40
"""In place of a step's number, for the views that contrast is measured on."""

INK_WEIGHT, OVERLAP_WEIGHT = 4.0, 0.3
"""Ink is rare: unweighted, a thin line that is not quite sure of its place is left out."""

Pair = tuple[Tensor, Tensor]
"""A picture (3,H,W) and the ink (2,H,W) that belongs to it, floats in [0, 1] or, for less memory, uint8."""


@dataclass(frozen=True)
class Plan:
    """How long, how fast, from what.

    Args:
        seconds: Of training, over all resumed runs; the rate falls over them.
        steps: Instead of seconds, for runs that must repeat exactly.
        rate: Highest learning rate of AdamW.
        cuts: Views per step.
        of_pairs: Share of views that are taken from the generator's pairs, if there are any.
        average: Decay of the running mean of the weights, which is what is learnt.
        trained: What the names of the trained tensors begin with; empty for all.
        views: How the example and the pairs are varied.
    """

    seconds: float = 120.0
    steps: int | None = None
    rate: float = 3e-3
    cuts: int = 4
    of_pairs: float = 0.5
    average: float = 0.98
    warmup: int = 20
    trained: tuple[str, ...] = FINEST
    seed: int = 0
    views: Views = field(default_factory=Views)


class Distillation:
    """An extractor on its way to a line: weights, their running mean, optimiser, step and seconds so far.

    Args:
        general: Where it begins; copied.
        example: What is learnt.
        pairs: Drawn by a generator in the same line; none for learning from the example alone.
    """

    def __init__(
        self,
        general: LineExtractor,
        example: Example,
        pairs: Sequence[Pair] = (),
        plan: Plan | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.plan, self.device = plan or Plan(), device or torch.device("cpu")
        self.pairs = [(_planes(example.picture), _ink(example)), *pairs]
        self.network = copy.deepcopy(general).to(self.device).train().requires_grad_(True)
        self.trained = {
            name: weight
            for name, weight in self.network.named_parameters()
            if not self.plan.trained or name.startswith(self.plan.trained)
        }
        for name, weight in self.network.named_parameters():
            weight.requires_grad_(name in self.trained)
        self.mean = {name: weight.detach().clone() for name, weight in self.trained.items()}
        self.optimiser = torch.optim.AdamW(
            self.trained.values(), self.plan.rate, (0.9, 0.99), weight_decay=0.0
        )
        self.step, self.seconds = 0, 0.0

    @property
    def progress(self) -> float:
        """Share of the budget that is spent; 1 or more when it is done."""
        if self.plan.steps is not None:
            return self.step / self.plan.steps
        return self.seconds / self.plan.seconds

    def advance(self) -> float:
        """Take one step and return its loss."""
        started = time.perf_counter()
        pictures, truth = self._batch()
        with calculation(self.device):
            logits = self.network(pictures * 2 - 1)
        loss = drawn_apart(logits.float(), truth)
        loss.backward()
        nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self._average()
        self.step += 1
        self.seconds += time.perf_counter() - started
        return float(loss.detach())

    def learnt(self) -> LineExtractor:
        """A copy with the running means and the example's contrast, ready to draw, on the CPU."""
        extractor = copy.deepcopy(self.network)
        with torch.no_grad():
            for name, weight in extractor.named_parameters():
                if name in self.mean:
                    weight.copy_(self.mean[name])
        extractor = extractor.cpu().eval().requires_grad_(False)
        return with_contrast(extractor, self._views(np.random.default_rng([self.plan.seed, CONTRAST]), 6))

    def save(self, folder: Path) -> None:
        """Write all of it into one file, at once or not at all."""
        tensors = {f"weights.{name}": weight for name, weight in self.trained.items()}
        tensors |= {f"mean.{name}": mean for name, mean in self.mean.items()}
        for name, weight in self.trained.items():
            state = self.optimiser.state.get(weight, {})
            tensors |= {f"{key}.{name}": torch.as_tensor(value) for key, value in state.items()}
        kept = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        words = {"step": str(self.step), "seconds": repr(self.seconds)}
        replace_file(folder / STATE, save(kept, metadata=words))

    def resume(self, folder: Path) -> bool:
        """Go on where `save` stopped.

        Returns:
            False if nothing was saved there, or it is of another network: then nothing is changed.
        """
        try:
            with safe_open(folder / STATE, "pt") as file:
                words = file.metadata()
                tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError):
            return False
        if not self._fits(tensors):
            return False
        with torch.no_grad():
            for name, weight in self.trained.items():
                weight.copy_(tensors[f"weights.{name}"])
                self.mean[name].copy_(tensors[f"mean.{name}"])
                self._restore(name, weight, tensors)
        self.step, self.seconds = int(words["step"]), float(words["seconds"])
        return True

    def _fits(self, tensors: dict[str, Tensor]) -> bool:
        saved = {name.removeprefix("mean."): one for name, one in tensors.items() if name.startswith("mean.")}
        own = {name: mean.shape for name, mean in self.mean.items()}
        return {name: one.shape for name, one in saved.items()} == own

    def _restore(self, name: str, weight: nn.Parameter, tensors: dict[str, Tensor]) -> None:
        for key in ("step", "exp_avg", "exp_avg_sq"):
            if f"{key}.{name}" in tensors:
                value = tensors[f"{key}.{name}"]
                self.optimiser.state[weight][key] = value if key == "step" else value.to(self.device)

    def _batch(self) -> tuple[Tensor, Tensor]:
        """Views of the example and of the pairs, all of one size: (B,3,S,S) and (B,2,S,S)."""
        views = self._views(np.random.default_rng([self.plan.seed, self.step]), self.plan.cuts)
        pictures, ink = (torch.stack(planes) for planes in zip(*views, strict=True))
        return pictures.to(self.device), ink.to(self.device)

    def _views(self, rng: np.random.Generator, count: int) -> list[Pair]:
        chosen = [self._choose(rng) for _ in range(count)]
        side = min(side_of(picture, self.plan.views) for picture, _ in chosen)
        return [cut(rng, *pair, self.plan.views, side) for pair in chosen]

    def _choose(self, rng: np.random.Generator) -> Pair:
        of_pairs = len(self.pairs) > 1 and rng.random() < self.plan.of_pairs
        picture, ink = self.pairs[int(rng.integers(1, len(self.pairs))) if of_pairs else 0]
        return _unit(picture), _unit(ink)

    def _rate(self) -> float:
        """Linear rise, then half a cosine down to a fiftieth."""
        falling = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(self.progress, 1.0)))
        return self.plan.rate * min(1.0, (self.step + 1) / self.plan.warmup) * falling

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.plan.average, (1 + self.step) / (10 + self.step))
        for name, weight in self.trained.items():
            self.mean[name].lerp_(weight, 1 - decay)


def drawn_apart(logits: Tensor, truth: Tensor) -> Tensor:
    """How far drawn ink is from the true ink, (B,2,H,W) both; see docs/decisions/how-a-line-is-learnt.md."""
    ink = logits.sigmoid()
    wrong = binary_cross_entropy_with_logits(logits, truth, reduction="none") * (1 + INK_WEIGHT * truth)
    shared = 2 * (ink * truth).sum((2, 3)) + 1
    overlap = shared / (ink.square().sum((2, 3)) + truth.square().sum((2, 3)) + 1)
    return wrong.mean() + OVERLAP_WEIGHT * (1 - overlap).mean()


def _unit(planes: Tensor) -> Tensor:
    return planes.float() / 255 if planes.dtype == torch.uint8 else planes


def _planes(picture: np.ndarray) -> Tensor:
    return torch.as_tensor(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 255


def _ink(example: Example) -> Tensor:
    return torch.as_tensor(np.stack([example.contour, example.detail])).float() / 255
