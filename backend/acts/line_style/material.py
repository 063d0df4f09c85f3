# SPDX-License-Identifier: GPL-3.0-or-later
"""What a generator learns from: views of the example, and samples painted for it, with all their features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from backend.acts.line_style.captions import captions
from backend.acts.line_style.conditions import Conditions, mixed, shares
from backend.acts.line_style.example_views import Drawn, View, views_of
from backend.acts.line_style.features import Captured, Check, FeatureCache, Observer
from backend.acts.line_style.losses import Eye
from backend.acts.line_style.recipe import HORIZON, Recipe, digest_of
from backend.acts.line_style.steps import fingerprint_of
from backend.acts.report import Report
from backend.weights.runtime.base_model import BaseModel, PromptEmbedding

SAMPLE_SEED = 1000


@dataclass
class Shelf:
    """Names of captured pictures in the cache, in the order in which they are used."""

    views: list[str] = field(default_factory=list[str])
    samples: list[str] = field(default_factory=list[str])
    free: list[str] = field(default_factory=list[str])


class Material:
    """Pictures with their features, made once and kept in a folder.

    Args:
        model: The family that paints and is watched.
        timesteps: Representative ones.
        words: What the example shows; may be empty.
        folder: Pictures are named by what they are of, so that several trainings may share it.

    Attributes:
        views: Parts of the example; `shelf.views` names their features in the same order.
    """

    def __init__(
        self,
        model: BaseModel,
        timesteps: tuple[int, ...],
        example: Drawn,
        recipe: Recipe,
        words: str,
        folder: Path,
    ) -> None:
        self.model, self.recipe = model, recipe
        self.observer = Observer(model, timesteps)
        self.views: tuple[View, ...] = views_of(example, model.resolution, model.multiple)
        self.words = model.encode_prompt(words)
        self.cache, self.shelf = FeatureCache(folder), Shelf()
        self.origin = digest_of(fingerprint_of(model), timesteps, self.words.embedding)
        self._conditions: Conditions | None = None

    def prepare(self, report: Report, *, samples: bool) -> None:
        """Capture the views and paint the samples; what is in the folder already is not done again.

        Args:
            samples: Whether any are needed.

        Raises:
            shared.errors.Cancelled: `report.check` said so; call it again to go on.
        """
        recipe, shelf = self.recipe, Shelf()
        painted = recipe.samples + recipe.free if samples else 0
        total = len(self.views) + painted
        for view in self.views:
            report.progress(len(shelf.views), total, "Looking at your picture")
            shelf.views.append(self._captured_view(view, report.check))
        for k in range(painted):
            report.progress(len(shelf.views) + k, total, "Painting pictures to learn from")
            along = k < recipe.samples and recipe.cdst
            gone = k / max(1, recipe.samples - 1) if along else 1.0
            name = self._captured_sample(k, gone, report.check)
            (shelf.samples if k < recipe.samples else shelf.free).append(name)
        self.shelf = shelf

    def captured(self, name: str) -> Captured:
        """A picture of the shelf.

        Raises:
            FileNotFoundError: the folder was emptied meanwhile.
        """

        def lost() -> Captured:
            raise FileNotFoundError(f"{name} was deleted while it was needed")

        return self.cache.get(name, lost)

    def sample_at(self, gone: float, rng: np.random.Generator) -> str:
        """The sample to learn from when this share of the training is over.

        In the order of CDST conditions become more and more random; after the horizon it is any random one.
        """
        gone, shelf = gone / HORIZON, self.shelf
        if self.recipe.cdst and gone < 1:
            return shelf.samples[int(gone * len(shelf.samples))]
        names = shelf.free if self.recipe.cdst and shelf.free else [*shelf.samples, *shelf.free]
        return names[int(rng.integers(len(names)))]

    def random_samples(self, check: Check) -> Iterator[Captured]:
        """Samples without end: those of random conditions first, then the others, then new ones."""
        for name in (*self.shelf.free, *reversed(self.shelf.samples)):
            yield self.captured(name)
        for number in count(self.recipe.samples + self.recipe.free):
            yield self.captured(self._captured_sample(number, 1.0, check))

    def likeness(self, eye: Eye) -> list[tuple[float, float]]:
        """Of each sample: the random condition's share, and how like the example it is to the encoder.

        The second, a cosine, falls from sample to sample where CDST does what it is for.
        """
        names, device = self.shelf.samples, self.model.device
        with torch.no_grad():
            own = eye(self.views[0].picture[None].to(device))
            seen = [eye(self.captured(name).picture[None].to(device)) for name in names]
        weights = [shares(k / max(1, len(names) - 1), 1.0) for k in range(len(names))]
        cosines = [float(torch.cosine_similarity(own, each)) for each in seen]
        return [(b / (a + b), cosine) for (a, b), cosine in zip(weights, cosines, strict=True)]

    def capture(self, picture: Tensor, check: Check) -> Captured:
        """A real picture (3,H,W), in the same way as the example."""
        return self.observer.of_picture(picture, self.words, check, self.recipe.real)

    def _captured_view(self, view: View, check: Check) -> str:
        name = f"view-{digest_of(self.origin, self.recipe.real, view.picture)}"
        self.cache.get(name, lambda: self.capture(view.picture, check))
        return name

    def _captured_sample(self, number: int, gone: float, check: Check) -> str:
        """Paint sample `number`, `gone` of the way from the example's condition to a random one."""
        seed = SAMPLE_SEED * (1 + self.recipe.seed) + number
        name = f"sample-{digest_of(self.origin, seed, gone)}"
        if name not in self.cache:
            words = mixed(self.words, self._random_words(seed), *shares(gone, 1.0))
            size = (self.model.resolution, self.model.resolution)
            self.cache.get(name, lambda: self.observer.of_sample(words, seed, size, check))
        return name

    def _random_words(self, seed: int) -> PromptEmbedding:
        if self._conditions is None:
            self._conditions = Conditions([self.model.encode_prompt(caption) for caption in captions()])
        return self._conditions.drawn(seed)
