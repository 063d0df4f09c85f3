# SPDX-License-Identifier: GPL-3.0-or-later
"""What a seed shows stays what it was: trainings go on from pictures rendered before.

The file holds, for a few seeds of both splits, the caption, the silhouette's pixels and block means of every
raster. Block means may differ by one level, because processors round anti-aliasing in their own way; one
draw more or less from the generator changes them by far more. Run as a program without icons, this prints
the file anew.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.recipes.studio import Sample, icons, render

GOLDEN = Path(__file__).with_name("golden.json")
SEEDS = range(6)
SIZE = 64


@pytest.fixture(autouse=True)
def no_icons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("UNDERDRAWING_HOME", str(tmp_path))
    cached = (icons._drawings, icons._shapes, icons.names)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def blocks(raster: np.ndarray) -> list[int]:
    """Means of 8x8 blocks of 8x8 pixels, all channels together."""
    flat = raster.reshape(SIZE, SIZE, -1).astype(np.float64).mean(axis=2)
    return np.rint(flat.reshape(8, 8, 8, 8).mean(axis=(1, 3))).astype(int).ravel().tolist()


def portrait(sample: Sample) -> dict[str, Any]:
    rasters = {name: blocks(getattr(sample, name)) for name in ("image", "contour", "detail", "colours")}
    return {"caption": sample.caption, "silhouette": int((sample.mask > 0).sum()), **rasters}


@pytest.mark.parametrize("split", ["train", "held_out"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_shows_what_it_always_showed(seed: int, split: str) -> None:
    kept = json.loads(GOLDEN.read_text())[f"{split} {seed}"]
    now = portrait(render(seed, SIZE, split))  # type: ignore[arg-type]
    assert now["caption"] == kept["caption"]
    assert abs(now["silhouette"] - kept["silhouette"]) <= 2
    for name in ("image", "contour", "detail", "colours"):
        assert np.abs(np.subtract(now[name], kept[name])).max() <= 1, name


if __name__ == "__main__":
    lines = {
        f"{split} {seed}": portrait(render(seed, SIZE, split))
        for split in ("train", "held_out")
        for seed in SEEDS
    }
    rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in lines.items())
    print(f"{{\n{rows}\n}}")
