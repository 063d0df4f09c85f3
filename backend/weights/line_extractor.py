# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownVariableType=false
"""The general line extractor that ships: `config.json` and `model.safetensors`, in half precision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from backend.weights.catalogue import MODELS, REPAIR
from models.networks.line_extractor import LineExtractor
from shared.errors import MissingWeights

EXTRACTOR = MODELS / "extractor"
WEIGHTS, CONFIG = "model.safetensors", "config.json"


def load_extractor(device: torch.device | None = None, folder: Path = EXTRACTOR) -> LineExtractor:
    """Load the general extractor in float32, ready to draw.

    Args:
        device: where to put it; the CPU if none is given.
        folder: what `write_extractor` wrote.

    Raises:
        MissingWeights: a file is missing or damaged.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        extractor = build_extractor(config, load_file(folder / WEIGHTS))
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as fault:
        raise MissingWeights(f"The line extractor in {folder.name} cannot be loaded.", REPAIR) from fault
    return extractor.to(device or torch.device("cpu")).eval().requires_grad_(False)


def build_extractor(config: Mapping[str, object], weights: Mapping[str, Tensor]) -> LineExtractor:
    """The extractor of that configuration with those weights, in float32 whatever they are stored in.

    Raises:
        RuntimeError: the weights are of another configuration.
        TypeError, ValueError: it is no configuration, or a weight is not finite.
    """
    extractor = LineExtractor(**config)  # pyright: ignore[reportArgumentType] - it checks them itself
    floats = {name: weight.float() for name, weight in weights.items()}
    if not all(bool(weight.isfinite().all()) for weight in floats.values()):
        raise ValueError("a weight is not finite")
    extractor.load_state_dict(floats)
    return extractor.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def write_extractor(extractor: LineExtractor, folder: Path) -> None:
    """Write an extractor where `load_extractor` finds it; what lies there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: weight.detach().cpu().half().contiguous() for name, weight in extractor.state_dict().items()
    }
    save_file(halves, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    (folder / CONFIG).write_text(json.dumps(extractor.config, indent=2) + "\n", encoding="utf-8")
