# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownVariableType=false
"""A small network of ours in a folder: `config.json` builds it again, `model.safetensors` fills it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from backend.weights.files.catalogue import REPAIR
from shared.errors import MissingWeights

WEIGHTS, CONFIG = "model.safetensors", "config.json"

AnyNetwork = TypeVar("AnyNetwork", bound=nn.Module)


class Configured(Protocol):
    """A network that tells what builds it again."""

    @property
    def config(self) -> dict[str, Any]: ...
    def state_dict(self) -> dict[str, Any]: ...


def load_network(
    make: Callable[..., AnyNetwork], folder: Path, device: torch.device | None, *, title: str
) -> AnyNetwork:
    """Load what `write_network` wrote, in float32, ready for use.

    Args:
        make: the network's class.
        device: where to put it; the CPU if none is given.
        title: what it is, for the error.

    Raises:
        MissingWeights: a file is missing or damaged.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        network = build_network(make, config, load_file(folder / WEIGHTS))
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as fault:
        raise MissingWeights(f"The {title} in {folder.name} cannot be loaded.", REPAIR) from fault
    return network.to(device or torch.device("cpu")).eval().requires_grad_(False)


def build_network(
    make: Callable[..., AnyNetwork], config: Mapping[str, object], weights: Mapping[str, Tensor]
) -> AnyNetwork:
    """The network of that configuration with those weights, in float32 whatever they are stored in.

    Raises:
        RuntimeError: the weights are of another configuration.
        TypeError, ValueError: it is no configuration, or a weight is not finite.
    """
    network = make(**config)
    floats = {name: weight.float() for name, weight in weights.items()}
    if not all(bool(weight.isfinite().all()) for weight in floats.values()):
        raise ValueError("a weight is not finite")
    network.load_state_dict(floats)
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def write_network(network: Configured, folder: Path) -> None:
    """Write a network in half precision where `load_network` finds it; what lies there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: weight.detach().cpu().half().contiguous() for name, weight in network.state_dict().items()
    }
    save_file(halves, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    (folder / CONFIG).write_text(json.dumps(network.config, indent=2) + "\n", encoding="utf-8")
