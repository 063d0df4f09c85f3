# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes ready drawings like models/examples: for the first picture, the tutorial and the tests.

Those that ship were drawn by an earlier state of the studio and stay, since the documents show them.

Each folder holds what an artist would have in front of them: image.png (the canvas before), mask.png
(white = paint here), contour.png, detail.png and colours.png (transparent layers), and prompt.txt.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.recipes.studio.fields import distance_px
from models.recipes.studio.hands import Hand
from models.recipes.studio.raster import Pixels
from models.recipes.studio.sample import Sample, draw_sample
from models.recipes.studio.scene import paint_scene

SIZE_PX = 512
_MARGIN_PX = 20.0  # how far around the subject the artist marks the region
_HAND = Hand(width=1.7, pressure=0.35, wobble=0.55, gaps=0.12, overshoot=0.25, repeat=0.12, drift=0.3)
_STROKES = 26


@dataclass(frozen=True)
class Example:
    """One drawing: which held-out subject, on what."""

    name: str
    category: str
    background: str
    seed: int


EXAMPLES = (
    Example("portrait", "face", "gradient", 7),
    Example("cup", "cup", "room", 9),
    Example("house", "house", "outdoors", 8),
    Example("cat", "cat", "wash", 8),
)


def make(example: Example, folder: Path) -> None:
    """Write one example's six files into folder/name."""
    rng = np.random.default_rng([example.seed, 2])
    scene = paint_scene(
        rng, SIZE_PX, "held_out", category=example.category, backgrounds=(example.background,)
    )
    sample = draw_sample(rng, scene, _HAND, _STROKES)
    here = folder / example.name
    here.mkdir(parents=True, exist_ok=True)
    Image.fromarray(scene.before).save(here / "image.png", optimize=True)
    region = _region(sample)
    Image.fromarray(region).save(here / "mask.png", optimize=True)
    for name in ("contour", "detail"):
        Image.fromarray(_black_ink(getattr(sample, name))).save(here / f"{name}.png", optimize=True)
    colours = np.where(region[..., None] > 0, sample.colours, 0).astype(np.uint8)
    Image.fromarray(colours).save(here / "colours.png", optimize=True)
    (here / "prompt.txt").write_text(sample.caption + "\n")


def _region(sample: Sample) -> Pixels:
    """The subject and its lines with a margin, as a loose selection."""
    drawn = np.maximum(sample.mask, np.maximum(sample.contour, sample.detail))
    return np.where(distance_px(drawn < 128) <= _MARGIN_PX, 255, 0).astype(np.uint8)


def _black_ink(ink: Pixels) -> Pixels:
    """Ink (H, W) as a transparent layer with black strokes (H, W, 4)."""
    layer = np.zeros((*ink.shape, 4), np.uint8)
    layer[..., 3] = ink
    return layer


def main() -> None:
    """Make all examples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    folder = parser.parse_args().out
    for example in EXAMPLES:
        make(example, folder)
        print(folder / example.name)


if __name__ == "__main__":
    main()
