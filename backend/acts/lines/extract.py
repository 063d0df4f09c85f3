# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""The lines of a picture, as ink of contour and detail."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from backend.acts.report import Report
from backend.imaging.line_art import Ink, cleaned, confirmed_ink, extract_ink
from backend.imaging.pixels import Picture, bytes_over_white
from backend.weights.runtime.device import calculation
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent

LARGEST_PX = 1280
"""Longer side up to which a picture is drawn pixel by pixel; a larger one is drawn at this size and its ink
enlarged, so that its things, not its pores, get lines, and the lines grow with it."""

TILE_PX = 1024
FAINT = 0.06
"""Ink weaker than this is doubt, not a line; so is, at the other end, what lacks as much to full ink."""

ROWS = 256


def extract(
    extractor: LineExtractor,
    picture: Picture,
    report: Report,
    *,
    clean: bool = False,
    confirm: bool = False,
) -> tuple[Ink, Ink]:
    """Draw the lines of a picture of any size and depth.

    Args:
        extractor: the general one or an artist's own, where it is to compute.
        picture: transparent pixels count as white.
        report: told after each tile.
        clean: whether to draw the lines again with even strokes (see `cleaned`).
        confirm: whether to keep to lines that also show from twice as far (see `confirmed_ink`): for the
            general extractor; an artist's own line may live of what only shows from near.

    Returns:
        Contour and detail, (H,W) each: 0 bare paper, 255 full ink.

    Raises:
        BadRequest: there is nothing on the picture, or it holds values that are no numbers.
        Cancelled: the artist pressed Cancel.
    """
    _check(picture)
    work = working_extent(picture.extent)
    paper = bytes_over_white(picture.array, picture.format)
    planes = _drawn(extractor, _resized(paper, work), report, confirm)
    if clean:
        report.check()
        planes = [cleaned(plane) for plane in planes]
    contour, detail = (_resized(plane, picture.extent) for plane in planes)
    return contour, detail


def working_extent(extent: Extent) -> Extent:
    """The size in which a picture is drawn."""
    share = LARGEST_PX / max(extent)
    if share >= 1:
        return extent
    return Extent(max(1, round(extent.width * share)), max(1, round(extent.height * share)))


def _check(picture: Picture) -> None:
    if min(picture.extent) < 1 or picture.is_clear(Bounds.of(picture.extent)):
        raise BadRequest("There is nothing to find lines in.", "Choose a layer that has a picture on it.")
    whole = (picture.array[y : y + ROWS] for y in range(0, picture.extent.height, ROWS))
    if picture.array.dtype.kind == "f" and not all(bool(np.isfinite(rows).all()) for rows in whole):
        raise BadRequest(
            "The picture holds values that are no numbers.",
            "Flatten the layer, or turn it into 8 or 16 bits, then try again.",
        )


def _drawn(extractor: LineExtractor, paper: Ink, report: Report, confirm: bool) -> list[Ink]:
    """Contour and detail of (H,W,3)."""
    height, width = paper.shape[:2]
    sizes = ((width, height), (max(1, width // 2), max(1, height // 2)))[: 1 + confirm]
    tiles, done = sum(1 for size in sizes for _ in Bounds(0, 0, *size).tiles(TILE_PX)), 0

    def next_tile() -> None:
        nonlocal done
        report.check()
        report.progress(done, tiles, "finding the lines")
        done += 1

    draw = confirmed_ink if confirm else extract_ink
    picture = torch.from_numpy(paper).permute(2, 0, 1)[None].float() / 255
    with calculation(next(extractor.parameters()).device):
        ink = draw(extractor, picture, tile_px=TILE_PX, check=next_tile)
    report.progress(tiles, tiles, "finding the lines")
    return [_inked(plane) for plane in ink]


def _resized(pixels: Ink, extent: Extent) -> Ink:
    """(H,W) or (H,W,3) in another size: smaller by area, larger smoothly."""
    if pixels.shape[:2] == (extent.height, extent.width):
        return pixels
    return np.array(Image.fromarray(pixels).resize(extent, Image.Resampling.BICUBIC))


def _inked(ink: Tensor) -> Ink:
    """(H,W) in [0, 1] to bytes, without the veil of doubt."""
    sure = ((ink - FAINT) / (1 - 2 * FAINT)).clamp(0, 1)
    return (255 * sure).round().to(torch.uint8).numpy()
