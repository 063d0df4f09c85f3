# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A thing copied from one picture into another of other light and ground: by its lines, by its pixels, and
by its gradients."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation  # pyright: ignore[reportMissingTypeStubs]
from scipy.sparse import csr_matrix, eye_array  # pyright: ignore[reportMissingTypeStubs]
from scipy.sparse.linalg import spsolve  # pyright: ignore[reportMissingTypeStubs]

from backend.acts.complete.complete import complete
from backend.acts.paste.copy_sketch import Placing, copied, input_of, lightness_of, lit, placed
from backend.acts.report import Quiet
from benchmarks.held_out import EDGE_PX, Image8
from models.networks.completion import CompletionNet
from models.networks.line_extractor import LineExtractor
from models.recipes.studio.painting import paint_figure, placement, random_light
from models.recipes.studio.scene import stage
from models.recipes.studio.subjects import SUBJECTS
from models.recipes.studio.traits import Drawn
from shared.geometry import Bounds, Extent

RIM_PX = 6
"""The hand selects a thing with so much around it."""

BOX_PX = 8
"""A rectangle around that leaves so much more."""

SPACE = 3


@dataclass(frozen=True)
class Move:
    """A thing in a picture, and the picture that it is to go into.

    Attributes:
        source: (H,W,3) with the thing, in another light.
        region: (H,W) uint8, 255 around the thing.
        before, true: (H,W,3) the other picture, without it and with it.
    """

    source: Image8
    region: Image8
    before: Image8
    true: Image8


def move(number: int) -> Move:
    """The same individual in two lights on two grounds; the source under another lamp as well."""
    rng = np.random.default_rng([number, 11])
    names = list(SUBJECTS)
    figure = SUBJECTS[names[int(rng.integers(len(names)))]](Drawn(rng))
    matrix = placement(rng, figure, EDGE_PX)
    lights = random_light(rng), random_light(rng)
    bodies = [paint_figure(figure, matrix, light, EDGE_PX) for light in lights]
    here, there = (stage(rng, figure, body, light) for body, light in zip(bodies, lights, strict=True))
    region = binary_dilation(here.ids > 0, iterations=RIM_PX).astype(np.uint8) * 255
    true = np.where(region[..., None] > 0, there.image, there.before)
    return Move(_relit(rng, here.image), region, there.before, true)


def boxed(one: Move) -> Move:
    """The same, selected by a rectangle: what the thing lies on is selected, too."""
    rows, columns = (np.flatnonzero(one.region.any(axis)) for axis in (1, 0))
    box = np.zeros_like(one.region)
    top, left = max(0, rows[0] - BOX_PX), max(0, columns[0] - BOX_PX)
    box[top : rows[-1] + BOX_PX + 1, left : columns[-1] + BOX_PX + 1] = 255
    return replace(one, region=box)


def _relit(rng: np.random.Generator, picture: Image8) -> Image8:
    """Another exposure, contrast and lamp."""
    gain = rng.uniform(0.55, 0.9) * rng.uniform(0.85, 1.1, 3)
    gamma = np.exp(rng.choice([-1, 1]) * rng.uniform(0.15, 0.4))
    return np.rint(255 * ((picture / 255) ** gamma * gain).clip(0, 1)).astype(np.uint8)


def by_sketch(network: CompletionNet, extractor: LineExtractor | None, one: Move, *, colours: bool) -> Image8:
    """Our copy."""
    extent = Extent(EDGE_PX, EDGE_PX)
    rgb = np.divide(one.source, 255, dtype=np.float32)
    copy = copied(rgb, Bounds.of(extent), Quiet(), extractor, one.region)
    gain = lightness_of(np.divide(one.before, 255, dtype=np.float32)) / lightness_of(rgb)
    copy = lit(placed(copy, Placing(EDGE_PX / 2, EDGE_PX / 2), extent), gain)
    opaque = np.full((EDGE_PX, EDGE_PX, 1), 255, np.uint8)
    image = np.concatenate([one.before[..., ::-1], opaque], -1)
    layer = complete(network, input_of(copy, image, colours=colours), Quiet())
    result, box = one.before.copy(), layer.bounds
    below = result[box.y : box.bottom, box.x : box.right]
    below[...] = np.where(layer.pixels[..., 3:] > 0, layer.pixels[..., 2::-1], below)
    return result


def by_pixels(one: Move) -> Image8:
    """Plain paste."""
    return np.where(one.region[..., None] > 0, one.source, one.before)


def by_gradients(one: Move) -> Image8:
    """Seamless cloning: the source's gradients inside, the other picture at the border.

    Source: Perez et al. 2003, equation 7.
    """
    inside = one.region > 0
    inside[[0, -1]] = inside[:, [0, -1]] = False
    numbers = np.full(inside.shape, -1, np.int64)
    numbers[inside] = np.arange(inside.sum())
    rows, columns = np.nonzero(inside)
    count = len(rows)
    source, before = (picture.astype(np.float64) for picture in (one.source, one.before))
    wanted = np.zeros((count, SPACE))
    ties: list[NDArray[np.int64]] = []
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        there = rows + dy, columns + dx
        wanted += source[rows, columns] - source[there]
        known = numbers[there] < 0
        wanted[known] += before[there][known]
        ties.append(np.stack([np.flatnonzero(~known), numbers[there][~known]]))
    pairs = np.concatenate(ties, 1)
    near = csr_matrix((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), (count, count))
    found = spsolve((4 * eye_array(count) - near).tocsc(), wanted)
    result = one.before.copy()
    result[inside] = np.rint(np.asarray(found).clip(0, 255)).astype(np.uint8)
    return result
