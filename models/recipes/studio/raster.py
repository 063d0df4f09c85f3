# SPDX-License-Identifier: GPL-3.0-or-later
"""The rasteriser: skia, which ships no types, enters the studio here and nowhere else."""

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
skia: Any = importlib.import_module("skia")


def surface_on(pixels: Pixels) -> Any:
    """A surface that draws into the array: (H, W, 4), premultiplied RGBA."""
    height, width = pixels.shape[:2]
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    return skia.Surface.MakeRasterDirect(info, pixels)
