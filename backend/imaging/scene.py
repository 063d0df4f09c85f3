# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the network sees of one crop of the canvas, at one size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from backend.imaging import masks, resize, strokes, tiles
from backend.imaging.pixels import Floats, Picture
from models.networks.sketch_fusion import Strokes
from shared.geometry import Bounds

BAND_PIXELS = 1 << 20
"""Canvas pixels turned into floats at a time."""


@dataclass(frozen=True)
class Scene:
    """Rasters of one size, (1, channel, height, width), float32 in [0, 1].

    Attributes:
        picture: RGB of what is there; white where there is nothing.
        mask: 1 is to be painted, 0 is known.
        contour, detail: Ink.
        colours: Colour strokes, RGB times coverage, and coverage.
        spread: The same as the network is to see them: each over the area it lies in.
    """

    picture: Tensor
    mask: Tensor
    contour: Tensor
    detail: Tensor
    colours: Tensor
    spread: Tensor

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)"""
        return self.mask.shape[-2], self.mask.shape[-1]

    def resized(self, size: tuple[int, int]) -> Scene:
        return Scene(
            resize.picture_resized(self.picture, size),
            resize.mask_resized(self.mask, size),
            resize.lines_resized(self.contour, size),
            resize.lines_resized(self.detail, size),
            resize.picture_resized(self.colours, size),
            resize.picture_resized(self.spread, size),
        )

    def padded(self, multiple: int, least: int) -> Scene:
        """Mirrored at the right and bottom, the mask too: what is to go must not come back as known."""
        return self._each(lambda planes: resize.padded(planes, multiple, least))

    def on_grid(self, cell: int) -> Scene:
        """The mask widened to whole latent cells."""
        return replace(self, mask=resize.mask_on_grid(self.mask, cell))

    def cut(self, window: Bounds) -> Scene:
        return self._each(lambda planes: tiles.cut(planes, window))

    def strokes(self) -> Strokes:
        """The rasters in the form that the encoders were trained on."""
        return Strokes(self.contour, self.detail, _raster(self.spread), self.mask)

    def dabs(self) -> Tensor:
        """(1,4,H,W): the colour strokes as they were drawn, RGB and coverage."""
        return _raster(self.colours)

    def known_picture(self) -> Tensor:
        """RGB in [-1, 1], exactly 0 where it is to be painted."""
        return (self.picture * 2 - 1) * (self.mask < 0.5)

    def _each(self, change: Callable[[Tensor], Tensor]) -> Scene:
        return Scene(*(change(getattr(self, field.name)) for field in fields(self)))


def _raster(weighted: Tensor) -> Tensor:
    made = strokes.colour_raster(weighted[0].permute(1, 2, 0).numpy())
    return torch.as_tensor(made).permute(2, 0, 1)[None]


@dataclass(frozen=True)
class Layers:
    """The request's surfaces, all of one extent, in their own depth."""

    mask: masks.Mask
    image: Picture | None
    contour: Picture | None
    detail: Picture | None
    colours: Picture | None


def read_scene(layers: Layers, crop: Bounds, factor: int, *, grow_px: int = 0) -> Scene:
    """Read a crop at 1 / factor of its size, band by band.

    Canvas that is transparent, or not given at all, is not known: it counts as masked for the network.

    Args:
        crop: Within the layers.
        factor: Canvas pixels per side of a pixel of the scene; the last ones repeat the edge.
        grow_px: The selection is moved out by this much.
    """
    seen = read_colours(layers.image, crop, factor)
    selected = torch.maximum(_selected(layers.mask, crop, factor, grow_px), (seen[:, 3:] < 0.5).float())
    lines = [read_ink(layer, crop, factor) for layer in (layers.contour, layers.detail)]
    colours = read_colours(layers.colours, crop, factor)
    picture = seen[:, :3] + 1 - seen[:, 3:]
    return Scene(picture, selected, lines[0], lines[1], colours, colours)


def read_ink(layer: Picture | None, crop: Bounds, factor: int) -> Tensor:
    """(1,1,height,width) in [0, 1] of a line layer's crop, at 1 / factor of its size."""
    return _read(layer, crop, factor, _inker(layer), resize.block_lines, 1)


def read_colours(layer: Picture | None, crop: Bounds, factor: int) -> Tensor:
    """(1,4,height,width): RGB times alpha, and alpha, of a layer's crop at 1 / factor of its size."""
    return _read(layer, crop, factor, strokes.weighted_colours, resize.block_mean, 4)


def _read(
    layer: Picture | None,
    crop: Bounds,
    factor: int,
    convert: Callable[[Floats], Floats],
    pool: Callable[[Floats, int], Floats],
    channels: int,
) -> Tensor:
    """(1, channels, height, width); zeros where the layer is clear, or not there at all."""
    if layer is None:
        return torch.zeros(1, channels, -(-crop.height // factor), -(-crop.width // factor))
    rows = max(1, BAND_PIXELS // (crop.width * factor)) * factor
    planes = np.zeros((-(-crop.height // factor), -(-crop.width // factor), channels), np.float32)
    for y in range(0, crop.height, rows):
        band = Bounds(crop.x, crop.y + y, crop.width, min(rows, crop.height - y))
        if not layer.is_clear(band):
            reduced = pool(convert(layer.rgba(band)), factor)
            planes[y // factor : y // factor + len(reduced)] = reduced
    return torch.as_tensor(planes).permute(2, 0, 1)[None].contiguous()


def _selected(mask: masks.Mask, crop: Bounds, factor: int, grow_px: int) -> Tensor:
    around = crop.grown(grow_px).intersect(Bounds(0, 0, mask.shape[1], mask.shape[0]))
    near = masks.grown(mask[around.y : around.bottom, around.x : around.right], grow_px)
    y, x = crop.y - around.y, crop.x - around.x
    inside = near[y : y + crop.height, x : x + crop.width, None] > 0
    any_selected = resize.block_max(inside, factor)
    return torch.as_tensor(any_selected.astype(np.float32)).permute(2, 0, 1)[None]


def _inker(layer: Picture | None) -> Callable[[Floats], Floats]:
    paper = strokes.paper_tone(layer) if layer else None
    return lambda rgba: strokes.ink(rgba, paper)[..., None]
