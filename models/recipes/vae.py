# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""The autoencoder: 8 px to one latent cell of 16 channels, sharp on lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from models.recipes.grids import picture_grid
from models.recipes.studio_cache import IMAGE, OpenCache, StudioCache

CELL_PX = 8
LATENT_CHANNELS = 16
CHANNELS = (32, 64, 96, 128)

EQUIVARIANT_SHARE = 0.5
"""How often the decoder gets moved latents and must paint the moved picture (EQ-VAE, Kouzelis et al. 2025):
latents that move as pictures do are easier to learn."""

SURFACE_SHARE = 0.35
"""How often a crop comes from a scene with the surfaces of photographs, where such scenes are rendered."""

RESCAN_STEPS = 200
"""Steps between looks for newly rendered shards."""


def build_vae(channels: tuple[int, ...] = CHANNELS, resolution: int = 256) -> AutoencoderKL:
    """Make an untrained autoencoder; every level but the last halves the picture."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=8,
        sample_size=resolution,
        mid_block_add_attention=False,
    )


def to_signed(pixels: Tensor) -> Tensor:
    """Turn uint8 into [-1, 1]."""
    return pixels.float() / 127.5 - 1


def edges(x: Tensor) -> Tensor:
    """Differences to the right and lower neighbour, (B,2C,H-1,W-1): where lines and borders live."""
    return torch.cat([x[..., 1:, 1:] - x[..., 1:, :-1], x[..., 1:, 1:] - x[..., :-1, 1:]], 1)


def reconstruction_loss(made: Tensor, true: Tensor) -> Tensor:
    """Weigh pixels, edges and coarser scales of (B,3,H,W) pictures in [-1, 1]."""
    error = made - true
    loss = error.abs().mean() + 2 * error.square().mean() + edges(error).abs().mean()
    for scale in (2, 4):
        loss = loss + 0.5 * avg_pool2d(error, scale).abs().mean()
    return loss


@dataclass(frozen=True)
class Move:
    """The same change of pictures and of their latents: smaller, turned, mirrored.

    Attributes:
        cells: side of the latents afterwards.
        quarters: quarter turns.
        mirrored: left to right.
    """

    cells: int
    quarters: int
    mirrored: bool

    def latents(self, latents: Tensor) -> Tensor:
        """(B,C,cells,cells) of latents (B,C,h,w)."""
        return self._turned(_smaller(latents, self.cells))

    def pictures(self, pictures: Tensor) -> Tensor:
        """(B,3,8 cells,8 cells) of pictures (B,3,H,W)."""
        return self._turned(_smaller(pictures, self.cells * CELL_PX))

    def _turned(self, x: Tensor) -> Tensor:
        x = x.flip(-1) if self.mirrored else x
        return torch.rot90(x, self.quarters, (2, 3)) if self.quarters else x


def _smaller(x: Tensor, side: int) -> Tensor:
    if x.shape[-1] == side:
        return x
    return interpolate(x.float(), size=(side, side), mode="bicubic", antialias=True).to(x.dtype)


def random_move(rng: np.random.Generator, cells: int) -> Move:
    """Any quarter turn, mirrored or not, and any size between half and whole."""
    smaller = int(rng.integers(cells // 2, cells + 1))
    return Move(smaller, int(rng.integers(4)), bool(rng.random() < 0.5))


class VaeRecipe:
    """Reconstruct crops of rendered pictures, some at half size, some with a part masked out.

    Args:
        vae: the network; trained in place.
        cache: rendered pictures; looked at again as it grows.
        device: where to train.
        crop_px: side of the crops, a multiple of 8.
        batch: crops per step.
        kl_weight: weight of the pull towards a unit normal.
        equivariant_share: how often latents are moved before they are decoded.
        surfaces: shards (N,3 or more,H,W) of pictures with other surfaces than the studio's paintings.
        whole_share: at the end of the training this share of the steps sees larger crops.
    """

    def __init__(
        self,
        vae: AutoencoderKL,
        cache: StudioCache,
        device: torch.device,
        *,
        crop_px: int = 96,
        batch: int = 16,
        kl_weight: float = 1e-6,
        whole_share: float = 0.15,
        equivariant_share: float = EQUIVARIANT_SHARE,
        surfaces: Sequence[NDArray[np.uint8]] = (),
        compiled: bool = False,
    ) -> None:
        self.vae = vae.to(device=device, memory_format=torch.channels_last)
        self.cache, self.device, self.crop_px, self.batch = cache, device, crop_px, batch
        self.kl_weight, self.whole_share = kl_weight, whole_share
        self.equivariant_share, self.surfaces = equivariant_share, surfaces
        self.pictures = cache.open()
        self._run = torch.compile(self._reconstruct) if compiled else self._reconstruct

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"vae": self.vae}

    def _crops(self, rng: np.random.Generator, side: int, count: int) -> Tensor:
        crops: list[Tensor] = []
        for index in rng.integers(len(self.pictures), size=count):
            image = self._picture(rng, int(index))
            size = image.shape[-1]
            scale = 2 if rng.random() < 0.3 and 2 * side <= size else 1
            y, x = (int(v) for v in rng.integers(size - side * scale + 1, size=2))
            window = image[:, y : y + side * scale, x : x + side * scale].copy()
            crop = to_signed(torch.from_numpy(window))
            crop = avg_pool2d(crop, scale) if scale > 1 else crop
            crops.append(crop.flip(-1) if rng.random() < 0.5 else crop)
        batch = torch.stack(crops)
        for crop in batch[: count // 8]:
            y, x = (int(v) for v in rng.integers(side // 2, size=2))
            crop[:, y : y + side // 2, x : x + side // 2] = 0
        return batch.to(self.device, memory_format=torch.channels_last)

    def _picture(self, rng: np.random.Generator, index: int) -> NDArray[np.uint8]:
        """(3,H,W) of the studio's painting of that number, or instead of it of a scene with real surfaces."""
        if self.surfaces and rng.random() < SURFACE_SHARE:
            shard = self.surfaces[int(rng.integers(len(self.surfaces)))]
            return shard[int(rng.integers(len(shard)))][:3]
        return self.pictures.picture(index)[IMAGE]

    def _reconstruct(self, x: Tensor, move: Move | None) -> tuple[Tensor, Tensor]:
        posterior = self.vae.encode(x).latent_dist
        latents = posterior.sample()
        if move is not None:
            latents = move.latents(latents)
        return self.vae.decode(latents).sample, posterior.kl().mean() / posterior.mean[0].numel()

    def loss(self, step: int, progress: float) -> Tensor:
        if step % RESCAN_STEPS == 0:
            self.pictures = self.cache.open()
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        larger = progress > 1 - self.whole_share
        side, count = (2 * self.crop_px, max(1, self.batch // 4)) if larger else (self.crop_px, self.batch)
        x = self._crops(rng, min(side, self.cache.size), count)
        move = random_move(rng, x.shape[-1] // CELL_PX) if rng.random() < self.equivariant_share else None
        with torch.autocast(self.device.type, torch.bfloat16):
            made, divergence = self._run(x, move)
        target = move.pictures(x) if move is not None else x
        return reconstruction_loss(made.float(), target) + self.kl_weight * divergence.float()

    def grid(self) -> Image.Image:
        images = images_at(self.pictures, range(0, len(self.pictures), len(self.pictures) // 6)).to(
            self.device
        )
        made = self.vae.decode(self.vae.encode(images).latent_dist.mode()).sample
        return picture_grid([[true, back] for true, back in zip(images, made, strict=True)])


def images_at(pictures: OpenCache, indices: Iterable[int]) -> Tensor:
    """Pictures of a cache as (B,3,H,W) in [-1, 1]."""
    return to_signed(torch.from_numpy(np.stack([pictures.picture(i)[IMAGE] for i in indices])))


@torch.no_grad()
def psnr_db(vae: AutoencoderKL, images: Tensor) -> Tensor:
    """Reconstruction quality of (B,3,H,W) pictures in [-1, 1], rounded to 8 bits: (B,) in dB."""
    values: list[Tensor] = []
    for image in images.split(4):
        made = vae.decode(vae.encode(image).latent_dist.mode()).sample
        error = ((made.clamp(-1, 1) - image) * 127.5).round().square().mean((1, 2, 3)).clamp_min(1e-6)
        values.append(10 * torch.log10(255**2 / error))
    return torch.cat(values)


@torch.no_grad()
def set_scale(vae: AutoencoderKL, images: Tensor) -> float:
    """Measure the spread of the latents of (B,3,H,W) pictures and set `scaling_factor` to make it 1."""
    latents = torch.cat([vae.encode(part).latent_dist.mode() for part in images.split(8)])
    scale = 1 / latents.std().item()
    vae.register_to_config(scaling_factor=scale)
    return scale
