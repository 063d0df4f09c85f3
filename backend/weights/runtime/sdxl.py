# SPDX-License-Identifier: GPL-3.0-or-later
"""Stable Diffusion XL, plain and for inpainting."""

from backend.weights.files.releases import Release, Text

SDXL = Release(
    base="sdxl",
    title="Stable Diffusion XL",
    pipelines=("StableDiffusionXLPipeline", "StableDiffusionXLInpaintPipeline"),
    words_width=2048,
    texts=(
        Text("text_encoder", "conditioner.embedders.0.transformer."),
        Text("text_encoder_2", "conditioner.embedders.1.model.", open_clip=True, pad="!"),
    ),
    resolution=1024,
    steps=25,
    guidance=6.0,
    heeds_upcast=True,
)
"""Podell et al. 2023. The refiner, which reads one text encoder alone, is another model."""
