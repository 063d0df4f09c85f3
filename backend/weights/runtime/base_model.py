# SPDX-License-Identifier: GPL-3.0-or-later
"""One object for every family: prompt to words, picture to latents and back, one step of denoising.

What a family is (4 or 16 latent channels, an inpainting UNet or a plain one, one text encoder or two, which
stroke encoders) is read from the configs of its components; nothing here asks for its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from backend.weights.runtime.autoencoder import Autoencoder
from backend.weights.runtime.controls import Control
from backend.weights.runtime.device import calculation
from backend.weights.runtime.place import DevicePlacement
from backend.weights.runtime.rasters import encoder_input
from backend.weights.runtime.schedule import Schedule
from backend.weights.runtime.text import PromptEmbedding, Reader, TextReader

__all__ = ["BaseModel", "Context", "Halves", "PromptEmbedding"]

SIZE_NUMBERS = 6
"""Original height and width, top and left of the crop, target height and width, for a UNet that asks."""


@dataclass(frozen=True)
class Context:
    """What denoising depends on besides the latents.

    Attributes:
        words: The prompt.
        negative: Without it there is no guidance and one pass a step.
        mask: (1, 1, h, w) at latent size, 1 = paint.
        known: (1, C, h, w), latents of the picture with the masked pixels at 0.
    """

    words: PromptEmbedding
    negative: PromptEmbedding | None
    mask: Tensor
    known: Tensor


class Halves(NamedTuple):
    """What the UNet predicts without the prompt (or under the negative one), if it was asked, and with it.

    Attributes:
        without, with_words: (B,C,h,w).
    """

    without: Tensor | None
    with_words: Tensor

    def guided(self, guidance: float) -> Tensor:
        """Away from the first, past the second."""
        if self.without is None:
            return self.with_words
        return self.without + guidance * (self.with_words - self.without)


@dataclass(frozen=True)
class Extras:
    """Parts that not every family has.

    Args:
        text_encoder_2, tokenizer_2: A second CLIP, whose embedding is joined to the first's.
        zeros_when_empty: An empty negative prompt is all zeros, as in training.
        tiny: An AutoencoderTiny of the same latents, for previews.
        controls: ControlNets by id, in the order in which they act.
        upcast: Half precision's range is too small for the autoencoder.
        student: LoRA file with which the UNet jumps to the end of its path in a few steps, without guidance.
        quick_steps: Steps that it was trained for.
    """

    text_encoder_2: Any = None
    tokenizer_2: Any = None
    zeros_when_empty: bool = False
    tiny: Any = None
    controls: Mapping[str, Control] = field(default_factory=dict[str, Control])
    upcast: bool = False
    student: Path | None = None
    quick_steps: int = 0


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
        extras: Extras | None = None,
    ) -> None:
        extras = extras or Extras()
        self.vae, self.unet, self.text_encoder, self.tokenizer = vae, unet, text_encoder, tokenizer
        self.encoders, self.controls = dict(encoders), dict(extras.controls)
        self.schedule = Schedule(scheduler)
        self.resolution, self.steps, self.guidance, self.title = resolution, steps, guidance, title
        self.strokes_guided = strokes_guided
        self.student, self.quick_steps = extras.student, extras.quick_steps
        self.place = DevicePlacement(device, dtype)
        self.autoencoder = Autoencoder(vae, self.place, extras.tiny)
        self.latent_channels, self.latent_factor = self.autoencoder.channels, self.autoencoder.factor
        self.multiple = self.latent_factor * 2 ** (len(unet.config.block_out_channels) - 1)
        self.inpaints = int(unet.config.in_channels) == 2 * self.latent_channels + 1
        if not self.inpaints and int(unet.config.in_channels) != self.latent_channels:
            raise ValueError(f"a UNet with {unet.config.in_channels} input channels is of no known kind")
        self.asks_for_size = _asks_for_size(unet.config)
        readers = [Reader(tokenizer, text_encoder)]
        if extras.text_encoder_2 is not None:
            readers.append(Reader(extras.tokenizer_2, extras.text_encoder_2))
        self.text = TextReader(
            readers, self.place, pooled=self.asks_for_size, zeros_when_empty=extras.zeros_when_empty
        )
        self._settle(extras)

    @property
    def device(self) -> torch.device:
        return self.place.device

    @property
    def dtype(self) -> torch.dtype:
        return self.place.dtype

    @property
    def rests_in_turn(self) -> bool:
        return self.place.rests_in_turn

    def move(self, device: torch.device) -> None:
        """Put every network on a device; a CPU computes in float32."""
        self.place.move(device)

    def settle(self) -> None:
        """Go back to the device that it was loaded for, spread as its free memory allows."""
        self.place.settle(self.resolution)

    def rest_in_turn(self) -> None:
        """From now on only the network at work is on the device; slower, and needs the least memory there."""
        self.place.rest_in_turn()

    def encode_prompt(self, prompt: str, *, negative: bool = False) -> PromptEmbedding:
        """Read a prompt, as far as the text encoder's window goes."""
        return self.text.read(prompt, negative=negative)

    def encode(self, picture: Tensor) -> Tensor:
        """(1,3,H,W) in [-1, 1] to scaled latents (1,C,h,w), the mode of their distribution."""
        return self.autoencoder.encode(picture)

    def decode(self, latents: Tensor) -> Tensor:
        """Scaled latents (1,C,h,w) to a picture (1,3,H,W) in [0, 1] on the CPU."""
        return self.autoencoder.decode(latents)

    def rgb_of(self, latents: Tensor) -> Tensor:
        """A rough picture of latents (1,C,h,w), (1,3,h,w) or a multiple of it, in [0, 1] on the CPU."""
        return self.autoencoder.rgb_of(latents)

    def take_notes(self) -> list[str]:
        """What the artist is to be told of this model, each thing once."""
        return self.autoencoder.take_notes()

    def denoise(self, x: Tensor, t: int, context: Context, guidance: float) -> Tensor:
        """The UNet's guided prediction for latents x (B,C,h,w) at timestep t, of their shape.

        With a negative prompt and a guidance other than 1 both prompts pass as one batch.

        Source: Ho and Salimans 2022, classifier-free guidance, equation 6.
        """
        with torch.inference_mode():
            return self.halves(x, t, context, guided=guidance != 1).guided(guidance)

    def halves(self, x: Tensor, t: int, context: Context, *, guided: bool = True) -> Halves:
        """Ask the UNet once: its raw predictions for latents x (B,C,h,w) at timestep t. Differentiable.

        Args:
            context: Of one picture for all of the batch, or of as many as there are latents.
            guided: Ask about the negative prompt as well, if there is one: it is the first half of the batch.
        """
        count = len(x)
        given = x
        if self.inpaints:
            given = torch.cat([x, _each(context.mask, count), _each(context.known, count)], 1)
        words = _each(context.words.embedding, count)
        guided = guided and context.negative is not None
        if guided and context.negative is not None:
            given = given.repeat(2, 1, 1, 1)
            words = torch.cat([_each(context.negative.embedding, count), words])
        with calculation(self.device, cells=min(x.shape[-2:])):
            output = self.place.on_device(self.unet)(
                given.to(self.device, self.dtype),
                torch.tensor(t, device=self.device),
                encoder_hidden_states=words.to(self.device, self.dtype),
                **self._added(context, x, guided=guided),
            ).sample.float()
        return Halves(output[:count] if guided else None, output[-count:])

    def encode_strokes(self, kind: str, raster: Tensor) -> list[Tensor]:
        """Features of one raster (1,C,H,W), one (1,C_k,H_k,W_k) per UNet level, finest first."""
        encoder = self.place.on_device(self.encoders[kind])
        drawn = encoder_input(raster, int(encoder.config.in_channels))
        cells = min(raster.shape[-2:]) // self.latent_factor
        with torch.inference_mode(), calculation(self.device, cells=cells):
            features = encoder(drawn.to(self.device, self.dtype))
        return [level.to(self.dtype) for level in features]

    def _added(self, context: Context, x: Tensor, *, guided: bool) -> dict[str, Any]:
        """The added conditions of a UNet that asks for pooled words and sizes.

        Source: Podell et al. 2023, SDXL, section 2.2.
        """
        if not self.asks_for_size:
            return {}
        prompts = [context.negative, context.words] if guided else [context.words]
        pooled = [
            _each(words.pooled, len(x)) for words in prompts if words is not None and words.pooled is not None
        ]
        if len(pooled) != len(prompts):
            raise ValueError("this UNet asks for pooled words, and there are none")
        sizes = self._sizes(x).expand(len(prompts) * len(x), -1)
        return {
            "added_cond_kwargs": {
                "text_embeds": torch.cat(pooled).to(self.device, self.dtype),
                "time_ids": sizes.to(self.device, self.dtype),
            }
        }

    def _sizes(self, x: Tensor) -> Tensor:
        """(1, 6). Small pictures in training were blurred ones, so small tiles claim to be of larger ones."""
        height, width = (side * self.latent_factor for side in x.shape[-2:])
        larger = max(1.0, self.resolution / max(height, width))
        return torch.tensor([[round(height * larger), round(width * larger), 0, 0, height, width]])

    def _settle(self, extras: Extras) -> None:
        self.place.take_in(self.vae, wide=extras.upcast)
        others = [self.unet, self.text_encoder, extras.text_encoder_2, extras.tiny, *self.encoders.values()]
        for network in [*others, *(control.network for control in self.controls.values())]:
            if network is not None:
                self.place.take_in(network)
        self.settle()


def _each(one: Tensor, count: int) -> Tensor:
    """For every picture of a batch; what there is one of counts for all."""
    return one.expand(count, *one.shape[1:]) if len(one) == 1 else one


def _asks_for_size(config: Any) -> bool:
    """Whether a UNet wants pooled words and sizes besides its timestep.

    Raises:
        ValueError: it wants anything else.
    """
    added = getattr(config, "addition_embed_type", None)
    if added not in (None, "text_time"):
        raise ValueError(f"a UNet with added conditions of type {added!r} is of no known kind")
    return added == "text_time"
