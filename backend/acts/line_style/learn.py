# SPDX-License-Identifier: GPL-3.0-or-later
"""Learn the artist's line from one example: the whole recipe, which can be stopped and taken up again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from backend.acts.line_style.distillation import Distillation, Pair, Plan
from backend.acts.line_style.example import Example, check_match, reduced
from backend.acts.line_style.pages import drawn, held_picture, send, thumbnail
from backend.acts.lines.extract import LARGEST_PX
from backend.acts.report import Report
from backend.library.line_style_file import check_title
from backend.library.line_styles import StyleInfo, save_style
from backend.weights.runtime.device import choose_device
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, Cancelled

Method = Literal["auto", "example", "generator"]

SAVE_SECONDS, PREVIEW_SECONDS = 30.0, 6.0
GENERATOR_SHARE = 0.6
"""Of the time, where a generator is trained first."""

GENERATOR_MINUTES = 3.0
"""From so much time on a generator is worth its beginning: features and samples take a minute."""

ON_A_PROCESSOR = "embedded"
"""The family whose features are quick enough without a graphics card."""


def learn_style(
    example: Example,
    title: str,
    *,
    minutes: float,
    family: str,
    folder: Path,
    report: Report,
    method: Method = "auto",
) -> StyleInfo:
    """Learn a line, and put it into the library.

    Args:
        minutes: Of learning, over all calls with the same folder.
        family: Base model whose features and samples are used, where the method uses any.
        folder: Working files, kept when the learning is stopped: a second call goes on from there. Deleted
            once the style is saved.
        method: "example" learns from the example alone, "generator" from a diffusion model's features too;
            "auto" is what measures best in the time there is, see docs/decisions/how-a-line-is-learnt.md.

    Raises:
        BadRequest: the title cannot be shown, there is no time, or the lines do not match the picture.
        MissingWeights: the general extractor, or the family, is missing.
        Cancelled: `report.check` said so; what was learnt is in the folder.
    """
    check_title(title)
    if not minutes > 0:
        raise BadRequest("There is no time to learn in.", "Give it a few minutes; two are a good start.")
    from backend.weights.runtime.line_extractor import load_extractor

    report.progress(0, 100, "Looking at your lines")
    device, general = choose_device(), load_extractor()
    method, family = way(method, minutes, family, device.type)
    check_match(example, general)
    example = reduced(example, LARGEST_PX)  # as it will be drawn
    pairs: Sequence[Pair] = ()
    if method == "generator":
        from backend.acts.line_style.generated import Part, generated_pairs, recipe_for

        recipe = recipe_for(GENERATOR_SHARE * minutes)
        part, report = Part(report, 0, GENERATOR_SHARE), Part(report, GENERATOR_SHARE, 1)
        pairs = generated_pairs(example, general, family, folder, part, recipe, held_picture())
        minutes *= 1 - GENERATOR_SHARE
    plan = replace(Plan(), seconds=60 * minutes)
    learnt = distil(Distillation(general, example, pairs, plan, device), folder, report)
    info = save_style(learnt, title, thumbnail(learnt), family=family if pairs else "")
    shutil.rmtree(folder, ignore_errors=True)
    return info


def way(method: Method, minutes: float, family: str, device: str) -> tuple[Method, str]:
    """How to learn, and whose features to use, where that is left open."""
    if method != "auto":
        return method, family
    if minutes < GENERATOR_MINUTES:
        return "example", family
    return "generator", family if device != "cpu" else ON_A_PROCESSOR


def distil(distillation: Distillation, folder: Path, report: Report) -> LineExtractor:
    """Run a distillation to its end, with previews, saved now and then and when it is stopped.

    Raises:
        Cancelled: after it was saved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    distillation.resume(folder)
    held, saved, shown = held_picture(), time.monotonic(), -PREVIEW_SECONDS
    while distillation.progress < 1:
        try:
            report.check()
        except Cancelled:
            distillation.save(folder)
            raise
        distillation.advance()
        now = time.monotonic()
        report.progress(round(100 * min(1.0, distillation.progress)), 100, standing(distillation))
        if now - shown >= PREVIEW_SECONDS:
            send(report, drawn(distillation.learnt(), held), distillation.step)
            shown = time.monotonic()
        if now - saved >= SAVE_SECONDS:
            distillation.save(folder)
            saved = now
    distillation.save(folder)
    return distillation.learnt()


def standing(distillation: Distillation) -> str:
    """What the artist reads beside the bar."""
    if distillation.plan.steps is not None or distillation.step == 0:
        return "Learning your line"
    left = max(0.0, distillation.plan.seconds - distillation.seconds)
    minutes, seconds = divmod(round(left), 60)
    return f"Learning your line, {minutes}:{seconds:02} left"
