# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""T2I-Adapters in one file, in the names of diffusers or of their authors; sizes are read from the weights.

Source: Mou et al. 2023, T2I-Adapter, section 3.2, for the two architectures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

PREFIX = "adapter."
FOLDS = {64: (1, 8), 192: (3, 8), 256: (1, 16), 768: (3, 16)}
"""Picture channels and pixels per side that are folded into the first convolution, by its input channels."""


def load_adapter(path: Path, dtype: torch.dtype) -> Any:
    """A T2IAdapter from one safetensors file.

    Raises:
        OSError, SafetensorError, KeyError, ValueError, RuntimeError: it is no adapter, or a damaged one.
    """
    from diffusers.models.adapter import T2IAdapter

    state = in_diffusers_names(load_file(path))
    adapter: Any = T2IAdapter(**config_of(state))
    adapter.load_state_dict(state)
    return adapter.to(dtype)


def in_diffusers_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors as diffusers calls them."""
    plain = {name.removeprefix(PREFIX): tensor for name, tensor in state.items()}
    light = "conv_in.weight" not in plain
    if not any(".resnets." in name for name in plain):
        rename = _light_name if light else _full_name
        plain = {rename(name): tensor for name, tensor in plain.items()}
    return {PREFIX + name: tensor for name, tensor in plain.items()}


def config_of(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """What T2IAdapter must be made with to hold these tensors, in diffusers' names."""
    blocks = 1 + max(int(found[1]) for name in state if (found := re.match(r"adapter\.body\.(\d+)\.", name)))
    first = [name for name in state if name.startswith(f"{PREFIX}body.0.resnets.")]
    resnets = 1 + max(int(name.split(".")[4]) for name in first)
    stem = state.get(f"{PREFIX}conv_in.weight")
    if stem is not None:
        outs = [f"{PREFIX}body.{i}.resnets.0.block2.weight" for i in range(blocks)]
        channels, factor = FOLDS[stem.shape[1]]
        kind = "full_adapter" if factor == 8 else "full_adapter_xl"
        sizes = [int(state[name].shape[0]) for name in outs]
    else:
        channels, factor = FOLDS[state[f"{PREFIX}body.0.in_conv.weight"].shape[1]]
        kind = "light_adapter"
        outs = [f"{PREFIX}body.{i}.out_conv.weight" for i in range(blocks - 1)]
        sizes = [int(state[name].shape[0]) for name in outs]
    return {
        "in_channels": channels,
        "channels": sizes,
        "num_res_blocks": resnets,
        "downscale_factor": factor,
        "adapter_type": kind,
    }


def _full_name(name: str) -> str:
    """Two residual blocks stand after one another where diffusers has one block of two."""
    found = re.match(r"body\.(\d+)\.(.+)", name)
    if found is None:
        return name
    block, place = divmod(int(found[1]), 2)
    inner = found[2] if found[2].startswith("in_conv") else f"resnets.{place}.{found[2]}"
    return f"body.{block}.{inner}"


def _light_name(name: str) -> str:
    return re.sub(r"^(body\.\d+)\.body\.", r"\1.resnets.", name)
