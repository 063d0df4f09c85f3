# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from backend.imaging import composite, masks
from backend.imaging.pixels import to_rgba
from shared.geometry import Bounds
from shared.messages import PixelFormat


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_window_is_the_window_of_the_enlarged_whole(factor: int) -> None:
    painted = torch.rand(1, 3, 40, 50)
    whole = painted
    if factor > 1:
        whole = interpolate(painted, scale_factor=factor, mode="bicubic", align_corners=False).clamp(0, 1)
    window = Bounds(7, 5, 30, 31)
    part = torch.as_tensor(composite.enlarged(painted, window, factor)).permute(2, 0, 1)[None]
    torch.testing.assert_close(part, whole[..., 5:36, 7:37], atol=1e-5, rtol=0)


@pytest.mark.parametrize("format", ["bgra_u8", "bgra_u16", "rgba_f16", "rgba_f32", "graya_u8", "graya_u16"])
def test_alpha_is_zero_outside_and_one_inside(format: PixelFormat) -> None:
    mask = np.zeros((300, 200), np.uint8)
    mask[20:290, 30:150] = 255
    mask[20:60, 30:50] = 0
    painted = torch.full((1, 3, 290, 190), 0.5)
    bounds, pixels = composite.layer_of(
        painted, Bounds(5, 5, 190, 290), 1, mask, format, grow_px=4, feather_px=6
    )
    assert bounds == Bounds(26, 16, 128, 278)
    rgba = to_rgba(pixels, format)
    grown = masks.grown(mask, 4)[16:294, 26:154]
    assert np.all(rgba[grown == 0] == 0)
    assert np.all(rgba[60:200, 30:90, 3] == 1)
    assert np.all(rgba[grown > 0, 3] > 0)
    np.testing.assert_allclose(rgba[100, 60, :3], 0.5, atol=1 / 255)
