# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The training loop every recipe shares: schedule, averages, log lines, sample grids, exact resume."""

import contextlib
import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor, nn

from models.recipes import parallel
from models.recipes.checkpoint import load_checkpoint, optimiser_tensors, restore_optimiser, save_checkpoint
from models.recipes.optimiser import build_optimisers


def best_device() -> torch.device:
    """Return the accelerator if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Recipe(Protocol):
    """One training task; all its randomness comes from the torch seed, which the loop sets at every step."""

    @property
    def networks(self) -> Mapping[str, nn.Module]: ...
    def loss(self, step: int, progress: float) -> Tensor: ...
    def grid(self) -> Image.Image: ...


@dataclass(frozen=True)
class Plan:
    """How long and how fast.

    Attributes:
        minutes: budget of training time, over all resumed runs; the schedule is stretched over it.
        steps: budget in steps instead, for runs that must repeat exactly; minutes are then ignored.
        lr: peak learning rate.
        warmup: steps of linear rise.
        floor: share of the peak left at the end of the cosine.
        average: decay of the running mean of the weights.
        log_every: steps between log lines.
        save_minutes: time between checkpoints and sample grids.
        shares: share of the rate for single networks, by name; 1 for the others.
        critics: names of those that judge the others; see `build_optimisers`.
    """

    minutes: float = 30.0
    steps: int | None = None
    lr: float = 1e-3
    warmup: int = 100
    floor: float = 0.02
    average: float = 0.998
    log_every: int = 50
    save_minutes: float = 4.0
    seed: int = 0
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    critics: frozenset[str] = frozenset()

    def rate(self, step: int, progress: float) -> float:
        """Return the learning rate: linear warm-up, then cosine down to the floor."""
        cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
        return self.lr * min(1.0, (step + 1) / self.warmup) * (self.floor + (1 - self.floor) * cosine)


class Training:
    """A recipe on its way: networks, their running means, optimisers, step and seconds so far."""

    def __init__(self, recipe: Recipe, plan: Plan, out: Path, report: Callable[[str], None] = print) -> None:
        self.recipe, self.plan, self.out, self.report = recipe, plan, out, report
        self.weights: dict[str, nn.Parameter] = {
            f"{name}.{key}": weight
            for name, network in recipe.networks.items()
            for key, weight in network.named_parameters()
        }
        self.mean = {name: weight.detach().clone() for name, weight in self.weights.items()}
        self.optimisers = build_optimisers(recipe.networks, plan.lr, plan.shares, plan.critics)
        self.step = 0
        self.seconds = 0.0
        self._counted = time.monotonic()

    @property
    def progress(self) -> float:
        """Share of the budget that is spent."""
        if self.plan.steps is not None:
            return self.step / self.plan.steps
        return self.seconds / (60 * self.plan.minutes)

    def resume(self) -> None:
        """Go on from the last checkpoint in `out`.

        Raises:
            FileNotFoundError: there is none.
        """
        tensors, progress = load_checkpoint(self.out / "checkpoint")
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(tensors[f"weights.{name}"])
                self.mean[name].copy_(tensors[f"mean.{name}"])
        for i, optimiser in enumerate(self.optimisers):
            restore_optimiser(optimiser, f"optimiser.{i}", tensors)
        self.step, self.seconds = int(progress["step"]), progress["seconds"]

    def start_from(self, checkpoint: Path, networks: Sequence[str] = ()) -> None:
        """Begin a new budget with the averaged weights of another training.

        Args:
            networks: of these only; none for all.

        Raises:
            FileNotFoundError: there is no checkpoint.
        """
        tensors, _ = load_checkpoint(checkpoint)
        with torch.no_grad():
            for name, weight in self.weights.items():
                if not networks or name.partition(".")[0] in networks:
                    weight.copy_(tensors[f"mean.{name}"])
                    self.mean[name].copy_(tensors[f"mean.{name}"])

    def freeze(self, name: str, state: Mapping[str, Tensor]) -> None:
        """Give one network these weights for good; it keeps its place in the optimisers, for resuming."""
        network = self.recipe.networks[name]
        network.load_state_dict(state)
        network.requires_grad_(False)
        for key, weight in network.named_parameters():
            self.mean[f"{name}.{key}"].copy_(weight)

    def save(self) -> None:
        """Write a checkpoint; of several processes the first does."""
        if parallel.rank() > 0:
            return
        tensors: dict[str, Tensor] = {f"weights.{name}": weight for name, weight in self.weights.items()}
        tensors |= {f"mean.{name}": mean for name, mean in self.mean.items()}
        for i, optimiser in enumerate(self.optimisers):
            tensors |= optimiser_tensors(optimiser, f"optimiser.{i}")
        save_checkpoint(self.out / "checkpoint", tensors, {"step": self.step, "seconds": self.seconds})

    def advance(self) -> float:
        """Take one step and return its loss."""
        torch.manual_seed((self.plan.seed << 40) + self.step * parallel.world() + parallel.rank())
        rate = self.plan.rate(self.step, self.progress)
        loss = self.recipe.loss(self.step, self.progress)
        loss.backward()
        now = time.monotonic()
        self.seconds = parallel.average_gradients(self.weights.values(), self.seconds + now - self._counted)
        self._counted = now
        for network in self.recipe.networks.values():  # each by itself: a critic's slope outgrows a painter's
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * group["share"]
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        decay = min(self.plan.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, weight in self.weights.items():
                self.mean[name].lerp_(weight, 1 - decay)
        self.step += 1
        return loss.item()

    @contextlib.contextmanager
    def averaged(self) -> Generator[None]:
        """Run the body with the running means in place of the weights."""
        own = {name: weight.detach().clone() for name, weight in self.weights.items()}
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(self.mean[name])
        try:
            yield
        finally:
            with torch.no_grad():
                for name, weight in self.weights.items():
                    weight.copy_(own[name])

    def show(self) -> None:
        """Write a sample grid made with the averaged weights; of several processes the first does."""
        if parallel.rank() > 0:
            return
        with self.averaged(), torch.no_grad():
            self.out.mkdir(parents=True, exist_ok=True)
            self.recipe.grid().save(self.out / f"grid-{self.step:06}.png")

    def run(self) -> None:
        """Train until the budget is spent; then save the checkpoint and a last grid."""
        losses: list[float] = []
        saved = self.seconds
        self._counted = time.monotonic()
        while self.progress < 1:
            losses.append(self.advance())
            if self.step % self.plan.log_every == 0:
                mean = sum(losses) / len(losses)
                self.report(
                    f"step {self.step} {self.seconds / 60:.1f} min loss {mean:.4f} "
                    f"rate {self.plan.rate(self.step, self.progress):.1e}"
                )
                losses.clear()
            if self.seconds - saved > 60 * self.plan.save_minutes:
                self.save()
                self.show()
                saved = self.seconds
        self.save()
        self.show()
