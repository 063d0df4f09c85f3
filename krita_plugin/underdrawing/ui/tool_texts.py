# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the tools, ready for translation."""

from __future__ import annotations

from .texts import tr

NAMES = {
    "to_mask": tr("To mask"),
    "to_lines": tr("To lines"),
    "eraser": tr("Eraser"),
    "iris": tr("Iris"),
    "copy": tr("Copy"),
    "paste": tr("Paste"),
}
TIPS = {
    "to_mask": tr("Add the selection to the Mask layer and deselect. Refine the mask with your brush."),
    "to_lines": tr(
        "Find the lines of the picture within the mask or selection.\n"
        "Erase a line to remove what it outlines; draw one to add it."
    ),
    "eraser": tr(
        "Erase lines: goes to the topmost lines, with your brush as an eraser. Click again for your brush."
    ),
    "iris": tr("Click both eyes to give them irises of the same size and colour."),
    "copy": tr(
        "Copy what is selected as lines and colours: of this picture, of this layer, or of a file.\n"
        "Paste it into any document."
    ),
    "paste": tr(
        "Lay the copied lines and colours into this document: into the selection, else in the middle.\n"
        "Its light and texture come from this picture when it is painted."
    ),
}
COPY_SOURCES = {"picture": tr("Of this picture"), "layer": tr("Of this layer"), "file": tr("From a file…")}

IRIS_STEPS = {2: tr("Click the first eye."), 1: tr("Click the second eye.")}
IRIS_SIZE = tr("Size")
IRIS_SIZE_TIP = tr("How large an iris is; 100 fits what is marked.\nDouble-click for 100.")
IRIS_COLOUR_NOW = tr("The colour of your brush")
IRIS_COLOURS = {
    "#5b3a21": tr("Brown"),
    "#8a6b35": tr("Hazel"),
    "#c08a2e": tr("Amber"),
    "#4f7a4a": tr("Green"),
    "#4a7fb5": tr("Blue"),
    "#7d8a94": tr("Grey"),
}

PLACE_X, PLACE_Y = tr("X"), tr("Y")
PLACE_X_TIP, PLACE_Y_TIP = (
    tr("Where the middle of the copy lies, from the left"),
    tr("Where the middle of the copy lies, from the top"),
)
PLACE_SCALE_TIP = tr("Size, in percent of where it was copied")
PLACE_TURN_TIP = tr("Turn, clockwise")
PLACE_FLIP = tr("Flip horizontally")
PLACE_FLIP_TIP = tr("Mirror the copy left to right")
PLACE_COLOURS = tr("With colours")
PLACE_COLOURS_TIP = tr("Without them, the surrounding picture and your own dabs decide.")
PLACE_DONE = tr("Done")
PLACE_DONE_TIP = tr("Finish placing. Afterwards, Krita's transform tool works on its group.")
PLACE_LIGHT_TIP = tr("Brightness of its colours; starts out matched to this picture")
LIGHT_PERCENT = tr(" % light")
PERCENT, DEGREES, PIXELS = tr(" %"), tr(" °"), tr(" px")
PLACED = tr("Placing the copy")

FILE_CHOOSE = tr("Copy lines from a picture")
FILE_KINDS = tr("Pictures ({patterns});;All files (*)")
FILE_INTRO = tr("Drag a box around what to copy, or copy the whole picture.")
FILE_COPY = tr("Copy")
FILE_UNREADABLE = tr("{name} cannot be read as a picture.")
FILE_REMEDY = tr("Open it in Krita, select the thing there, and press Copy.")

ACTIONS = {
    "to_mask": tr("Make the selection the mask"),
    "to_lines": tr("Turn what is marked into lines"),
    "eraser": tr("Erase lines"),
    "iris": tr("Dab two irises"),
    "copy": tr("Copy lines"),
    "paste": tr("Paste lines"),
}
