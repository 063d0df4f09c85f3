# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes in a real Krita with Live on, drawn with the mouse, and how long each took to its picture.

All of it counts, from the button's release as the plugin hears of it: Krita working the stroke off, reading,
the wire, the network, writing, up to where Krita has been told to compose the canvas anew.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.programs.krita_session import REPO, KritaSession, wait_for
from installer.krita import install_plugin, named_place

INSIDE = Path(__file__).with_name("live_inside.py").read_text()
WARM_UP = 3
READY_S, ANSWER_S = 240, 120
MOST_EXTRA = 20
STROKE_PX = 40
PAGE_SHARE = 0.9
"""Of the view that the page fills."""
SETTLE_S = 3.0
PAUSE_S = 0.9
"""An artist's pause between two strokes: what a pause sets going is over or begun."""


@dataclass(frozen=True)
class Drawn:
    """What came of some strokes.

    Args:
        timings: Of each stroke that was answered by itself, in milliseconds: see the plugin's `Timing`.
        lost: Strokes that left no ink.
        extra: Steps in the undo history beyond the strokes.
    """

    timings: list[dict[str, float]]
    lost: int
    extra: int


@contextmanager
def krita_with(folder: Path, home: Path) -> Generator[KritaSession]:
    """A Krita with the plugin whose backend has this home.

    Raises:
        Refusal: Krita or a program that drives it is missing.
    """

    def install(resources: Path, home: Path) -> None:
        install_plugin(named_place(resources), REPO, Path(sys.prefix), home)

    with KritaSession(folder, install, home=home) as krita:
        krita.run(INSIDE)
        krita.run("docker().show()")
        krita.wait("docker().session.backend.phase == 'ready'", READY_S)
        yield krita


def draw(krita: KritaSession, edge: int, strokes: int, *, region: int, engine: str, seed: int) -> Drawn:
    """Draw short strokes in the middle of a new picture, one after the other's answer.

    Args:
        edge: Of the picture, in pixels.
        region: Edge of what is selected; see `live_inside.begin`.
        engine: "instant" or "quick".
    """
    krita.call("begin", edge, region, seed)
    time.sleep(SETTLE_S)
    krita.call("go", engine)
    krita.wait("Krita.instance().activeDocument().activeNode().name() == 'Contour'")
    scale, frame = krita.call("zoom", PAGE_SHARE)
    dice, reach = random.Random(seed), (region or edge // 4) // 2 - STROKE_PX
    ink, lost = 0, 0
    for n in range(WARM_UP + strokes):
        before = krita.call("standing")[0]
        x, y = (edge // 2 + dice.randrange(-reach, reach + 1) for _ in range(2))
        path = [(x + dice.randrange(-STROKE_PX, STROKE_PX), y + dice.randrange(-9, 10)) for _ in range(3)]
        krita.drag([_on_screen(point, edge, scale, frame) for point in path])
        more = krita.call("ink")
        lost += more <= ink
        ink = more
        wait_for(lambda count=before: _is_answered(krita, count), ANSWER_S, f"the answer to stroke {n}")
        if n + 1 == WARM_UP:
            krita.run("live().timings.clear()")
        time.sleep(PAUSE_S)
    timings: list[dict[str, float]] = krita.call("timings")
    for _ in range(WARM_UP + strokes):
        krita.call("undo")
    extra = 0
    while extra < MOST_EXTRA and krita.call("ink"):
        krita.call("undo")
        extra += 1
    krita.call("end")
    return Drawn(timings, lost, extra)


def _is_answered(krita: KritaSession, before: int) -> bool:
    answered, idle, _ = krita.call("standing")
    return answered > before and idle


def _on_screen(point: tuple[int, int], edge: int, scale: float, frame: Any) -> tuple[int, int]:
    left, top, width, height = frame
    x, y = (round((at - edge / 2) * scale) for at in point)
    return left + width // 2 + x, top + height // 2 + y
