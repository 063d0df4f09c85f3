# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How far drawn lines are from the artist's: four losses, on one example and on one sample.

Ink is (B,2,H,W) in [0, 1], contour and detail. Networks that look at pictures see it as black ink on white.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate, l1_loss, normalize

from backend.weights.runtime.clip import load_clip

PARTS = ("rec", "sim", "across", "within")

LPIPS_WEIGHT, L1_WEIGHT, SIM_WEIGHT = 15.0, 30.0, 30.0
"""Yun et al. 2024, DiffSketch, section 4.3; across and within count 1."""

DIVERGENCE_WEIGHT = 10.0
INK_COUNTS = 5.0
"""As in the distillation: a thin line whose place is uncertain by a pixel would be left out."""

SURE = 1e-4

Eye = Callable[[Tensor], Tensor]
"""(B,3,H,W) in [0, 1] to (B,width): what an image encoder sees, with gradients."""

Distance = Callable[[Tensor, Tensor], Tensor]
"""Of two pictures (B,3,H,W) in [0, 1]: a number, 0 for the same."""


def drawing_of(ink: Tensor) -> Tensor:
    """Both inks in black on white paper: (B,2,H,W) to (B,3,H,W) in [0, 1]."""
    return (1 - ink).prod(1, keepdim=True).expand(-1, 3, -1, -1)


def apart(a: Tensor, b: Tensor) -> Tensor:
    """1 - cosine along the last axis, mean over the batch; 0 where both point the same way.

    A direction of length 0 is none: nothing is asked of it, and the gradient stays finite.
    """
    cosine = (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1)).clamp(min=1e-6)
    asked = (a.detach().norm(dim=-1) > 1e-5) & (b.detach().norm(dim=-1) > 1e-5)
    return torch.where(asked, 1 - cosine, torch.zeros_like(cosine)).mean()


def reconstruction(ink: Tensor, truth: Tensor, distance: Distance) -> Tensor:
    """15 LPIPS + 30 L1 of the drawn example, and ours: 10 times the divergence.

    L1 and divergence are means over both outputs, LPIPS is of the drawing.
    """
    looks = distance(drawing_of(ink), drawing_of(truth))
    return LPIPS_WEIGHT * looks + L1_WEIGHT * l1_loss(ink, truth) + DIVERGENCE_WEIGHT * divergence(ink, truth)


def divergence(ink: Tensor, truth: Tensor) -> Tensor:
    """How surprising the true ink is to who expects this ink: Kullback-Leibler divergence, 0 if equal.

    L1 alone leaves paper beside a line bare: there the sigmoid is flat, and of grain that cannot be known
    beforehand L1 asks for the more frequent value only.
    """
    p, y = (each.float().clamp(SURE, 1 - SURE) for each in (ink, truth))
    surprise = y * (y / p).log() + (1 - y) * ((1 - y) / (1 - p)).log()
    return (surprise * (1 + (INK_COUNTS - 1) * y)).mean()


def similarity(drawn: Tensor, truth: Tensor) -> Tensor:
    """30 (1 - cosine) of the drawn example and the true one, (B,width) as the image encoder sees them."""
    return SIM_WEIGHT * apart(drawn, truth)


def across(picture: Tensor, truth: Tensor, sample: Tensor, drawn: Tensor) -> Tensor:
    """From picture to drawing the way is to be the same for the sample as for the example.

    Args:
        picture, truth: (B,width) of the example and its lines, as the image encoder sees them.
        sample, drawn: Likewise of a sample and its drawn lines.
    """
    return apart(drawn - sample, truth - picture)


def within(picture: Tensor, truth: Tensor, sample: Tensor, drawn: Tensor) -> Tensor:
    """Drawings are to differ from each other the same way as their pictures do; arguments as of `across`."""
    return apart(drawn - truth, sample - picture)


class StyleLosses:
    """The four losses with the paper's weights.

    Args:
        eye: The image encoder.
        distance: Stands for LPIPS.
        parts: Those of PARTS that count.

    Raises:
        ValueError: an unknown part.

    Source: Yun et al. 2024, DiffSketch, section 4.3. LPIPS is replaced by `VaeLpips`, CLIP ViT-B/32 by the
    embedded family's own image encoder.
    """

    def __init__(self, eye: Eye, distance: Distance, parts: Collection[str] = PARTS) -> None:
        if unknown := set(parts) - set(PARTS):
            raise ValueError(f"there is no loss {sorted(unknown)}")
        self.eye, self.distance, self.parts = eye, distance, frozenset(parts)

    @property
    def needs_sample(self) -> bool:
        """Whether anything is asked of samples."""
        return bool(self.parts & {"across", "within"})

    def __call__(
        self, picture: Tensor, truth: Tensor, ink: Tensor, sample: Tensor | None, drawn: Tensor | None
    ) -> dict[str, Tensor]:
        """All terms that count, by name.

        Args:
            picture, truth: The example (B,3,H,W) and its ink (B,2,H,W), all in [0, 1].
            ink: What the generator drew for it.
            sample, drawn: A sample, and what the generator drew for it; None where none is needed.

        Raises:
            ValueError: a sample is needed and there is none.
        """
        terms: dict[str, Tensor] = {}
        if "rec" in self.parts:
            terms["rec"] = reconstruction(ink, truth, self.distance)
        if self.parts <= {"rec"}:
            return terms
        with torch.no_grad():
            seen_truth = self.eye(drawing_of(truth))
        if "sim" in self.parts:
            terms["sim"] = similarity(self.eye(drawing_of(ink)), seen_truth)
        if self.needs_sample:
            terms |= self._of_sample(picture, seen_truth, sample, drawn)
        return terms

    def _of_sample(
        self, picture: Tensor, seen_truth: Tensor, sample: Tensor | None, drawn: Tensor | None
    ) -> dict[str, Tensor]:
        if sample is None or drawn is None:
            raise ValueError("these losses ask for a sample")
        with torch.no_grad():
            seen_picture, seen_sample = self.eye(picture), self.eye(sample)
        seen = (seen_picture, seen_truth, seen_sample, self.eye(drawing_of(drawn)))
        terms = {"across": across(*seen), "within": within(*seen)}
        return {name: term for name, term in terms.items() if name in self.parts}


class VaeLpips:
    """Distance of pictures by what an autoencoder's encoder sees in them: stands for LPIPS (`vae_lpips`).

    At several depths the features of each place are brought to length 1 and compared; the squared distances
    are averaged over places, channels summed, and over depths. No learnt weights on the channels.

    Args:
        vae: AutoencoderKL, frozen, in float32.

    Source: Zhang et al. 2018, LPIPS, equation 1, with weights 1 and another backbone.
    """

    def __init__(self, vae: Any) -> None:
        self._encoder = vae.encoder.float().eval().requires_grad_(False)

    def features(self, pictures: Tensor) -> list[Tensor]:
        """(B,3,H,W) in [0, 1] to (B,C,h,w) of each depth, of length 1 at each place."""
        x = self._encoder.conv_in(pictures * 2 - 1)
        kept: list[Tensor] = []
        for block in self._encoder.down_blocks:
            for resnet in block.resnets:
                x = resnet(x, None)
            kept.append(normalize(x, dim=1))
            for down in block.downsamplers or []:
                x = down(x)
        return kept

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        return self.between(self.features(a), self.features(b))

    def between(self, a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
        """The distance of features that were computed before: a number >= 0."""
        each = [(x - y).square().sum(1).mean() for x, y in zip(a, b, strict=True)]
        return torch.stack(each).mean()


def load_eye(device: torch.device | None = None) -> Eye:
    """The embedded family's image encoder, whatever family paints.

    Raises:
        MissingWeights: it is not there.
    """
    clip = load_clip("embedded", device).clip
    edge = int(clip.image_encoder.config.image_size)

    def look(pictures: Tensor) -> Tensor:
        if pictures.shape[-2:] != (edge, edge):
            pictures = interpolate(pictures, (edge, edge), mode="bilinear", antialias=True)
        return clip.look(pictures * 2 - 1)

    return look


def load_vae_lpips(device: torch.device | None = None) -> VaeLpips:
    """The distance by the embedded family's autoencoder, whatever family paints.

    Raises:
        MissingWeights: it is not there.
    """
    from backend.weights.files.catalogue import read_catalogue
    from backend.weights.files.folder import load_network

    family = read_catalogue()["embedded"]
    family.verify()
    vae = load_network(family.folder / "vae", "AutoencoderKL", torch.float32)
    return VaeLpips(vae.to(device or torch.device("cpu")))
