# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of Live's row."""

from __future__ import annotations

from .texts import tr

LIVE = tr("Live")
LIVE_TIP = tr("Update the preview after each stroke. It never enters the undo history.")
REFINE = tr("Refine")
REFINE_TIP = tr("Paint what you see with the selected model, as a new layer: same strokes, prompt and seed")
KEEP = tr("Keep")
KEEP_TIP = tr("Make the picture you see an ordinary layer below your strokes")
OPTIONS_TIP = tr("Preview engine and place")
ENGINES = {
    "instant": tr("Instant: a small, fast network; ignores the prompt"),
    "quick": tr("Quick: the selected model in a few steps, with your prompt"),
}
PLACES = {
    "canvas": tr("On the canvas, below your strokes"),
    "panel": tr("In this panel"),
}
ENGINE_TITLE = tr("Preview engine")
PLACE_TITLE = tr("Show preview")

ACTIONS = {
    "live": tr("Live on or off"),
    "refine": tr("Refine what Live shows"),
    "keep": tr("Keep what Live shows"),
}
