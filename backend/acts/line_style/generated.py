# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs for distillation: a generator learns from a base model, and draws what the model paints."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from backend.acts.line_style.distillation import Pair
from backend.acts.line_style.example import Example, picture_tensor
from backend.acts.line_style.generator_training import GeneratorTraining, Recipe
from backend.acts.report import Report, apart
from backend.library.line_style_file import replace_file
from backend.weights.runtime.families import load_family
from models.networks.line_extractor import LineExtractor
from shared.errors import Cancelled

PAIRS_FILE = "pairs.safetensors"
PAIRS = 18
"""As many as the generator's samples: none has to be painted for the pairs alone."""

ITERATIONS_A_MINUTE, LEAST_ITERATIONS, MOST_ITERATIONS = 80, 60, 400
"""On two idle cores; a share of the learning's minutes is spent here, on any machine the same iterations."""

SAVE_SECONDS, PREVIEW_SECONDS = 30.0, 20.0


class Part:
    """The report of a part of the whole: its progress is a share of all."""

    def __init__(self, report: Report, first: float, last: float) -> None:
        self._report, self._first, self._last = report, first, last

    def progress(self, step: int, steps: int, note: str = "") -> None:
        share = self._first + (self._last - self._first) * step / max(1, steps)
        self._report.progress(round(100 * share), 100, note)

    def preview(self, step: int, width: int, height: int, bgra: bytes) -> None:
        self._report.preview(step, width, height, bgra)

    def check(self) -> None:
        self._report.check()


def recipe_for(minutes: float) -> Recipe:
    """As many iterations as fit into so many minutes on two idle cores."""
    iterations = min(MOST_ITERATIONS, max(LEAST_ITERATIONS, round(ITERATIONS_A_MINUTE * minutes)))
    return replace(Recipe(), iterations=iterations)


def generated_pairs(
    example: Example,
    general: LineExtractor,
    family: str,
    folder: Path,
    report: Report,
    recipe: Recipe,
    held: np.ndarray,
) -> list[Pair]:
    """Train a generator and let it draw its samples; what is in the folder already is not done again.

    Args:
        family: Whose features and samples are used.
        folder: Belongs to this learning.
        held: (H,W,3) uint8, shown in the line while it is learnt.

    Raises:
        MissingWeights, BadRequest: the family cannot be loaded.
        Cancelled: after what was learnt was saved.
    """
    if kept := _read(folder / PAIRS_FILE):
        return kept
    report.progress(0, 100, "Loading the model")
    model = apart(lambda: load_family(family), report)
    training = GeneratorTraining(
        model,
        general,
        example,
        folder,
        recipe,
        family=family,
        captured=folder / "captured",
        check=report.check,
    )
    training.prepare(Part(report, 0, 0.4))
    train(training, Part(report, 0.4, 0.9), held)
    pairs = list(training.pairs(PAIRS, report.check))
    _write(folder / PAIRS_FILE, pairs)
    return pairs


def train(training: GeneratorTraining, report: Report, held: np.ndarray) -> None:
    """Run a training to its end, with previews, saved now and then and when it is stopped.

    Raises:
        Cancelled: after it was saved.
    """
    saved = shown = time.monotonic()
    try:
        report.check()
        for done in training.run():
            report.progress(done.number, training.recipe.iterations, "Looking for your line")
            now = time.monotonic()
            if now - shown >= PREVIEW_SECONDS:
                show_held(training, report, held, done.number)
                shown = time.monotonic()
            if now - saved >= SAVE_SECONDS:
                training.save()
                saved = now
            report.check()
    except Cancelled:
        training.save()
        raise
    training.save()


def show_held(training: GeneratorTraining, report: Report, held: np.ndarray, step: int) -> None:
    """Send the held picture as the generator draws it now."""
    from backend.acts.line_style.pages import page_of, send

    send(report, page_of(training.ink_of(picture_tensor(held)[0], report.check)), step)


def _write(path: Path, pairs: list[Pair]) -> None:
    """As bytes: a pair needs no more than a screen shows."""
    tensors: dict[str, torch.Tensor] = {}
    for number, (picture, ink) in enumerate(pairs):
        tensors[f"{number:04}.picture"] = (picture * 255).round().to(torch.uint8).contiguous()
        tensors[f"{number:04}.ink"] = (ink * 255).round().to(torch.uint8).contiguous()
    replace_file(path, save(tensors))


def _read(path: Path) -> list[Pair]:
    """None of them if the file is not there, or damaged: they are made again then."""
    try:
        tensors = load(path.read_bytes())
        numbers = sorted({name.partition(".")[0] for name in tensors})
        return [(tensors[f"{n}.picture"].float() / 255, tensors[f"{n}.ink"].float() / 255) for n in numbers]
    except (OSError, SafetensorError, KeyError, ValueError):
        return []
