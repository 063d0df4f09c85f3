# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""What the line generator looks at, computed once per picture and kept.

A sample's features are caught while it is painted. A real picture is brought to each step by noise, always
the same, or by going the painter's way backwards (inversion).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from backend.adapters.attached import attached
from backend.adapters.feature_capture import FeatureCapture, layout_of
from backend.imaging import tiles
from backend.weights.runtime.base_model import BaseModel, Context, PromptEmbedding
from backend.weights.runtime.schedule import position_noise
from shared.geometry import Bounds

Real = Literal["noising", "inversion"]
Check = Callable[[], None]

NOISE_SEED = 7
"""Of the noise that brings real pictures to a step: the same for the example and for every other."""

MEMORY_MIB = 1024


@dataclass(frozen=True)
class Captured:
    """One picture and everything known about it.

    Args:
        unet: (steps,halves,C,h,w) of each layer, in half precision, at root mean square 1.
        vae: (C,h,w) of each layer, likewise.
        picture: (3,H,W) in [0, 1].

    All are contiguous, as they come back from a file: convolutions round otherwise laid out planes otherwise.
    """

    unet: tuple[Tensor, ...]
    vae: tuple[Tensor, ...]
    picture: Tensor

    def part(self, window: Bounds) -> Captured:
        """What belongs to a window of the picture, whose sides and place are multiples of every stride."""
        width = self.picture.shape[-1]

        def cut(planes: Tensor) -> Tensor:
            stride = width // planes.shape[-1]
            return tiles.cut(planes, Bounds(*(side // stride for side in window)))

        unet, vae = (tuple(cut(each) for each in planes) for planes in (self.unet, self.vae))
        return Captured(unet, vae, cut(self.picture))

    def inputs(self, device: torch.device) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """What `LineGenerator` is called with, as a batch of one."""
        unet = [layer[None].to(device).float() for layer in self.unet]
        vae = [each[None].to(device).float() for each in self.vae]
        return unet, vae, self.picture[None].to(device) * 2 - 1


class Observer:
    """Watches a family paint.

    Args:
        timesteps: Representative ones; each is among the family's usual timesteps.

    Raises:
        ValueError: a timestep that the family does not pass through.
    """

    def __init__(self, model: BaseModel, timesteps: Sequence[int]) -> None:
        self.model = model
        self.layout = layout_of(model)
        self.all = model.schedule.timesteps(model.steps)
        if not timesteps or not set(timesteps) <= set(self.all):
            raise ValueError(f"the family passes through {self.all}, not through all of {timesteps}")
        self.timesteps = tuple(sorted(timesteps, reverse=True))
        self._none = model.encode_prompt("", negative=True) if self.layout.halves == 2 else None

    def of_sample(self, words: PromptEmbedding, seed: int, size: tuple[int, int], check: Check) -> Captured:
        """Paint a picture of height and width `size` and keep its features."""
        model, factor = self.model, self.model.latent_factor
        height, width = size[0] // factor, size[1] // factor
        x = position_noise(seed, model.latent_channels, height, width).to(model.device)
        context = whole_context(model, words, self._none, size)
        capture, kept = FeatureCapture(), dict[int, list[Tensor]]()
        with attached(model.unet, [capture]):
            for index, t in enumerate(self.all):
                check()
                output = model.denoise(x, t, context, model.guidance)
                if t in self.timesteps:
                    kept[t] = small(capture.take())
                then = self.all[index + 1] if index + 1 < len(self.all) else None
                x, _ = model.schedule.step(x, output, t, then)
        return self._captured(kept, x, None)

    def of_picture(
        self, picture: Tensor, words: PromptEmbedding, check: Check, real: Real = "noising"
    ) -> Captured:
        """Features of a real picture (3,H,W) in [0, 1], its sides multiples of the family's `multiple`."""
        clean = self.model.encode(picture[None] * 2 - 1).to(self.model.device)
        size = (picture.shape[-2], picture.shape[-1])
        context = whole_context(self.model, words, self._none, size)
        at = self._noised(clean) if real == "noising" else self._inverted(clean, context, check)
        capture, kept = FeatureCapture(), dict[int, list[Tensor]]()
        with attached(self.model.unet, [capture]):
            for t in self.timesteps:
                check()
                self.model.denoise(at[t], t, context, self.model.guidance)
                kept[t] = small(capture.take())
        return self._captured(kept, clean, picture)

    def _noised(self, clean: Tensor) -> dict[int, Tensor]:
        noise = position_noise(NOISE_SEED, *clean.shape[1:]).to(clean.device)
        return {t: self.model.schedule.noised(clean, noise, t) for t in self.timesteps}

    def _inverted(self, clean: Tensor, context: Context, check: Check) -> dict[int, Tensor]:
        """Latents on the way that painting would take to this picture, without guidance.

        Source: Dhariwal and Nichol 2021, appendix F; the clean latents stand for those at the last step.
        """
        alone = Context(context.words, None, context.mask, context.known)
        x, at = clean, dict[int, Tensor]()
        up = list(reversed(self.all))
        for index, t in enumerate(up):
            check()
            at[t] = x
            if index + 1 < len(up):
                x, _ = self.model.schedule.step(x, self.model.denoise(x, t, alone, 1.0), t, up[index + 1])
        return at

    def _captured(
        self, kept: Mapping[int, list[Tensor]], latents: Tensor, picture: Tensor | None
    ) -> Captured:
        capture = FeatureCapture()
        with attached(self.model.vae, [capture]):
            decoded = self.model.decode(latents)[0]
            maps = small(capture.take())
        picture = decoded if picture is None else picture.float().cpu()
        steps = [kept[t] for t in self.timesteps]
        unet = (torch.stack([step[k] for step in steps]) for k in range(len(steps[0])))
        return Captured(
            tuple(each.contiguous() for each in unet),
            tuple(each[0].contiguous() for each in maps),
            picture.clone(memory_format=torch.contiguous_format),
        )


def whole_context(
    model: BaseModel, words: PromptEmbedding, negative: PromptEmbedding | None, size: tuple[int, int]
) -> Context:
    """The whole picture of height and width `size` is to be painted, and nothing of it is known."""
    mask = torch.ones(
        1, 1, size[0] // model.latent_factor, size[1] // model.latent_factor, device=model.device
    )
    known = mask.new_zeros(1, model.latent_channels, *mask.shape[-2:])
    if model.inpaints:
        known = model.encode(torch.zeros(1, 3, *size)).to(model.device)
    return Context(words, negative, mask, known)


def small(features: Sequence[Tensor]) -> list[Tensor]:
    """In half precision, each item of the batch at root mean square 1, so that none leaves its range."""
    wide = [each.float() for each in features]
    scales = [each.square().mean((1, 2, 3), keepdim=True).clamp(min=1e-12).rsqrt() for each in wide]
    return [(each * scale).half().cpu() for each, scale in zip(wide, scales, strict=True)]


@dataclass
class FeatureCache:
    """Captured pictures by name: every one in the working folder, the first ones in memory too.

    Args:
        folder: Belongs to one learning.
        memory_mib: Those beyond it are read again each time.
    """

    folder: Path
    memory_mib: float = MEMORY_MIB
    _near: dict[str, Captured] = field(default_factory=dict[str, Captured], init=False)
    _bytes: int = field(default=0, init=False)

    def get(self, name: str, make: Callable[[], Captured]) -> Captured:
        """The captured picture of that name, made if it is new."""
        if name in self._near:
            return self._near[name]
        path = self.folder / f"{name}.safetensors"
        captured = read_captured(path) if path.is_file() else make()
        if not path.is_file():
            write_captured(captured, path)
        size = sum(each.nbytes for each in (*captured.unet, *captured.vae, captured.picture))
        if (self._bytes + size) / (1 << 20) <= self.memory_mib:
            self._near[name], self._bytes = captured, self._bytes + size
        return captured

    def __contains__(self, name: str) -> bool:
        return name in self._near or (self.folder / f"{name}.safetensors").is_file()


def write_captured(captured: Captured, path: Path) -> None:
    """Write to a file that is there whole or not at all."""
    tensors: dict[str, Any] = {f"unet.{k:03}": each for k, each in enumerate(captured.unet)}
    tensors |= {f"vae.{k:03}": each for k, each in enumerate(captured.vae)}
    tensors["picture"] = captured.picture
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, unfinished)
    unfinished.replace(path)


def read_captured(path: Path) -> Captured:
    """What `write_captured` wrote.

    Raises:
        OSError, safetensors.SafetensorError: it is not there, or damaged.
    """
    state = load_file(path)
    unet, vae = (
        tuple(state[name] for name in sorted(state) if name.startswith(part)) for part in ("unet.", "vae.")
    )
    return Captured(unet, vae, state["picture"])
