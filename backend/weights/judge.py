# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""The classifier that benchmarks ask what a painted picture shows; it takes no part in painting."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from backend.weights.catalogue import MODELS, REPAIR
from shared.errors import MissingWeights

JUDGE = MODELS / "judge"


class Judge:
    """Names the studio's category of pictures.

    Args:
        network: ConvNextForImageClassification for pictures in [-1, 1].
    """

    def __init__(self, network: Any) -> None:
        self.network = network.eval().requires_grad_(False)
        self.names: dict[int, str] = dict(network.config.id2label)

    def categories(self, pictures: Tensor) -> list[str]:
        """What each of (B,3,H,W) in [0, 1], of any size, shows."""
        side = int(self.network.config.image_size)
        small = interpolate(pictures * 2 - 1, (side, side), mode="bilinear", antialias=True)
        with torch.inference_mode():
            return [self.names[int(i)] for i in self.network(small).logits.argmax(1)]


def load_judge(folder: Path = JUDGE) -> Judge:
    """Load the judge in float32 on the CPU.

    Raises:
        MissingWeights: it is not there.
    """
    if not (folder / "model.safetensors").is_file():
        raise MissingWeights(f"The classifier is missing from {folder.name}.", REPAIR)
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
    convnext: Any = importlib.import_module("transformers.models.convnext.modeling_convnext")
    return Judge(
        convnext.ConvNextForImageClassification.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, local_files_only=True
        )
    )
