# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures with exact lines, kept on disk, and the crops of them that the line extractor learns from."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.recipes.studio import render
from models.recipes.studio.exact_canvas import Photograph
from models.recipes.studio.fields import distance_px
from models.recipes.studio.hands import Hand
from models.recipes.studio.photographic import render_photographic
from models.recipes.studio.scene import Split

Planes = NDArray[np.uint8]

SHARD = 128
"""Pictures per file; at 320 px a file is 79 MB."""

IMAGE, CONTOUR, DETAIL, KNOWN = slice(0, 3), slice(3, 4), slice(4, 5), slice(5, 6)
PLANES = 6

SIZE_PX = 320
FIRST_SEED = 200_000_000
"""No other training comes so far."""

PAINTED_ONE_IN = 5
"""How often a picture is the studio's own painting instead of a photographic scene."""

_THIN = Hand(width=1.2)
_GROUND_PX = 8  # further away from a painted subject the studio draws things without lines


def draw_pictured(seed: int, size: int, split: Split = "train") -> Photograph:
    """One picture to learn lines from: mostly a photographic scene, now and then a painting."""
    if seed % PAINTED_ONE_IN:
        return render_photographic(seed, size, split)
    painted = render(seed, size, split, hand=_THIN)
    near = distance_px(painted.mask == 0) < _GROUND_PX
    known = np.where(near, 255, 0).astype(np.uint8)
    return Photograph(painted.image, painted.contour, painted.detail, known)


@dataclass(frozen=True)
class LinePictures:
    """A folder of shards `00000.npy` (SHARD,PLANES,size,size) uint8; a file that has its name is complete."""

    folder: Path
    split: Split = "train"
    size: int = SIZE_PX
    shard: int = SHARD

    def fill(self, count: int, *, workers: int = 1, report: Callable[[str], None] = print) -> None:
        """Render until so many pictures lie here, rounded up to whole shards; those there are kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = [i for i in range(-(-count // self.shard)) if not self._file(i).exists()]
        for done in self._written(wanted, workers):
            report(f"rendered shard {done} in {self.folder}")

    def _written(self, wanted: list[int], workers: int) -> Iterator[int]:
        if workers == 1:
            yield from map(self.write, wanted)
            return
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            yield from pool.map(self.write, wanted)

    def write(self, number: int) -> int:
        """Render one shard; picture i of all has seed FIRST_SEED + i."""
        pixels = np.empty((self.shard, PLANES, self.size, self.size), np.uint8)
        for i in range(self.shard):
            drawn = draw_pictured(FIRST_SEED + number * self.shard + i, self.size, self.split)
            pixels[i, IMAGE] = drawn.image.transpose(2, 0, 1)
            pixels[i, 3:] = np.stack([drawn.contour, drawn.detail, drawn.known])
        part = self._file(number).with_suffix(".part.npy")
        np.save(part, pixels)
        part.rename(self._file(number))
        return number

    def open(self) -> list[Planes]:
        """Every complete shard as a memory map.

        Raises:
            FileNotFoundError: there is none.
        """
        files = sorted(file for file in self.folder.glob("*.npy") if file.stem.isdigit())
        if not files:
            raise FileNotFoundError(f"no pictures with lines in {self.folder}")
        return [np.load(file, mmap_mode="r") for file in files]

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05}.npy"


def crop(rng: Generator, shards: list[Planes], side: int) -> Planes:
    """(PLANES,side,side) of any picture, turned and mirrored.

    Raises:
        ValueError: the pictures are smaller.
    """
    shard = shards[int(rng.integers(len(shards)))]
    planes = shard[int(rng.integers(len(shard)))]
    if planes.shape[-1] < side:
        raise ValueError(f"pictures of {planes.shape[-1]} px have no crops of {side} px")
    y, x = rng.integers(0, planes.shape[-1] - side + 1, 2).tolist()
    piece = np.rot90(
        planes[:, y : y + side, x : x + side], int(rng.integers(4)) if rng.random() < 0.3 else 0, (1, 2)
    )
    return np.ascontiguousarray(piece[..., ::-1] if rng.random() < 0.5 else piece)
