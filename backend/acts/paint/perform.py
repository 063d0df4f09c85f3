# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint a region with a family that stays loaded, in the worker."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from backend.acts.paint.paint import paint
from backend.acts.region.paint_input import input_of, named
from backend.acts.report import Report
from backend.acts.work import Answer, Work
from backend.weights.runtime.loaded import family
from shared.acts import PaintRequest


def paint_region(work: Work, report: Report) -> Answer:
    """Paint the masked region with the request's family; a live preview in a few steps.

    Raises:
        BadRequest: the request makes no sense.
        MissingWeights, OutOfMemory: the family cannot be loaded, or cannot paint here.
        Cancelled: where report.check() did.
    """
    request = cast("PaintRequest", work.request)
    report.progress(0, 0, "loading the model")
    model = family(request.family)
    report.check()
    request = replace(request, quick=request.quick or request.live)
    return named(work, paint(model, input_of(work, request), report))
