# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""A family's own CLIP: how near pictures and captions lie, for benchmarks and guidance."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from backend.weights.files.catalogue import REPAIR, read_catalogue
from models.networks.clip import Clip, TextHead
from shared.errors import MissingWeights

IMAGE_ENCODER = "image_encoder"
TEXT_HEAD = "text_projection/model.safetensors"
"""Where an exported family keeps its CLIP, beside the text encoder."""


class ClipScores:
    """Pictures and captions as points on one sphere; the cosine of two says how well they agree."""

    def __init__(self, clip: Clip, tokenizer: Any, device: torch.device) -> None:
        self.clip, self.tokenizer, self.device = (
            clip.to(device).eval().requires_grad_(False),
            tokenizer,
            device,
        )

    def look(self, pictures: Tensor) -> Tensor:
        """(B,3,H,W) in [0, 1], of any size, to (B,width) of length 1."""
        with torch.inference_mode():
            return self.clip.look(pictures.to(self.device) * 2 - 1).cpu()

    def read(self, captions: list[str]) -> Tensor:
        """Captions to (B,width) of length 1; words beyond the tokenizer's window are left out."""
        ids = self.tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids
        with torch.inference_mode():
            return self.clip.read(ids.to(self.device)).cpu()


def load_clip(id: str = "embedded", device: torch.device | None = None) -> ClipScores:
    """Load a family's CLIP in float32, after comparing its files with the catalogue.

    Raises:
        MissingWeights: a file is missing or damaged, or the family has no CLIP.
    """
    family = read_catalogue()[id]
    family.verify()
    return load_clip_folder(family.folder, device or torch.device("cpu"))


def load_clip_folder(folder: Path, device: torch.device) -> ClipScores:
    """Load the CLIP of a family's folder.

    Raises:
        MissingWeights: there is none.
    """
    if not (folder / TEXT_HEAD).is_file() or not (folder / IMAGE_ENCODER).is_dir():
        raise MissingWeights(f"{folder.name} has no image encoder.", REPAIR)
    clip: Any = importlib.import_module("transformers.models.clip.modeling_clip")
    tokenizers: Any = importlib.import_module("transformers.models.clip.tokenization_clip")
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
    options: dict[str, Any] = {"dtype": torch.float32, "use_safetensors": True, "local_files_only": True}
    state = load_file(folder / TEXT_HEAD)
    projection, width = state["text_projection.weight"].shape
    head = TextHead(width, projection)
    head.load_state_dict(state)
    return ClipScores(
        Clip(
            clip.CLIPTextModel.from_pretrained(folder / "text_encoder", **options),
            clip.CLIPVisionModelWithProjection.from_pretrained(folder / IMAGE_ENCODER, **options),
            head,
        ),
        tokenizers.CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
        device,
    )
