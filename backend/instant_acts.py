# SPDX-License-Identifier: GPL-3.0-or-later
"""In the worker: complete a region with the completion network, kept warm. The act is `acts.complete`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from backend.acts.report import Report
from backend.home import weights_dir
from backend.jobs.work import Done, Work
from shared.messages import PaintRequest

if TYPE_CHECKING:
    from backend.acts.complete_live import LiveCompletion
    from backend.acts.paint_input import PaintInput
    from models.networks.completion import CompletionNet


def complete_region(work: Work, request: PaintRequest, report: Report) -> Done:
    """Complete the masked region at once: quick in one small pass; else its detail, too.

    Raises:
        BadRequest: the request makes no sense.
        MissingWeights: the network is missing or damaged.
        Cancelled: where report.check() did.
    """
    from backend.acts.complete import complete
    from backend.imaging.pixels import to_bytes

    report.progress(0, 0, "completing")
    input = input_of(work, request)
    if request.live or request.quick:
        painted = warm_live().complete(input, report, sharp=not request.quick)
    else:
        painted = complete(warm_completion(), input, report)
    return Done(painted.bounds, painted.format, to_bytes(painted.pixels), painted.seed, painted.note)


def input_of(work: Work, request: PaintRequest) -> PaintInput:
    """The request with its pixels as arrays; none is copied."""
    from backend.acts.paint_input import PaintInput
    from backend.imaging.pixels import to_array

    layers = {name: to_array(held.data, held.extent, held.format) for name, held in work.pixels.items()}
    return PaintInput(
        request=request,
        image=layers.get("image"),
        mask=layers["mask"],
        contour=layers.get("contour"),
        detail=layers.get("detail"),
        colours=layers.get("colours"),
    )


@cache
def warm_completion() -> CompletionNet:
    """The network where it computes, loaded once: `weights/completion` of the backend's folder, else ours.

    Raises:
        MissingWeights: it is missing or damaged.
    """
    from backend.weights.runtime.completion import COMPLETION, load_completion
    from backend.weights.runtime.device import choose_device

    own = weights_dir() / COMPLETION.name
    return load_completion(choose_device(), own if own.exists() else COMPLETION)


@cache
def warm_live() -> LiveCompletion:
    """The same network for answers to strokes, and what it knows of the last one.

    Raises:
        MissingWeights: it is missing or damaged.
    """
    from backend.acts.complete_live import LiveCompletion

    return LiveCompletion(warm_completion())
