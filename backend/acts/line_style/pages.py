# SPDX-License-Identifier: GPL-3.0-or-later
"""Ink as pictures to look at: previews while a line is learnt, and a style's thumbnail."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from backend.acts.line_style.example import picture_tensor
from backend.acts.report import Report
from backend.weights.files.catalogue import MODELS, REPAIR
from models.networks.line_extractor import LineExtractor
from shared.errors import MissingWeights

Image8 = NDArray[np.uint8]

HELD = MODELS / "styles" / "held.webp"
"""A picture that nothing is learnt from: previews and thumbnails show it in the new line."""

PAPER, INK = (250, 249, 246), (16, 16, 20)
THUMBNAIL_PX, PREVIEW_PX = 128, 256


def page_of(ink: Tensor) -> Image8:
    """Ink (2,H,W) in [0, 1], dark on paper: (H,W,3)."""
    both = 1 - (1 - ink).prod(0)[..., None].numpy()  # (H,W,1)
    paper, black = (np.array(colour, np.float32) for colour in (PAPER, INK))
    return np.rint(paper + (black - paper) * both).astype(np.uint8)


@torch.inference_mode()
def drawn(extractor: LineExtractor, picture: Image8) -> Image8:
    """A picture (H,W,3) in that line, (H,W,3)."""
    return page_of(extractor(picture_tensor(picture) * 2 - 1).float().sigmoid()[0])


def send(report: Report, page: Image8, step: int) -> None:
    """Show a page (H,W,3) of at most 256 px as a preview."""
    opaque = np.full((*page.shape[:2], 1), 255, np.uint8)
    bgra = np.concatenate([page[..., ::-1], opaque], -1)
    report.preview(step, page.shape[1], page.shape[0], bgra.tobytes())


def thumbnail(extractor: LineExtractor, held: Image8 | None = None) -> bytes:
    """PNG of 128 px: the held picture in that line, the same picture for every style."""
    drawing = Image.fromarray(drawn(extractor, held_picture() if held is None else held))
    stream = io.BytesIO()
    small = drawing.resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    small.convert("L").save(stream, "PNG", optimize=True)
    return stream.getvalue()


def held_picture(path: Path = HELD) -> Image8:
    """The held picture, (H,W,3), at most 256 px.

    Raises:
        MissingWeights: it is missing or damaged.
    """
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except (OSError, SyntaxError) as fault:
        raise MissingWeights(f"The picture {path.name} is missing.", REPAIR) from fault
    small.thumbnail((PREVIEW_PX, PREVIEW_PX))
    return np.asarray(small)
