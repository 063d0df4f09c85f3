# SPDX-License-Identifier: GPL-3.0-or-later
"""EfficientNet-Lite0: what a photograph shows, as 1280 numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn
from torch.nn.functional import pad, relu6

STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Expansion, kernel, stride of the first block, channels, blocks."""

STEM, WIDTH, CLASSES = 32, 1280, 1000
EPSILON = 1e-3


class SameConv(nn.Conv2d):
    """Convolution to 1/stride of the pixels; an odd pixel of padding is at the right and below."""

    def forward(self, input: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        sides: list[int] = []
        for size in (input.shape[-1], input.shape[-2]):
            missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            sides += [missing // 2, missing - missing // 2]
        return super().forward(pad(input, sides))


class Block(nn.Module):
    """Widen, look around in each channel, narrow again; the input is added where the shape is the same."""

    def __init__(self, inner: int, outer: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inner * expansion
        self.adds = inner == outer and stride == 1
        self.expand = _convolved(inner, wide, 1) if expansion > 1 else None
        self.depthwise = _convolved(wide, wide, kernel, stride, groups=wide)
        self.project = _convolved(wide, outer, 1)

    def forward(self, x: Tensor) -> Tensor:
        wide = relu6(self.expand(x)) if self.expand is not None else x
        found = self.project(relu6(self.depthwise(wide)))
        return x + found if self.adds else found


class EfficientNetLite0(nn.Module):
    """Features of photographs, (B,3,H,W) in [-1, 1]; taught on 224 x 224.

    Source: Tan and Le 2019, EfficientNet; the "Lite" form of Liu 2020: no squeeze and excitation, ReLU6 for
    swish, the stem and head of fixed width.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = _convolved(3, STEM, 3, 2)
        blocks: list[Block] = []
        inner = STEM
        for expansion, kernel, stride, outer, count in STAGES:
            for number in range(count):
                blocks.append(Block(inner, outer, expansion, kernel, stride if number == 0 else 1))
                inner = outer
        self.blocks = nn.ModuleList(blocks)
        self.head = _convolved(inner, WIDTH, 1)
        self.classifier = nn.Linear(WIDTH, CLASSES)

    def load_published(self, state: Mapping[str, Tensor]) -> None:
        """Take the weights out of the published file's dictionary.

        Raises:
            KeyError, RuntimeError: it holds another network.
        """
        parts = {"_conv_stem": self.stem[0], "_bn0": self.stem[1], "_conv_head": self.head[0]}
        parts |= {"_bn1": self.head[1], "_fc": self.classifier}
        for number, block in enumerate(cast("list[Block]", list(self.blocks))):
            for place, part in _places(block).items():
                parts[f"_blocks.{number}.{place}"] = part
        for place, part in parts.items():
            part.load_state_dict({name: state[f"{place}.{name}"] for name in part.state_dict()})

    def maps_with(self, pictures: Tensor, taken: Sequence[int]) -> tuple[Tensor, list[Tensor]]:
        """(B,1280,H/32,W/32), and the maps after the blocks of those numbers."""
        x, found = relu6(self.stem(pictures)), list[Tensor]()
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in taken:
                found.append(x)
        return relu6(self.head(x)), found

    def features(self, pictures: Tensor) -> Tensor:
        """(B,1280), the mean over the picture."""
        return self.maps_with(pictures, ())[0].mean((2, 3))

    def forward(self, pictures: Tensor) -> Tensor:
        """(B,1000), the logits of ImageNet's classes."""
        return self.classifier(self.features(pictures))


def _convolved(inner: int, outer: int, kernel: int, stride: int = 1, *, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        SameConv(inner, outer, kernel, stride, groups=groups, bias=False), nn.BatchNorm2d(outer, EPSILON)
    )


def _places(block: Block) -> dict[str, nn.Module]:
    """Where the published file keeps the parts of a block."""
    parts = {"_depthwise_conv": block.depthwise[0], "_bn1": block.depthwise[1]}
    parts |= {"_project_conv": block.project[0], "_bn2": block.project[1]}
    if block.expand is not None:
        parts |= {"_expand_conv": block.expand[0], "_bn0": block.expand[1]}
    return parts
