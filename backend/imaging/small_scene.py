# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Layers read at a small size at once, and a small picture written as a layer: for answers to every stroke.

8 bit layers, which most are, are reduced as bytes; others take the way of `scene`. Sizes are (height, width).
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from backend.imaging import masks, resize, strokes
from backend.imaging.pixels import Floats, Picture, Pixels, from_rgba
from shared.geometry import Bounds
from shared.messages import PixelFormat

Size = tuple[int, int]


def small_picture(layer: Picture | None, crop: Bounds, size: Size) -> tuple[Tensor, Tensor]:
    """RGB on white (1,3,h,w), and (1,1,h,w) where nothing is there: 1."""
    seen = _weighted(layer, crop, size)
    return seen[:, :3] + 1 - seen[:, 3:], (seen[:, 3:] < 0.5).float()


def small_colours(layer: Picture | None, crop: Bounds, size: Size) -> Tensor:
    """(1,4,h,w) as `strokes.colour_raster` gives them."""
    weighted = _weighted(layer, crop, size)[0].permute(1, 2, 0).numpy()
    return torch.as_tensor(strokes.colour_raster(weighted)).permute(2, 0, 1)[None].contiguous()


def small_mask(mask: masks.Mask, crop: Bounds, size: Size, *, grow_px: int) -> Tensor:
    """(1,1,h,w): 1 where anything is selected, the border moved out first."""
    around = crop.grown(grow_px).intersect(Bounds(0, 0, mask.shape[1], mask.shape[0]))
    near = masks.grown(_cut(mask, around), grow_px)
    peak = _peaks(_cut(near, crop.shifted(-around.x, -around.y)), _factor(crop, size))
    return resize.mask_resized(_planes(np.asarray(peak > 0, np.float32)), size)


def small_ink(layer: Picture, crop: Bounds, size: Size) -> Floats:
    """(h,w): lines that stay visible however much they are reduced."""
    factor = _factor(crop, size)
    paper = strokes.paper_tone(layer)
    if layer.format == "bgra_u8" and paper is None:
        alpha = np.ascontiguousarray(_cut(layer.array, crop)[..., 3])
        mean, peak = (_planes(pool(alpha, factor)) / 255 for pool in (_means, _peaks))
        mixed = resize.line_mix(mean, peak) if factor > 1 else mean
        return resize.lines_resized(mixed, size)[0, 0].numpy()
    ink = resize.block_lines(strokes.ink(layer.rgba(crop), paper)[..., None], factor)
    return resize.lines_resized(_planes(ink[..., 0]), size)[0, 0].numpy()


def small_layer(painted: Tensor, crop: Bounds, bounds: Bounds, cover: Floats, format: PixelFormat) -> Pixels:
    """A small picture of the crop as a layer of the size of the bounds.

    Args:
        painted: (1,3,h,w) in [0, 1].
        crop, bounds: Within the area; the bounds lie in the crop.
        cover: (bounds.height, bounds.width), the layer's alpha in [0, 1].

    Returns:
        (bounds.height, bounds.width, channel); where the alpha is 0 all is 0.
    """
    inner = bounds.shifted(-crop.x, -crop.y)
    if format != "bgra_u8":
        rgb = _cut(_enlarged(painted, crop).clamp(0, 1)[0].permute(1, 2, 0).numpy(), inner)
        return from_rgba(np.concatenate([rgb * (cover[..., None] > 0), cover[..., None]], -1), format)
    four = torch.cat([painted.flip(1), torch.ones_like(painted[:, :1])], 1)
    four = (four * 255).round().byte().contiguous(memory_format=torch.channels_last)
    made = _cut(_enlarged(four, crop)[0].permute(1, 2, 0).numpy(), inner).copy()
    made[..., 3] = np.rint(cover * 255)
    made[made[..., 3] == 0] = 0
    return made


def _enlarged(planes: Tensor, crop: Bounds) -> Tensor:
    size = (crop.height, crop.width)
    if planes.shape[-2:] == size:
        return planes
    return interpolate(planes, size, mode="bicubic", align_corners=False)


def _weighted(layer: Picture | None, crop: Bounds, size: Size) -> Tensor:
    """(1,4,h,w): RGB times alpha, and alpha."""
    if layer is None or layer.is_clear(crop):
        return torch.zeros(1, 4, *size)
    factor = _factor(crop, size)
    if layer.format == "bgra_u8" and factor > 1:
        image = Image.fromarray(np.ascontiguousarray(_cut(layer.array, crop)), "RGBA").convert("RGBa")
        made = np.asarray(image.reduce(factor), np.float32)[..., [2, 1, 0, 3]] / 255
    else:
        made = resize.block_mean(strokes.weighted_colours(layer.rgba(crop)), factor)
    return resize.picture_resized(torch.as_tensor(made).permute(2, 0, 1)[None].contiguous(), size)


def _factor(crop: Bounds, size: Size) -> int:
    """Whole canvas pixels per pixel: by so much the bytes are reduced, the rest of the way as floats."""
    return max(1, min(crop.height // size[0], crop.width // size[1]))


def _means(plane: Pixels, factor: int) -> Floats:
    return np.asarray(Image.fromarray(plane).reduce(factor), np.float32)


def _peaks(plane: Pixels, factor: int) -> Pixels:
    """The largest of each block of `factor` pixels; the last ones repeat the edge."""
    if factor == 1:
        return plane
    gap = (-plane.shape[0] % factor, -plane.shape[1] % factor)
    wide = np.pad(plane, ((0, gap[0]), (0, gap[1])), mode="edge")
    rows = wide.reshape(-1, factor, wide.shape[1]).max(1)
    return rows.reshape(len(rows), -1, factor).max(2)


def _planes(plane: Pixels) -> Tensor:
    return torch.as_tensor(np.array(plane, np.float32))[None, None]


def _cut(array: Pixels, bounds: Bounds) -> Pixels:
    return array[bounds.y : bounds.bottom, bounds.x : bounds.right]
