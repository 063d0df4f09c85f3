# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""Latents of the rendered pictures, encoded once by the frozen autoencoder and kept on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from models.recipes.masks import lesson_mask
from models.recipes.studio_cache import CONTOUR, DETAIL, IMAGE, MASK, SHARD, StudioCache
from models.recipes.vae import CELL_PX, to_signed

TOGETHER = 8
"""Pictures encoded at once."""


def shrunk(planes: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Average (C,H,W) down to (C,size,size); H and W are multiples of size."""
    scale = planes.shape[-1] // size
    if scale == 1:
        return planes
    small = avg_pool2d(torch.from_numpy(planes.copy()).float(), scale).round().to(torch.uint8)
    return small.numpy()


@torch.no_grad()
def encode(vae: AutoencoderKL, images: Tensor) -> Tensor:
    """Latents (B,16,h,w) of unit spread from (B,3,H,W) pictures in [-1, 1]; the mode, not a sample."""
    with torch.autocast(images.device.type, torch.bfloat16):
        mode = vae.encode(images.contiguous(memory_format=torch.channels_last)).latent_dist.mode()
    return mode.float() * vae.config["scaling_factor"]


@torch.no_grad()
def decode(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """Pictures (B,3,H,W), about [-1, 1], from latents of unit spread."""
    return vae.decode(latents / vae.config["scaling_factor"]).sample


@dataclass(frozen=True)
class Shard:
    """What training reads of one shard of pictures; every second one, by chance, is mirrored.

    Attributes:
        whole: (SHARD,16,h,w) float16 latents of the picture.
        kept: (SHARD,16,h,w) float16 latents of the picture with the region set to 0.
        region: (SHARD,size,size) uint8, 255 = repaint.
        strokes: (SHARD,6,size,size) uint8: contour, detail, colour strokes.
    """

    whole: NDArray[np.float16]
    kept: NDArray[np.float16]
    region: NDArray[np.uint8]
    strokes: NDArray[np.uint8]


@dataclass(frozen=True)
class LatentCache:
    """A folder of encoded shards at one picture size."""

    folder: Path
    size: int

    def fill(
        self,
        pictures: StudioCache,
        vae: AutoencoderKL,
        *,
        shards: int | None = None,
        worker: int = 0,
        workers: int = 1,
        report: Callable[[str], None] = print,
    ) -> None:
        """Encode every complete shard of pictures that is not here yet.

        Args:
            pictures: rendered pictures, of this size or a multiple.
            vae: frozen, its scaling factor set.
            shards: how many of the first shards to encode; None for all.
            worker, workers: of several processes each takes every `workers`-th shard.
            report: gets one line per shard.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        rendered = sorted(path for path in pictures.folder.glob("*.json") if path.stem.isdigit())
        for path in rendered[:shards][worker::workers]:
            shard = self.folder / path.stem
            if (shard / "whole.npy").exists():
                continue
            self._write(np.load(path.with_suffix(".npy"), mmap_mode="r"), int(path.stem), shard, vae)
            report(f"encoded shard {path.stem} at {self.size} px")

    def _write(self, planes: NDArray[np.uint8], number: int, shard: Path, vae: AutoencoderKL) -> None:
        cells = self.size // CELL_PX
        channels = vae.config["latent_channels"]
        whole = np.empty((SHARD, channels, cells, cells), np.float16)
        kept = np.empty_like(whole)
        region = np.empty((SHARD, self.size, self.size), np.uint8)
        strokes = np.empty((SHARD, 6, self.size, self.size), np.uint8)
        device = next(vae.parameters()).device
        for start in range(0, SHARD, TOGETHER):
            part = slice(start, start + TOGETHER)
            drawn = [self._drawn(planes[i], np.random.default_rng([number, i])) for i in range(SHARD)[part]]
            region[part] = np.stack([mask for _, mask in drawn])
            strokes[part] = np.stack([small[4:] for small, _ in drawn])
            images = to_signed(torch.from_numpy(np.stack([small[IMAGE] for small, _ in drawn]))).to(device)
            keep = torch.from_numpy(region[part, None] == 0).to(device)
            both = encode(vae, torch.cat([images, images * keep])).half().cpu().numpy()
            whole[part], kept[part] = both[:TOGETHER], both[TOGETHER:]
        shard.mkdir(exist_ok=True)
        for name, array in (("kept", kept), ("region", region), ("strokes", strokes), ("whole", whole)):
            part = shard / f"{name}.part.npy"
            np.save(part, array)
            part.rename(shard / f"{name}.npy")

    def _drawn(
        self, planes: NDArray[np.uint8], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """One picture at this size, perhaps mirrored, and a region of it to repaint."""
        small = shrunk(planes, self.size)
        small = np.ascontiguousarray(small[..., ::-1]) if rng.random() < 0.5 else small
        silhouette = (small[MASK][0] > 127).astype(np.uint8) * 255
        return small, lesson_mask(rng, silhouette, np.maximum(small[CONTOUR], small[DETAIL])[0])

    def open(self) -> dict[int, Shard]:
        """Open every complete shard, by its number among the pictures.

        Raises:
            FileNotFoundError: there is none.
        """
        done = sorted(path.parent for path in self.folder.glob("*/whole.npy"))
        if not done:
            raise FileNotFoundError(f"no encoded pictures in {self.folder}")

        def read(folder: Path, name: str) -> NDArray[np.generic]:
            return np.load(folder / f"{name}.npy", mmap_mode="r")

        return {
            int(folder.name): Shard(
                read(folder, "whole").view(np.float16),
                read(folder, "kept").view(np.float16),
                read(folder, "region").view(np.uint8),
                read(folder, "strokes").view(np.uint8),
            )
            for folder in done
        }
