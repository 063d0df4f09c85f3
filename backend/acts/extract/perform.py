# SPDX-License-Identifier: GPL-3.0-or-later
"""Extract lines, in the worker."""

from __future__ import annotations

from typing import cast

from backend.acts.lines.extract import extract
from backend.acts.lines.layers import masked, picture_of
from backend.acts.report import Report
from backend.acts.work import Answer, Work
from backend.library.line_styles import loaded_style
from shared.acts import ExtractRequest, Lines


def extract_lines(work: Work, report: Report) -> Answer:
    """Contour and detail of the request's picture.

    Raises:
        BadRequest: there is no such style.
        MissingWeights: its file, or the general extractor, is missing or damaged.
        Cancelled: where report.check() did.
    """
    request = cast("ExtractRequest", work.request)
    report.progress(0, 0, "finding the lines")
    extractor = loaded_style(request.style)
    report.check()
    picture, general = picture_of(work.pixels["image"]), not request.style
    contour, detail = extract(extractor, picture, report, clean=request.clean, confirm=general)
    if "mask" in work.pixels:
        contour, detail = (masked(plane, work.pixels["mask"]) for plane in (contour, detail))
    extent = request.area.extent
    planes = (work.surface(plane.tobytes(), extent, "grey_u8") for plane in (contour, detail))
    return Answer(request.area, Lines(*planes))
