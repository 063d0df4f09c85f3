# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word of the panel, in one place, ready for translation."""

from __future__ import annotations

from ..language import tr as tr
from ..wire import model_messages

TITLE = tr("Underdrawing")

ROLE_NAMES = {
    "contour": tr("Contour"),
    "detail": tr("Detail"),
    "colours": tr("Colours"),
    "mask": tr("Mask"),
}
ROLE_TIPS = {
    "contour": tr(
        "Outlines that the painting keeps to.\nMakes the layer, or goes to it, with an inking colour."
    ),
    "detail": tr("Finer lines inside the shapes: folds, eyes, planks.\nMakes the layer, or goes to it."),
    "colours": tr(
        "Dab the colours you want to see, roughly where you want them.\nMakes the layer, or goes to it."
    ),
    "mask": tr(
        "Cover what is to be painted: all of it will be. A selection goes before it.\n"
        "Makes the layer, or goes to it."
    ),
}

LINES = tr("Show or hide your strokes")
LINES_TIP = tr("Show or hide your strokes. Hidden ones still guide the painting.")

PROMPT = tr("What should appear? Words are optional.")
PROMPT_TIP = tr("A few words about the picture. Ctrl+Enter paints.")
NEGATIVE = tr("What should not appear")

CONTOUR_STRENGTH = tr("Contour")
DETAIL_STRENGTH = tr("Detail")
COLOUR_STRENGTH = tr("Colours")
STRENGTH_TIP = tr(
    "How closely the painting follows these strokes: 0 ignores them, 100 is natural.\nDouble-click for 100."
)

MORE = tr("More")
MORE_TIP = tr("Model, steps, seed, the border of the region, grain and shadow")
FAMILY = tr("Model")
STEPS = tr("Steps")
STEPS_TIP = tr("More steps take longer and look calmer.")
STEPS_DEFAULT = tr("Model default")
QUICK = tr("Quick: a few steps")
QUICK_TIP = tr("Paint sooner and a little rougher, to try things out")
SEED = tr("Seed")
SEED_TIP = tr("The same seed paints the same picture again.")
RANDOM_SEED = tr("Random each time")
RANDOM_SEED_TIP = tr("Use a new random seed for every painting")
GROW = tr("Grow")
GROW_TIP = tr("Paint this far beyond the region's border. What is painted inside lines ends at them.")
FEATHER = tr("Feather")
FEATHER_TIP = tr("Soften the region's border by this much. What is painted inside lines ends at them.")
MATCH_GRAIN = tr("Match grain")
MATCH_GRAIN_TIP = tr("Give what is painted the grain and sharpness of the picture around it")
SHADOW = tr("Contact shadow")
SHADOW_TIP = tr("Lay a soft shadow under what is painted inside lines")
PIXELS = tr(" px")

LINE_ART = tr("Lines")
LINE_ART_TIP = tr("Extract the lines of a picture, and teach your own line style")
EXTRACT = tr("Extract lines")
EXTRACT_TIP = tr(
    "Find the lines of a layer or the picture: two new layers, Contour and Detail, on transparency.\n"
    "With a selection, only the lines within it."
)
SOURCES = {"layer": tr("This layer"), "picture": tr("Whole picture")}
SOURCE_TIP = tr(
    "This layer: the one you clicked last. Whole picture: all that you see, without your strokes."
)
STYLE_TIP = tr("Line style: the general one, or one that was learned from a drawing")
STYLE_GENERAL = tr("General")
STYLES_OPEN = tr("Line styles: rename, export, import, delete")
WEIGHT = tr("Weight")
WEIGHT_TIP = tr("How heavy the lines are. Acts on the lines extracted last, at once.\nDouble-click for 100.")
THRESHOLD = tr("Threshold")
THRESHOLD_TIP = tr("Leave out what is faint. Acts on the lines extracted last, at once.\nDouble-click for 0.")
CLEAN = tr("Clean")
CLEAN_TIP = tr("Drop specks, close small gaps and even the lines")
TEACH = tr("Teach my line…")
TEACH_TIP = tr(
    "Draw over a picture on the Contour and Detail layers the way you like your lines, then press this.\n"
    "From then on, lines can be extracted in your style."
)
LEARNT = tr("“{title}” has been learned and selected.")
LEARN_STOP = tr("Stop and keep what was learned from this picture and these lines")

TEACH_TITLE = tr("Teach my line")
TEACH_INTRO = tr(
    "Learns how you draw from this picture and the lines on its Contour and Detail layers; with a selection, "
    "from what lies in it. You can go on painting meanwhile."
)
TEACH_NAME = tr("Name")
TEACH_NAME_DEFAULT = tr("My line")
TEACH_MINUTES = tr("Time limit")
TEACH_MINUTES_SUFFIX = tr(" min")
TEACH_START = tr("Teach")

STYLES_TITLE = tr("Line styles")
STYLES_WAIT = tr("Waiting for the backend…")
STYLES_NONE = tr("No line styles yet. Draw over a picture and press Teach my line.")
MODELS_WAIT = tr("Waiting for the backend…")
STYLE_USE = tr("Use")
STYLE_RENAME = tr("Rename…")
STYLE_EXPORT = tr("Export…")
STYLE_IMPORT = tr("Import…")
STYLE_DELETE = tr("Delete…")
STYLE_NAME = tr("Name of the line style:")
STYLE_DELETE_SURE = tr("Delete the line style “{title}” for good? Layers drawn in it stay.")
STYLE_SHIPPED = tr("{title}\nIncluded with Underdrawing")
STYLE_OWN = tr("{title}\n{size}")
STYLE_FILES = tr("Line styles (*.safetensors);;All files (*)")
STYLE_PATH = tr("File on the other computer:")

ACTIONS = {
    "paint": tr("Paint the marked region"),
    "cancel": tr("Cancel the painting"),
    "contour": tr("Draw contours"),
    "detail": tr("Draw details"),
    "colours": tr("Dab colours"),
    "mask": tr("Mark the region to be painted"),
    "lines": LINES,
    "extract": tr("Extract lines"),
    "teach": tr("Teach my line"),
}
"""Of the tools: see tool_texts."""

PAINT = tr("Paint")
CANCEL = tr("Cancel")
CANCEL_TIP = tr("Stop; the document stays as it is")
PERCENT = tr("{percent} %")
SECONDS_LEFT = tr("{seconds} s left")
MINUTES_LEFT = tr("{minutes} min left")

SHOW_LOG = tr("Show log")
DISMISS = tr("Dismiss")
LOG_TITLE = tr("Backend log (last lines)")

HISTORY = tr("Recent results")
HISTORY_EMPTY = tr("Results appear here.")
HISTORY_LINES = tr("Lines of {title}\n{width} x {height} px\nClick to put them back as new layers")
HISTORY_ITEM = tr("{title}\nSeed {seed}, {width} x {height} px\nClick to put it back as a new layer")

DEVICE = tr("Device: {device}")
MENU_TIP = tr("Start or stop the backend, see its log")
START = tr("Start the backend")
STOP = tr("Stop the backend")

REMOTE_MENU = tr("Paint on another computer…")
REMOTE_TITLE = tr("Paint on another computer")
REMOTE_INTRO = tr(
    "Underdrawing can run on a stronger computer of yours. Start it there with a certificate; what is sent "
    "between the two is encrypted."
)
REMOTE_ADDRESS = tr("Address")
REMOTE_ADDRESS_EXAMPLE = tr("studio.local:40123")
REMOTE_TOKEN = tr("Access token")
REMOTE_TOKEN_TIP = tr("The token in run/backend.json in Underdrawing's home folder over there")
REMOTE_CERTIFICATE = tr("Certificate")
REMOTE_CERTIFICATE_NONE = tr("System certificates")
REMOTE_BROWSE = tr("Choose the certificate file")
REMOTE_FILES = tr("Certificates (*.pem *.crt *.cer);;All files (*)")
REMOTE_CONNECT = tr("Connect")
REMOTE_HERE = tr("Use this computer")

MODELS_MENU = tr("Models…")
MODELS_TITLE = tr("Models")
FOLDERS_INTRO = tr(
    "Folders with models that you already have, from ComfyUI or another program. Files stay where they are; "
    "models in them are found automatically."
)
FOLDER_ADD = tr("Add a folder…")
FOLDER_REMOVE = tr("Remove folder")
FOLDER_CHOOSE = tr("A folder with models")
FOLDER_TYPE = tr("Folder on the other computer:")
LOOK_AGAIN = tr("Refresh")
MODEL_COLUMNS = [tr("Model"), tr("For"), tr("Kind"), tr("Size"), ""]
MODEL_GROUPS = {
    "ready": tr("Installed"),
    "missing": tr("Available to download"),
    "unusable": tr("Not usable"),
}
MODELS_NONE = tr("Nothing found yet.")
GET = tr("Download")
GET_AGAIN = tr("Resume")
GET_STOP = tr("Stop and keep partial download")
OFFLINE = tr("Downloads are off: the backend is set to stay offline.")
DOWNLOADS_GO = tr("Downloads go to {folder}.")
LORA_HINT = tr("Double-click to add it to the prompt; the number is its weight.")
LICENCE = tr("Licence: {licence}")
SIZES = (tr("{number} kB"), tr("{number} MB"), tr("{number} GB"))
SPEED = tr("{size}/s")
STARTING = tr("starting")

FAULT = tr("Plugin error. Your document is unchanged.")
FAULT_REMEDY = tr("See Krita's log for details, and please report them.")


def size_words(size_bytes: float) -> str:
    """A file's size as people say it: "4.3 GB", "235 MB"; empty for nothing."""
    if size_bytes <= 0:
        return ""
    for words, unit in zip(reversed(SIZES), (1e9, 1e6, 1e3), strict=True):
        if size_bytes >= unit or unit == 1e3:
            number = size_bytes / unit
            return words.format(number=f"{number:.1f}" if number < 10 else f"{number:.0f}")
    raise AssertionError("every size has a unit")


def time_left_words(seconds: float) -> str:
    """ "40 s left", "3 min left"."""
    if seconds < 2 * 60:
        return SECONDS_LEFT.format(seconds=round(seconds))
    return MINUTES_LEFT.format(minutes=round(seconds / 60))


def download_words(progress: model_messages.ModelProgress) -> str:
    """How far a download is: "35 % · 12 MB/s · 3 min left"."""
    if progress.total_bytes == 0:
        return STARTING
    parts = [PERCENT.format(percent=int(100 * progress.done_bytes / progress.total_bytes))]
    if progress.bytes_per_s > 0:
        parts.append(SPEED.format(size=size_words(progress.bytes_per_s)))
    if progress.seconds_left is not None:
        parts.append(time_left_words(progress.seconds_left))
    return " · ".join(parts)
