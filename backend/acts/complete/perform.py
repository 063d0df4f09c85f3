# SPDX-License-Identifier: GPL-3.0-or-later
"""Complete a region with the instant engine, in the worker."""

from __future__ import annotations

from typing import cast

from backend.acts.complete.complete import complete
from backend.acts.complete.live import LiveCompletion
from backend.acts.region.paint_input import input_of, named
from backend.acts.report import Report
from backend.acts.work import Answer, Work
from backend.weights.runtime.loaded import Key, completion, networks
from shared.acts import PaintRequest


def complete_region(work: Work, report: Report) -> Answer:
    """Complete the masked region at once: quick in one small pass; else its detail, too.

    Raises:
        BadRequest: the request makes no sense.
        MissingWeights: the network is missing or damaged.
        Cancelled: where report.check() did.
    """
    request = cast("PaintRequest", work.request)
    report.progress(0, 0, "completing")
    input = input_of(work, request)
    if request.live or request.quick:
        painted = live().complete(input, report, sharp=not request.quick)
    else:
        painted = complete(completion(), input, report)
    return named(work, painted)


def live() -> LiveCompletion:
    """The same network for answers to strokes, and what it knows of the last one."""
    network = completion()  # asked for each time, so that both are in use alike
    return networks().get(Key("live"), lambda: LiveCompletion(network))
