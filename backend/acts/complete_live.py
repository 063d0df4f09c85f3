# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Complete a region at every stroke: one small pass, and only what changed is read again.

From stroke to stroke nearly all layers stay as they are. What was made of a layer is kept under the names of
its tiles.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from backend.acts.complete import NOTHING_TO_GO_BY, flattened, noise
from backend.acts.complete_plan import SHARP_PX, plan_live, sized
from backend.acts.local_pass import LocalPass
from backend.acts.paint import result_format
from backend.acts.paint_input import Painted, PaintInput, layers_on_canvas
from backend.acts.report import Report
from backend.acts.shown import Shown
from backend.imaging import colour_strokes, harmony, masks, resize, tiles
from backend.imaging.pixels import Floats
from backend.imaging.scene import Layers
from backend.imaging.sketch_domain import drawn, sketch_paths
from backend.imaging.small_scene import small_colours, small_ink, small_layer, small_mask, small_picture
from backend.weights.device import has_cpu_bfloat16
from models.networks.completion import CompletionNet, Wanted
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent
from shared.messages import PaintRequest, Surface

GRID_PX, GRID_STEPS = 128, 8
"""The strokes' colours are carried over coarser grids, in fewer steps, than in a painting that stays."""

PIECE_PX, OVERLAP_PX = 352, 64
"""Of a sharper answer: a piece takes about 70 ms, and no stroke waits longer for the one before."""

Made = TypeVar("Made")


@contextmanager
def threads(count: int) -> Generator[None]:
    """Compute with so many threads: waking a second one costs more than it helps with small planes."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Memo:
    """What was made last of each thing, and of what."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Hashable, Any]] = {}

    def get(self, name: str, source: Hashable | None, make: Callable[[], Made]) -> Made:
        """The thing made of the same source as last time, or made now.

        Args:
            source: Equal sources give equal things; None is never equal.
        """
        known = self._made.get(name)
        if source is None or known is None or known[0] != source:
            known = self._made[name] = (source, make())
        return known[1]


@dataclass(frozen=True)
class _Frame:
    """Which part of the layers is seen, and how large."""

    crop: Bounds
    size: tuple[int, int]
    area: Bounds


class LiveCompletion:
    """
    Args:
        network: In float32, where it is to compute. It stays as it is.
    """

    def __init__(self, network: CompletionNet) -> None:
        self._device = next(network.parameters()).device
        self._network = _in_its_fastest_form(network, self._device)
        self._threads = torch.get_num_threads()
        self._memo, self._sharp_memo = Memo(), Memo()
        self._shown = Shown()
        self._local = LocalPass(self._run, network.multiple)

    @torch.inference_mode()
    def complete(self, input: PaintInput, report: Report, *, sharp: bool = False) -> Painted:
        """Complete the selection in one small pass; where no eye sees a change, the last answer stays.

        Args:
            sharp: In overlapping pieces after that, up to SHARP_PX.

        Raises:
            BadRequest: an empty selection, surfaces that do not fit, or nothing to go by.
            shared.errors.Cancelled: the report's `check` said so.
        """
        layers, area = layers_on_canvas(input)
        request = input.request
        selection = masks.bounds_of(layers.mask).grown(request.grow_px).intersect(Bounds.of(area.extent))
        plan = plan_live(selection, area.extent)
        report.progress(0, 1, "completing")
        with threads(1):
            frame = _Frame(plan.crop, plan.first, area)
            small = self._picture(self._memo, layers, request, frame, report)
            size = sized(plan.crop, SHARP_PX)
            picture: Tensor | None = None
            if sharp and size != plan.first:
                larger = _Frame(plan.crop, size, area)
                picture = self._picture(self._sharp_memo, layers, request, larger, report, before=small)
            picture = self._shown.next(frame if request.mask.tiles else None, small, picture)
        report.progress(1, 1, "completing")
        format = result_format(layers)
        edges = request.grow_px, request.feather_px
        cover = self._memo.get(
            "cover",
            _source(request.mask, plan.crop, area, *edges),
            lambda: masks.alpha(layers.mask, selection, grow_px=edges[0], feather_px=edges[1]),
        )
        pixels = small_layer(picture, plan.crop, selection, cover, format)
        return Painted(selection.shifted(area.x, area.y), pixels, format, request.seed)

    def _picture(
        self,
        memo: Memo,
        layers: Layers,
        request: PaintRequest,
        frame: _Frame,
        report: Report,
        before: Tensor | None = None,
    ) -> Tensor:
        """(1,3,h,w) in [0, 1], on the CPU: the scene at the frame's size, completed.

        Args:
            before: The smaller answer, which then is all the colour there is.
        """
        report.check()
        mask, picture, lines, colours = _scene(memo, layers, request, frame)
        seeds = memo.get("noise", (frame.size, request.seed), lambda: noise(frame.size, request.seed))
        laid = colours if before is None else _all_coloured(before, colours)
        wanted = Wanted(picture * 2 - 1, mask, lines, laid, seeds)
        if before is None:
            of = frame if request.mask.tiles else None
            made = _cut_to(self._local(self._packed(wanted), of), mask)
        else:
            made = self._in_pieces(wanted, report)
        report.check()
        made = harmony.matched(made, picture, mask)
        report.check()
        return colour_strokes.obeyed(made, colours, lines, mask, largest_px=GRID_PX, steps=GRID_STEPS)

    def _in_pieces(self, wanted: Wanted, report: Report) -> Tensor:
        height, width = wanted.mask.shape[-2:]
        extent = Extent(width, height)
        views = tiles.windows(extent, PIECE_PX, OVERLAP_PX)

        def part(view: Bounds) -> Tensor:
            report.check()
            if not bool(tiles.cut(wanted.mask, view).any()):
                return tiles.cut(wanted.picture, view) / 2 + 0.5
            return self._answer(Wanted(*(tiles.cut(planes, view) for planes in vars(wanted).values())))

        return tiles.blended((part(view) for view in views), views, extent, OVERLAP_PX)

    def _answer(self, wanted: Wanted) -> Tensor:
        return _cut_to(self._run(self._packed(wanted)), wanted.mask)

    def _packed(self, wanted: Wanted) -> Tensor:
        packed = wanted.packed(filled=self._network.filled)
        return resize.padded(packed, self._network.multiple, self._network.multiple)

    def _run(self, packed: Tensor) -> Tensor:
        """(B,3,h,w) in [0, 1], on the CPU."""
        with threads(self._threads):
            made = self._network(packed.to(self._device, memory_format=torch.channels_last))
        return (made.float().cpu() / 2 + 0.5).clamp(0, 1)


def _cut_to(planes: Tensor, like: Tensor) -> Tensor:
    return planes[..., : like.shape[-2], : like.shape[-1]]


def _all_coloured(picture: Tensor, colours: Tensor) -> Tensor:
    """(1,4,h,w): a smaller picture as the colour of everything, strokes over it."""
    enlarged = resize.picture_resized(picture, (colours.shape[-2], colours.shape[-1]))
    mixed = torch.lerp(enlarged, colours[:, :3], colours[:, 3:])
    return torch.cat([mixed, torch.ones_like(mixed[:, :1])], 1)


def _scene(memo: Memo, layers: Layers, request: PaintRequest, frame: _Frame) -> list[Tensor]:
    """Mask, picture, lines and colours, (1,C,h,w).

    Raises:
        BadRequest: there is nothing to go by.
    """
    at = frame.crop, frame.size
    picture, clear = memo.get(
        "picture", _source(request.image, frame), lambda: small_picture(layers.image, *at)
    )
    selected = memo.get(
        "mask",
        _source(request.mask, frame, request.grow_px),
        lambda: small_mask(layers.mask, *at, grow_px=request.grow_px),
    )
    mask = torch.maximum(selected, clear)
    lines = _lines(memo, layers, request, frame)
    colours = memo.get(
        "colours", _source(request.colours, frame), lambda: flattened(small_colours(layers.colours, *at))
    )
    if not request.strengths.colour:
        colours = torch.zeros_like(colours)
    if bool((mask > 0.5).all()) and not bool(lines.any()) and not bool(colours[:, 3:].any()):
        raise BadRequest(*NOTHING_TO_GO_BY)
    return [mask, picture, lines, colours]


def _lines(memo: Memo, layers: Layers, request: PaintRequest, frame: _Frame) -> Tensor:
    """(1,1,h,w) in the sketch domain."""
    inks: list[Floats] = []
    sources: list[Hashable | None] = []
    for name, layer, surface, share in (
        ("contour", layers.contour, request.contour, request.strengths.contour),
        ("detail", layers.detail, request.detail, request.strengths.detail),
    ):
        if layer is not None and share:
            sources.append(_source(surface, name, frame))
            inks.append(memo.get(name, sources[-1], partial(small_ink, layer, frame.crop, frame.size)))

    def draw() -> Tensor:
        ink = np.maximum.reduce(inks) if inks else np.zeros(frame.size, np.float32)
        return torch.as_tensor(drawn(sketch_paths(ink), frame.size))[None, None]

    return memo.get("lines", None if None in sources else (tuple(sources), frame), draw)


def _source(surface: Surface | None, *rest: Hashable) -> Hashable | None:
    """What a thing is made of; None where the surface's tiles have no names."""
    if surface is not None and not surface.tiles:
        return None
    return (surface, *rest)


def _in_its_fastest_form(network: CompletionNet, device: torch.device) -> CompletionNet:
    """A copy in half precision where the device has units for that."""
    if device.type == "cpu" and not has_cpu_bfloat16():
        return network
    half = torch.bfloat16 if device.type == "cpu" else torch.float16
    made = copy.deepcopy(network).to(half)
    return made.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
