# SPDX-License-Identifier: GPL-3.0-or-later
"""What a released base model is, as far as its files do not say; without torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.weights.files.catalogue import MODELS

CONFIGS = MODELS / "configs"


@dataclass(frozen=True)
class Text:
    """A text encoder of a checkpoint in one file.

    Args:
        component: Its name in a diffusers folder.
        prefix: What its tensors' names begin with.
        open_clip: They are named as OpenCLIP does, not as transformers does.
        pad: Its tokenizer fills the window with this; empty for the end mark.
    """

    component: str
    prefix: str
    open_clip: bool = False
    pad: str = ""


@dataclass(frozen=True)
class Release:
    """A base model that was released, and all that was made from it.

    Args:
        base: Short name, also of its folder in models/configs and of what adapters say they fit.
        title: For the artist.
        pipelines: Classes in model_index.json.
        words_width: Width of the embeddings that its UNet reads.
        texts: Its text encoders, in the order in which they are joined.
        resolution: Side of the pictures it was trained on, in pixels.
        steps, guidance: Defaults that suit it.
        heeds_upcast: Its autoencoder's `force_upcast` is meant; elsewhere it is only a default.
    """

    base: str
    title: str
    pipelines: tuple[str, ...]
    words_width: int
    texts: tuple[Text, ...]
    resolution: int
    steps: int
    guidance: float
    heeds_upcast: bool
    configs: Path | None = None

    @property
    def config_folder(self) -> Path:
        return self.configs or CONFIGS / self.base
