# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures to latents and back, with a net under the decoder's numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from backend.weights.runtime.device import calculation, total_mib
from backend.weights.runtime.memory import decoding_edge_px
from backend.weights.runtime.place import DevicePlacement
from shared.errors import Refusal

CHART_EDGE = 12
"""Colour patches per side of the chart that `rgb_of` is fitted on."""

ANY_EDGE_PX = 1 << 30
NOT_NUMBERS = (
    "The model's calculation went astray: what it painted is not a picture.",
    "Lower the guidance and the strength of LoRAs, or choose another model.",
)
WIDENED = "this model's decoder overflowed; it computes in full precision from now on"

log = logging.getLogger(__name__)


class Autoencoder:
    """A family's AutoencoderKL on its place.

    Args:
        tiny: An AutoencoderTiny of the same latents, for previews; None for a linear fit.

    Attributes:
        channels: Of the latents.
        factor: Pixels per side of a latent.
    """

    def __init__(self, vae: Any, place: DevicePlacement, tiny: Any = None) -> None:
        self.vae, self.tiny, self._place = vae, tiny, place
        self.channels = int(vae.config.latent_channels)
        self.factor = 2 ** (len(vae.config.block_out_channels) - 1)
        self._scale = float(vae.config.scaling_factor)
        self._shift = float(getattr(vae.config, "shift_factor", None) or 0)
        self._notes: list[str] = []

    def encode(self, picture: Tensor) -> Tensor:
        """(1,3,H,W) in [-1, 1] to scaled latents (1,C,h,w), the mode of their distribution.

        Raises:
            Refusal: not even float32 gives numbers.
        """
        latents = self._in_numbers(self._encoded, picture)
        return (latents - self._shift) * self._scale

    def decode(self, latents: Tensor) -> Tensor:
        """Scaled latents (1,C,h,w) to a picture (1,3,H,W) in [0, 1] on the CPU.

        Half precision can overflow: such a picture is decoded again in float32, and so is every later one.

        Raises:
            Refusal: the latents are no numbers, or not even float32 makes numbers of them.
        """
        picture = self._in_numbers(self._decoded, latents / self._scale + self._shift)
        return (picture / 2 + 0.5).clamp(0, 1)

    def largest_edge_px(self) -> int:
        """Longest side that it takes in one piece on its device."""
        total = total_mib(self._place.device)
        return ANY_EDGE_PX if total is None else decoding_edge_px(total, self._place.dtype_of(self.vae))

    def take_notes(self) -> list[str]:
        """What the artist is to be told, each once."""
        notes, self._notes = self._notes, []
        return notes

    def rgb_of(self, latents: Tensor) -> Tensor:
        """A rough picture of latents (1,C,h,w) without the decoder, on the CPU: (1,3,h,w) in [0, 1].

        A tiny decoder's is `factor` times as large.
        """
        if self.tiny is not None:
            return self._tiny_rgb(latents)
        weights = self._preview_weights
        rgb = torch.einsum("bchw,cd->bdhw", latents.float().cpu(), weights[:-1])
        return (rgb + weights[-1][:, None, None]).clamp(0, 1)

    def _tiny_rgb(self, latents: Tensor) -> Tensor:
        tiny, dtype = self._place.on_device(self.tiny), self._place.dtype_of(self.tiny)
        with torch.inference_mode(), calculation(self._place.device):
            picture = tiny.decode(latents.to(self._place.device, dtype)).sample
        return (picture.float().cpu() / 2 + 0.5).clamp(0, 1).nan_to_num(0.5)

    def _in_numbers(self, work: Callable[[Tensor], Tensor], planes: Tensor) -> Tensor:
        """What the work makes of the planes, in float32 if half precision does not do."""
        if _is_finite(planes):
            if _is_finite(made := work(planes)):
                return made
            self._widen()
            if _is_finite(made := work(planes)):
                return made
        raise Refusal(*NOT_NUMBERS)

    def _encoded(self, picture: Tensor) -> Tensor:
        place = self._place
        cells = min(picture.shape[-2:]) // self.factor
        with torch.inference_mode(), calculation(place.device, cells=cells):
            latents = place.on_device(self.vae).encode(picture.to(place.device, place.dtype_of(self.vae)))
            return latents.latent_dist.mode().float()

    def _decoded(self, plain: Tensor) -> Tensor:
        place = self._place
        with torch.inference_mode(), calculation(place.device, cells=min(plain.shape[-2:])):
            picture = (
                place.on_device(self.vae).decode(plain.to(place.device, place.dtype_of(self.vae))).sample
            )
        return picture.float().cpu()

    def _widen(self) -> None:
        if self._place.dtype_of(self.vae) == torch.float32:
            return
        log.warning("%s", WIDENED)
        self._notes.append(WIDENED)
        self._place.widen(self.vae)

    @cached_property
    def _preview_weights(self) -> Tensor:
        """(C + 1, 3): least squares from the latents of a chart of random flat colours to its colours."""
        colours = torch.rand(1, 3, CHART_EDGE, CHART_EDGE, generator=torch.Generator().manual_seed(0))
        patch = 2 * self.factor
        chart = colours.repeat_interleave(patch, -1).repeat_interleave(patch, -2)
        latents = self.encode(chart * 2 - 1).cpu()
        seen = latents.unfold(-2, 2, 2).unfold(-2, 2, 2).mean((-1, -2))[0].flatten(1).T
        seen = torch.cat([seen, torch.ones(len(seen), 1)], 1)
        return torch.as_tensor(np.linalg.lstsq(seen.numpy(), colours[0].flatten(1).T.numpy())[0])


def _is_finite(planes: Tensor) -> bool:
    return bool(torch.isfinite(planes).all())
