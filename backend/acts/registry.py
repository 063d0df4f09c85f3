# SPDX-License-Identifier: GPL-3.0-or-later
"""Every act in one place: which request leads to it, and when it is done.

A new act adds one line here, a request and an outcome in `shared.acts`, and a folder of its own beside this
file. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from backend.acts.report import Report
from backend.acts.work import Answer, Perform, Work
from shared.acts import ExtractRequest, LearnStyleRequest, PaintRequest, PasteRequest, Request


@dataclass(frozen=True)
class Schedule:
    """When a job is done.

    Attributes:
        preemptible: It is stopped for other jobs, having saved what it reached, and goes on after them.
        is_live: A preview: it goes before all others, and a newer one of the same client takes its place.
        interleaved: It is so short that it is done between two steps of what runs.
        yields_to_live: A newer preview ends it even while it runs.
    """

    preemptible: bool = False
    is_live: bool = False
    interleaved: bool = False
    yields_to_live: bool = False


FOREGROUND = Schedule()
BACKGROUND = Schedule(preemptible=True)


def painted_when(request: PaintRequest) -> Schedule:
    """In its turn; a live preview at once, by the instant engine between the steps of other work."""
    if not request.live:
        return FOREGROUND
    instant = request.engine == "instant"
    return Schedule(is_live=True, interleaved=instant, yields_to_live=instant and not request.quick)


def painted_by(request: PaintRequest) -> str:
    engines = {
        "full": "backend.acts.paint.perform:paint_region",
        "instant": "backend.acts.complete.perform:complete_region",
    }
    return engines[request.engine]


@dataclass(frozen=True)
class Act:
    """
    Attributes:
        target: "module:function" of its Perform, or what gives that for a request.
        schedule: When it is done, by its request.
    """

    target: str | Callable[[Any], str]
    schedule: Callable[[Any], Schedule]


ACTS: dict[type, Act] = {
    PaintRequest: Act(painted_by, painted_when),
    ExtractRequest: Act("backend.acts.extract.perform:extract_lines", lambda request: FOREGROUND),
    LearnStyleRequest: Act("backend.acts.line_style.perform:learn_line", lambda request: BACKGROUND),
    PasteRequest: Act("backend.acts.paste.perform:paste_sketch", lambda request: FOREGROUND),
}


def schedule_of(request: Request) -> Schedule:
    return ACTS[type(request)].schedule(request)


def perform(work: Work, report: Report) -> Answer:
    """Do what the request asks for."""
    target = ACTS[type(work.request)].target
    return _performs(target if isinstance(target, str) else target(work.request))(work, report)


@cache
def _performs(target: str) -> Perform:
    module, _, name = target.partition(":")
    return cast("Perform", getattr(importlib.import_module(module), name))
