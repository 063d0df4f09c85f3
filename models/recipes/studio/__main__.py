# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheet: python -m models.recipes.studio --seed 0 --count 48 --out sheet.png"""

import argparse
import time

import numpy as np
from PIL import Image

from models.recipes.studio import Sample, render
from models.recipes.studio.icons import fetch
from models.recipes.studio.raster import Pixels


def overlay(sample: Sample) -> Pixels:
    """Colour strokes on a pale picture, contour in blue, detail in red: (H, W, 3)."""
    paper = 255 - (255 - sample.image.astype(np.float64)) * 0.12
    drawn = sample.colours[..., 3:] / 255
    paper = paper * (1 - drawn) + sample.colours[..., :3] * drawn
    for ink, colour in ((sample.contour, (20, 40, 200)), (sample.detail, (200, 20, 30))):
        cover = ink[..., None] / 255
        paper = paper * (1 - cover) + np.array(colour) * cover
    return paper.astype(np.uint8)


def main() -> None:
    """Render pairs (picture, overlay) into one sheet and print captions and speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetch", action="store_true", help="fetch the icons first (needs npm)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--split", choices=("train", "held_out"), default="train")
    parser.add_argument("--category", default="")
    parser.add_argument("--out", default="sheet.png")
    chosen = parser.parse_args()
    if chosen.fetch:
        print(fetch())
    started = time.perf_counter()
    seeds = range(chosen.seed, chosen.seed + chosen.count)
    samples = [render(seed, chosen.size, chosen.split, category=chosen.category) for seed in seeds]
    spent_ms = (time.perf_counter() - started) * 1000 / chosen.count
    pairs = [np.concatenate([s.image, overlay(s)], axis=1) for s in samples]
    pairs += [np.full_like(pairs[0], 255)] * (-len(pairs) % chosen.columns)
    rows = [
        np.concatenate(pairs[i : i + chosen.columns], axis=1) for i in range(0, len(pairs), chosen.columns)
    ]
    Image.fromarray(np.concatenate(rows)).save(chosen.out)
    for seed, sample in zip(seeds, samples, strict=True):
        print(seed, sample.caption)
    print(f"{spent_ms:.1f} ms per sample")


if __name__ == "__main__":
    main()
