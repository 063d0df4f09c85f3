# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""The painter: denoiser, text encoder and the three stroke encoders, trained together on cached latents."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d
from transformers import CLIPTokenizer

from models.networks.sketch_fusion import NEUTRAL_GREY, Strokes
from models.recipes.captions import token_ids
from models.recipes.family import Painter, build_scheduler, paint_latents
from models.recipes.grids import lines_over, picture_grid
from models.recipes.latents import LatentCache, decode, encode
from models.recipes.studio_cache import SHARD, StudioCache

WHOLE_SHARE = 0.35
"""How often the whole picture is to be repainted."""

DROPPED = {"contour": 0.08, "detail": 0.15, "colour": 0.20, "caption": 0.15}
"""How often each guide is missing, each by itself."""

STROKELESS = (0.40, 0.10)
"""How often there are words alone, at first and at the end: words make a shape where nothing else does."""

UNGUIDED_SHARE = 0.05
"""How often there is neither word nor stroke: what guidance leads away from."""

RESCAN_STEPS = 100
"""Steps between looks for newly encoded pictures."""

ICON_SHARE = 0.1
"""How many of the pictures drawn are icons: thousands of different things, seen too rarely to be learnt one
by one, but they teach that lines mean what they enclose."""

KEPT_WEIGHT = 0.15
"""Weight of the loss outside the region, which the act throws away again."""


@dataclass(frozen=True)
class Batch:
    """Pictures to learn from: latents (B,16,h,w), strokes at picture size, token ids (B,tokens)."""

    whole: Tensor
    kept: Tensor
    strokes: Strokes
    ids: Tensor


class PainterRecipe:
    """Learn the velocity of noisy latents under strokes, mask and caption.

    Args:
        painter: the networks; trained in place.
        vae: frozen, its scaling factor set.
        tokenizer: of the painter's text encoder.
        latents: encoded pictures.
        pictures: the pictures they were encoded from, for the captions.
        device: where to train.
        batch: pictures per step and process.
        guides: pictures of the sample grid: encoded pictures never trained on.
    """

    def __init__(
        self,
        painter: Painter,
        vae: AutoencoderKL,
        tokenizer: CLIPTokenizer,
        latents: LatentCache,
        pictures: StudioCache,
        device: torch.device,
        *,
        batch: int = 32,
        guides: tuple[LatentCache, StudioCache] | None = None,
    ) -> None:
        self.painter, self.vae, self.device, self.batch = painter, vae.to(device), device, batch
        for network in painter.networks.values():
            network.to(device=device, memory_format=torch.channels_last)
        self.size = latents.size
        self.sources = latents, pictures, tokenizer
        self.learnt = EncodedPictures(latents, pictures, tokenizer)
        self.shown = EncodedPictures(*guides, tokenizer) if guides else self.learnt
        self.empty_ids = token_ids(tokenizer, [""])
        blank = torch.zeros(1, 3, self.size, self.size, device=device)
        self.nothing_kept = encode(vae, blank)
        self.alphas = build_scheduler().alphas_cumprod.to(device)

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return self.painter.networks

    def _drop(self, batch: Batch, rng: np.random.Generator, progress: float) -> Batch:
        count = len(batch.ids)
        gone = dropped(rng, count, progress)
        everything = torch.from_numpy(rng.random(count) < WHOLE_SHARE)
        kept, mask, ids, colour = batch.kept, batch.strokes.mask, batch.ids, batch.strokes.colour
        kept[everything] = self.nothing_kept.cpu()
        mask[everything] = 1
        ids[gone["caption"]] = self.empty_ids
        colour[gone["colour"], :3] = NEUTRAL_GREY
        colour[gone["colour"], 3] = 0
        batch.strokes.contour[gone["contour"]] = 0
        batch.strokes.detail[gone["detail"]] = 0
        return batch

    def _times(self) -> Tensor:
        """Timesteps spread evenly over the square root of time: noise is where strokes decide."""
        strata = (torch.arange(self.batch) + torch.rand(self.batch)) / self.batch
        last = len(self.alphas) - 1
        return (strata.sqrt() * len(self.alphas)).long().clamp_max(last).to(self.device)

    def loss(self, step: int, progress: float) -> Tensor:
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        if step and step % RESCAN_STEPS == 0:
            self.learnt = EncodedPictures(*self.sources)
        batch = self._drop(self.learnt.draw(rng, self.batch), rng, progress)
        time = self._times()
        clean = batch.whole.to(self.device)
        noise = torch.randn_like(clean)
        signal = self.alphas[time].view(-1, 1, 1, 1)
        noisy = signal.sqrt() * clean + (1 - signal).sqrt() * noise
        target = signal.sqrt() * noise - (1 - signal).sqrt() * clean
        strokes = on_device(batch.strokes, self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            made = self.painter.velocity(
                noisy,
                time,
                batch.kept.to(self.device),
                strokes.mask,
                batch.ids.to(self.device),
                self.painter.features(strokes),
            )
        local = adaptive_avg_pool2d(strokes.mask, clean.shape[-2:])  # pyright: ignore[reportArgumentType]
        weight = KEPT_WEIGHT + (1 - KEPT_WEIGHT) * local
        return ((made.float() - target).square() * weight).mean() / weight.mean()

    def grid(self) -> Image.Image:
        batch = self.shown.at([(0, i * (SHARD // 8)) for i in range(8)])
        batch.strokes.mask[:5] = 1
        batch.kept[:5] = self.nothing_kept.cpu()
        strokes = on_device(batch.strokes, self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            made = paint_latents(
                self.painter,
                batch.kept.to(self.device),
                strokes,
                batch.ids.to(self.device),
                self.empty_ids.expand(len(batch.ids), -1).to(self.device),
            )
        pictures, true = decode(self.vae, made), decode(self.vae, batch.whole.to(self.device))
        inside = strokes.confined()
        rows = [
            [lines_over(inside.contour[i], inside.detail[i], inside.colour[i]), pictures[i], true[i]]
            for i in range(len(batch.ids))
        ]
        return picture_grid([[*rows[i], *rows[i + 1]] for i in range(0, len(rows), 2)])


def dropped(rng: np.random.Generator, count: int, progress: float) -> dict[str, Tensor]:
    """For each guide, (count,) bool, in which pictures it is missing.

    Args:
        progress: of the training, 0 to 1.
    """
    gone = {name: torch.from_numpy(rng.random(count) < share) for name, share in DROPPED.items()}
    first, last = STROKELESS
    alone, unguided = torch.from_numpy(rng.random((2, count)))
    strokeless = alone < first + (last - first) * min(progress, 1.0)
    unguided = unguided < UNGUIDED_SHARE
    for name in ("contour", "detail", "colour"):
        gone[name] |= strokeless | unguided
    gone["caption"] = (gone["caption"] & ~strokeless) | unguided
    return gone


def on_device(strokes: Strokes, device: torch.device) -> Strokes:
    """Return the strokes on that device."""
    return Strokes(
        strokes.contour.to(device),
        strokes.detail.to(device),
        strokes.colour.to(device),
        strokes.mask.to(device),
    )


class EncodedPictures:
    """Encoded pictures with their strokes and captions, drawn at random."""

    def __init__(self, latents: LatentCache, pictures: StudioCache, tokenizer: CLIPTokenizer) -> None:
        self.shards = latents.open()
        self.numbers = list(self.shards)
        texts = {number: pictures.shard_texts(number) for number in self.numbers}
        self.ids = {
            number: [token_ids(tokenizer, list(ways)) for ways in pictures.shard_captions(number)]
            for number in self.numbers
        }
        places = [
            (place, i, category == "icon")
            for place, number in enumerate(self.numbers)
            for i, (_, category) in enumerate(texts[number])
        ]
        self.icons = [(place, i) for place, i, icon in places if icon]
        self.painted = [(place, i) for place, i, icon in places if not icon]

    def draw(self, rng: np.random.Generator, count: int) -> Batch:
        """Draw a batch, `ICON_SHARE` of it icons if there are any."""
        share = ICON_SHARE if self.icons and self.painted else float(bool(self.icons))
        pools = [self.icons if icon else self.painted for icon in rng.random(count) < share]
        return self.at([pool[int(rng.integers(len(pool)))] for pool in pools], rng)

    def at(self, places: list[tuple[int, int]], rng: np.random.Generator | None = None) -> Batch:
        """Read the pictures at (position of the shard, index); all tensors are copies on the CPU.

        Each comes with its usual caption, or with any of its captions that the generator chooses.
        """
        shards = [(self.shards[self.numbers[s]], i) for s, i in places]
        rasters = torch.from_numpy(np.stack([s.strokes[i] for s, i in shards])).float() / 255
        region = torch.from_numpy(np.stack([s.region[i] for s, i in shards])).float() / 255
        return Batch(
            torch.from_numpy(np.stack([s.whole[i] for s, i in shards])).float(),
            torch.from_numpy(np.stack([s.kept[i] for s, i in shards])).float(),
            Strokes(rasters[:, 0:1], rasters[:, 1:2], rasters[:, 2:6], region[:, None]),
            torch.stack([_one_way(self.ids[self.numbers[s]][i], rng) for s, i in places]),
        )


def _one_way(ways: Tensor, rng: np.random.Generator | None) -> Tensor:
    """One of a picture's captions (ways, tokens) as ids (tokens,); the usual one without a generator."""
    return ways[int(rng.integers(len(ways))) if rng else 0]
