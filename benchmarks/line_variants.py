# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Ways to draw in a style known from one example: ours, its rivals, and ours with one part left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from backend.acts.line_style.distillation import Distillation, Pair, Plan
from backend.acts.line_style.example import Example, picture_tensor
from backend.acts.line_style.features import Captured
from backend.acts.line_style.generator_training import GeneratorTraining, Recipe
from backend.acts.line_style.losses import PARTS
from backend.acts.report import Quiet
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.device import calculation
from backend.weights.runtime.families import load_family
from backend.weights.runtime.line_extractor import load_extractor
from benchmarks.held_out import Image8
from benchmarks.rulers.line_truth import Ink, canny_ink, example_of, xdog_ink
from models.networks.line_extractor import LineExtractor

FAMILY = "embedded"
RIVALS = ("finetune", "one_step")
COMPARED = ("ours", *RIVALS)
ABLATIONS: dict[str, Callable[[Recipe], Recipe]] = {
    "low": lambda recipe: replace(recipe, low=False),
    "vae": lambda recipe: replace(recipe, vae=False),
    "cdst": lambda recipe: replace(recipe, cdst=False),
    **{part: lambda recipe, part=part: replace(recipe, losses=frozenset(PARTS) - {part}) for part in PARTS},
}
"""What an ablation leaves out of the generator."""

ITERATION_IN_STEPS = 3
"""A generator's iteration takes as long as so many steps of a distillation; measured: 0.8 s and 0.27 s."""

Drawer = Callable[[int, Image8], Ink]
"""Draws the held-out picture of a number."""


@dataclass(frozen=True)
class Effort:
    """How much is spent, in steps, so that a busy machine learns as much as an idle one.

    Args:
        pictures: Held-out pictures of each style.
        distilled: Steps of a distillation after a generator.
        generated: Iterations of a generator.
        samples, free: That it learns from; all of them become pairs.
    """

    pictures: int
    distilled: int
    generated: int
    samples: int = 12
    free: int = 6

    @property
    def alone(self) -> int:
        """Steps of a distillation without a generator: as many as take the time of both."""
        return self.distilled + ITERATION_IN_STEPS * self.generated

    def recipe(self) -> Recipe:
        return replace(Recipe(), iterations=self.generated, samples=self.samples, free=self.free)


class Variants:
    """Learns styles, and keeps what can be used again: features in a folder, one training per recipe.

    Args:
        folder: Working files of this benchmark.
        captured: Features of pictures, which no extractor changes; below the folder if not given.
    """

    def __init__(self, folder: Path, effort: Effort, captured: Path | None = None) -> None:
        self.folder, self.effort, self.captured = folder, effort, captured or folder / "captured"

    @cached_property
    def general(self) -> LineExtractor:
        return load_extractor()

    @cached_property
    def model(self) -> BaseModel:
        return load_family(FAMILY)

    def drawer(self, variant: str, style: str) -> tuple[Drawer, float]:
        """Learn a style in one way.

        Returns:
            What draws in it, and the seconds that the learning took.

        Raises:
            KeyError: an unknown variant.
        """
        if variant in ("canny", "xdog", "general"):
            plain = {"canny": canny_ink, "xdog": xdog_ink, "general": self._by(self.general)}[variant]
            return (lambda number, picture: plain(picture)), 0.0
        example, started = example_of(style), time.perf_counter()
        if variant == "finetune":
            learnt = self._by(self._distilled(example, (), self.effort.alone))
            return (lambda number, picture: learnt(picture)), time.perf_counter() - started
        training = self._trained(variant, style, example)
        if variant == "generator" or variant.startswith("without_"):
            return (lambda number, picture: training.draw(self._seen(training, number, picture)).numpy()), (
                time.perf_counter() - started
            )
        pairs = list(training.pairs(self.effort.samples + self.effort.free))
        learnt = self._by(self._distilled(example, pairs, self.effort.distilled))
        return (lambda number, picture: learnt(picture)), time.perf_counter() - started

    def _distilled(self, example: Example, pairs: Sequence[Pair], steps: int) -> LineExtractor:
        distillation = Distillation(self.general, example, pairs, replace(Plan(), steps=steps))
        while distillation.progress < 1:
            distillation.advance()
        return distillation.learnt()

    def _trained(self, variant: str, style: str, example: Example) -> GeneratorTraining:
        """The generator of a recipe, trained now or before."""
        recipe = self.effort.recipe()
        kind = "generator" if variant == "ours" else variant
        if variant == "one_step":
            recipe = replace(recipe, steps=(self._middle_step(),))
        elif variant.startswith("without_"):
            recipe = ABLATIONS[variant.removeprefix("without_")](recipe)
        elif kind != "generator":
            raise KeyError(variant)
        training = GeneratorTraining(
            self.model,
            self.general,
            example,
            self.folder / "generators" / f"{style}.{kind}",
            recipe,
            family=FAMILY,
            captured=self.captured,
        )
        training.prepare(Quiet())
        for _ in training.run():
            pass
        training.save()
        return training

    def _middle_step(self) -> int:
        """One timestep in place of all: the middle of the representative ones."""
        from backend.acts.line_style.steps import steps_for

        timesteps = sorted(steps_for(self.model, FAMILY, lambda: None).timesteps)
        return timesteps[len(timesteps) // 2]

    def _seen(self, training: GeneratorTraining, number: int, picture: Image8) -> Captured:
        """Features of a held-out picture, the same for every style."""
        steps = "-".join(str(step) for step in training.material.observer.timesteps)
        return training.material.cache.get(
            f"held-{number}-{steps}",
            lambda: training.material.capture(picture_tensor(picture)[0], lambda: None),
        )

    def _by(self, extractor: LineExtractor) -> Callable[[Image8], Ink]:
        def draw(picture: Image8) -> Ink:
            with torch.inference_mode(), calculation(torch.device("cpu")):
                logits = extractor(picture_tensor(picture) * 2 - 1)
            return np.asarray(logits.float().sigmoid()[0].numpy(), np.float32)

        return draw
