# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Perform for the tests, which does what the prompt says, with real steps and pixels."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from backend.acts.report import Report
from backend.acts.work import Answer, Work
from shared.acts import (
    ExtractRequest,
    LearnStyleRequest,
    LearntStyle,
    Lines,
    Painting,
    PaintRequest,
)
from shared.errors import BadRequest, Cancelled
from shared.pixels import BYTES_PER_PIXEL

LEARN_STEPS = 40


def prepare() -> str:
    return "a test's hand"


def perform(work: Work, report: Report) -> Answer:
    match work.request:
        case ExtractRequest():
            return extract(work, report)
        case LearnStyleRequest():
            return learn(work, report)
        case PaintRequest():
            return paint(work, work.request, report)


def extract(work: Work, report: Report) -> Answer:
    """Contour is the picture's last channel upside down in tone, detail half of that; where masked."""
    report.progress(0, 2, "finding the lines")
    request, image = work.request, work.pixels["image"]
    pixel = BYTES_PER_PIXEL[image.format]
    mask = work.pixels["mask"].data if "mask" in work.pixels else b"\xff" * image.extent.area
    first = image.data[pixel - 4 if pixel == 4 else pixel - 2 :: pixel]
    contour = bytes(255 - b if m else 0 for b, m in zip(first, mask, strict=True))
    planes = contour, bytes(b // 2 for b in contour)
    extent = request.area.extent
    return Answer(request.area, Lines(*(work.surface(plane, extent, "grey_u8") for plane in planes)))


def learn(work: Work, report: Report) -> Answer:
    """Counts to 40 in a file beside the log, so that a stopped learning goes on where it was.

    The title says what happens on the way: "die once", "die" or nothing.
    """
    request = work.request
    assert isinstance(request, LearnStyleRequest)
    state = Path(request.family)
    step = int(state.read_text()) if state.exists() else 0
    while step < LEARN_STEPS:
        try:
            report.check()
        except Cancelled:
            state.write_text(str(step))
            raise
        if request.title.startswith("die") and step == 5:
            state.write_text(str(step + (request.title == "die once")))
            os.kill(os.getpid(), signal.SIGKILL)
        step += 1
        report.progress(step, LEARN_STEPS, "learning your line")
        report.preview(step, 2, 1, b"\1\2\3\xff\5\6\7\xff")
        time.sleep(0.03)
    if request.title == "refuse":
        raise BadRequest("The lines do not match the picture.", "Draw over the picture itself.")
    return Answer(request.area, LearntStyle("learnt-1", request.title))


def paint(work: Work, request: PaintRequest, report: Report) -> Answer:
    for step in range(request.steps):
        report.check()
        report.progress(step, request.steps, "painting")
        time.sleep(0.02)
    report.progress(request.steps, request.steps, "painting")
    match request.prompt:
        case "die":
            print("my last words", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        case "print":
            print("this is not a message")
        case "refuse":
            raise BadRequest("Nothing is selected.", "Select a region.")
        case "bug":
            raise ZeroDivisionError("a bug")
        case "hang":
            report.progress(1, 2, "hanging")
            time.sleep(600)
        case "preview":
            report.preview(1, 2, 1, b"\1\2\3\4\5\6\7\xff")
        case _:
            pass
    area = request.area
    if "image" in work.pixels:
        image = work.pixels["image"]
        layer = work.surface(bytes(255 - b for b in image.data), area.extent, image.format)
        return Answer(area, Painting(layer, request.seed))
    pixel = b"\x10\x20\x30" + bytes([255])
    layer = work.surface(pixel * area.extent.area, area.extent, "bgra_u8")
    return Answer(area, Painting(layer, request.seed))
