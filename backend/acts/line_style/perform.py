# SPDX-License-Identifier: GPL-3.0-or-later
"""Learn the artist's line, in the worker."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from pathlib import Path
from typing import cast

import numpy as np

from backend.acts.line_style.example import Example
from backend.acts.line_style.learn import learn_style
from backend.acts.lines.layers import ink_of, over_white
from backend.acts.report import Report
from backend.acts.work import Answer, Work
from backend.home import home
from shared.acts import LearnStyleRequest, LearntStyle
from shared.surfaces import surfaces

LEARNING_AGE_S = 30 * 24 * 3600.0


def learn_line(work: Work, report: Report) -> Answer:
    """Learn a style from the request's example; what a stopped learning reached is gone on with.

    Raises:
        Refusal: the example cannot be learnt from.
        Cancelled: where report.check() did; its state is saved.
    """
    request = cast("LearnStyleRequest", work.request)
    report.progress(0, 0, "looking at your lines")
    blank = np.zeros((request.area.height, request.area.width), np.uint8)
    contour, detail = (
        ink_of(work.pixels[name]) if name in work.pixels else blank for name in ("contour", "detail")
    )
    example = Example(over_white(work.pixels["picture"]), contour, detail)
    folder = learning_folder(request)
    folder.mkdir(parents=True, exist_ok=True)
    tidy_learnings(folder.parent)
    style = learn_style(
        example, request.title, minutes=request.minutes, family=request.family, folder=folder, report=report
    )
    return Answer(request.area, LearntStyle(style.id, style.title))


def learning_folder(request: LearnStyleRequest) -> Path:
    """Where this example's learning keeps its state: the same for the same pixels and family."""
    found = hashlib.sha256(request.family.encode())
    for name, surface in surfaces(request).items():
        found.update(f"|{name} {surface.format} {surface.extent}".encode())
        found.update(b"".join(surface.tiles))
    return home() / "styles" / "learning" / found.hexdigest()[:24]


def tidy_learnings(folder: Path, max_age_s: float = LEARNING_AGE_S) -> None:
    """Remove learnings that nobody has gone on with for long."""
    for learning in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - learning.stat().st_mtime > max_age_s:
                shutil.rmtree(learning)
