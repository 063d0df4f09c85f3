# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Completion: fill what is missing by what is around it, by lines and by colours.

The picture itself teaches, and what the line extractor sees in it; then two critics join, that learn along
(WGAN-GP).

Source: Portenier et al. 2018, "FaceShop".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, normalize, pixel_unshuffle

from backend.weights.files.small_networks import write_network
from backend.weights.runtime.completion import COMPLETION
from backend.weights.runtime.line_extractor import load_extractor
from models.networks.completion import CELL_PX, CompletionNet
from models.networks.critics import Critics, gradient_penalty
from models.networks.line_extractor import LineExtractor
from models.recipes import parallel
from models.recipes.checkpoint import restore_mean
from models.recipes.completion_batch import Choices, Lesson, batch_of, lesson
from models.recipes.completion_cache import DomainCache, OpenDomains
from models.recipes.completion_masks import SHARES, Kind
from models.recipes.grids import lines_over, picture_grid
from models.recipes.loop import Plan, Training, best_device
from models.recipes.studio_cache import OpenCache, StudioCache
from models.recipes.vae import RESCAN_STEPS, edges

Variant = Literal["usual", "no_perceptual", "plain", "raw_edges", "rectangles", "no_translation", "bare_hole"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

BEGUN: tuple[Variant, ...] = ("plain", "raw_edges", "rectangles", "no_translation", "bare_hole")
"""To be compared when they begin from nothing: critics have nothing to say about a first blur."""

TRAINED_ON: tuple[Variant, ...] = ("plain", "no_perceptual", "usual")
"""To be compared when they go on with what the same network learnt."""

STAGES = ((0.0, 128, 12), (0.35, 192, 5), (0.65, 256, 3))
"""Progress from which on, side of the crops, crops per step."""

CRITICS_FROM, HEARD_FROM = 0.4, 0.5
"""Progress at which the critics begin to learn, and at which the network listens to them."""

ADVERSARIAL = 0.01
"""Weight of the critics' score. Their slope grows to 1 per picture, that of the gain is about 0.06: they have
up to a sixth as much to say."""

PERCEPTUAL = 0.3
"""Weight of what the line extractor sees, as a share of what it sees in the filling."""

PENALTY = 10.0
"""Gulrajani et al. 2017."""

KNOWN_WEIGHT = 0.2
"""What is known is to be repeated, too: from what it misses there the seam is healed."""

HARDLY = 0.05
"""Loss of a picture in which hardly anything is missing; less does not count for more."""

CRITICS_SHARE = 0.2
"""Of the learning rate."""


@dataclass(frozen=True)
class Settings:
    """What variants differ in.

    Attributes:
        choices: masks and lines.
        adversarial: weight of the critics; 0 leaves them out.
        perceptual: weight of what the line extractor sees; 0 leaves it out.
        stages: as `STAGES`.
        filled: whether the hole begins filled smoothly.
    """

    choices: Choices = field(default_factory=Choices)
    adversarial: float = ADVERSARIAL
    perceptual: float = PERCEPTUAL
    stages: tuple[tuple[float, int, int], ...] = STAGES
    filled: bool = True


PLAIN = Settings(adversarial=0.0, perceptual=0.0)


def settings_of(variant: Variant) -> Settings:
    """What one of `VARIANTS` leaves out; those that are compared from nothing, `PLAIN` and one thing more."""
    match variant:
        case "usual":
            return Settings()
        case "no_perceptual":
            return Settings(perceptual=0.0)
        case "plain":
            return PLAIN
        case "raw_edges":
            return replace(PLAIN, choices=Choices(lines={"raw": 1.0}))
        case "bare_hole":
            return replace(PLAIN, filled=False)
        case "rectangles":
            masks: dict[Kind, float] = {"rectangle": 1 - SHARES["whole"], "whole": SHARES["whole"]}
        case "no_translation":
            masks = {kind: share for kind, share in SHARES.items() if kind != "whole"}
    return replace(PLAIN, choices=Choices(masks=masks))


def reconstruction_loss(made: Tensor, true: Tensor, mask: Tensor) -> Tensor:
    """Pixels, edges and coarser scales of each picture (B,); a small missing part counts as much as a large.

    Args:
        made, true: (B,3,H,W) in [-1, 1].
        mask: (B,1,H,W), 1 is missing.
    """

    def mean(planes: Tensor) -> Tensor:
        return planes.mean((1, 2, 3))

    share = mask.mean((1, 2, 3), keepdim=True).clamp_min(0.02)
    weight = mask / share + KNOWN_WEIGHT * (1 - mask)
    error = made - true
    loss = mean(weight * (error.abs() + 2 * error.square()))
    loss = loss + mean(weight[..., 1:, 1:] * edges(error).abs())
    for scale in (2, 4):
        loss = loss + 0.5 * mean(avg_pool2d(weight, scale) * avg_pool2d(error, scale).abs())
    return loss


def gain_loss(made: Tensor, given: Tensor, true: Tensor, mask: Tensor) -> Tensor:
    """What is missed, as a share of what the filling that was given misses.

    Where no colour is given nobody can know it; such pictures would drown those that can be learnt from.
    """
    missed = reconstruction_loss(given, true, mask)
    return (reconstruction_loss(made, true, mask) / (missed + HARDLY)).mean()


def feature_distance(eye: LineExtractor, made: Tensor, true: Tensor) -> Tensor:
    """How differently the line extractor sees two pictures (B,3,H,W) in [-1, 1]: (B,), 0 for the same.

    Its features are brought to length 1 at every place and compared at every level.

    Source: the form is LPIPS, Zhang et al. 2018, without learnt weights.
    """
    distance = made.new_zeros(len(made))
    with torch.no_grad():
        wanted = eye.levels(pixel_unshuffle(true, CELL_PX))
    for one, other in zip(eye.levels(pixel_unshuffle(made, CELL_PX)), wanted, strict=True):
        apart = normalize(one.float(), dim=1) - normalize(other.float(), dim=1)
        distance = distance + apart.square().sum(1).mean((1, 2))
    return distance


class CompletionRecipe:
    """Fill the missing parts of rendered pictures.

    Args:
        network, critics: trained in place.
        learnt: what to learn from; looked at again as it grows.
        shown: pictures for the grid, with their domains.
        device: where to train.
    """

    def __init__(
        self,
        network: CompletionNet,
        critics: Critics,
        learnt: DomainCache,
        shown: tuple[OpenCache, OpenDomains],
        device: torch.device,
        settings: Settings | None = None,
    ) -> None:
        self.network = network.to(device=device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.critics = critics.to(device)
        self.learnt, self.shown, self.device = learnt, shown, device
        self.pictures, self.domains = learnt.pictures.open(), learnt.open()
        self.settings = settings or Settings()
        self.eye = load_extractor(device).requires_grad_(False) if self.settings.perceptual else None

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"completion": self.network, "critics": self.critics}

    def loss(self, step: int, progress: float) -> Tensor:
        if step % RESCAN_STEPS == 0:
            self.pictures, self.domains = self.learnt.pictures.open(), self.learnt.open()
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        _, side, count = [stage for stage in self.settings.stages if stage[0] <= progress][-1]
        numbers = rng.integers(min(len(self.pictures), len(self.domains)), size=count)
        choices = self.settings.choices
        lessons = [lesson(rng, self.pictures, self.domains, int(n), side, progress, choices) for n in numbers]
        true, wanted = batch_of(lessons)
        filled, true = wanted.packed().to(self.device), true.to(self.device)
        packed = filled if self.settings.filled else wanted.packed(filled=False).to(self.device)
        packed = packed.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            made = self.network(packed)
        made, mask = made.float(), packed[:, 7:8]
        loss = gain_loss(made, filled[:, :3], true, mask)
        if self.settings.adversarial > 0 and progress >= CRITICS_FROM:
            loss = loss + self._critics(rng, true, made, packed, heard=progress >= HEARD_FROM)
        if self.eye is not None:
            loss = loss + self.settings.perceptual * self._looks(self.eye, made, filled[:, :3], true, mask)
        return loss

    def _looks(self, eye: LineExtractor, made: Tensor, given: Tensor, true: Tensor, mask: Tensor) -> Tensor:
        """What the extractor misses in the answer, as a share of what it misses in the filling."""
        with torch.autocast(self.device.type, torch.bfloat16):
            with torch.no_grad():
                missed = feature_distance(eye, torch.lerp(true, given, mask), true)
            left = feature_distance(eye, torch.lerp(true, made, mask), true)
        return (left / (missed + HARDLY)).mean()

    def _critics(
        self, rng: np.random.Generator, true: Tensor, made: Tensor, packed: Tensor, *, heard: bool
    ) -> Tensor:
        """The critics' own loss, and what the network is to do better; neither moves the other's weights."""
        given, mask = packed[:, 3:8], packed[:, 7:8]
        corners = [window_at(rng, one[0], self.critics.near.side_px) for one in mask]
        composite = torch.lerp(true, made, mask)

        def score(pictures: Tensor) -> Tensor:
            return self.critics.scores(pictures, given, corners)

        loss = (score(composite.detach()) - score(true)).mean()
        loss = loss + PENALTY * gradient_penalty(score, true, composite)
        if heard:
            self.critics.requires_grad_(False)
            loss = loss - self.settings.adversarial * score(composite).mean()
            self.critics.requires_grad_(True)
        return loss

    def grid(self) -> Image.Image:
        """Held-out pictures: what is given, what the network makes of it, the truth."""
        pictures, domains = self.shown
        cells: list[list[Tensor]] = []
        for number in range(min(12, len(pictures))):
            rng = np.random.default_rng([number, 3])
            one = lesson(rng, pictures, domains, number, pictures.picture(0).shape[-1], 1.0, Choices())
            cells.append(shown(one, completed(self.network, one, self.device)))
        return picture_grid([[p for row in cells[i : i + 2] for p in row] for i in range(0, len(cells), 2)])


def window_at(rng: np.random.Generator, mask: Tensor, side: int) -> tuple[int, int]:
    """Top left of a window around a pixel of the mask (H,W), within the picture."""
    places = mask.nonzero()
    row, column = places[int(rng.integers(len(places)))].tolist()
    height, width = mask.shape
    return min(max(row - side // 2, 0), height - side), min(max(column - side // 2, 0), width - side)


@torch.no_grad()
def completed(network: CompletionNet, one: Lesson, device: torch.device) -> Tensor:
    """(3,H,W) in [-1, 1]: the network's answer inside the mask, the truth around it."""
    torch.manual_seed(0)
    true, wanted = batch_of([one])
    made = network(wanted.packed(filled=network.filled).to(device)).float().cpu()
    return torch.lerp(true, made, wanted.mask)[0].clamp(-1, 1)


def shown(one: Lesson, made: Tensor) -> list[Tensor]:
    """What is given (strokes over the known picture), the answer, the truth; (3,H,W) in [-1, 1] each."""
    strokes = lines_over(one.lines, torch.zeros_like(one.lines), one.colours)
    return [torch.lerp(one.picture, strokes, one.mask), made, one.picture]


def train_completion(
    root: Path,
    minutes: float,
    *,
    steps: int | None = None,
    begin: Path | None = None,
    keep: float = 0.0,
    variant: Variant,
    resume: bool,
    report: Callable[[str], None],
    to: Path | None = COMPLETION,
    rate: float = 1e-3,
) -> None:
    """Bring the pictures into both domains, train, and write the network in fp16.

    Args:
        root: folder of the training, with `studio/` and `held_out/`; gets `completion-VARIANT/` and domains.
        steps: in place of minutes.
        begin: folder of another training of this recipe, whose averaged weights this one begins with.
        keep: share of those in what is written, 0 to 1; see `export_completion`.
        to: where the network is written; None for beside its checkpoints. The shipped one is put into the
            catalogue.
    """
    caches = StudioCache(root / "studio"), StudioCache(root / "held_out")
    domains = (
        DomainCache(root / "completion-domains", caches[0]),
        DomainCache(root / "held-domains", caches[1]),
    )
    for domain in domains:
        domain.fill(worker=parallel.rank(), workers=parallel.world(), report=report)
    parallel.barrier()
    out = root / f"completion-{variant}"
    shown_too = (caches[1].open(), domains[1].open())
    recipe = CompletionRecipe(
        CompletionNet(), Critics(), domains[0], shown_too, best_device(), settings_of(variant)
    )
    plan = Plan(
        minutes=minutes,
        steps=steps,
        lr=rate,
        warmup=100,
        average=0.998,
        shares={"critics": CRITICS_SHARE},
        critics=frozenset({"critics"}),
    )
    training = Training(recipe, plan, out, report)
    if resume:
        training.resume()
    elif begin is not None:
        training.start_from(begin / "checkpoint")
    training.run()
    if parallel.rank() == 0:
        export_completion(out, to or out, filled=recipe.settings.filled, begin=begin, keep=keep)
    if parallel.rank() == 0 and to == COMPLETION:
        from models.recipes.export import write_catalogue  # diffusers takes seconds; only here

        write_catalogue()


def export_completion(
    training: Path, to: Path, *, filled: bool = True, begin: Path | None = None, keep: float = 0.0
) -> None:
    """Write the averaged network of a training, mixed with the one it began with.

    The mixture of weights is better than both where one was tuned from the other: Wortsman et al. 2022,
    "Robust fine-tuning of zero-shot models".
    """
    network = CompletionNet(filled=filled)
    restore_mean(network, "completion", training / "checkpoint")
    if begin is not None and keep > 0:
        before = CompletionNet(filled=filled)
        restore_mean(before, "completion", begin / "checkpoint")
        with torch.no_grad():
            for own, old in zip(network.parameters(), before.parameters(), strict=True):
                own.lerp_(old, keep)
    write_network(network, to)
