# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What a UNet and an autoencoder compute on their way up, kept while they work as always."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from backend.weights.runtime.base_model import BaseModel
from models.networks.line_generator import FeatureLayout, FeatureMap


class FeatureCapture:
    """Keeps the outputs of a decoder's residual blocks, for as long as it is attached.

    Of a UNet that is the residual branch before its shortcut is added, of an autoencoder the whole block.

    Source: Yun et al. 2024, DiffSketch, section 4.1; the branch as in Tumanyan et al. 2022, Plug-and-Play.
    """

    def __init__(self) -> None:
        self._handles: list[RemovableHandle] = []
        self._kept: list[Tensor | None] = []

    def attach(self, network: Any, /) -> None:
        """Begin to keep.

        Args:
            network: UNet2DConditionModel or AutoencoderKL.

        Raises:
            RuntimeError: it is attached already.
        """
        if self._handles:
            raise RuntimeError("already attached")
        modules = [module for _, module in kept_modules(network)]
        self._kept = [None] * len(modules)
        self._handles = [
            module.register_forward_hook(self._keeper(place)) for place, module in enumerate(modules)
        ]

    def detach(self) -> None:
        """Let go of the network and of everything kept."""
        for handle in self._handles:
            handle.remove()
        self._handles, self._kept = [], []

    def take(self) -> list[Tensor]:
        """What the last call computed, (B,C,h,w) from coarse to fine; each call's can be taken once.

        Raises:
            RuntimeError: there was no call since.
        """
        kept = [tensor for tensor in self._kept if tensor is not None]
        if not kept or len(kept) != len(self._kept):
            raise RuntimeError("nothing was computed since features were last taken")
        self._kept = [None] * len(self._kept)
        return kept

    def _keeper(self, place: int) -> Any:
        def keep(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> None:
            self._kept[place] = output.detach()

        return keep


def kept_modules(network: Any) -> list[tuple[str, nn.Module]]:
    """The modules whose outputs are kept, by name, from coarse to fine.

    Raises:
        ValueError: the network is neither kind.
    """
    if hasattr(network, "up_blocks"):
        return [
            (f"up_blocks.{i}.resnets.{j}.conv2", resnet.conv2)
            for i, block in enumerate(network.up_blocks)
            for j, resnet in enumerate(block.resnets)
        ]
    if not hasattr(network, "decoder"):
        raise ValueError(f"{type(network).__name__} has no decoder to take features from")
    decoder = network.decoder
    middle = [(f"decoder.mid_block.resnets.{j}", each) for j, each in enumerate(decoder.mid_block.resnets)]
    return middle + [
        (f"decoder.up_blocks.{i}.resnets.{j}", resnet)
        for i, block in enumerate(decoder.up_blocks)
        for j, resnet in enumerate(block.resnets)
    ]


def layout_of(model: BaseModel) -> FeatureLayout:
    """What a family hands out, read from its modules; two halves where it paints with guidance."""
    unet = _places(model.unet, model.unet.up_blocks, [], model.latent_factor)
    decoder = model.vae.decoder
    vae = _places(model.vae, decoder.up_blocks, decoder.mid_block.resnets, 1)
    return FeatureLayout(tuple(unet), tuple(vae), 2 if model.guidance > 1 else 1)


def _places(network: Any, blocks: Any, before: Any, finest_px: int) -> list[FeatureMap]:
    """Names, widths and strides: each block that enlarges halves the stride of all after it."""
    grows = [bool(getattr(block, "upsamplers", None)) for block in blocks]
    strides = [finest_px * 2 ** sum(grows)] * len(before)
    for i, block in enumerate(blocks):
        strides += [finest_px * 2 ** sum(grows[i:])] * len(block.resnets)
    resnets = [*before, *(resnet for block in blocks for resnet in block.resnets)]
    names = [name for name, _ in kept_modules(network)]
    return [
        FeatureMap(name, int(resnet.out_channels), stride)
        for name, resnet, stride in zip(names, resnets, strides, strict=True)
    ]
