# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportCallIssue=false
"""The judge says what a picture shows. It measures painters, so it shares no seed and no weight with them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, cross_entropy, interpolate
from transformers import ConvNextConfig, ConvNextForImageClassification
from transformers.utils import logging

from models.recipes import parallel
from models.recipes.checkpoint import restore_mean
from models.recipes.clip import jittered, small_pictures
from models.recipes.grids import picture_grid
from models.recipes.loop import Plan, Training, best_device
from models.recipes.studio import CATEGORIES, Sample, render
from models.recipes.studio_cache import OpenCache, StudioCache
from models.recipes.vae import to_signed

JUDGE = Path(__file__).parents[1] / "judge"
ICON = "icon"
SIDE_PX = 128
WIDTHS, DEPTHS = (32, 64, 96, 160), (1, 1, 2, 1)

FIRST_SEED = 100_000_000
"""Of the judge's pictures: no other training comes so far."""

SOFT_SHARE, NOISE = 0.3, 0.04
"""Augmentation: how often a picture is blurred to half its size; spread of the noise of all."""


def build_judge(widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS) -> nn.Module:
    """Make the classifier of the studio's categories: 0.5 M parameters."""
    names = dict(enumerate(CATEGORIES))
    return ConvNextForImageClassification(
        ConvNextConfig(
            image_size=SIDE_PX,
            patch_size=4,
            hidden_sizes=list(widths),
            depths=list(depths),
            num_labels=len(names),
            id2label=names,
            label2id={name: i for i, name in names.items()},
        )
    )


def judge_sample(seed: int, size: int) -> Sample:
    """Every second picture as the studio mixes them, icons among them; the others each subject in turn."""
    subjects = [category for category in CATEGORIES if category != ICON]
    turn = subjects[seed // 2 % len(subjects)] if seed % 2 else ""
    return render(FIRST_SEED + seed, size, category=turn)


def roughened(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Blur some and add noise to all: a painter's pictures are less clean than the studio's."""
    soft = torch.from_numpy(rng.random(len(pictures)) < SOFT_SHARE).to(pictures.device)
    blurred = interpolate(avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear")
    mixed = torch.where(soft[:, None, None, None], blurred, pictures)
    return mixed + NOISE * torch.randn_like(mixed)


class JudgeRecipe:
    """Tell categories apart.

    Args:
        judge: trained in place.
        learnt, shown: rendered pictures to learn from and of the held-out split.
        device: where to train.
        batch: pictures per step and process.
    """

    def __init__(
        self, judge: nn.Module, learnt: OpenCache, shown: OpenCache, device: torch.device, batch: int = 64
    ) -> None:
        self.judge, self.device, self.batch = judge.to(device), device, batch
        self.pictures, self.labels = small_pictures(learnt, SIDE_PX), _labels(learnt)
        self.shown, self.shown_labels = small_pictures(shown, SIDE_PX), _labels(shown)

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"judge": self.judge}

    def loss(self, step: int, progress: float) -> Tensor:
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        drawn = rng.permutation(len(self.labels))[: self.batch]
        pictures = to_signed(torch.from_numpy(self.pictures[drawn]).to(self.device))
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.judge(roughened(jittered(pictures, rng), rng)).logits
        return cross_entropy(logits.float(), self.labels[drawn].to(self.device), label_smoothing=0.05)

    @torch.no_grad()
    def answers(self) -> Tensor:
        """What the judge says of the held-out pictures, (N,) category numbers."""
        parts = to_signed(torch.from_numpy(self.shown)).split(self.batch)
        return torch.cat([self.judge(part.to(self.device)).logits.argmax(1).cpu() for part in parts])

    def accuracy(self) -> tuple[float, float]:
        """Share of right answers on held-out pictures: of all, and of those that are no icons."""
        right, icon = self.answers() == self.shown_labels, CATEGORIES.index(ICON)
        return right.float().mean().item(), right[self.shown_labels != icon].float().mean().item()

    def grid(self) -> Image.Image:
        """Held-out pictures; those that are taken for something else have a dark rim."""
        pictures, right = to_signed(torch.from_numpy(self.shown[:48])), self.answers() == self.shown_labels
        for picture, known in zip(pictures, right[: len(pictures)], strict=True):
            if not known:
                picture[:, :6] = picture[:, -6:] = picture[..., :6] = picture[..., -6:] = -1
        return picture_grid([list(row) for row in pictures.split(8)])


def _labels(pictures: OpenCache) -> Tensor:
    return torch.tensor([CATEGORIES.index(category) for _, category in pictures.texts])


def train_judge(
    root: Path,
    minutes: float,
    *,
    count: int,
    resume: bool,
    report: Callable[[str], None],
    to: Path | None = JUDGE,
) -> None:
    """Render the judge's own pictures, train it, measure it on held-out ones and write it in fp16.

    Args:
        root: folder of the training, with `held_out/`; gets `judge-pictures/` and `judge/`.
        count: pictures to render for it.
        to: where the classifier is written; None for nowhere.
    """
    pictures = StudioCache(root / "judge-pictures", SIDE_PX)
    pictures.fill(count, judge_sample, worker=parallel.rank(), workers=parallel.world(), report=report)
    parallel.barrier()
    held_out = StudioCache(root / "held_out").open()
    recipe = JudgeRecipe(build_judge(), pictures.open(), held_out, best_device())
    plan = Plan(minutes=minutes, lr=2e-3, warmup=40, average=0.99)
    training = Training(recipe, plan, root / "judge", report)
    if resume:
        training.resume()
    training.run()
    with training.averaged():
        every, things = recipe.accuracy()
    report(f"category right {every:.3f}, without icons {things:.3f} n={len(recipe.shown_labels)}")
    if to is not None and parallel.rank() == 0:
        export_judge(root, to)


def export_judge(root: Path, to: Path) -> None:
    """Write the averaged judge as `ConvNextForImageClassification` in fp16."""
    judge = build_judge()
    restore_mean(judge, "judge", root / "judge" / "checkpoint")
    logging.disable_progress_bar()
    judge.half().save_pretrained(to)  # pyright: ignore[reportCallIssue]
    (to / "model.safetensors").chmod(0o644)
