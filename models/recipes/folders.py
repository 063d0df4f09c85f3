# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a training keeps what its stages make."""

from dataclasses import dataclass
from pathlib import Path

from models.recipes.latents import LatentCache
from models.recipes.studio_cache import StudioCache


@dataclass(frozen=True)
class Folders:
    """Where each stage keeps what it makes."""

    root: Path

    @property
    def pictures(self) -> StudioCache:
        return StudioCache(self.root / "studio")

    @property
    def held_out(self) -> StudioCache:
        return StudioCache(self.root / "held_out")

    def latents(self, size: int) -> LatentCache:
        return LatentCache(self.root / f"latents-{size}", size)

    def held_latents(self, size: int) -> LatentCache:
        return LatentCache(self.root / f"held-latents-{size}", size)

    @property
    def begun(self) -> Path:
        """The checkpoint of a family that was taken up."""
        return self.root / "begun" / "checkpoint"
