# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a model file or folder: its kind, its family, and whether it can be painted with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Kind = Literal[
    "checkpoint",
    "unet",
    "vae",
    "tiny_vae",
    "text_encoder",
    "image_encoder",
    "lora",
    "textual_inversion",
    "t2i_adapter",
    "controlnet",
    "upscaler",
    "unknown",
]
Base = Literal[
    "sd15",
    "sd2",
    "sdxl",
    "sdxl_refiner",
    "sd3",
    "flux",
    "svd",
    "cascade",
    "pixart",
    "embedded",
    "unknown",
]
Layout = Literal["diffusers", "original", "kohya", ""]
Prediction = Literal["", "epsilon", "v_prediction"]

BASE_TITLES: dict[Base, str] = {
    "sd15": "Stable Diffusion 1.5",
    "sd2": "Stable Diffusion 2",
    "sdxl": "Stable Diffusion XL",
    "sdxl_refiner": "the refiner of Stable Diffusion XL",
    "sd3": "Stable Diffusion 3",
    "flux": "Flux",
    "svd": "Stable Video Diffusion",
    "cascade": "Stable Cascade",
    "pixart": "PixArt",
    "embedded": "the embedded family",
    "unknown": "an unknown family",
}
PAINTED_WITH: frozenset[Base] = frozenset({"sd15", "sdxl", "embedded"})
"""Families that can paint here; files of the others are listed and left alone."""

OTHER_FAMILY = "Use one made for Stable Diffusion 1.5 or XL."
NEED_A_FAMILY = frozenset[Kind](
    {"checkpoint", "unet", "lora", "textual_inversion", "t2i_adapter", "controlnet"}
)
"""Kinds that are of no use without knowing their family; a VAE's cannot always be told from its header."""


@dataclass(frozen=True)
class Finding:
    """What a header says, without the file's name.

    Args:
        inpaint: Its UNet also takes the picture around the region and a mask.
        prediction: What its UNet foretells; "" where the file does not say.
        rank: Of a LoRA's first layer; 0 for every other kind.
        tokens: How many words a textual inversion stands for.
        layout: Whose names its tensors have.
        guides: What an adapter takes in: "lines" (one channel), "colour", "picture" (three channels).
        few_steps: How it came to paint in few steps, in the words of its header; "" where it does not say.
        problem, remedy: Why it cannot be used, and what to do; "" when it can.
    """

    kind: Kind
    base: Base = "unknown"
    layout: Layout = ""
    inpaint: bool = False
    prediction: Prediction = ""
    rank: int = 0
    tokens: int = 0
    guides: str = ""
    few_steps: str = ""
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class ModelFile:
    """A file, or a folder in diffusers layout, that the artist may choose; the fields are `Finding`'s.

    Args:
        title: The file's name without its ending, or its folder's where the name says nothing.
        size_bytes: Of everything that would be loaded.
    """

    path: Path
    kind: Kind
    base: Base
    title: str
    size_bytes: int
    inpaint: bool = False
    prediction: Prediction = ""
    rank: int = 0
    tokens: int = 0
    layout: Layout = ""
    guides: str = ""
    few_steps: str = ""
    problem: str = ""
    remedy: str = ""

    @property
    def usable(self) -> bool:
        return not self.problem


def model_file(path: Path, title: str, size_bytes: int, finding: Finding) -> ModelFile:
    """`finding` as an entry of the list, with a word about a family that cannot paint here."""
    return ModelFile(path, title=title, size_bytes=size_bytes, **vars(judged(finding)))


def judged(finding: Finding) -> Finding:
    """`finding`, refused if its family cannot paint here."""
    if finding.problem or finding.kind not in NEED_A_FAMILY or finding.base in PAINTED_WITH:
        return finding
    what = f"It is made for {BASE_TITLES[finding.base]}, which cannot be painted with here."
    return replace(finding, problem=what, remedy=OTHER_FAMILY)
