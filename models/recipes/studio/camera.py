# SPDX-License-Identifier: GPL-3.0-or-later
"""What a camera does to a picture: light, colour cast, vignette, lens, sharpening, sensor noise, JPEG."""

import io

import numpy as np
from numpy.random import Generator
from PIL import Image

from models.recipes.studio.exact_canvas import Floats
from models.recipes.studio.fields import blurred, smeared
from models.recipes.studio.raster import Pixels

UNTOUCHED = 0.15
"""Share of pictures that come as they are, as paintings do."""


def photographed(rng: Generator, image: Pixels) -> Pixels:
    """Take a picture (H,W,3) with some camera, good or bad; nothing moves."""
    if rng.random() < UNTOUCHED:
        return image
    light = _exposed(rng, image.astype(np.float32) / 255)
    light = _through_lens(rng, light)
    noise = float(rng.gamma(1.2, 0.012))
    if noise > 0.004:
        shot = np.sqrt(light.clip(0.02, 1))
        grain = rng.standard_normal(light.shape, np.float32)
        if rng.random() < 0.4:  # film and denoisers leave coarser grain
            grain = 2 * blurred(grain, 0.7)
        light = light + noise * shot * grain
    taken = np.rint(light.clip(0, 1) * 255).astype(np.uint8)
    return _compressed(rng, taken) if rng.random() < 0.6 else taken


def _exposed(rng: Generator, light: Floats) -> Floats:
    """Contrast, brightness, cast, saturation, and corners that get less light."""
    gamma = float(np.exp(rng.normal(0, 0.25)))
    light = light.clip(0, 1) ** np.float32(gamma)
    low, high = float(rng.uniform(0, 0.2)) * (rng.random() < 0.5), float(rng.uniform(0.7, 1.1))
    light = low + light * (high - low) * np.exp(rng.normal(0, 0.07, 3)).astype(np.float32)
    grey = light.mean(-1, keepdims=True)
    colourful = 0.0 if rng.random() < 0.07 else float(rng.uniform(0.4, 1.3))
    light = grey + (light - grey) * np.float32(colourful)
    if rng.random() < 0.3:
        height, width = light.shape[:2]
        y, x = np.mgrid[:height, :width].astype(np.float32)
        radius = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2)[..., None]
        light = light * (1 - np.float32(rng.uniform(0.2, 1.0)) * radius)
    return light


def _through_lens(rng: Generator, light: Floats) -> Floats:
    """Blur as of lens and hand, then the sharpening that cameras add."""
    if rng.random() < 0.65:
        light = blurred(light, float(rng.uniform(0.3, 1.3)))
    if rng.random() < 0.1:
        reach = int(rng.integers(1, 3))
        axis = int(rng.integers(2))
        light = smeared(light, 2 * reach + 1, axis)
    if rng.random() < 0.35:
        light = light + np.float32(rng.uniform(0.3, 1.5)) * (light - blurred(light, 1.2))
    return light.astype(np.float32)


def _compressed(rng: Generator, taken: Pixels) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(taken).save(file, "JPEG", quality=int(rng.integers(25, 96)))
    return np.asarray(Image.open(file))
