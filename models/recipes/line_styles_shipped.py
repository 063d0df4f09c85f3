# SPDX-License-Identifier: GPL-3.0-or-later
"""The line styles that ship: the general extractor, taught the studio's tools on many of its pictures.

Only the finest layers are trained. Where lines are stays the general extractor's opinion, which was formed on
more kinds of pictures than these; how they are drawn is new. So each file is small, and completes the general
extractor that it was begun with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import torch

from backend.acts.line_style.augmentation import Views
from backend.acts.line_style.distillation import Distillation, Pair, Plan
from backend.acts.line_style.example import Example
from backend.acts.line_style.pages import thumbnail
from backend.library.line_style_file import StyleNotes, write_style
from backend.library.line_styles import SHIPPED, SUFFIX
from backend.weights.files.catalogue import sha256
from backend.weights.files.small_networks import WEIGHTS
from backend.weights.runtime.line_extractor import EXTRACTOR, load_extractor
from models.networks.line_extractor import LineExtractor
from models.recipes.studio import render
from models.recipes.studio.hands import EXACT
from models.recipes.studio.line_styles import draw_in_style

TITLES = {
    "fineliner": "Fineliner",
    "soft pencil": "Soft pencil",
    "brush pen": "Brush pen",
    "chalk": "Marker",
}
"""The studio's tool, and what its style is called: of chalk the breadth is learnt, the grain is not."""

TRAINED = ("up.0", "up.1", "grow.0", "meet", "conv_out")
FIRST_SEED = 300_000_000
SIDE_PX = 512
VIEWS = Views(side_px=192, scale=1.3)
PLAN = Plan(rate=2e-3, cuts=4, of_pairs=1.0, average=0.99, trained=TRAINED, views=VIEWS)


def train_line_style(
    name: str,
    minutes: float,
    *,
    count: int,
    threads: int,
    report: Callable[[str], None],
    to: Path = SHIPPED,
) -> Path:
    """Draw pictures with a tool, learn it, and write the style that ships.

    Args:
        name: One of TITLES.
        count: Pictures to draw.
        to: Folder of the shipped styles.

    Returns:
        The file.

    Raises:
        KeyError: there is no such tool.
    """
    torch.set_num_threads(threads)
    title = TITLES[name]
    pairs = [drawn_pair(name, number, SIDE_PX) for number in range(count)]
    report(f"drew {count} pictures with the {name}")
    example = Example(*_arrays(pairs[0]))
    distillation = Distillation(load_extractor(), example, pairs, replace(PLAN, seconds=60 * minutes))
    losses: list[float] = []
    while distillation.progress < 1:
        losses.append(distillation.advance())
        if distillation.step % 50 == 0:
            report(f"step {distillation.step} {distillation.seconds / 60:.1f} min loss {np.mean(losses):.4f}")
            losses.clear()
    return write_shipped(distillation.learnt(), title, to)


def write_shipped(extractor: LineExtractor, title: str, to: Path) -> Path:
    """Write what differs from the general extractor."""
    notes = StyleNotes(
        title=title,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        family="",
        thumbnail=thumbnail(extractor),
        config=extractor.config,
        base=sha256(EXTRACTOR / WEIGHTS),
    )
    own = {name: weight for name, weight in extractor.state_dict().items() if name.startswith(TRAINED)}
    path = to / f"{re.sub('[^a-z0-9]+', '-', title.lower())}{SUFFIX}"
    write_style(path, notes, {name: weight.float().numpy() for name, weight in own.items()})
    path.chmod(0o644)
    return path


def drawn_pair(name: str, number: int, side_px: int) -> Pair:
    """A picture of the studio and its ink by that tool, (3,S,S) and (2,S,S) uint8."""
    sample = render(FIRST_SEED + number, side_px, hand=EXACT)
    inks = draw_in_style(sample, name, number)
    return torch.as_tensor(sample.image.transpose(2, 0, 1).copy()), torch.as_tensor(np.stack(inks))


def _arrays(pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    picture, ink = (planes.numpy() for planes in pair)
    return np.ascontiguousarray(picture.transpose(1, 2, 0)), ink[0], ink[1]
