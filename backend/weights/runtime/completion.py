# SPDX-License-Identifier: GPL-3.0-or-later
"""The completion network that ships."""

from __future__ import annotations

from pathlib import Path

import torch

from backend.weights.files.catalogue import MODELS
from backend.weights.files.small_networks import load_network
from models.networks.completion import CompletionNet

COMPLETION = MODELS / "completion"


def load_completion(device: torch.device | None = None, folder: Path = COMPLETION) -> CompletionNet:
    """Load the completion network in float32, ready to complete.

    Args:
        device: where to put it; the CPU if none is given.
        folder: what `small_networks.write_network` wrote.

    Raises:
        MissingWeights: a file is missing or damaged.
    """
    return load_network(CompletionNet, folder, device, title="completion network")
