# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Attention of a UNet, open to be read and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from diffusers.models.attention_processor import Attention
from torch import Tensor, nn


@dataclass(frozen=True)
class Layer:
    """An attention layer of the UNet.

    Attributes:
        name: Its place, as in `named_modules`.
        cross: Between pixels and words; else among pixels.
        heads: Of each picture.
    """

    name: str
    cross: bool
    heads: int


Control = Callable[[Layer, Tensor], Tensor]
"""Probabilities (batch * heads, pixels, words or pixels) to those that are used. Of a guided pair the batch
holds the half without words first."""


class AttentionControl:
    """Has every attention layer ask before its probabilities are used; detached, the layers are as before.

    Args:
        control: Asked in every layer.
        wanted: Which layers; the others stay as fast as they are.

    Raises:
        ValueError: when attached: a layer does more than attention, as those of an autoencoder do.
    """

    def __init__(self, control: Control, wanted: Callable[[Layer], bool] = lambda layer: True) -> None:
        self._control, self._wanted = control, wanted
        self._before: list[tuple[Any, Any]] = []

    def attach(self, network: nn.Module, /) -> None:
        if self._before:
            raise RuntimeError("already attached")
        layers = {
            Layer(name, bool(module.is_cross_attention), int(module.heads)): module
            for name, module in attentions(network)
        }
        wanted = {layer: module for layer, module in layers.items() if self._wanted(layer)}
        for layer, module in wanted.items():
            if module.group_norm is not None or module.residual_connection:
                raise ValueError(f"{layer.name} is no attention of a transformer block")
        for layer, module in wanted.items():
            self._before.append((module, module.processor))
            module.processor = _Asking(layer, self._control)

    def detach(self) -> None:
        while self._before:
            module, processor = self._before.pop()
            module.processor = processor


def attentions(network: nn.Module) -> Iterator[tuple[str, Any]]:
    """Every attention layer with its name; diffusers states too narrow a type for what may process them."""
    for name, module in network.named_modules():
        if isinstance(module, Attention):
            yield name, module


class _Asking:
    """Attention in the open: probabilities are made, shown, and used."""

    def __init__(self, layer: Layer, control: Control) -> None:
        self._layer, self._control = layer, control

    def __call__(
        self,
        attention: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        seen = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = (
            attention.head_to_batch_dim(part)
            for part in (attention.to_q(hidden_states), attention.to_k(seen), attention.to_v(seen))
        )
        chances = attention.get_attention_scores(query, key, attention_mask)
        mixed = self._control(self._layer, chances).to(value.dtype) @ value
        return attention.to_out[1](attention.to_out[0](attention.batch_to_head_dim(mixed)))
