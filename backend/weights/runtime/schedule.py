# SPDX-License-Identifier: GPL-3.0-or-later
"""The noise schedule of a diffusers folder, and the deterministic DDIM step along it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from backend.weights.files.few_steps import Sampler


class Schedule:
    """DDIM without noise over the betas, spacing and prediction type of a scheduler's config.

    Source: Song et al. 2020, DDIM, equation 12 with sigma 0; v-prediction after Salimans and Ho 2022.
    """

    def __init__(self, scheduler: Any) -> None:
        """scheduler: a diffusers DDIMScheduler."""
        self._scheduler = scheduler
        self.config = scheduler.config
        self._alphas: Tensor = scheduler.alphas_cumprod.double()
        self._last = float(scheduler.final_alpha_cumprod)
        self.prediction = str(scheduler.config.prediction_type)
        if self.prediction not in ("epsilon", "v_prediction", "sample"):
            raise ValueError(f"unknown prediction type {self.prediction!r}")

    def timesteps(self, steps: int, sampler: Sampler = "usual") -> list[int]:
        """From noise to picture.

        Args:
            sampler: Trailing ones begin at the last timestep, which few steps cannot do without.

        Source: Lin et al. 2023, Common Diffusion Noise Schedules, table 2, for the trailing ones.
        """
        if sampler == "usual":
            self._scheduler.set_timesteps(steps)
            return [int(t) for t in self._scheduler.timesteps]
        trained = len(self._alphas)
        if not 0 < steps <= trained:
            raise ValueError(f"{steps} steps cannot be taken through {trained}")
        return [round(trained * left / steps) - 1 for left in range(steps, 0, -1)]

    def noised(self, clean: Tensor, noise: Tensor, t: int | None) -> Tensor:
        """Latents as they are at timestep t; None is the end, where nothing is left to do."""
        a = self._alpha(t)
        return clean * a**0.5 + noise * (1 - a) ** 0.5

    def step(self, x: Tensor, output: Tensor, t: int | None, then: int | None) -> tuple[Tensor, Tensor]:
        """One step of denoising.

        Args:
            x: Latents at timestep t.
            output: The network's answer to them.
            then: The next timestep, None after the last. A noisier one inverts: from a picture (t None) back
                up its path.

        Returns:
            Latents at `then`, and the clean latents as predicted from here.
        """
        a = self._alpha(t)
        signal, noise = a**0.5, (1 - a) ** 0.5
        if self.prediction == "v_prediction":
            clean, epsilon = signal * x - noise * output, signal * output + noise * x
        elif self.prediction == "epsilon":
            clean, epsilon = (x - noise * output) / signal, output
        else:
            clean, epsilon = output, (x - signal * output) / max(noise, 1e-8)
        return self.noised(clean, epsilon, then), clean

    def jump(
        self, x: Tensor, output: Tensor, t: int, then: int | None, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step of a few-step student: to the end of its path, and back up to `then` with fresh noise.

        Args: as of `step`; noise is drawn anew for every step.

        Source: Luo et al. 2023, Latent Consistency Models, algorithm 3.
        """
        _, clean = self.step(x, output, t, None)
        return self.noised(clean, noise, then), clean

    def _alpha(self, t: int | None) -> float:
        return self._last if t is None else float(self._alphas[t])


def position_noise(seed: int, channels: int, height: int, width: int) -> Tensor:
    """(1, channels, height, width) of normal noise, the same on every device."""
    return torch.randn((1, channels, height, width), generator=torch.Generator("cpu").manual_seed(seed))
