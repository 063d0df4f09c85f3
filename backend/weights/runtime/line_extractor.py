# SPDX-License-Identifier: GPL-3.0-or-later
"""The general line extractor that ships."""

from __future__ import annotations

from pathlib import Path

import torch

from backend.weights.files.catalogue import MODELS
from backend.weights.files.small_networks import load_network
from models.networks.line_extractor import LineExtractor

EXTRACTOR = MODELS / "extractor"


def load_extractor(device: torch.device | None = None, folder: Path = EXTRACTOR) -> LineExtractor:
    """Load the general extractor in float32, ready to draw.

    Args:
        device: where to put it; the CPU if none is given.
        folder: what `small_networks.write_network` wrote.

    Raises:
        MissingWeights: a file is missing or damaged.
    """
    return load_network(LineExtractor, folder, device, title="line extractor")
