# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines out of what a diffusion model computes while it paints: its features, fused with its decoder's.

1. *Aggregation*, twice: every layer of the UNet's decoder at every representative step passes through the
   block of its layer and is added up with a weight of its own. The coarse layers go first; their sum then
   enters the finest layers' aggregation as if it were one more step.
2. *Fusion*: from the latents' resolution up to the picture's, joined at each by the autoencoder's maps, and
   at the last by the picture and by the ink of the general extractor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from itertools import groupby
from math import gcd
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, interpolate, pixel_unshuffle, relu

from models.networks.line_extractor import LineExtractor

OUTPUTS = 2
"""Contour and detail."""

FUSE_GROUPS = 4
MOST_GROUPS = 32
INK_STRIDES_PX = (1, 2)
"""Levels of the fusion that get the ink; at 2 px as four numbers per cell, so that no pixel is lost."""

FINEST_LEAST = 24
"""Channels that the last levels have at least: a line of the artist's own is drawn there."""

HEAD_SHARE = 0.1
"""How much of its usual size the last layer begins with, so that the first drawing is the general one."""


@dataclass(frozen=True)
class FeatureMap:
    """One layer whose output is kept.

    Args:
        name: Of the module, for messages and tests.
        channels: Of its output.
        stride_px: Pixels of the picture per cell.
    """

    name: str
    channels: int
    stride_px: int


@dataclass(frozen=True)
class FeatureLayout:
    """What a family's networks hand out for one picture.

    Args:
        unet: Layers of the UNet's decoder, from coarse to fine.
        vae: Layers of the autoencoder's decoder, from coarse to fine.
        halves: 2 where the family paints with guidance and both predictions are kept, else 1.
    """

    unet: tuple[FeatureMap, ...]
    vae: tuple[FeatureMap, ...]
    halves: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FeatureLayout:
        """What `to_dict` gave."""
        unet, vae = (tuple(FeatureMap(**each) for each in values[part]) for part in ("unet", "vae"))
        return cls(unet, vae, int(values["halves"]))

    @property
    def fine(self) -> tuple[int, ...]:
        """Indices of the UNet's layers of the finest resolution."""
        finest = min(place.stride_px for place in self.unet)
        return tuple(k for k, place in enumerate(self.unet) if place.stride_px == finest)

    @property
    def coarse(self) -> tuple[int, ...]:
        """Indices of all the others."""
        return tuple(k for k in range(len(self.unet)) if k not in self.fine)


@dataclass(frozen=True)
class Sizes:
    """Widths that follow from a layout; for SD 1.x they are the paper's.

    Args:
        low, high: Channels of the two aggregations.
        fuse: Channels after each level of the fusion, coarse to fine.
    """

    low: int
    high: int
    fuse: tuple[int, ...]


def sizes_of(layout: FeatureLayout) -> Sizes:
    """The paper's numbers as shares of the finest layers' channels.

    Raises:
        ValueError: the finest layers differ in width, or the autoencoder's maps do not begin at their
            resolution and double it up to the picture's.

    Source: Yun et al. 2024, DiffSketch, section 4.2 (960 and 384 for 3 layers of 320); fusion 256 to 64.
    """
    widths = {layout.unet[k].channels for k in layout.fine}
    levels = sorted({place.stride_px for place in layout.vae}, reverse=True)
    if len(widths) != 1:
        raise ValueError(f"the finest layers have {sorted(widths)} channels, not all the same")
    finest = min(place.stride_px for place in layout.unet)
    if levels != [finest // 2**k for k in range(len(levels))] or levels[-1:] != [1]:
        raise ValueError(f"an autoencoder's maps at {levels} px do not lead from {finest} px to the picture")
    width = widths.pop()
    fuse = (max(width * 0.8 / 2**k, width * 0.2, FINEST_LEAST) for k in range(len(levels)))
    return Sizes(len(layout.fine) * width, _multiple(width * 1.2, 16), tuple(_multiple(w, 4) for w in fuse))


def _multiple(size: float, of: int) -> int:
    return max(1, round(size / of)) * of


def evened(x: Tensor, first: int) -> Tensor:
    """Features at root mean square 1 over all but the first axes: layers differ by orders of magnitude."""
    x = x.float()
    return x * torch.rsqrt(x.square().mean(tuple(range(first, x.ndim)), keepdim=True) + 1e-8)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 beside a 1x1 shortcut, each with a GroupNorm.

    Source: He et al. 2015, ResNet; as aggregation in Luo et al. 2023, Diffusion Hyperfeatures, section 3.2.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        narrow = _multiple(width / 4, 4)
        self.enter, self.enter_norm = nn.Conv2d(channels, narrow, 1, bias=False), _norm(narrow)
        self.middle, self.middle_norm = nn.Conv2d(narrow, narrow, 3, padding=1, bias=False), _norm(narrow)
        self.leave, self.leave_norm = nn.Conv2d(narrow, width, 1, bias=False), _norm(width)
        self.past, self.past_norm = nn.Conv2d(channels, width, 1, bias=False), _norm(width)

    def forward(self, x: Tensor) -> Tensor:
        inner = relu(self.enter_norm(self.enter(x)))
        inner = relu(self.middle_norm(self.middle(inner)))
        return relu(self.leave_norm(self.leave(inner)) + self.past_norm(self.past(x)))


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(gcd(MOST_GROUPS, channels), channels)


class Aggregation(nn.Module):
    """Layers at several steps, added up: one block per layer, one weight per step and layer.

    Source: Luo et al. 2023, Diffusion Hyperfeatures, equation 1. Blocks work at their layer's own
    resolution and their output is enlarged, which costs a quarter of enlarging first.
    """

    def __init__(self, channels: Sequence[int], steps: int, width: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Bottleneck(each, width) for each in channels)
        self.mixing = nn.Parameter(torch.zeros(steps, len(channels)))

    def forward(self, layers: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        """(B,steps,C,h,w) of each layer to (B,width,*size)."""
        shares = self.mixing.flatten().softmax(0).view_as(self.mixing)
        total = torch.zeros((), device=shares.device)
        for k, (block, layer) in enumerate(zip(self.blocks, layers, strict=True)):
            made = block(layer.flatten(0, 1)).unflatten(0, layer.shape[:2])  # (B,steps,width,h,w)
            mixed = torch.einsum("bschw,s->bchw", made, shares[:, k])
            if mixed.shape[-2:] != size:
                mixed = interpolate(mixed, size, mode="bilinear", align_corners=False)
            total = total + mixed
        return total


class Fuse(nn.Module):
    """3x3 convolution, GroupNorm, GELU."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.norm = nn.GroupNorm(FUSE_GROUPS, width)

    def forward(self, x: Tensor) -> Tensor:
        return gelu(self.norm(self.conv(x)))


class LineGenerator(nn.Module):
    """Ink of contour and detail from captured features.

    Args:
        layout: What the family hands out.
        steps: Representative steps.
        low: Use the coarse layers.
        vae: Use the autoencoder's maps.
        picture: Use the picture itself.
        general: The general extractor, copied and learnt on: the generator begins as it, and sees its ink.

    Source: Yun et al. 2024, DiffSketch, section 4. Ours: two outputs, the general extractor beside the
    features, which are evened to the same size, and sizes for any family.
    """

    def __init__(
        self,
        layout: FeatureLayout,
        steps: int,
        *,
        low: bool = True,
        vae: bool = True,
        picture: bool = True,
        general: LineExtractor | None = None,
    ) -> None:
        super().__init__()
        if steps < 1:
            raise ValueError(f"{steps} steps are none to look at")
        self.config: dict[str, Any] = {
            "layout": layout.to_dict(), "steps": steps, "low": low, "vae": vae,
            "picture": picture, "general": general.config if general else None,
        }  # fmt: skip
        self.layout, self.steps = layout, steps
        self.uses_vae, self.uses_picture = vae, picture
        self.general = deepcopy(general).train().requires_grad_(True) if general else None
        sizes = sizes_of(layout)
        fine, coarse = ([layout.unet[k].channels for k in part] for part in (layout.fine, layout.coarse))
        self.low = Aggregation(coarse, steps, sizes.low) if low and coarse else None
        self.high = Aggregation(fine, steps + (self.low is not None), sizes.high)
        levels = self._levels()
        reduced = [[_reduced(layout.vae[k]) for k in level] if vae else [] for level in levels]
        self.reduce = nn.ModuleList(
            nn.Conv2d(layout.vae[k].channels, _reduced(layout.vae[k]), 1)
            for k in range(len(layout.vae) * vae)
        )
        entering = [layout.halves * sizes.high, *sizes.fuse[:-1]]
        more = [self._beside(layout.vae[level[0]].stride_px) for level in levels]
        self.fuse = nn.ModuleList(
            Fuse(enter + sum(maps) + extra, width)
            for enter, maps, extra, width in zip(entering, reduced, more, sizes.fuse, strict=True)
        )
        self.last = Fuse(sizes.fuse[-1], sizes.fuse[-1])
        self.head = nn.Conv2d(sizes.fuse[-1], OUTPUTS, 3, padding=1)
        with torch.no_grad():
            self.head.weight.mul_(HEAD_SHARE)

    def forward(
        self,
        features: Sequence[Tensor],
        vae_maps: Sequence[Tensor],
        picture: Tensor,
    ) -> Tensor:
        """Draw.

        Args:
            features: (B,steps,halves,C,h,w) of each layer of the UNet, in the layout's order.
            vae_maps: (B,C,h,w) of each layer of the autoencoder.
            picture: (B,3,H,W) in [-1, 1].

        Returns:
            (B,2,H,W) logits of the ink of contour and detail.

        Raises:
            ValueError: the features are not of the layout.
        """
        self._require_fit(features, vae_maps)
        x = self._aggregated([evened(layer, 3) for layer in features])
        maps = [reduce(evened(each, 1)) for reduce, each in zip(self.reduce, vae_maps, strict=False)]
        first = self.general(picture) if self.general is not None else None
        ink = first.sigmoid().to(x.dtype) if first is not None else x
        for level, (places, fuse) in enumerate(zip(self._levels(), self.fuse, strict=True)):
            last, stride = level == len(self.fuse) - 1, self.layout.vae[places[0]].stride_px
            beside = [maps[k] for k in places] if self.uses_vae else []
            beside += [picture] if last and self.uses_picture else []
            beside += [pixel_unshuffle(ink * 2 - 1, stride)] if self._has_ink(stride) else []
            x = fuse(torch.cat([x, *beside], 1))
            if not last:
                x = interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        drawn = self.head(self.last(x))
        return drawn if first is None else drawn + first

    def _aggregated(self, features: Sequence[Tensor]) -> Tensor:
        """Both levels: (B, halves * high, h, w) at the finest layers' resolution."""
        batch, _, halves = features[0].shape[:3]
        layers = [layer.transpose(1, 2).flatten(0, 1) for layer in features]  # (B*halves,steps,C,h,w)
        fine, coarse = ([layers[k] for k in part] for part in (self.layout.fine, self.layout.coarse))
        size = (fine[0].shape[-2], fine[0].shape[-1])
        if self.low is not None:
            finest = max(coarse, key=lambda layer: layer.shape[-1])
            low = self.low(coarse, (finest.shape[-2], finest.shape[-1]))
            low = evened(interpolate(low, size, mode="bilinear", align_corners=False), 1)
            parts = low.chunk(len(fine), 1)
            fine = [torch.cat([layer, part[:, None]], 1) for layer, part in zip(fine, parts, strict=True)]
        return self.high(fine, size).unflatten(0, (batch, halves)).flatten(1, 2)

    def _has_ink(self, stride_px: int) -> bool:
        return self.general is not None and stride_px in INK_STRIDES_PX

    def _beside(self, stride_px: int) -> int:
        """Channels that join a level besides the autoencoder's."""
        picture = 3 if self.uses_picture and stride_px == 1 else 0
        return picture + (OUTPUTS * stride_px**2 if self._has_ink(stride_px) else 0)

    def _levels(self) -> list[list[int]]:
        """Indices of the autoencoder's maps, level by level from coarse to fine."""
        places = sorted(range(len(self.layout.vae)), key=lambda k: -self.layout.vae[k].stride_px)
        return [list(level) for _, level in groupby(places, key=lambda k: self.layout.vae[k].stride_px)]

    def _require_fit(self, features: Sequence[Tensor], vae_maps: Sequence[Tensor]) -> None:
        layout = self.layout
        if len(features) != len(layout.unet) or len(vae_maps) != len(layout.vae):
            raise ValueError(
                f"{len(features)} and {len(vae_maps)} maps, not {len(layout.unet)} and {len(layout.vae)}"
            )
        for place, layer in zip(layout.unet, features, strict=True):
            if layer.ndim != 6 or tuple(layer.shape[1:4]) != (self.steps, layout.halves, place.channels):
                raise ValueError(f"{place.name} is {tuple(layer.shape)}: not of this generator's steps")


def _reduced(place: FeatureMap) -> int:
    """Channels that a map of the autoencoder is brought down to: 16 of 512, 8 of 256 and fewer."""
    return max(8, place.channels // 32)
