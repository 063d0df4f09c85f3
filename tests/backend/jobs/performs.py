# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Perform for the tests, which does what the prompt says, with real steps and pixels."""

from __future__ import annotations

import os
import signal
import sys
import time

from backend.acts.report import Report
from backend.jobs.work import Done, Work
from shared.errors import BadRequest


def prepare() -> str:
    return "a test's hand"


def perform(work: Work, report: Report) -> Done:
    request = work.request
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
        return Done(area, image.format, bytes(255 - b for b in image.data), request.seed)
    pixel = b"\x10\x20\x30" + bytes([255])
    return Done(area, "bgra_u8", pixel * area.extent.area, request.seed)
