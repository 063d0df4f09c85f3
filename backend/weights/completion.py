# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownVariableType=false
"""The completion network that ships: `config.json` and `model.safetensors`, in half precision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from backend.weights.catalogue import MODELS, REPAIR
from models.networks.completion import CompletionNet
from shared.errors import MissingWeights

COMPLETION = MODELS / "completion"
WEIGHTS, CONFIG = "model.safetensors", "config.json"


def load_completion(device: torch.device | None = None, folder: Path = COMPLETION) -> CompletionNet:
    """Load the completion network in float32, ready to complete.

    Args:
        device: where to put it; the CPU if none is given.
        folder: what `write_completion` wrote.

    Raises:
        MissingWeights: a file is missing or damaged.
    """
    if not folder.exists():
        raise MissingWeights(
            "The completion network is not part of this version yet.",
            "Paint with: underdrawing paint. (Or make it: underdrawing train completion --ship)",
        )
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        network = build_completion(config, load_file(folder / WEIGHTS))
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as fault:
        raise MissingWeights(f"The completion network in {folder.name} cannot be loaded.", REPAIR) from fault
    return network.to(device or torch.device("cpu")).eval().requires_grad_(False)


def build_completion(config: Mapping[str, object], weights: Mapping[str, Tensor]) -> CompletionNet:
    """The network of that configuration with those weights, in float32 whatever they are stored in.

    Raises:
        RuntimeError: the weights are of another configuration.
        TypeError, ValueError: it is no configuration, or a weight is not finite.
    """
    network = CompletionNet(**config)  # pyright: ignore[reportArgumentType] - it checks them itself
    floats = {name: weight.float() for name, weight in weights.items()}
    if not all(bool(weight.isfinite().all()) for weight in floats.values()):
        raise ValueError("a weight is not finite")
    network.load_state_dict(floats)
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def write_completion(network: CompletionNet, folder: Path) -> None:
    """Write a network where `load_completion` finds it; what lies there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: weight.detach().cpu().half().contiguous() for name, weight in network.state_dict().items()
    }
    save_file(halves, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    (folder / CONFIG).write_text(json.dumps(network.config, indent=2) + "\n", encoding="utf-8")
