# SPDX-License-Identifier: GPL-3.0-or-later
"""Learn the artist's line from one example: the whole recipe, which can be stopped and taken up again."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image

from backend.acts.line_style.distillation import Distillation, Pair, Plan
from backend.acts.line_style.example import Example, check_match, picture_tensor, reduced
from backend.acts.report import Report
from backend.weights.catalogue import MODELS, REPAIR
from backend.weights.device import choose_device
from backend.weights.line_style_file import check_title
from backend.weights.line_styles import StyleInfo, save_style
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest, Cancelled, MissingWeights

Method = Literal["auto", "example", "generator"]

HELD = MODELS / "styles" / "held.webp"
"""A picture that nothing is learnt from: previews and thumbnails show it in the new line."""

PAPER, INK = (250, 249, 246), (16, 16, 20)
THUMBNAIL_PX, PREVIEW_PX = 128, 256

SAVE_SECONDS, PREVIEW_SECONDS = 30.0, 6.0
LONGEST_PX = 1536
"""Of an example. A larger one is reduced: its lines would be wider than anything that was learnt before."""

GENERATOR_SHARE = 0.6
"""Of the time, where a generator is trained first."""

PAIRS = 48


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
            "auto" is what measures best, see docs/decisions/how-a-line-is-learnt.md.

    Raises:
        BadRequest: the title cannot be shown, there is no time, or the lines do not match the picture.
        MissingWeights: the general extractor, or the family, is missing.
        Cancelled: `report.check` said so; what was learnt is in the folder.
    """
    check_title(title)
    if not minutes > 0:
        raise BadRequest("There is no time to learn in.", "Give it a few minutes; two are a good start.")
    from backend.weights.line_extractor import load_extractor

    report.progress(0, 100, "Looking at your lines")
    device, general = choose_device(), load_extractor()
    check_match(example, general)
    example, seconds = reduced(example, LONGEST_PX), 60 * minutes
    pairs: Sequence[Pair] = ()
    if method == "generator":
        pairs = generator_pairs(example, general, family, folder, report, GENERATOR_SHARE * seconds)
        seconds *= 1 - GENERATOR_SHARE
    plan = replace(Plan(), seconds=seconds)
    learnt = distil(Distillation(general, example, pairs, plan, device), folder, report)
    info = save_style(learnt, title, thumbnail(learnt), family=family if pairs else "")
    shutil.rmtree(folder, ignore_errors=True)
    return info


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
        report.progress(round(100 * distillation.progress), 100, standing(distillation))
        if now - shown >= PREVIEW_SECONDS:
            show(report, distillation.learnt(), held, distillation.step)
            shown = time.monotonic()
        if now - saved >= SAVE_SECONDS:
            distillation.save(folder)
            saved = now
    distillation.save(folder)
    return distillation.learnt()


def generator_pairs(
    example: Example, general: LineExtractor, family: str, folder: Path, report: Report, seconds: float
) -> list[Pair]:
    """Train a generator on a base model's features, and let it draw pairs."""
    raise NotImplementedError


def standing(distillation: Distillation) -> str:
    """What the artist reads beside the bar."""
    if distillation.plan.steps is not None or distillation.step == 0:
        return "Learning your line"
    left = max(0.0, distillation.plan.seconds - distillation.seconds)
    minutes, seconds = divmod(round(left), 60)
    return f"Learning your line, {minutes}:{seconds:02} left"


def show(report: Report, extractor: LineExtractor, held: np.ndarray, step: int) -> None:
    """Send the held picture as it is drawn now."""
    drawing = drawn(extractor, held)
    opaque = np.full((*drawing.shape[:2], 1), 255, np.uint8)
    bgra = np.concatenate([drawing[..., ::-1], opaque], -1)
    report.preview(step, drawing.shape[1], drawing.shape[0], bgra.tobytes())


def thumbnail(extractor: LineExtractor, held: np.ndarray | None = None) -> bytes:
    """PNG of 128 px: the held picture in that line, the same picture for every style."""
    drawing = Image.fromarray(drawn(extractor, held_picture() if held is None else held))
    stream = io.BytesIO()
    small = drawing.resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    small.convert("L").save(stream, "PNG", optimize=True)
    return stream.getvalue()


@torch.inference_mode()
def drawn(extractor: LineExtractor, picture: np.ndarray) -> np.ndarray:
    """A picture (H,W,3) in that line, dark on paper, (H,W,3) uint8."""
    ink = extractor(picture_tensor(picture) * 2 - 1).sigmoid()[0]  # (2,H,W)
    both = 1 - (1 - ink).prod(0)[..., None].numpy()  # (H,W,1)
    paper, black = (np.array(colour, np.float32) for colour in (PAPER, INK))
    return np.rint(paper + (black - paper) * both).astype(np.uint8)


def held_picture(path: Path = HELD) -> np.ndarray:
    """The held picture, (H,W,3) uint8, at most 256 px.

    Raises:
        MissingWeights: it is missing or damaged.
    """
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except (OSError, SyntaxError) as fault:
        raise MissingWeights(f"The picture {path.name} is missing.", REPAIR) from fault
    small.thumbnail((PREVIEW_PX, PREVIEW_PX))
    return np.asarray(small)
