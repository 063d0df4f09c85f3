# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The recipe: from one example to a generator that draws any picture of a family in the example's line.

1. Cut the example into a few views; capture the features of each at the representative steps.
2. Paint samples, from what the example's words say to anything at all, and keep their features.
3. Train the generator: the example's drawing is to be the artist's, and a sample's drawing is to be to its
   picture what the artist's is to the example.

Everything costly is in the working folder, and each iteration's chance comes from its number: a training that
was stopped goes on exactly.

Source: Yun et al. 2024, DiffSketch, sections 4.3 and 4.4.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from backend.acts.line_style.captions import captions
from backend.acts.line_style.conditions import Conditions, mixed, shares
from backend.acts.line_style.example_views import Drawn, View, views_of
from backend.acts.line_style.features import Captured, Check, FeatureCache, Observer, Real
from backend.acts.line_style.losses import PARTS, StyleLosses, load_eye, load_vae_lpips
from backend.acts.line_style.steps import fingerprint_of, steps_for
from backend.acts.report import Report
from backend.imaging.line_art import extract_ink
from backend.imaging.resize import padded
from backend.imaging.tiles import in_tiles
from backend.weights.base_model import BaseModel, Words
from backend.weights.device import calculation
from models.networks.line_extractor import LineExtractor
from models.networks.line_generator import LineGenerator

STATE = "generator.safetensors"
CAPTURED = "captured"

HORIZON = 1000 / 1200
"""After this share of the iterations conditions are random: the paper's h of all it takes."""

SAMPLE_SEED = 1000
LOOK_PX = 128
"""Side of the part of a drawing that `VaeLpips` compares, another one each time: a quarter of the cost."""


@dataclass(frozen=True)
class Recipe:
    """How a generator is trained; the first ones are what an ablation leaves out.

    Args:
        low, vae, picture, ink: See `LineGenerator`.
        steps: Timesteps to look at; None for the family's representative ones.
        cdst: Samples begin near the example's own condition; without it all are random.
        losses: Which count, of `losses.PARTS`.
        real: How the example is brought to a step.
        iterations: At which the rate has fallen to its end.
        rate: Highest learning rate.
        samples: Painted along the way of CDST.
        free: Painted of random conditions alone.
    """

    low: bool = True
    vae: bool = True
    picture: bool = True
    ink: bool = True
    steps: tuple[int, ...] | None = None
    cdst: bool = True
    losses: frozenset[str] = frozenset(PARTS)
    real: Real = "noising"
    iterations: int = 400
    rate: float = 5e-4
    samples: int = 12
    free: int = 6
    seed: int = 0


class Iteration(NamedTuple):
    """One iteration, done. `losses` are weighted terms by name."""

    number: int
    losses: dict[str, float]


@dataclass
class Shelf:
    """Names of captured pictures in the cache, in the order in which they are used."""

    views: list[str] = field(default_factory=list[str])
    samples: list[str] = field(default_factory=list[str])
    free: list[str] = field(default_factory=list[str])


class GeneratorTraining:
    """A generator on its way to a line.

    Args:
        model: The family whose features are used; frozen.
        extractor: The general one.
        example: A picture of at least the family's `multiple` on each side, and the lines over it.
        folder: Belongs to this learning; what is there already is used.
        family: Its id, for the choice of steps.
        words: What the example shows, if the artist said it.
        captured: Where features are kept, if several trainings share them; they are named by their origin.
    """

    def __init__(
        self,
        model: BaseModel,
        extractor: LineExtractor,
        example: Drawn,
        folder: Path,
        recipe: Recipe | None = None,
        *,
        family: str = "embedded",
        words: str = "",
        captured: Path | None = None,
        check: Check = lambda: None,
    ) -> None:
        self.model, self.extractor, self.recipe, self.folder = model, extractor, recipe or Recipe(), folder
        timesteps = self.recipe.steps or steps_for(model, family, check).timesteps
        self.observer = Observer(model, timesteps)
        self.views = views_of(example, model.resolution, model.multiple)
        self.words = model.encode_prompt(words)
        self.cache = FeatureCache(captured or folder / CAPTURED)
        self._kind = _digest(fingerprint_of(model), timesteps, self.words.embedding)
        self._conditions: Conditions | None = None
        self._inks: dict[str, Tensor] = {}
        torch.manual_seed(self.recipe.seed)
        r = self.recipe
        network = LineGenerator(
            self.observer.layout, len(timesteps), low=r.low, vae=r.vae, picture=r.picture, ink=r.ink
        )
        self.generator = network.to(model.device)
        self.optimiser = torch.optim.AdamW(self.generator.parameters(), r.rate, weight_decay=0.0)
        eye, self.looks = load_eye(model.device), load_vae_lpips(model.device)
        self.losses = StyleLosses(eye, self._distance, r.losses)
        self.iteration, self.shelf = 0, Shelf()
        self._resume()

    def prepare(self, report: Report) -> None:
        """Capture the example's views and paint the samples; what is in the cache already is not done again.

        Raises:
            shared.errors.Cancelled: `report.check` said so; call it again to go on.
        """
        recipe = self.recipe
        painted = (recipe.samples + recipe.free) if self.losses.needs_sample else 0
        total, shelf = len(self.views) + painted, Shelf()
        for view in self.views:
            report.progress(len(shelf.views), total, "Looking at your picture")
            shelf.views.append(self._captured_view(view, report.check))
        for k in range(painted):
            report.progress(len(shelf.views) + k, total, "Painting pictures to learn from")
            along = k < recipe.samples and recipe.cdst
            share = k / max(1, recipe.samples - 1) if along else 1.0
            name = self._captured_sample(k, share, report.check)
            (shelf.samples if k < recipe.samples else shelf.free).append(name)
        self.shelf = shelf

    def run(self) -> Iterator[Iteration]:
        """Train, one iteration at a time, up to the recipe's; stop taking whenever you like, then `save`.

        Raises:
            RuntimeError: `prepare` was not called.
        """
        if not self.shelf.views:
            raise RuntimeError("nothing was prepared")
        while self.iteration < self.recipe.iterations:
            yield self._advance()

    def save(self) -> None:
        """Write the whole state, so that a new training on the same folder goes on exactly."""
        tensors = {f"weights.{name}": weight for name, weight in self.generator.state_dict().items()}
        for name, weight in self.generator.named_parameters():
            state = self.optimiser.state.get(weight, {})
            tensors |= {f"{key}.{name}": torch.as_tensor(value) for key, value in state.items()}
        kept = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{STATE}.unfinished"
        save_file(kept, unfinished, metadata={"iteration": str(self.iteration), "recipe": self._recipe_id()})
        unfinished.replace(self.folder / STATE)

    def ink_of(self, picture: Tensor, check: Check = lambda: None) -> Tensor:
        """Draw a real picture (3,H,W) in [0, 1] of any size: (2,H,W) ink in [0, 1]; costly, for previews."""
        multiple, edge = self.model.multiple, self.model.resolution
        whole = padded(picture[None], multiple, 0)

        def draw(tile: Tensor) -> Tensor:
            return self.draw(self.observer.of_picture(tile[0], self.words, check, self.recipe.real))[None]

        ink = in_tiles(draw, whole, edge=edge, overlap=edge // 4, scale=1)[0]
        return ink[:, : picture.shape[-2], : picture.shape[-1]]

    def draw(self, captured: Captured) -> Tensor:
        """Ink (2,H,W) in [0, 1] of a captured picture."""
        device = self.model.device
        with torch.no_grad(), calculation(device):
            ink = extract_ink(self.extractor, captured.picture[None].to(device))
            logits = self.generator(*captured.inputs(ink, device))
        return logits[0].float().sigmoid().cpu()

    def pairs(self, count: int, check: Check = lambda: None) -> Iterator[tuple[Tensor, Tensor]]:
        """So many samples and their drawn ink, (3,H,W) and (2,H,W) in [0, 1], for distillation.

        Those of random conditions come first; where there are too few, more are painted.
        """
        names = [*self.shelf.free, *reversed(self.shelf.samples)]
        for k in range(count):
            check()
            later = self.recipe.samples + self.recipe.free + k
            name = names[k] if k < len(names) else self._captured_sample(later, 1.0, check)
            captured = self._captured(name)
            yield captured.picture, self.draw(captured)

    def likeness(self) -> list[tuple[float, float]]:
        """Of each sample: the random condition's share, and the cosine of what the encoder sees of it and of
        the example; the second falls where CDST does what it is for."""
        count = max(1, len(self.shelf.samples) - 1)
        with torch.no_grad():
            own = self._eye(self.views[0].picture)
            seen = [self._eye(self._captured(name).picture) for name in self.shelf.samples]
        weights = [shares(k / count, 1.0) for k in range(len(seen))]
        cosines = [float(torch.cosine_similarity(own, each)) for each in seen]
        return [(b / (a + b), cosine) for (a, b), cosine in zip(weights, cosines, strict=True)]

    def _advance(self) -> Iteration:
        rng = np.random.default_rng([self.recipe.seed, self.iteration])
        number = int(rng.integers(len(self.views)))
        view, device = self.views[number], self.model.device
        self._window = rng.random(2)
        truth, picture = view.ink[None].to(device), view.picture[None].to(device)
        with calculation(device):
            terms = self.losses.of_example(self._drawn(self.shelf.views[number])[1], truth)
            if self.losses.needs_sample:
                sample, ink = self._drawn(self._sample_name(rng))
                terms |= self.losses.of_sample(picture, truth, sample, ink)
        torch.stack([term.float() for term in terms.values()]).sum().backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.iteration += 1
        return Iteration(self.iteration, {name: float(term.detach()) for name, term in terms.items()})

    def _drawn(self, name: str) -> tuple[Tensor, Tensor]:
        """A captured picture (1,3,H,W) and its ink (1,2,H,W), both in [0, 1], with gradients."""
        captured, device = self._captured(name), self.model.device
        if name not in self._inks:
            with torch.no_grad():
                self._inks[name] = extract_ink(self.extractor, captured.picture[None].to(device))
        ink = self.generator(*captured.inputs(self._inks[name], device)).float().sigmoid()
        return captured.picture[None].to(device), ink

    def _sample_name(self, rng: np.random.Generator) -> str:
        """In the order of CDST, so that conditions become more random; after the horizon any random one."""
        gone = self.iteration / (HORIZON * self.recipe.iterations)
        if self.recipe.cdst and gone < 1:
            return self.shelf.samples[int(gone * len(self.shelf.samples))]
        names = self.shelf.free if self.recipe.cdst else [*self.shelf.samples, *self.shelf.free]
        return (names or self.shelf.samples)[int(rng.integers(len(names or self.shelf.samples)))]

    def _distance(self, a: Tensor, b: Tensor) -> Tensor:
        """Of the same part of both drawings."""
        sides = [min(LOOK_PX, side) for side in a.shape[-2:]]
        top, left = (
            int(at * (whole - side + 1))
            for at, whole, side in zip(self._window, a.shape[-2:], sides, strict=True)
        )
        part = (..., slice(top, top + sides[0]), slice(left, left + sides[1]))
        return self.looks(a[part], b[part])

    def _rate(self) -> float:
        """A short rise, then half a cosine to a hundredth."""
        gone = self.iteration / self.recipe.iterations
        fall = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(gone, 1.0)))
        return self.recipe.rate * min(1.0, (self.iteration + 1) / 10) * fall

    def _captured_view(self, view: View, check: Check) -> str:
        name = f"view-{_digest(self._kind, self.recipe.real, view.picture)}"
        self.cache.get(
            name, lambda: self.observer.of_picture(view.picture, self.words, check, self.recipe.real)
        )
        return name

    def _captured_sample(self, number: int, gone: float, check: Check) -> str:
        """Paint sample `number`, `gone` of the way from the example's condition to a random one."""
        name = f"sample-{_digest(self._kind, self.recipe.seed, number, gone)}"
        if name not in self.cache:
            alpha, beta = shares(gone, 1.0)
            seed = SAMPLE_SEED * (1 + self.recipe.seed) + number
            words = mixed(self.words, self._random_words(seed), alpha, beta)
            size = (self.model.resolution, self.model.resolution)
            self.cache.get(name, lambda: self.observer.of_sample(words, seed, size, check))
        return name

    def _captured(self, name: str) -> Captured:
        def gone() -> Captured:
            raise FileNotFoundError(f"{name} was deleted while it was needed")

        return self.cache.get(name, gone)

    def _random_words(self, seed: int) -> Words:
        if self._conditions is None:
            self._conditions = Conditions([self.model.encode_prompt(caption) for caption in captions()])
        return self._conditions.drawn(seed)

    def _eye(self, picture: Tensor) -> Tensor:
        return self.losses.eye(picture[None].to(self.model.device))

    def _recipe_id(self) -> str:
        views = [_digest(view.picture, view.ink) for view in self.views]
        recipe = {**vars(self.recipe), "losses": sorted(self.recipe.losses)}
        return _digest(self._kind, _values(self.extractor), recipe, views)

    def _resume(self) -> None:
        """Go on where `save` stopped; a state of another example or recipe is left alone."""
        try:
            with safe_open(self.folder / STATE, "pt") as file:
                words = file.metadata() or {}
                tensors: dict[str, Any] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError):
            return
        if words.get("recipe") != self._recipe_id():
            return
        begin = "weights."
        weights = {name[len(begin) :]: each for name, each in tensors.items() if name.startswith(begin)}
        self.generator.load_state_dict(weights)
        for name, weight in self.generator.named_parameters():
            for key in ("step", "exp_avg", "exp_avg_sq"):
                if f"{key}.{name}" in tensors:
                    value = tensors[f"{key}.{name}"]
                    self.optimiser.state[weight][key] = value if key == "step" else value.to(weight)
        self.iteration = int(words["iteration"])


def _values(network: nn.Module) -> str:
    """A digest of a network's weights."""
    return _digest(*(weight for _, weight in sorted(network.state_dict().items())))


def _digest(*parts: object) -> str:
    """Of tensors by their bytes, of all else by its text."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Tensor):
            digest.update(part.detach().cpu().contiguous().numpy().tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()[:16]
