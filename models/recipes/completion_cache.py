# SPDX-License-Identifier: GPL-3.0-or-later
"""What completion learns from beside the pictures: their lines and colours as artists would give them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.imaging.colour_domain import colour_domain
from backend.imaging.sketch_domain import picture_edges, sketch_domain
from models.recipes.studio_cache import CONTOUR, DETAIL, IMAGE, SHARD, StudioCache

Bytes = NDArray[np.uint8]
LineKind = Literal["drawn", "edges", "raw"]

PLANES: dict[LineKind, int] = {"drawn": 0, "edges": 1, "raw": 2}
"""Drawn lines and edges, both in the sketch domain; edges as they are."""

FLAT_SHARE = 2
"""The colour domain is kept at half the size: it has nothing finer."""


def line_planes(planes: Bytes) -> Bytes:
    """Lines of one rendered picture, (3,H,W) in the order of `PLANES`."""
    rgb = np.divide(planes[IMAGE].transpose(1, 2, 0), 255, dtype=np.float32)
    ink = np.divide(np.maximum(planes[CONTOUR][0], planes[DETAIL][0]), 255, dtype=np.float32)
    edges = picture_edges(rgb)
    lines = np.stack([sketch_domain(ink), sketch_domain(edges), edges])
    return np.rint(lines * 255).astype(np.uint8)


def flat_planes(planes: Bytes) -> Bytes:
    """Colour domain of one rendered picture, (3,H/2,W/2)."""
    image = np.divide(planes[IMAGE], 255, dtype=np.float32)
    half = image.reshape(3, image.shape[1] // FLAT_SHARE, FLAT_SHARE, -1, FLAT_SHARE).mean((2, 4))
    return np.rint(colour_domain(half.transpose(1, 2, 0)).transpose(2, 0, 1) * 255).astype(np.uint8)


@dataclass(frozen=True)
class DomainCache:
    """A folder of `00000.lines.npy` (SHARD,3,size,size) and `00000.flat.npy` (SHARD,3,size/2,size/2), uint8.

    Attributes:
        folder: where they lie.
        pictures: what they are made of, shard for shard.
    """

    folder: Path
    pictures: StudioCache

    def fill(self, *, worker: int = 0, workers: int = 1, report: Callable[[str], None] = print) -> None:
        """Make what is missing; of several processes each takes every `workers`-th shard."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shards = self.pictures.open().shards
        for number in range(worker, len(shards), workers):
            for name, make in (("lines", line_planes), ("flat", flat_planes)):
                path = self.folder / f"{number:05}.{name}.npy"
                if path.exists():
                    continue
                part = self.folder / f"{number:05}.{name}.part.npy"
                np.save(part, np.stack([make(planes) for planes in shards[number]]))
                part.rename(path)
            report(f"lines and colours of {number + 1} of {len(shards)} shards")

    def open(self) -> OpenDomains:
        """Open every shard that is complete now.

        Raises:
            FileNotFoundError: none is.
        """
        done = sorted(self.folder.glob("[0-9][0-9][0-9][0-9][0-9].flat.npy"))
        whole = [path for i, path in enumerate(done) if int(path.name[:5]) == i]
        if not whole:
            raise FileNotFoundError(f"no lines in {self.folder}")
        names = [(path.name[:5], path) for path in whole]
        lines = [np.load(self.folder / f"{number}.lines.npy", mmap_mode="r") for number, _ in names]
        return OpenDomains(lines, [np.load(path, mmap_mode="r") for _, path in names])


@dataclass(frozen=True)
class OpenDomains:
    """Lines and flat colours by the index of the picture."""

    line_shards: list[Bytes]
    flat_shards: list[Bytes]

    def __len__(self) -> int:
        return SHARD * len(self.line_shards)

    def lines(self, index: int) -> Bytes:
        """(3,H,W), not copied."""
        return self.line_shards[index // SHARD][index % SHARD]

    def flat(self, index: int) -> Bytes:
        """(3,H/2,W/2), not copied."""
        return self.flat_shards[index // SHARD][index % SHARD]
