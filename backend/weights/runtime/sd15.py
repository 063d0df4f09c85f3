# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable Diffusion 1.x, plain and for inpainting."""

from backend.weights.files.releases import Release, Text

SD15 = Release(
    base="sd15",
    title="Stable Diffusion 1.5",
    pipelines=("StableDiffusionPipeline", "StableDiffusionInpaintPipeline"),
    words_width=768,
    texts=(Text("text_encoder", "cond_stage_model.transformer."),),
    resolution=512,
    steps=25,
    guidance=7.0,
    heeds_upcast=False,
)
"""Rombach et al. 2022. Released in four channels, and in nine with the mask and the known picture."""
