# SPDX-License-Identifier: GPL-3.0-or-later
"""One object for every family: prompt to words, picture to latents and back, one step of denoising.

What a family is (4 or 16 latent channels, an inpainting UNet or a plain one, which stroke encoders) is read
from the configs of its components; nothing here asks for its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backend.weights.device import calculation, release_memory
from backend.weights.schedule import Schedule

CHART_EDGE = 12
"""Colour patches per side of the chart that `rgb_of` is fitted on."""


@dataclass(frozen=True)
class Words:
    """An encoded prompt.

    Attributes:
        embedding: (1, tokens, width).
        left_out: Words beyond what the text encoder can read, which had no effect.
    """

    embedding: Tensor
    left_out: str = ""


@dataclass(frozen=True)
class Context:
    """What denoising depends on besides the latents.

    Attributes:
        words, negative: (1, tokens, width); without `negative` there is no guidance and one pass a step.
        mask: (1, 1, h, w) at latent size, 1 = paint.
        known: (1, C, h, w), latents of the picture with the masked pixels at 0.
    """

    words: Tensor
    negative: Tensor | None
    mask: Tensor
    known: Tensor


class BaseModel:
    """Components of a Stable-Diffusion-type pipeline on one device.

    Args:
        vae: AutoencoderKL.
        unet: UNet2DConditionModel, plain or with an inpainting model's extra channels.
        text_encoder, tokenizer: CLIP.
        scheduler: DDIMScheduler; only its configuration is used.
        encoders: T2IAdapters for contour, detail and colour; kinds without one are not guided.
        resolution: Side of the pictures it was trained on, in pixels.
        strokes_guided: It learnt to paint without strokes as well, so guidance counts for them as for words.
    """

    def __init__(
        self,
        *,
        vae: Any,
        unet: Any,
        text_encoder: Any,
        tokenizer: Any,
        scheduler: Any,
        encoders: Mapping[str, nn.Module],
        resolution: int,
        steps: int,
        guidance: float,
        device: torch.device,
        dtype: torch.dtype,
        title: str = "",
        strokes_guided: bool = False,
    ) -> None:
        self.vae, self.unet, self.text_encoder, self.tokenizer = vae, unet, text_encoder, tokenizer
        self.encoders = dict(encoders)
        self.schedule = Schedule(scheduler)
        self.resolution, self.steps, self.guidance, self.title = resolution, steps, guidance, title
        self.strokes_guided = strokes_guided
        self.device, self.dtype = device, dtype
        self.latent_channels = int(vae.config.latent_channels)
        self.latent_factor = 2 ** (len(vae.config.block_out_channels) - 1)
        self.multiple = self.latent_factor * 2 ** (len(unet.config.block_out_channels) - 1)
        self.inpaints = int(unet.config.in_channels) == 2 * self.latent_channels + 1
        if not self.inpaints and int(unet.config.in_channels) != self.latent_channels:
            raise ValueError(f"a UNet with {unet.config.in_channels} input channels is of no known kind")
        self._scale = float(vae.config.scaling_factor)
        self._shift = float(getattr(vae.config, "shift_factor", None) or 0)
        self.rests_in_turn = False
        for network in self._networks():
            network.requires_grad_(False).eval()
        self.move(device)

    def move(self, device: torch.device) -> None:
        """Put every network on a device; a CPU computes in float32."""
        self.device = device
        self.dtype = torch.float32 if device.type == "cpu" else self.dtype
        self.rests_in_turn = False
        for network in self._networks():
            place: Any = partial(nn.Module.to, network)
            place(device, self.dtype)
            place(memory_format=torch.channels_last)
        release_memory(device)

    def rest_in_turn(self) -> None:
        """From now on only the network at work is on the device; slower, and needs the least memory there."""
        self.rests_in_turn = self.device.type != "cpu"

    def encode_prompt(self, prompt: str) -> Words:
        """Read a prompt, as far as the text encoder's window goes."""
        read = self.tokenizer(
            prompt,
            padding="max_length",
            truncation=True,
            max_length=self.tokenizer.model_max_length,
            return_tensors="pt",
        ).input_ids
        whole = self.tokenizer(prompt, verbose=False).input_ids
        left_out = ""
        if len(whole) > read.shape[-1]:
            left_out = str(self.tokenizer.decode(whole[read.shape[-1] - 1 : -1])).strip()
        with torch.inference_mode(), calculation(self.device):
            states = self._awake(self.text_encoder)(read.to(self.device)).last_hidden_state
        return Words(states.float(), left_out)

    def encode(self, picture: Tensor) -> Tensor:
        """(1,3,H,W) in [-1, 1] to scaled latents (1,C,h,w), the mode of their distribution."""
        with torch.inference_mode(), calculation(self.device):
            latents = self._awake(self.vae).encode(picture.to(self.device, self.dtype)).latent_dist.mode()
        return (latents.float() - self._shift) * self._scale

    def decode(self, latents: Tensor) -> Tensor:
        """Scaled latents (1,C,h,w) to a picture (1,3,H,W) in [0, 1] on the CPU."""
        plain = latents / self._scale + self._shift
        with torch.inference_mode(), calculation(self.device):
            picture = self._awake(self.vae).decode(plain.to(self.device, self.dtype)).sample
        return (picture.float().cpu() / 2 + 0.5).clamp(0, 1)

    def denoise(self, x: Tensor, t: int, context: Context, guidance: float) -> Tensor:
        """Ask the UNet once: its prediction for latents x (1,C,h,w) at timestep t, of their shape.

        With a negative prompt and a guidance other than 1 both prompts pass as one batch.

        Source: Ho and Salimans 2022, classifier-free guidance, equation 6.
        """
        given = torch.cat([x, context.mask, context.known], 1) if self.inpaints else x
        words = context.words
        guided = context.negative is not None and guidance != 1
        if guided and context.negative is not None:
            given = given.expand(2, -1, -1, -1)
            words = torch.cat([context.negative, words])
        with torch.inference_mode(), calculation(self.device):
            output = self._awake(self.unet)(
                given.to(self.device, self.dtype),
                torch.tensor(t, device=self.device),
                encoder_hidden_states=words.to(self.device, self.dtype),
            ).sample.float()
        if not guided:
            return output
        without, with_words = output.chunk(2)
        return without + guidance * (with_words - without)

    def encode_strokes(self, kind: str, raster: Tensor) -> list[Tensor]:
        """Features of one raster (1,C,H,W), one (1,C_k,H_k,W_k) per UNet level, finest first."""
        encoder = self._awake(self.encoders[kind])
        channels = int(encoder.config.in_channels)
        with torch.inference_mode(), calculation(self.device):
            features = encoder(raster[:, :channels].to(self.device, self.dtype))
        return [level.to(self.dtype) for level in features]

    def rgb_of(self, latents: Tensor) -> Tensor:
        """A rough picture of latents (1,C,h,w) without the decoder: (1,3,h,w) in [0, 1] on the CPU."""
        weights = self._preview_weights
        rgb = torch.einsum("bchw,cd->bdhw", latents.float().cpu(), weights[:-1])
        return (rgb + weights[-1][:, None, None]).clamp(0, 1)

    @cached_property
    def _preview_weights(self) -> Tensor:
        """(C + 1, 3): least squares from the latents of a chart of random flat colours to its colours."""
        colours = torch.rand(1, 3, CHART_EDGE, CHART_EDGE, generator=torch.Generator().manual_seed(0))
        patch = 2 * self.latent_factor
        chart = colours.repeat_interleave(patch, -1).repeat_interleave(patch, -2)
        latents = self.encode(chart * 2 - 1).cpu()
        seen = latents.unfold(-2, 2, 2).unfold(-2, 2, 2).mean((-1, -2))[0].flatten(1).T
        seen = torch.cat([seen, torch.ones(len(seen), 1)], 1)
        return torch.as_tensor(np.linalg.lstsq(seen.numpy(), colours[0].flatten(1).T.numpy())[0])

    def _networks(self) -> list[Any]:
        return [self.vae, self.unet, self.text_encoder, *self.encoders.values()]

    def _awake(self, network: Any) -> Any:
        """The network, on the device; when memory is short the others leave first."""
        if self.rests_in_turn:
            for other in self._networks():
                if other is not network:
                    other.to("cpu")
            network.to(self.device)
        return network
