# SPDX-License-Identifier: GPL-3.0-or-later
"""The one example that a line is learnt from: a picture, and the artist's lines over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.imaging.resize import lines_resized, picture_resized
from backend.weights.runtime.device import calculation
from models.networks.line_extractor import LineExtractor
from shared.errors import BadRequest

Image8 = NDArray[np.uint8]

LEAST_SIDE_PX = 64
LEAST_INK_PX = 48
"""A shorter line says nothing about a hand: about a stroke of 25 px, two wide."""

MOST_INK = 0.6
"""Share of the picture. Of the studio's tools chalk covers the most, 0.25 of its busiest picture."""

LEAST_SPREAD = 6
"""Of the picture's values, between the 2nd and the 98th percentile: less is one flat colour."""

INK_FROM = 96
"""A pixel with this much ink or more is drawn."""

COMPARED_PX = 768
"""Longer side at which drawn lines are compared with seen ones."""

NEIGHBOURHOOD = 160
"""Contour and detail are told apart over this share of the shorter side."""

LEAST_MATCH = 0.2
"""See `match_of`; measured in docs/decisions/what-an-example-must-be.md."""


@dataclass(frozen=True)
class Example:
    """A picture with lines that were drawn over it.

    Args:
        picture: (H,W,3) sRGB.
        contour, detail: (H,W) ink, 255 where drawn; one of them may be empty.

    Raises:
        BadRequest: sizes differ, too small, blank, or drawn over everywhere.
    """

    picture: Image8
    contour: Image8
    detail: Image8

    def __post_init__(self) -> None:
        _check_shapes(self.picture, self.contour, self.detail)
        _check_picture(self.picture)
        _check_ink(self.ink)

    @property
    def ink(self) -> Image8:
        """(H,W) ink of both kinds."""
        return np.maximum(self.contour, self.detail)


def as_example(picture: NDArray[Any], contour: NDArray[Any], detail: NDArray[Any]) -> Example:
    """An example of arrays in uint8, or in floats in [0, 1].

    Raises:
        BadRequest: as `Example`, or a value is no number.
    """
    return Example(*(_bytes(array) for array in (picture, contour, detail)))


def check_match(example: Example, extractor: LineExtractor) -> float:
    """Compare the lines with what the general extractor sees in the picture.

    Returns:
        The match, as `match_of` measures it.

    Raises:
        BadRequest: they fit no better than in another place.
    """
    small = reduced(example, COMPARED_PX)
    match = match_of(small.ink, seen_in(small, extractor).amax(0).numpy())
    if match < LEAST_MATCH:
        raise BadRequest(
            "The lines do not match the picture.",
            "Draw over this very picture, at its place and size; a few lines are enough, if they follow it.",
        )
    return match


def match_of(drawn: Image8, seen: NDArray[np.floating[Any]]) -> float:
    """How much better drawn lines lie on the picture's edges than the same lines turned and moved.

    Only the drawn lines are asked, so that a sparse drawing matches as well as a full one.

    Args:
        drawn: (H,W) ink of the artist.
        seen: (H,W) ink of the general extractor, in [0, 1].

    Returns:
        Mean ink seen near what was drawn, less the mean over other places, as a share of what is missing
        to a perfect match: 1 at best, about 0 for lines of another picture.
    """
    lines = drawn >= INK_FROM
    near = _grown(np.asarray(seen, np.float32), max(1, round(min(drawn.shape) / 128)))
    here = float(near[lines].mean())
    elsewhere = [float(near[other].mean()) for other in _elsewhere(lines) if other.any()]
    chance = float(np.mean(elsewhere))
    return (here - chance) / max(1 - chance, 1e-6)


def split_lines(picture: Image8, lines: Image8, extractor: LineExtractor) -> tuple[Image8, Image8]:
    """Tell contour from detail in lines of one layer, by what the general extractor sees there.

    Args:
        picture: (H,W,3).
        lines: (H,W) ink.

    Returns:
        Contour and detail, (H,W) ink; each drawn pixel is in one of them.

    Raises:
        BadRequest: as `Example`.
    """
    from scipy.ndimage import gaussian_filter  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    example = Example(picture, lines, np.zeros_like(lines))
    seen = seen_in(reduced(example, COMPARED_PX), extractor)
    whole = picture_resized(seen[None], lines.shape)[0].numpy()  # (2,H,W)
    blur_px = max(1.0, min(lines.shape) / NEIGHBOURHOOD)
    outer, inner = (np.asarray(gaussian_filter(plane, blur_px), np.float32) for plane in whole)
    is_contour = outer >= inner
    return np.where(is_contour, lines, 0).astype(np.uint8), np.where(is_contour, 0, lines).astype(np.uint8)


@torch.inference_mode()
def seen_in(example: Example, extractor: LineExtractor) -> Tensor:
    """Ink (2,H,W) in [0, 1] that an extractor sees in the example's picture."""
    device = next(extractor.parameters()).device
    with calculation(device):
        logits = extractor(picture_tensor(example.picture).to(device) * 2 - 1)
    return logits.float().sigmoid()[0].cpu()


def reduced(example: Example, longest_px: int) -> Example:
    """The example with its longer side at most so long; its thinnest lines are kept."""
    height, width = example.contour.shape
    if max(height, width) <= longest_px:
        return example
    factor = longest_px / max(height, width)
    size = (max(LEAST_SIDE_PX, round(height * factor)), max(LEAST_SIDE_PX, round(width * factor)))
    picture = picture_resized(picture_tensor(example.picture), size)[0].permute(1, 2, 0)
    inks = torch.as_tensor(np.stack([example.contour, example.detail]))[:, None].float() / 255
    contour, detail = lines_resized(inks, size)[:, 0]
    return Example(*((plane * 255).round().byte().numpy() for plane in (picture, contour, detail)))


def picture_tensor(picture: Image8) -> Tensor:
    """(H,W,3) uint8 to (1,3,H,W) in [0, 1]."""
    return torch.as_tensor(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].float() / 255


def _elsewhere(lines: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The same lines mirrored and moved by a quarter and more; what leaves at a side comes in at another."""
    height, width = lines.shape
    moved = [
        np.roll(lines, (round(dy * height), round(dx * width)), (0, 1))
        for dy, dx in ((0.25, 0), (-0.25, 0), (0, 0.25), (0, -0.25), (0.5, 0.5))
    ]
    return [*moved, lines[::-1], lines[:, ::-1], lines[::-1, ::-1]]


def _grown(ink: NDArray[np.float32], by_px: int) -> NDArray[np.float32]:
    from scipy.ndimage import maximum_filter  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    return np.asarray(maximum_filter(ink, 2 * by_px + 1), np.float32)


def _bytes(array: NDArray[Any]) -> Image8:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise BadRequest(
            "Some pixels of the example are no numbers.",
            "Flatten the layer to 8 or 16 bit (Image > Convert Image Color Space), then try again.",
        )
    return np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)


def _check_shapes(picture: Image8, contour: Image8, detail: Image8) -> None:
    if picture.ndim != 3 or picture.shape[-1] != 3 or contour.ndim != 2 or detail.ndim != 2:
        raise ValueError(f"no example: {picture.shape}, {contour.shape}, {detail.shape}")
    if not picture.shape[:2] == contour.shape == detail.shape:
        sizes = ", ".join(f"{a.shape[1]} x {a.shape[0]}" for a in (picture, contour, detail))
        raise BadRequest(
            f"The picture and the lines differ in size ({sizes}).",
            "Draw the lines on layers over the picture itself.",
        )
    if min(contour.shape) < LEAST_SIDE_PX:
        raise BadRequest(
            f"The example has {contour.shape[1]} x {contour.shape[0]} pixels; that is too small.",
            f"Draw over a picture of at least {LEAST_SIDE_PX} pixels on each side; 512 is a good size.",
        )


def _check_picture(picture: Image8) -> None:
    low, high = np.percentile(picture.reshape(-1, 3), (2, 98), axis=0)
    if float((high - low).max()) < LEAST_SPREAD:
        raise BadRequest(
            "The picture under the lines is blank.", "Choose the layer with the picture that you drew over."
        )


def _check_ink(ink: Image8) -> None:
    drawn = ink >= INK_FROM
    if int(drawn.sum()) < LEAST_INK_PX:
        raise BadRequest(
            "There are no lines to learn from.",
            "Draw over the picture on the Contour or the Detail layer, then teach again.",
        )
    if float(drawn.mean()) > MOST_INK:
        raise BadRequest(
            "The lines cover nearly the whole picture.",
            "Draw on a transparent layer, and leave the areas between the lines free.",
        )
