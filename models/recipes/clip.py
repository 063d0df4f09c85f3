# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportCallIssue=false
"""CLIP on the studio's pictures: the text tower conditions the painter, the image tower measures."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import affine_grid, cross_entropy, grid_sample
from transformers import CLIPTextModel, CLIPTokenizer, CLIPVisionConfig, CLIPVisionModelWithProjection

from models.networks.clip import Clip, TextHead, top_1
from models.recipes.captions import token_ids
from models.recipes.grids import picture_grid
from models.recipes.latents import shrunk
from models.recipes.studio_cache import IMAGE, OpenCache
from models.recipes.vae import to_signed

SIDE_PX, PATCH_PX = 128, 16
WIDTH, LAYERS = 192, 6
PROJECTION = 128

CHOICES = 100
"""Of how many captions the right one is to be found."""

ZOOM, SHIFT, TURN, LIGHT = (0.85, 1.15), 0.06, 0.08, 0.06
"""Augmentation: scale, shares of the side, radians, brightness; small enough that captions stay true."""


def build_image_encoder(width: int = WIDTH, layers: int = LAYERS) -> CLIPVisionModelWithProjection:
    """Make the image tower: 64 patches of 16 px and one for the whole; measured 7.6 ms a picture and step."""
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            image_size=SIDE_PX,
            patch_size=PATCH_PX,
            hidden_size=width,
            intermediate_size=3 * width,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 32),
            projection_dim=PROJECTION,
        )
    )


def build_clip(text_encoder: CLIPTextModel, width: int = WIDTH, layers: int = LAYERS) -> Clip:
    """Make a CLIP around a text encoder."""
    head = TextHead(text_encoder.config.hidden_size, PROJECTION)
    return Clip(text_encoder, build_image_encoder(width, layers), head)


def contrastive_loss(pictures: Tensor, captions: Tensor, scale: Tensor, same: Tensor) -> Tensor:
    """Symmetric InfoNCE; of several equal captions in a batch none counts as wrong for the others.

    Args:
        pictures, captions: (B,width) of length 1.
        scale: of the cosines.
        same: (B,B) bool, captions i and j are equal.

    Source: Radford et al. 2021, figure 3; leaving out equal captions is ours.
    """
    own = torch.eye(len(same), dtype=torch.bool, device=same.device)
    cosines = (scale * captions @ pictures.T).masked_fill(same & ~own, float("-inf"))
    target = torch.arange(len(same), device=same.device)
    return (cross_entropy(cosines, target) + cross_entropy(cosines.T, target)) / 2


def jittered(pictures: Tensor, rng: Generator) -> Tensor:
    """Mirror, zoom, shift, turn and light (B,3,H,W) in [-1, 1], each picture by its own chance."""
    count = len(pictures)
    zoom, turn = rng.uniform(*ZOOM, count), rng.normal(0, TURN, count)
    mirror = rng.choice([-1.0, 1.0], count)
    rows = [
        [zoom * np.cos(turn) * mirror, -zoom * np.sin(turn), rng.normal(0, SHIFT, count)],
        [zoom * np.sin(turn) * mirror, zoom * np.cos(turn), rng.normal(0, SHIFT, count)],
    ]
    matrix = torch.from_numpy(np.array(rows).transpose(2, 0, 1)).float().to(pictures.device)
    grid = affine_grid(matrix, list(pictures.shape), align_corners=False)
    moved = grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    light = torch.from_numpy(rng.normal(0, LIGHT, (count, 1, 1, 1))).float().to(pictures.device)
    return (moved + light).clamp(-1, 1)


def small_pictures(pictures: OpenCache, side: int = SIDE_PX) -> NDArray[np.uint8]:
    """Every picture of a cache averaged down to (N,3,side,side), in memory."""
    small = np.empty((len(pictures), 3, side, side), np.uint8)
    for i in range(len(pictures)):
        small[i] = shrunk(pictures.picture(i)[IMAGE], side)
    return small


def distinct(captions: list[str], count: int) -> list[int]:
    """Positions of the first `count` captions that differ from all before them, or as many as there are."""
    first = {caption: i for i, caption in reversed(list(enumerate(captions)))}
    return sorted(first.values())[:count]


class ClipRecipe:
    """Bring each picture and its own caption together, and apart from the others of the batch.

    Args:
        clip: trained in place.
        tokenizer: of its text encoder.
        learnt: rendered pictures.
        shown: rendered pictures never trained on, for the retrieval sheet.
        device: where to train.
        batch: pictures per step and process.
    """

    def __init__(
        self,
        clip: Clip,
        tokenizer: CLIPTokenizer,
        learnt: OpenCache,
        shown: OpenCache,
        device: torch.device,
        *,
        batch: int = 128,
    ) -> None:
        self.clip, self.tokenizer, self.device, self.batch = clip.to(device), tokenizer, device, batch
        self.pictures, self.shown = small_pictures(learnt), shown
        captions = [caption for caption, _ in learnt.texts]
        self.ids = token_ids(tokenizer, captions)
        numbers = {caption: i for i, caption in enumerate(dict.fromkeys(captions))}
        self.caption_numbers = torch.tensor([numbers[caption] for caption in captions])

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {
            "text_encoder": self.clip.text_encoder,
            "image_encoder": self.clip.image_encoder,
            "head": self.clip.head,
        }

    def loss(self, step: int, progress: float) -> Tensor:
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        drawn = rng.permutation(len(self.ids))[: self.batch]
        numbers = self.caption_numbers[drawn].to(self.device)
        pictures = to_signed(torch.from_numpy(self.pictures[drawn]).to(self.device))
        with torch.autocast(self.device.type, torch.bfloat16):
            seen = self.clip.look(jittered(pictures, rng))
            read = self.clip.read(self.ids[drawn].to(self.device))
        return contrastive_loss(seen, read, self.clip.head.scale, numbers[:, None] == numbers)

    @torch.no_grad()
    def retrieval(self, choices: int = CHOICES) -> tuple[float, float]:
        """Top-1 of held-out pictures with distinct captions: caption to picture, picture to caption."""
        pictures, ids = self._asked(choices)
        return top_1(self.clip.look(pictures), self.clip.read(ids))

    def _asked(self, choices: int) -> tuple[Tensor, Tensor]:
        """Held-out pictures (N,3,side,side) with distinct captions, and the captions' ids."""
        captions = [caption for caption, _ in self.shown.texts]
        chosen = distinct(captions, choices)
        pictures = torch.from_numpy(np.stack([shrunk(self.shown.picture(i)[IMAGE], SIDE_PX) for i in chosen]))
        ids = token_ids(self.tokenizer, [captions[i] for i in chosen])
        return to_signed(pictures).to(self.device), ids.to(self.device)

    def grid(self) -> Image.Image:
        """For eight captions their own picture, then the five that lie nearest."""
        pictures, ids = self._asked(CHOICES)
        cosines = self.clip.read(ids) @ self.clip.look(pictures).T
        nearest = cosines.topk(min(5, len(ids)), 1).indices
        rows = range(0, len(ids), max(1, len(ids) // 8))
        return picture_grid([[pictures[row], *pictures[nearest[row]]] for row in rows])
