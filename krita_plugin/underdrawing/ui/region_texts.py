# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for what is painted of a region, and what Paint says of it."""

from __future__ import annotations

from .texts import tr

TITLE = tr("What is painted")
NAMES = {"lines": tr("Inside lines"), "selection": tr("Whole selection")}
TIPS = {
    "lines": tr(
        "Paint what your lines enclose, and single strokes. Everything else stays as it is.\n"
        "Needs no selection; with one, only what is drawn in it is painted."
    ),
    "selection": tr("Paint all of the selection under your strokes."),
}
WHOLE_MASK = tr("Whole mask")
MASK_DECIDES = tr("The Mask layer decides: all of it is painted.\nA selection goes before it.")

PAINT_TIPS = {
    ("mask", "selection"): tr("Paint all of the mask under its strokes, as a new layer"),
    ("selection", "selection"): tr("Paint all of the selection under its strokes, as a new layer"),
    ("selection", "lines"): tr("Paint what your lines enclose in the selection, as a new layer"),
    ("", "lines"): tr("Paint what you drew, as a new layer. Nothing else changes."),
    ("", "selection"): tr("Select a region and paint it, or choose Inside lines"),
}
"""By what marks the region, and how much of it is painted."""
FILL = tr("Fill from surroundings")
FILL_TIPS = {
    "mask": tr("Nothing drawn: fills the mask from its surroundings, as a new layer"),
    "selection": tr("Nothing drawn: fills the selection from its surroundings, as a new layer"),
}
