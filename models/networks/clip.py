# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Pictures and captions in one space: transformers' two CLIP towers, and the text tower's projection."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, normalize

HIGHEST_SCALE = 100.0
"""Ceiling of the learnt scale of similarities (Radford et al. 2021, section 2.5)."""


class TextHead(nn.Module):
    """The text tower's projection and the scale of similarities; the text tower itself conditions a UNet."""

    def __init__(self, width: int, projection: int) -> None:
        super().__init__()
        self.text_projection = nn.Linear(width, projection, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied by."""
        return self.logit_scale.exp().clamp_max(HIGHEST_SCALE)


class Clip(nn.Module):
    """Two towers with one space between them.

    Args:
        text_encoder: CLIPTextModel.
        image_encoder: CLIPVisionModelWithProjection for pictures in [-1, 1].
        head: of the text tower.

    Source: Radford et al. 2021.
    """

    def __init__(self, text_encoder: Any, image_encoder: Any, head: TextHead) -> None:
        super().__init__()
        self.text_encoder, self.image_encoder, self.head = text_encoder, image_encoder, head

    def look(self, pictures: Tensor) -> Tensor:
        """(B,3,H,W) in [-1, 1], of any size, to (B,width) of length 1."""
        size = self.image_encoder.config.image_size
        if pictures.shape[-2:] != (size, size):
            pictures = interpolate(pictures, (size, size), mode="bilinear", antialias=True)
        return normalize(self.image_encoder(pictures).image_embeds.float(), dim=-1)

    def read(self, ids: Tensor) -> Tensor:
        """(B,tokens) to (B,width) of length 1."""
        pooled = self.text_encoder(ids).pooler_output
        return normalize(self.head.text_projection(pooled).float(), dim=-1)


def top_1(pictures: Tensor, captions: Tensor) -> tuple[float, float]:
    """Share of captions whose own picture is nearest, and of pictures whose own caption is nearest.

    Args:
        pictures, captions: (N,width) of length 1; row i of both belongs together.
    """
    cosines = captions @ pictures.T
    own = torch.arange(len(cosines), device=cosines.device)
    to_picture = (cosines.argmax(1) == own).float().mean()
    to_caption = (cosines.argmax(0) == own).float().mean()
    return float(to_picture), float(to_caption)
