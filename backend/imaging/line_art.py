# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""From a picture to the ink of its lines, and from ink to what an artist wants to see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

from backend.imaging.line_cleaning import cleaned
from backend.imaging.resize import picture_resized
from backend.imaging.tiles import cut
from models.networks.line_extractor import KINDS, LineExtractor
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.ink import alpha_table

__all__ = ["Ink", "cleaned", "confirmed_ink", "extract_ink", "weighed"]

Ink = NDArray[np.uint8]
"""(H,W), 0 bare paper, 255 full ink."""

TILE_PX = 1024
MARGIN_PX = 192
"""What a tile sees around itself: no pixel of the extractor's answer feels one further away."""

SMALLEST_PX = 16

NEAR_PX, SURE = 2, 0.5
"""A line is confirmed from afar by ink at most so far from it, and wholly by so much. Measured: see
`docs/decisions/line-extractor.md`."""


def extract_ink(
    extractor: LineExtractor,
    picture: Tensor,
    *,
    tile_px: int = TILE_PX,
    check: Callable[[], None] | None = None,
) -> Tensor:
    """Draw the lines of a picture of any size, tile by tile.

    Each tile is drawn with a margin around it that is as wide as the network can see, and the margin is
    thrown away: the tiles fit as if the picture had been drawn whole. Call it in the `calculation` of the
    extractor's device.

    Args:
        extractor: on the device that is to draw.
        picture: (1,3,H,W) sRGB in [0, 1].
        tile_px: side of a tile without its margin; a multiple of the extractor's cells.
        check: called before each tile; may raise to stop.

    Returns:
        (2,H,W) ink of contour and detail in [0, 1], float32 on the CPU.

    Raises:
        ValueError: no such picture or tile.
        BadRequest: the picture holds values that are no numbers.
    """
    if picture.ndim != 4 or picture.shape[:2] != (1, 3) or min(picture.shape[2:]) < 1:
        raise ValueError(f"a picture is (1,3,H,W), not {tuple(picture.shape)}")
    if tile_px < 1 or tile_px % extractor.cell_px:
        raise ValueError(f"a tile of {tile_px} px does not consist of cells of {extractor.cell_px} px")
    if not bool(picture.isfinite().all()):
        raise BadRequest(
            "The picture holds values that are no numbers.",
            "Flatten the layer to 8 or 16 bits, then try again.",
        )
    height, width = picture.shape[2:]
    extent, signed = Extent(width, height), picture * 2 - 1
    ink = torch.empty(len(KINDS), height, width)
    for core, window in _tiles(extent, tile_px):
        if check is not None:
            check()
        drawn = _draw(extractor, cut(signed, window))
        cut(ink, core).copy_(cut(drawn, core.shifted(-window.x, -window.y)))
    return ink


def confirmed_ink(
    extractor: LineExtractor,
    picture: Tensor,
    *,
    tile_px: int = TILE_PX,
    check: Callable[[], None] | None = None,
) -> Tensor:
    """As `extract_ink`, but a line counts in full only if it also shows from twice as far.

    The picture is drawn a second time at half its size, and ink that has no ink near it there is weakened:
    texture goes, outlines stay as sharp as they were. It takes a quarter more time.
    """
    ink = extract_ink(extractor, picture, tile_px=tile_px, check=check)
    height, width = picture.shape[2:]
    half = picture_resized(picture, (max(1, height // 2), max(1, width // 2)))
    far = _either(extract_ink(extractor, half, tile_px=tile_px, check=check))
    near_far = max_pool2d(picture_resized(far, (height, width)), 2 * NEAR_PX + 1, 1, NEAR_PX)
    return ink * (near_far[0] / SURE).clamp(max=1)


def _either(ink: Tensor) -> Tensor:
    """(2,H,W) to (1,1,H,W): ink of any kind."""
    return 1 - (1 - ink).prod(0)[None, None]


def weighed(ink: Ink, weight: float = 1.0, threshold: float = 0.0) -> Ink:
    """Make lines heavier or lighter and leave out the faint ones; with 1 and 0 nothing changes.

    Args:
        ink: of any shape.
        weight: 0 for no ink at all, 1 as drawn, 2 as if drawn twice over each other.
        threshold: ink below this share of full ink goes; what is left is stretched, so that ends stay soft.

    Raises:
        ValueError: weight not in [0, 2] or threshold not in [0, 0.95].
    """
    return np.frombuffer(alpha_table(weight, threshold), np.uint8)[ink]


def _tiles(extent: Extent, tile_px: int) -> Iterator[tuple[Bounds, Bounds]]:
    """Tiles without overlap, and what each sees."""
    whole = Bounds.of(extent)
    for core in whole.tiles(tile_px):
        yield core, core.grown(MARGIN_PX).intersect(whole)


@torch.inference_mode()
def _draw(extractor: LineExtractor, signed: Tensor) -> Tensor:
    """(1,3,h,w) in [-1, 1] to ink (2,h,w) on the CPU; a picture too small for the network is widened."""
    device = next(extractor.parameters()).device
    height, width = signed.shape[2:]
    lacking = (0, max(0, SMALLEST_PX - width), 0, max(0, SMALLEST_PX - height))
    planes = pad(signed, lacking, mode="replicate").to(device, memory_format=torch.channels_last)
    return extractor(planes).float().sigmoid()[0, :, :height, :width].cpu()
