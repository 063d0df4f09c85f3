# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of Live's row."""

from __future__ import annotations

from .texts import tr

LIVE = tr("Live")
LIVE_TIP = tr("Answer every stroke with a picture, at its end. Nothing of it enters the undo history.")
REFINE = tr("Refine")
REFINE_TIP = tr("Paint what you see with the chosen model, as a new layer: the same strokes, words and seed")
KEEP = tr("Keep")
KEEP_TIP = tr("Make the picture you see an ordinary layer below your strokes")
OPTIONS_TIP = tr("What answers, and where")
ENGINES = {
    "instant": tr("Instant: at once, by a small network; words do not count"),
    "quick": tr("Quick: the chosen model in a few steps, with your words"),
}
PLACES = {
    "canvas": tr("On the canvas, below your strokes"),
    "panel": tr("In this panel"),
}
ENGINE_TITLE = tr("What answers")
PLACE_TITLE = tr("Where it is shown")

ACTIONS = {
    "live": tr("Live on or off"),
    "refine": tr("Refine what Live shows"),
    "keep": tr("Keep what Live shows"),
}
