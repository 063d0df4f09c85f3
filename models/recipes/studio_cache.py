# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered pictures kept on disk, so that training reads them instead of drawing them again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SHARD = 256
"""Pictures per file; at 256 px a file is 168 MB."""

PLANES = 10
"""Bytes per pixel: RGB, mask, contour, detail, colour strokes RGB + coverage."""

IMAGE, MASK, CONTOUR, DETAIL, COLOUR = slice(0, 3), slice(3, 4), slice(4, 5), slice(5, 6), slice(6, 10)


class Rendered(Protocol):
    """What the studio renders; every raster uint8, (H,W) or (H,W,channels)."""

    @property
    def image(self) -> NDArray[np.uint8]: ...
    @property
    def mask(self) -> NDArray[np.uint8]: ...
    @property
    def contour(self) -> NDArray[np.uint8]: ...
    @property
    def detail(self) -> NDArray[np.uint8]: ...
    @property
    def colours(self) -> NDArray[np.uint8]: ...
    @property
    def captions(self) -> tuple[str, ...]: ...
    @property
    def category(self) -> str: ...


Renderer = Callable[[int, int], Rendered]
"""Draws one sample from (seed, size)."""


def planes_of(sample: Rendered) -> NDArray[np.uint8]:
    """Stack one sample as (PLANES,H,W)."""
    flat = (sample.mask, sample.contour, sample.detail)
    stacked = [sample.image, *(raster[..., None] for raster in flat), sample.colours]
    return np.ascontiguousarray(np.concatenate(stacked, -1).transpose(2, 0, 1))


@dataclass(frozen=True)
class StudioCache:
    """A folder of shards `00000.npy` (SHARD,PLANES,size,size) uint8 with `00000.json` beside each."""

    folder: Path
    size: int = 256

    def fill(
        self,
        count: int,
        render: Renderer,
        *,
        worker: int = 0,
        workers: int = 1,
        report: Callable[[str], None] = print,
    ) -> None:
        """Render until `count` pictures lie here; shards already there are kept.

        Args:
            count: pictures wanted in all, rounded up to whole shards.
            render: draws one sample; sample i has seed i.
            worker, workers: of several processes filling one folder each takes every `workers`-th shard.
            report: gets one line per finished shard.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        shards = -(-count // SHARD)
        for shard in range(worker, shards, workers):
            if (self.folder / f"{shard:05}.json").exists():
                continue
            self._write(shard, render)
            report(f"rendered {shard + 1} of {shards} shards in {self.folder}")

    def _write(self, shard: int, render: Renderer) -> None:
        pixels = np.empty((SHARD, PLANES, self.size, self.size), np.uint8)
        texts: list[tuple[str, ...]] = []
        for i in range(SHARD):
            sample = render(shard * SHARD + i, self.size)
            pixels[i] = planes_of(sample)
            usual, *others = sample.captions
            texts.append((usual, sample.category, *others))
        part = self.folder / f"{shard:05}.part.npy"
        np.save(part, pixels)
        part.rename(self.folder / f"{shard:05}.npy")
        text = self.folder / f"{shard:05}.part.json"
        text.write_text(json.dumps(texts), encoding="utf-8")
        text.rename(self.folder / f"{shard:05}.json")

    def shard_texts(self, number: int) -> list[tuple[str, str]]:
        """Return (usual caption, category) of the pictures of one shard."""
        return [(line[0], line[1]) for line in self._lines(number)]

    def shard_captions(self, number: int) -> list[tuple[str, ...]]:
        """Return all captions of each picture of one shard, the usual one first."""
        return [(line[0], *line[2:]) for line in self._lines(number)]

    def every_caption(self) -> Iterator[str]:
        """All captions of all complete shards."""
        for path in sorted(path for path in self.folder.glob("*.json") if path.stem.isdigit()):
            for ways in self.shard_captions(int(path.stem)):
                yield from ways

    def _lines(self, number: int) -> list[list[str]]:
        """Usual caption, category and, in shards rendered since there are any, other captions."""
        return json.loads((self.folder / f"{number:05}.json").read_text(encoding="utf-8"))

    def open(self) -> "OpenCache":
        """Open every shard that is complete now.

        Raises:
            FileNotFoundError: no shard is complete.
        """
        done = sorted(path for path in self.folder.glob("*.json") if path.stem.isdigit())
        if not done:
            raise FileNotFoundError(f"no rendered pictures in {self.folder}")
        return OpenCache(
            [np.load(path.with_suffix(".npy"), mmap_mode="r") for path in done],
            [text for path in done for text in self.shard_texts(int(path.stem))],
        )


@dataclass(frozen=True)
class OpenCache:
    """Rendered pictures by index.

    Attributes:
        shards: memory maps (SHARD,PLANES,size,size) uint8.
        texts: (caption, category) of each picture.
    """

    shards: list[NDArray[np.uint8]]
    texts: list[tuple[str, str]]

    def __len__(self) -> int:
        return len(self.texts)

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return the planes (PLANES,size,size) of one picture, not copied."""
        return self.shards[index // SHARD][index % SHARD]
