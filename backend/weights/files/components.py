# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that a base model is made of, before they are put on a device."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLASSES = {
    "AutoencoderKL": "diffusers.models.autoencoders.autoencoder_kl",
    "AutoencoderTiny": "diffusers.models.autoencoders.autoencoder_tiny",
    "UNet2DConditionModel": "diffusers.models.unets.unet_2d_condition",
    "T2IAdapter": "diffusers.models.adapter",
    "ControlNetModel": "diffusers.models.controlnets.controlnet",
    "DDIMScheduler": "diffusers.schedulers.scheduling_ddim",
    "CLIPTextConfig": "transformers.models.clip.configuration_clip",
    "CLIPTextModel": "transformers.models.clip.modeling_clip",
    "CLIPTextModelWithProjection": "transformers.models.clip.modeling_clip",
    "CLIPTokenizer": "transformers.models.clip.tokenization_clip",
}
"""Modules of the classes that diffusers folders are made of."""

SCHEDULE_FIELDS = (
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "trained_betas",
    "set_alpha_to_one",
    "steps_offset",
    "prediction_type",
    "timestep_spacing",
    "rescale_betas_zero_snr",
)
"""What a noise schedule is; a scheduler's other settings belong to its own way of stepping."""

DIFFUSION = (
    "DDIM",
    "DDPM",
    "PNDM",
    "Euler",
    "DPMSolver",
    "LMS",
    "Heun",
    "UniPC",
    "LCM",
    "TCD",
    "KDPM2",
    "DEIS",
)
"""Schedulers over the betas of a diffusion model, by how their names begin."""


@dataclass(frozen=True)
class Components:
    """A pipeline's parts, on the CPU.

    Args:
        zeros_when_empty: An empty negative prompt is all zeros, as in training.
        text_encoder_2, tokenizer_2: None where the family has one text encoder.
    """

    vae: Any
    unet: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any
    text_encoder_2: Any = None
    tokenizer_2: Any = None
    zeros_when_empty: bool = False


def component_class(kind: str) -> Any:
    """A component's class; only its own module is imported, because the whole of diffusers takes seconds."""
    return getattr(importlib.import_module(CLASSES[kind]), kind)


def scheduler_of(config: Mapping[str, Any]) -> Any:
    """A DDIMScheduler with the noise schedule of any diffusion scheduler's config.

    Raises:
        ValueError: it is one of another sort (flow matching, EDM).
    """
    name = str(config.get("_class_name", "DDIMScheduler"))
    if not name.startswith(DIFFUSION):
        raise ValueError(f"its scheduler {name} is of no known kind")
    known = {key: config[key] for key in SCHEDULE_FIELDS if config.get(key) is not None}
    return component_class("DDIMScheduler")(**known, clip_sample=False)


def quiet() -> None:
    """No progress bars from transformers."""
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
