# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""LoRA files on a base model: added to the answers of single layers, so that taking them off leaves no trace.

Source: Hu et al. 2021, equation 3: h = W x + (alpha / rank) B A x.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear
from torch.utils.hooks import RemovableHandle

from shared.errors import BadRequest

PREFIXES = {
    "lora_unet_": "unet",
    "unet_": "unet",
    "lora_te2_": "text_encoder_2",
    "text_encoder_2_": "text_encoder_2",
    "lora_te1_": "text_encoder",
    "lora_te_": "text_encoder",
    "text_encoder_": "text_encoder",
}
"""How files begin the names of a component's layers; of two that fit the first counts."""

DOWN_UP = re.compile(r"[._]lora(?:_linear_layer)?[._](?P<side>A|B|down|up)\.weight$")
SIDES = {"A": "down", "B": "up", "down": "down", "up": "up"}
UNSUPPORTED = ("hada_", "lokr_", "dora_scale", "lora_mid", "lora_magnitude_vector")
BLOCK = re.compile(r"(?P<side>input|middle|output)_blocks?_(?:(?P<number>\d+)_)?(?P<part>\d)_(?P<inner>.+)")
INNER = {
    "in_layers_2": "conv1",
    "out_layers_3": "conv2",
    "emb_layers_1": "time_emb_proj",
    "skip_connection": "conv_shortcut",
}
"""Layers within a residual block, in the original names and in those of diffusers."""
ANOTHER = "Choose a LoRA that was made for this base model, or another base model."


@dataclass(frozen=True)
class Pair:
    """The change of one layer.

    Attributes:
        down: A, (rank, in) or (rank, in, h, w).
        up: B, (out, rank) or (out, rank, 1, 1).
        scale: alpha / rank.
    """

    down: Tensor
    up: Tensor
    scale: float

    def fits(self, layer: nn.Module) -> bool:
        weight = getattr(layer, "weight", None)
        if not isinstance(weight, Tensor) or len(self.down.shape) != len(weight.shape):
            return False
        return self.up.shape[0] == weight.shape[0] and self.down.shape[1:] == weight.shape[1:]

    def near(self, layer: nn.Module) -> Pair:
        """The same on the layer's device and in its number format; itself where it is so already."""
        weight: Any = layer.weight
        if self.down.device == weight.device and self.down.dtype == weight.dtype:
            return self
        return Pair(self.down.to(weight), self.up.to(weight), self.scale)

    def change(self, layer: nn.Module, x: Tensor) -> Tensor:
        """What it adds to the layer's answer to x."""
        if isinstance(layer, nn.Conv2d):
            return conv2d(conv2d(x, self.down, None, layer.stride, layer.padding), self.up)
        return linear(linear(x, self.down), self.up)


class LoraPart:
    """The part of a LoRA that changes one network.

    Args:
        pairs: By the names of the network's layers.
        strength: 1 is as trained; 0 changes nothing.
        title: What the artist calls the file.
    """

    def __init__(self, pairs: Mapping[str, Pair], strength: float, title: str) -> None:
        self.pairs, self.strength, self.title = dict(pairs), strength, title
        self._handles: list[RemovableHandle] = []

    def attach(self, unet: nn.Module) -> None:
        """Add it to the network.

        Raises:
            BadRequest: it was made for another base model; nothing is attached then.
        """
        if self._handles:
            raise RuntimeError("already attached")
        layers = dict(unet.named_modules())
        for name, pair in self.pairs.items():
            if name not in layers or not pair.fits(layers[name]):
                raise BadRequest(f"The LoRA {self.title} does not fit this base model.", ANOTHER)
        if self.strength != 0:
            self._handles = [self._added_to(layers[name], pair) for name, pair in self.pairs.items()]

    def detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _added_to(self, layer: nn.Module, pair: Pair) -> RemovableHandle:
        near = pair.near(layer)
        scale = pair.scale * self.strength

        def add(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
            nonlocal near
            near = near.near(module)  # the network may have moved since
            return torch.add(output, near.change(module, args[0]), alpha=scale)

        return layer.register_forward_hook(add)


@dataclass(frozen=True)
class Lora:
    """A LoRA file: what it changes in each network of a pipeline, by the component's name."""

    parts: Mapping[str, LoraPart]


def read_lora(path: Path, networks: Mapping[str, nn.Module], *, strength: float = 1.0) -> Lora:
    """Read a LoRA in the layout of diffusers, peft or kohya.

    Args:
        path: `.safetensors`.
        networks: The base model's unet, text_encoder and text_encoder_2, as far as it has them.

    Raises:
        BadRequest: it cannot be read, is of a kind that is not supported, or fits another base model.
    """
    title = path.stem
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as fault:
        raise BadRequest(
            f"The LoRA {title} cannot be read ({fault}).", "Download it again, or remove it."
        ) from fault
    if odd := [name for name in state if any(mark in name for mark in UNSUPPORTED)]:
        raise BadRequest(
            f"The LoRA {title} is of a kind that is not supported ({odd[0].rpartition('.')[2]}).",
            "Use a plain LoRA (LoHa, LoKr, DoRA and Tucker convolutions are not read).",
        )
    found = _pairs(state)
    if not found:
        raise BadRequest(f"{path.name} holds no LoRA.", "Choose another file.")
    places = {component: layers_by_flat_name(network) for component, network in networks.items()}
    parts: dict[str, dict[str, Pair]] = {}
    for name, pair in found.items():
        component, layer = _place(name, places) or ("", "")
        if not layer or not pair.fits(networks[component].get_submodule(layer)):
            raise BadRequest(f"The LoRA {title} was made for another base model.", ANOTHER)
        parts.setdefault(component, {})[layer] = pair
    return Lora({component: LoraPart(pairs, strength, title) for component, pairs in parts.items()})


def layers_by_flat_name(network: nn.Module) -> dict[str, str]:
    """Names of a network's layers, by the same with underscores for dots, as kohya's trainer writes them."""
    return {name.replace(".", "_"): name for name, _ in network.named_modules()}


def _pairs(state: Mapping[str, Tensor]) -> dict[str, Pair]:
    """The changes, by the names that the file has for the layers."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        if ending := DOWN_UP.search(name):
            side = SIDES[ending["side"]]
            found.setdefault(name[: ending.start()], {})[side] = tensor
    pairs: dict[str, Pair] = {}
    for name, two in found.items():
        if len(two) == 2:
            rank = len(two["down"])
            alpha = state.get(f"{name}.alpha")
            pairs[name] = Pair(two["down"], two["up"], (rank if alpha is None else float(alpha)) / rank)
    return pairs


def _place(name: str, places: Mapping[str, Mapping[str, str]]) -> tuple[str, str] | None:
    """The component and the layer that a file's name means."""
    flat = name.replace(".", "_").replace("_processor_", "_")
    for prefix, component in PREFIXES.items():
        if flat.startswith(prefix) and component in places:
            known, rest = places[component], flat.removeprefix(prefix)
            tries = [rest, f"{rest}_0", rest.removeprefix("text_model_"), f"text_model_{rest}"]
            if component == "unet" and rest.startswith(("input_", "middle_", "output_")):
                tries.append(translated(rest, known))
            return next(((component, known[each]) for each in tries if each in known), None)
    return None


def translated(rest: str, known: Mapping[str, str]) -> str:
    """A UNet's layer in the numbering of diffusers, from the original one ("input_blocks_4_1_proj_in")."""
    per_level = 1 + sum(name.startswith("down_blocks_0_resnets_") and name.count("_") == 4 for name in known)
    where = BLOCK.match(rest)
    if where is None:
        return ""
    side, number, part, inner = where["side"], int(where["number"] or 0), int(where["part"]), where["inner"]
    for old, new in INNER.items():
        inner = re.sub(f"^{old}$", new, inner)
    if side == "middle":
        return f"mid_block_{('resnets_0', 'attentions_0', 'resnets_1')[part]}_{inner}"
    level, place = divmod(number - 1 if side == "input" else number, per_level)
    half = "down" if side == "input" else "up"
    if inner in ("op", "conv"):
        return f"{half}_blocks_{level}_{half}samplers_0_conv"
    return f"{half}_blocks_{level}_{('resnets', 'attentions')[min(part, 1)]}_{place}_{inner}"
