# SPDX-License-Identifier: GPL-3.0-or-later
"""Paint a region of a picture under its contour lines, detail lines, colour strokes and words.

0. Narrow the selection to what its lines enclose, where that is wanted: see `inside_lines`.
1. Cut out the selection with some of its surroundings and bring it to a size that the family can paint.
2. Encode the known surroundings and the strokes; start from noise where the selection is.
3. Denoise step by step, each step guided by words, strokes and surroundings.
4. A larger selection than the family knows is painted small first, then a second pass paints its detail over
   the enlarged result, in overlapping tiles at the selection's own size.
5. Decode, match the colours of the surroundings and of the strokes, enlarge, cut out with the selection's own
   alpha, and give it the grain of the surroundings.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from backend.acts.denoising.denoise import REFINE_SHARE, denoised, pass_steps
from backend.acts.denoising.paint_job import Room, detailing, job_of
from backend.acts.region.fill import filled, nothing_asked
from backend.acts.region.inside_lines import (
    narrowed,
    note_of,
    show_closure,
    spread_scene,
    with_strokes,
)
from backend.acts.region.layer import as_layer, with_shadow
from backend.acts.region.paint_input import Painted, PaintInput, layers_on_canvas, require_something_to_go_by
from backend.acts.region.paint_plan import LARGEST_TILE, Plan, plan_paint
from backend.acts.report import Report
from backend.imaging import colour_strokes, harmony, masks, resize
from backend.imaging.scene import Scene, read_scene
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.device import is_out_of_memory, release_memory
from backend.weights.runtime.memory import NOTES
from shared.acts import PaintRequest
from shared.errors import OutOfMemory
from shared.geometry import Bounds

__all__ = ["PaintInput", "Painted", "paint"]

log = logging.getLogger(__name__)


def paint(model: BaseModel, input: PaintInput, report: Report) -> Painted:
    """Paint the selection. The same request gives the same pixels again on the same device.

    Raises:
        BadRequest: an empty selection, surfaces that do not fit, or nothing to go by.
        OutOfMemory: there was no room, not even in small tiles on the CPU.
        shared.errors.Cancelled: the report's `check` said so.
    """
    layers, area = layers_on_canvas(input)
    layers, request, inside = narrowed(layers, input.request, area)
    show_closure(inside, report)
    selection = masks.bounds_of(layers.mask).grown(request.grow_px).intersect(Bounds.of(area.extent))
    plan = plan_paint(selection, area.extent, model.resolution, glance=request.live)
    scene = read_scene(layers, plan.crop, plan.factor, grow_px=request.grow_px)
    by_dabs = bool(scene.colours.any()) or not request.prompt.strip()
    scene = spread_scene(scene, inside, plan.crop, all_areas=by_dabs)
    require_something_to_go_by(scene, request)
    if nothing_asked(scene, request):
        return filled(layers, request, area, report)
    picture = with_memory_fallback(
        model, report, lambda room: painted_scene(model, request, report, plan, scene, room)
    )
    picture = with_strokes(picture, layers, inside, plan.crop, scene)
    painted = as_layer(picture, layers, plan, request, area, note_of(inside))
    return with_shadow(painted, input, inside, area)


def painted_scene(
    model: BaseModel, request: PaintRequest, report: Report, plan: Plan, scene: Scene, room: Room
) -> Tensor:
    """(1,3,H,W) in [0, 1]: the whole scene as painted, its known surroundings repainted too."""
    job = job_of(model, request, report, room)
    small = scene.resized(plan.first).padded(model.multiple, model.resolution // 2)
    large = scene.padded(model.multiple, 0) if plan.refined else None
    job.total = pass_steps(job, small)
    job.total += pass_steps(detailing(job), large, REFINE_SHARE) if large else 0
    picture = denoised(job, small, room.note or "painting")
    picture = picture[..., : plan.first[0], : plan.first[1]]
    picture = resize.picture_resized(picture, scene.size)
    if large is not None:
        start = resize.padded(picture, model.multiple, 0)
        picture = denoised(detailing(job), large, room.note or "painting the detail", start)
        picture = picture[..., : scene.size[0], : scene.size[1]]
    strengths = request.strengths
    lines = torch.maximum(scene.contour * (strengths.contour > 0), scene.detail * (strengths.detail > 0))
    picture = harmony.matched(picture, scene.picture, scene.mask, lines)
    return colour_strokes.obeyed(picture, scene.dabs(), lines, scene.mask, strengths.colour)


def with_memory_fallback(model: BaseModel, report: Report, work: Callable[[Room], Tensor]) -> Tensor:
    """Try with ever less memory: smaller tiles, one network at a time on the device, then the CPU.

    Raises:
        OutOfMemory: nothing helped.
    """
    before = model.device, model.rests_in_turn
    try:
        for room in rooms(model):
            try:
                return work(room)
            except (RuntimeError, MemoryError) as fault:
                if not is_out_of_memory(fault):
                    raise
                log.warning("out of memory with tiles of %d px on %s", room.tile_px, model.device)
            release_memory(model.device)
            report.check()
    finally:
        if (model.device, model.rests_in_turn) != before:
            model.settle()
    raise OutOfMemory(
        "There is not enough memory to paint this selection.",
        "Close other programs, or select a smaller region and paint again.",
    )


def rooms(model: BaseModel) -> Iterator[Room]:
    """From the usual to the least; each is set up when it is asked for."""
    usual = int(LARGEST_TILE * model.resolution)
    yield Room(usual, NOTES[model.place.tier])
    small = usual // 2
    yield Room(small, "little memory: painting in smaller tiles")
    if model.device.type == "cpu":
        return
    model.rest_in_turn()
    yield Room(small, NOTES["in_turn"])
    model.move(torch.device("cpu"))
    yield Room(small, NOTES["cpu"])
