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

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from backend.acts.line_style.contrast import LEAST_INK, fitted
from backend.acts.line_style.distillation import FINEST
from backend.acts.line_style.example_views import Drawn, View
from backend.acts.line_style.features import Captured, Check
from backend.acts.line_style.losses import StyleLosses, load_eye, load_vae_lpips
from backend.acts.line_style.material import Material
from backend.acts.line_style.recipe import Recipe, digest_of
from backend.acts.line_style.steps import steps_for
from backend.acts.report import Report
from backend.imaging import tiles
from backend.imaging.resize import padded
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.device import calculation
from models.networks.line_extractor import LineExtractor
from models.networks.line_generator import OUTPUTS, LineGenerator
from shared.geometry import Bounds

__all__ = ["GeneratorTraining", "Iteration", "Recipe", "View"]

STATE = "generator.safetensors"
CAPTURED = "captured"

LOOK_PX = 128
"""Side of the part of a drawing that `VaeLpips` compares, another one each time: a quarter of the cost."""

WARMUP = 10
CONTRAST_VIEWS, THINNED = 4, 7
LAST_SHARE = 0.01
"""Of the rate, at the last iteration."""


class Iteration(NamedTuple):
    """One iteration, done. `losses` are weighted terms by name."""

    number: int
    losses: dict[str, float]


class GeneratorTraining:
    """A generator on its way to a line.

    Args:
        model: The family whose features are used; frozen.
        extractor: The general one.
        example: A picture of at least the family's `multiple` on each side, and the lines over it.
        folder: Belongs to this learning; what is there already is used.
        family: Its id, for the choice of steps.
        words: What the example shows, if the artist said it.
        captured: Where features are kept, if several trainings share them.
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
        self.model, self.extractor, self.folder = model, extractor, folder
        self.recipe = recipe = recipe or Recipe()
        timesteps = recipe.steps or steps_for(model, family, check).timesteps
        self.material = Material(model, timesteps, example, recipe, words, captured or folder / CAPTURED)
        self.generator = self._new_generator(len(timesteps)).to(model.device)
        self.learning = {n: w for n, w in self.generator.named_parameters() if w.requires_grad}
        self.optimiser = torch.optim.AdamW(self.learning.values(), recipe.rate, weight_decay=0.0)
        self.looks = load_vae_lpips(model.device)
        self.losses = StyleLosses(load_eye(model.device), self._distance, recipe.losses)
        self.iteration = 0
        self._fitted: tuple[int, Tensor] | None = None
        self._resume()

    @property
    def views(self) -> tuple[View, ...]:
        """Parts of the example that are learnt from."""
        return self.material.views

    def prepare(self, report: Report) -> None:
        """Capture and paint what is not there yet.

        Raises:
            shared.errors.Cancelled: `report.check` said so; call it again to go on.
        """
        self.material.prepare(report, samples=self.losses.needs_sample)

    def run(self) -> Iterator[Iteration]:
        """Train, one iteration at a time, up to the recipe's; stop taking whenever you like, then `save`.

        Raises:
            RuntimeError: `prepare` was not called.
        """
        if not self.material.shelf.views:
            raise RuntimeError("nothing was prepared")
        while self.iteration < self.recipe.iterations:
            yield self._advance()

    def pairs(self, count: int, check: Check = lambda: None) -> Iterator[tuple[Tensor, Tensor]]:
        """So many samples and their drawn ink, (3,H,W) and (2,H,W) in [0, 1], for distillation.

        Where fewer were painted for the training, more are painted.
        """
        for captured in islice(self.material.random_samples(check), count):
            check()
            yield captured.picture, self.draw(captured)

    def ink_of(self, picture: Tensor, check: Check = lambda: None) -> Tensor:
        """Draw a real picture (3,H,W) in [0, 1] of any size: (2,H,W) ink in [0, 1]; costly, for previews."""
        edge = self.model.resolution
        whole = padded(picture[None], self.model.multiple, 0)

        def draw(tile: Tensor) -> Tensor:
            return self.draw(self.material.capture(tile[0], check))[None]

        ink = tiles.in_tiles(draw, whole, edge=edge, overlap=edge // 4, scale=1)[0]
        return ink[:, : picture.shape[-2], : picture.shape[-1]]

    def draw(self, captured: Captured) -> Tensor:
        """Ink (2,H,W) in [0, 1] of a captured picture, with as much contrast as the artist's."""
        stretch, shift = self._contrast()
        return (self._logits(captured) * stretch + shift).sigmoid()

    def save(self) -> None:
        """Write the whole state, so that a new training on the same folder goes on exactly."""
        tensors = {f"weights.{name}": weight for name, weight in self.learning.items()}
        for name, weight in self.learning.items():
            state = self.optimiser.state.get(weight, {})
            tensors |= {f"{key}.{name}": torch.as_tensor(value) for key, value in state.items()}
        kept = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self.folder / f"{STATE}.unfinished"
        save_file(kept, unfinished, metadata={"iteration": str(self.iteration), "recipe": self._origin()})
        unfinished.replace(self.folder / STATE)

    def _logits(self, captured: Captured) -> Tensor:
        device = self.model.device
        with torch.no_grad(), calculation(device):
            return self.generator(*captured.inputs(device))[0].float().cpu()

    def _contrast(self) -> tuple[Tensor, Tensor]:
        """Stretch and shift (2,1,1) of the logits as they are now, measured on views of the example."""
        if self._fitted is None or self._fitted[0] != self.iteration:
            names = self.material.shelf.views[:CONTRAST_VIEWS]
            drawn = [self._logits(self.material.captured(name)) for name in names]
            rows = [_fitted_to(drawn, [view.ink for view in self.views], kind) for kind in range(OUTPUTS)]
            self._fitted = self.iteration, torch.tensor(rows)
        return self._fitted[1][:, 0, None, None], self._fitted[1][:, 1, None, None]

    def _advance(self) -> Iteration:
        rng = np.random.default_rng([self.recipe.seed, self.iteration])
        number, self._window = int(rng.integers(len(self.views))), rng.random(2)
        sample = drawn = None
        with calculation(self.model.device):
            picture, ink, place = self._drawn(self.material.shelf.views[number], rng)
            truth = tiles.cut(self.views[number].ink, place)[None].to(self.model.device)
            if self.losses.needs_sample:
                gone = self.iteration / self.recipe.iterations
                sample, drawn, _ = self._drawn(self.material.sample_at(gone, rng), rng)
            terms = self.losses(picture, truth, ink, sample, drawn)
        torch.stack([term.float() for term in terms.values()]).sum().backward()
        self._step()
        return Iteration(self.iteration, {name: float(term.detach()) for name, term in terms.items()})

    def _step(self) -> None:
        nn.utils.clip_grad_norm_(self.learning.values(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.iteration += 1

    def _drawn(self, name: str, rng: np.random.Generator) -> tuple[Tensor, Tensor, Bounds]:
        """A part of a captured picture (1,3,h,w), its ink (1,2,h,w) with gradients, and which part it is."""
        captured, device = self.material.captured(name), self.model.device
        place = part_of(captured.picture, self.model.multiple, self.recipe.part, rng)
        part = captured.part(place)
        ink = self.generator(*part.inputs(device)).float().sigmoid()
        return part.picture[None].to(device), ink, place

    def _distance(self, a: Tensor, b: Tensor) -> Tensor:
        """Of the same part of both drawings."""
        part: list[Any] = [...]
        for at, whole in zip(self._window, a.shape[-2:], strict=True):
            side = min(LOOK_PX, whole)
            start = int(at * (whole - side + 1))
            part.append(slice(start, start + side))
        return self.looks(a[tuple(part)], b[tuple(part)])

    def _rate(self) -> float:
        """A short rise, then half a cosine."""
        gone = min(self.iteration / self.recipe.iterations, 1.0)
        fall = LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + math.cos(math.pi * gone))
        return self.recipe.rate * min(1.0, (self.iteration + 1) / WARMUP) * fall

    def _new_generator(self, steps: int) -> LineGenerator:
        """With the recipe's parts. Of the general extractor only what draws learns on, as in distillation."""
        recipe, layout = self.recipe, self.material.observer.layout
        parts = {"low": recipe.low, "vae": recipe.vae, "picture": recipe.picture}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            generator = LineGenerator(layout, steps, **parts, general=self.extractor if recipe.ink else None)
        if generator.general is not None:
            for name, weight in generator.general.named_parameters():
                weight.requires_grad_(name.startswith(FINEST))
        return generator

    def _origin(self) -> str:
        """Names all that this training depends on."""
        recipe = {**vars(self.recipe), "losses": sorted(self.recipe.losses)}
        views = [digest_of(view.picture, view.ink) for view in self.views]
        return digest_of(self.material.origin, self.extractor, recipe, views)

    def _resume(self) -> None:
        """Go on where `save` stopped; a state of another example or recipe is left alone."""
        try:
            with safe_open(self.folder / STATE, "pt") as file:
                words = file.metadata() or {}
                tensors: dict[str, Any] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError):
            return
        if words.get("recipe") != self._origin() or not {f"weights.{name}" for name in self.learning} <= set(
            tensors
        ):
            return
        with torch.no_grad():
            for name, weight in self.learning.items():
                weight.copy_(tensors[f"weights.{name}"])
                for key in ("step", "exp_avg", "exp_avg_sq"):
                    if f"{key}.{name}" in tensors:
                        value = tensors[f"{key}.{name}"]
                        self.optimiser.state[weight][key] = value if key == "step" else value.to(weight)
        self.iteration = int(words["iteration"])


def part_of(picture: Tensor, multiple: int, share: float, rng: np.random.Generator) -> Bounds:
    """A random window of (3,H,W), its sides a share of the picture's, on the grid of `multiple`."""
    cells = [side // multiple for side in picture.shape[-2:]]
    sides = [max(1, round(share * count)) for count in cells]
    top, left = (int(rng.integers(count - side + 1)) for count, side in zip(cells, sides, strict=True))
    return Bounds(*(multiple * side for side in (left, top, sides[1], sides[0])))


def _fitted_to(drawn: Sequence[Tensor], truth: Sequence[Tensor], kind: int) -> tuple[float, float]:
    """Stretch and shift of one output, (2,H,W) each; none where nothing was drawn, or nothing looked at."""
    pairs = [
        (a[kind].flatten()[::THINNED], b[kind].flatten()[::THINNED])
        for a, b in zip(drawn, truth, strict=False)
    ]
    if not pairs or max(float(ink.mean()) for _, ink in pairs) < LEAST_INK:
        return 1.0, 0.0
    return fitted(torch.cat([logits for logits, _ in pairs]), torch.cat([ink for _, ink in pairs]))
