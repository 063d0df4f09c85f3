# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes chosen in advance: for two cores of a CPU, and for half an hour of one large GPU.

A training keeps the preset it began with, in its folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CORES, GPU = "cores", "gpu"


@dataclass(frozen=True)
class Preset:
    """How large the networks are and how much they see at once.

    Attributes:
        vae, unet: channels of each level.
        clip_width, clip_layers: of CLIP's image tower.
        crops, crop_px: the autoencoder's batch and the side of its crops.
        captions: CLIP's batch.
        batches: the painter's batch at each picture size.
        encoded: shards of pictures that are encoded at each size; None for all.
        shares: of the time, by stage.
    """

    vae: tuple[int, ...] = (32, 64, 96, 128)
    unet: tuple[int, ...] = (96, 160, 224)
    clip_width: int = 192
    clip_layers: int = 6
    crops: int = 16
    crop_px: int = 96
    captions: int = 128
    batches: Mapping[int, int] = field(default_factory=lambda: {128: 24, 256: 8})
    encoded: Mapping[int, int | None] = field(default_factory=lambda: {128: 40, 256: None})
    shares: Mapping[str, float] = field(
        default_factory=lambda: {"vae": 0.3, "clip": 0.1, "painter-128": 0.3, "painter-256": 0.3}
    )


PRESETS = {
    CORES: Preset(),
    GPU: Preset(
        vae=(48, 80, 112, 144),
        unet=(128, 192, 288),
        crops=128,
        crop_px=128,
        captions=1024,
        batches={128: 512, 256: 192},
        encoded={128: None, 256: None},
        shares={"vae": 0.2, "clip": 0.1, "painter-128": 0.2, "painter-256": 0.5},
    ),
}
"""Both fit the 80 MiB that ship, in half precision: see `docs/decisions/embedded-family.md`."""


def preset_of(root: Path) -> Preset:
    """The preset that the training in this folder began with; the one for cores if none was chosen."""
    file = root / "preset"
    return PRESETS[file.read_text(encoding="utf-8").strip() if file.exists() else CORES]


def choose_preset(root: Path, name: str) -> None:
    """Keep a preset for this training.

    Raises:
        KeyError: there is none of that name.
        ValueError: the training began with another.
    """
    wanted, file = PRESETS[name], root / "preset"
    begun = any((root / stage).exists() for stage in wanted.shares)
    if begun and preset_of(root) != wanted:
        raise ValueError(f"the training in {root} began with another preset than {name}")
    root.mkdir(parents=True, exist_ok=True)
    file.write_text(name + "\n", encoding="utf-8")
