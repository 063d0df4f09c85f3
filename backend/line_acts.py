# SPDX-License-Identifier: GPL-3.0-or-later
"""In the worker: extract lines, learn the artist's line. The acts themselves stand in `backend.acts`."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.acts.report import Report
from backend.home import home
from backend.imaging.pixels import Picture, bytes_over_white, to_array
from backend.imaging.strokes import ink, paper_tone
from backend.jobs.work import Inked, Learnt, Pixels, Work, surfaces
from shared.geometry import Bounds, Extent
from shared.line_messages import ExtractRequest, LearnStyleRequest

if TYPE_CHECKING:
    from models.networks.line_extractor import LineExtractor

Plane = NDArray[np.uint8]

MOST_EXTRACTORS = 4
LEARNING_AGE_S = 30 * 24 * 3600.0
ROWS = 256
"""Floats are made of so many rows at a time."""

_extractors: OrderedDict[str, LineExtractor] = OrderedDict()
"""The styles that were drawn with last, kept warm; the general one under ""."""


def extract_lines(work: Work, request: ExtractRequest, report: Report) -> Inked:
    """Contour and detail of the request's picture.

    Raises:
        BadRequest: there is no such style.
        MissingWeights: its file, or the general extractor, is missing or damaged.
        Cancelled: where report.check() did.
    """
    from backend.acts.extract import extract

    report.progress(0, 0, "finding the lines")
    extractor = warm_extractor(request.style)
    report.check()
    picture, general = picture_of(work.pixels["image"]), not request.style
    contour, detail = extract(extractor, picture, report, clean=request.clean, confirm=general)
    if "mask" in work.pixels:
        contour, detail = (masked(plane, work.pixels["mask"]) for plane in (contour, detail))
    return Inked(request.area, contour.tobytes(), detail.tobytes())


def learn_line(work: Work, request: LearnStyleRequest, report: Report) -> Learnt:
    """Learn a style from the request's example; what a stopped learning reached is gone on with.

    Raises:
        Refusal: the example cannot be learnt from.
        Cancelled: where report.check() did; its state is saved.
    """
    from backend.acts.line_style.example import Example
    from backend.acts.line_style.learn import learn_style

    report.progress(0, 0, "looking at your lines")
    blank = np.zeros((request.area.height, request.area.width), np.uint8)
    contour, detail = (
        ink_of(work.pixels[name]) if name in work.pixels else blank for name in ("contour", "detail")
    )
    example = Example(over_white(work.pixels["picture"]), contour, detail)
    folder = learning_folder(request)
    folder.mkdir(parents=True, exist_ok=True)
    tidy_learnings(folder.parent)
    style = learn_style(
        example, request.title, minutes=request.minutes, family=request.family, folder=folder, report=report
    )
    return Learnt(request.area, style.id, style.title)


def learning_folder(request: LearnStyleRequest) -> Path:
    """Where this example's learning keeps its state: the same for the same pixels and family."""
    found = hashlib.sha256(request.family.encode())
    for name, surface in surfaces(request).items():
        found.update(f"|{name} {surface.format} {surface.extent}".encode())
        found.update(b"".join(surface.tiles))
    return home() / "styles" / "learning" / found.hexdigest()[:24]


def tidy_learnings(folder: Path, max_age_s: float = LEARNING_AGE_S) -> None:
    """Remove learnings that nobody has gone on with for long."""
    for learning in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - learning.stat().st_mtime > max_age_s:
                shutil.rmtree(learning)


def warm_extractor(style: str) -> LineExtractor:
    """The style's extractor, loaded once; the longest unused makes room.

    Raises:
        BadRequest, MissingWeights: it cannot be loaded.
    """
    from backend.library.line_styles import load_style
    from backend.weights.runtime.device import choose_device

    if style not in _extractors:
        _extractors[style] = load_style(style, choose_device())
        while len(_extractors) > MOST_EXTRACTORS:
            _extractors.popitem(last=False)
    _extractors.move_to_end(style)
    return _extractors[style]


def picture_of(pixels: Pixels) -> Picture:
    return Picture(to_array(pixels.data, pixels.extent, pixels.format), pixels.format)


def over_white(pixels: Pixels) -> NDArray[np.uint8]:
    """(height, width, 3) in sRGB, laid over white."""
    picture = picture_of(pixels)
    return bytes_over_white(picture.array, picture.format)


def ink_of(pixels: Pixels) -> Plane:
    """(height, width): how much of each pixel the artist's lines cover, 0 to 255."""
    layer, plane = picture_of(pixels), np.empty(_shape(pixels.extent), np.uint8)
    paper = paper_tone(layer)
    for y in range(0, len(plane), ROWS):
        rows = min(ROWS, len(plane) - y)
        rgba = layer.rgba(Bounds(0, y, pixels.extent.width, rows))
        plane[y : y + rows] = np.rint(255 * ink(rgba, paper))
    return plane


def masked(plane: Plane, mask: Pixels) -> Plane:
    """Ink where the mask is, softly at a soft border."""
    weights = to_array(mask.data, mask.extent, mask.format)[..., 0].astype(np.uint16)
    return ((plane.astype(np.uint16) * weights + 127) // 255).astype(np.uint8)


def _shape(extent: Extent) -> tuple[int, int]:
    return extent.height, extent.width
