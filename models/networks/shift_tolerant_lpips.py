# SPDX-License-Identifier: GPL-3.0-or-later
"""Perceptual distance that forgives small shifts: AlexNet's convolutions, blurred where they lose pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, max_pool2d, pad, relu

CONVOLUTIONS = ((3, 64, 11, 2), (64, 192, 5, 2), (192, 384, 3, 1), (384, 256, 3, 1), (256, 256, 3, 1))
"""Input channels, output channels, kernel and padding; every stride is 1."""

MEAN, SPREAD = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of ImageNet's pictures in [-1, 1], as Zhang et al. 2018 normalise them."""

KERNEL = (0.25, 0.5, 0.25)
PLACES = ("slice1.0", "slice2.5", "slice3.9", "slice4.11", "slice5.13")
"""Where the published file keeps the convolutions."""


class ShiftTolerantLpips(nn.Module):
    """How different two pictures look: 0 for the same; about .7 for unrelated ones.

    Source: Ghildyal and Liu 2022, Shift-tolerant Perceptual Similarity Metric, section 4 (AlexNet), on Zhang
    et al. 2018, The Unreasonable Effectiveness of Deep Features as a Perceptual Metric, equation 1.
    """

    mean: Tensor
    spread: Tensor
    blur: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, k, padding=p) for a, b, k, p in CONVOLUTIONS)
        self.weights = nn.ParameterList(torch.zeros(1, out, 1, 1) for _, out, _, _ in CONVOLUTIONS)
        kernel = torch.tensor(KERNEL)
        self.register_buffer("blur", torch.outer(kernel, kernel)[None, None], persistent=False)
        self.register_buffer("mean", torch.tensor(MEAN)[None, :, None, None], persistent=False)
        self.register_buffer("spread", torch.tensor(SPREAD)[None, :, None, None], persistent=False)

    def load_published(self, state: Mapping[str, Tensor]) -> None:
        """Take the weights out of the published file's dictionary.

        Raises:
            KeyError: one is missing.
        """
        own: dict[str, Tensor] = {}
        for index, place in enumerate(PLACES):
            for part in ("weight", "bias"):
                own[f"convolutions.{index}.{part}"] = state[f"net.{place}.{part}"]
            own[f"weights.{index}"] = state[f"lin{index}.model.1.weight"]
        self.load_state_dict(own)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """(B,) distances of (B,3,H,W) in [0, 1]; at least 32 pixels a side."""
        distance = torch.zeros(len(one), device=one.device)
        for a, b, weight in zip(self.features(one), self.features(other), self.weights, strict=True):
            distance = distance + ((a - b).square() * weight).sum(1).mean((1, 2))
        return distance

    def features(self, pictures: Tensor) -> list[Tensor]:
        """Five levels, (B,C,h,w), each pixel of length 1."""
        levels: list[Tensor] = []
        x = (pictures * 2 - 1 - self.mean) / self.spread
        for index, convolution in enumerate(cast("list[nn.Conv2d]", list(self.convolutions))):
            if index in (1, 2):  # (B,C,h,w) -> (B,C,h/2,w/2)
                x = self._halved(max_pool2d(x, 3, stride=1))
            x = convolution(x)
            x = relu(self._halved(x) if index == 0 else x)
            levels.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10))
        return levels

    def _halved(self, x: Tensor) -> Tensor:
        """Every second pixel of the blurred map, mirrored at the rim; the source pads by two."""
        wide = pad(x, (2, 2, 2, 2), mode="reflect")
        return conv2d(wide, self.blur.expand(x.shape[1], -1, -1, -1), stride=2, groups=x.shape[1])
