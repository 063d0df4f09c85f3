# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Complete a region at every stroke: one small pass, and only what changed is read again.

What was read and what it was made of is kept from stroke to stroke: see `live_scene`.
"""

from __future__ import annotations

import copy
from collections.abc import Generator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from backend.acts.complete.complete import noise
from backend.acts.complete.live_scene import Frame, LiveScene, Memo, read_live, source_of
from backend.acts.complete.local_pass import LocalPass
from backend.acts.complete.plan import SHARP_PX, plan_live, sized
from backend.acts.complete.shown import Shown
from backend.acts.region.inside_lines import laid_over
from backend.acts.region.paint_input import Painted, PaintInput, layers_on_canvas, result_format
from backend.acts.report import Report
from backend.imaging import colour_strokes, harmony, masks, resize, tiles
from backend.imaging.pixels import Floats
from backend.imaging.scene import Layers
from backend.imaging.small_scene import small_layer
from backend.weights.runtime.device import has_cpu_bfloat16
from models.networks.completion import CompletionNet, Wanted
from shared.acts import PaintRequest
from shared.geometry import Bounds, Extent

LEVEL = np.float32(1 / 255)

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
            frame = Frame(plan.crop, plan.first, area)
            report.check()
            seen = read_live(self._memo, layers, request, frame)
            small = self._picture(self._memo, seen, request, frame, report)
            size = sized(plan.crop, SHARP_PX)
            picture: Tensor | None = None
            if sharp and size != plan.first:
                larger = Frame(plan.crop, size, area)
                detailed = read_live(self._sharp_memo, layers, request, larger, sharp=True)
                picture = self._picture(self._sharp_memo, detailed, request, larger, report, before=small)
            picture = self._shown.next(frame if request.mask.tiles else None, small, picture)
            cover = self._cover(seen, layers, request, selection)
        report.progress(1, 1, "completing")
        format = result_format(layers)
        pixels = small_layer(picture, plan.crop, selection, cover, format)
        return Painted(selection.shifted(area.x, area.y), pixels, format, request.seed, seen.note)

    def _cover(self, seen: LiveScene, layers: Layers, request: PaintRequest, selection: Bounds) -> Floats:
        """(height, width) alpha of the selection."""
        edges = request.grow_px, request.feather_px

        def made() -> Floats:
            if seen.inside is None:
                return masks.alpha(layers.mask, selection, grow_px=edges[0], feather_px=edges[1])
            mask = layers.mask[selection.y : selection.bottom, selection.x : selection.right]
            cover = seen.inside.quick_cover(seen.ink, selection)
            weighted = np.multiply(cover, mask, dtype=np.float32) * LEVEL
            return cover if bool((mask == 255).all()) else weighted

        source = source_of(request.mask, selection, *edges, seen.source if seen.inside else ())
        return self._memo.get("cover", source if seen.source is not None else None, made)

    def _picture(
        self,
        memo: Memo,
        seen: LiveScene,
        request: PaintRequest,
        frame: Frame,
        report: Report,
        before: Tensor | None = None,
    ) -> Tensor:
        """(1,3,h,w) in [0, 1], on the CPU: the scene at the frame's size, completed.

        Args:
            before: The smaller answer, which then is all the colour there is.
        """
        report.check()
        mask, picture, lines, colours = seen.mask, seen.picture, seen.lines, seen.colours
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
        made = colour_strokes.obeyed(made, seen.dabs, lines, mask, largest_px=GRID_PX, steps=GRID_STEPS)
        return laid_over(made, seen.paint)

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


def _in_its_fastest_form(network: CompletionNet, device: torch.device) -> CompletionNet:
    """A copy in half precision where the device has units for that."""
    if device.type == "cpu" and not has_cpu_bfloat16():
        return network
    half = torch.bfloat16 if device.type == "cpu" else torch.float16
    made = copy.deepcopy(network).to(half)
    return made.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
