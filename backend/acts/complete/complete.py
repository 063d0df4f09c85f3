# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false
"""Complete a region of a picture at once, by its surroundings, lines and colours: the instant engine.

1. Cut out the selection with some of its surroundings.
2. Bring the lines into the sketch domain and the colours into the colour domain, as the network learnt them.
3. Complete in one pass. A large selection is completed small first; then overlapping tiles paint its detail,
   with the small answer as their colours.
4. Match the colours of the surroundings and of the strokes, and cut out with the selection's own alpha.

It takes the same request as painting and gives the same kind of layer.
Words, steps and guidance do not count.

Source: Portenier et al. 2018, "FaceShop"; going from small to large is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from backend.acts.complete.plan import KNOWN_PX, plan_completion
from backend.acts.region.fill import filled, nothing_asked
from backend.acts.region.inside_lines import narrowed, note_of, spread_scene, with_strokes
from backend.acts.region.layer import as_layer, with_shadow
from backend.acts.region.paint_input import Painted, PaintInput, is_drawn, layers_on_canvas
from backend.acts.region.paint_plan import Plan
from backend.acts.report import Report
from backend.imaging import colour_strokes, harmony, masks, resize, tiles
from backend.imaging.colour_domain import flat_strokes
from backend.imaging.line_gaps import WIDEST_PX
from backend.imaging.pixels import Floats
from backend.imaging.scene import Scene, read_scene
from backend.imaging.sketch_domain import Path, drawn, sketch_paths
from backend.weights.runtime.device import calculation
from models.networks.completion import CompletionNet, Wanted
from shared.acts import PaintRequest
from shared.errors import BadRequest
from shared.geometry import Bounds, Extent

NOTHING_TO_GO_BY = (
    "There is nothing to go by: no strokes in the selection and no picture around it.",
    "Draw lines or colour strokes inside the selection, or leave some of the picture unselected.",
)

LineReader = Callable[[Floats, float], list[Path]]
"""Strokes of ink (H,W) in [0, 1], so many pixels of which make one of the first answer."""


def in_sketch_domain(ink: Floats, scale: float) -> list[Path]:
    """Gaps are as narrow in the first answer as in the pictures that the network learnt from."""
    return sketch_paths(ink, widest_px=WIDEST_PX * scale)


TILE_PX, OVERLAP_PX = 512, 96
"""Of the pieces in which detail is painted."""


@dataclass(frozen=True)
class _Given:
    """What the artist gave, at the scene's size.

    Attributes:
        paths: Strokes of the ink, if wanted.
        ink: (1,1,H,W).
        colours, dabs: (1,4,H,W), as the network is to see them and as they were drawn.
    """

    scene: Scene
    paths: list[Path] | None
    ink: Tensor
    colours: Tensor
    dabs: Tensor
    seed: int

    def lines(self, size: tuple[int, int]) -> Tensor:
        """(1,1,h,w): drawn anew at this size, one pixel wide."""
        if self.paths is None:
            return resize.lines_resized(self.ink, size)
        height, width = self.scene.size
        scale = (size[1] / width, size[0] / height)
        return torch.as_tensor(drawn([path * scale for path in self.paths], size))[None, None]


def complete(
    network: CompletionNet,
    input: PaintInput,
    report: Report,
    *,
    lines: LineReader | None = in_sketch_domain,
) -> Painted:
    """Complete the selection. The same request gives the same pixels again on the same device.

    Args:
        network: where it is to compute.
        lines: How ink is read as strokes; None leaves it as it is, for networks that learnt from raw edges.

    Raises:
        BadRequest: an empty selection, surfaces that do not fit, or nothing to go by.
        shared.errors.Cancelled: the report's `check` said so.
    """
    layers, area = layers_on_canvas(input)
    layers, request, inside = narrowed(layers, input.request, area)
    selection = masks.bounds_of(layers.mask).grown(request.grow_px).intersect(Bounds.of(area.extent))
    plan = plan_completion(selection, area.extent)
    scene = read_scene(layers, plan.crop, plan.factor, grow_px=request.grow_px)
    if nothing_asked(scene, request):
        return filled(layers, request, area, report)
    scene = spread_scene(scene, inside, plan.crop, all_areas=True)
    scale = max(1.0, max(scene.size) / max(plan.first))
    given = _given(scene, request, lines, scale)
    report.check()
    picture = completed_scene(network, plan, given, report)
    picture = with_strokes(picture, layers, inside, plan.crop, scene)
    painted = as_layer(picture, layers, plan, request, area, note_of(inside))
    return with_shadow(painted, input, inside, area)


def _given(scene: Scene, request: PaintRequest, lines: LineReader | None, scale: float) -> _Given:
    """Both domains of what was drawn; without a reader of lines these are left as they are.

    Raises:
        BadRequest: there is nothing to go by.
    """
    strokes, strengths = scene.strokes(), request.strengths
    if not bool((scene.mask < 0.5).any()) and not is_drawn(strokes):
        raise BadRequest(*NOTHING_TO_GO_BY)
    on = [
        layer
        for layer, share in ((scene.contour, strengths.contour), (scene.detail, strengths.detail))
        if share
    ]
    ink = torch.stack(on).amax(0) if on else torch.zeros_like(scene.contour)
    colours, dabs = (
        flattened(planes) if strengths.colour else torch.zeros_like(planes)
        for planes in (strokes.colour, scene.dabs())
    )
    paths = None if lines is None else lines(ink[0, 0].numpy(), scale)
    return _Given(scene, paths, ink, colours, dabs, request.seed)


def flattened(colours: Tensor) -> Tensor:
    """(1,4,H,W) in the colour domain."""
    if not bool(colours[:, 3:].any()):
        return colours
    flat = flat_strokes(colours[0].permute(1, 2, 0).numpy())
    return torch.as_tensor(flat).permute(2, 0, 1)[None].contiguous()


def completed_scene(network: CompletionNet, plan: Plan, given: _Given, report: Report) -> Tensor:
    """(1,3,H,W) in [0, 1]: the whole scene, its known surroundings repeated as the network can."""
    scene = given.scene
    report.progress(0, 1 + plan.refined, "completing")
    picture = _first(network, plan, given)
    if plan.refined:
        picture = _refined(network, given, picture, report)
    lines = given.lines(scene.size)
    picture = harmony.matched(picture, scene.picture, scene.mask, lines)
    report.progress(1 + plan.refined, 1 + plan.refined, "completing")
    return colour_strokes.obeyed(picture, given.dabs, lines, scene.mask)


def _first(network: CompletionNet, plan: Plan, given: _Given) -> Tensor:
    """In one piece; enlarged to the scene's size where that is larger."""
    scene, size = given.scene, plan.first
    small = Wanted(
        resize.picture_resized(scene.picture, size) * 2 - 1,
        resize.mask_resized(scene.mask, size),
        given.lines(size),
        resize.strokes_resized(given.colours, size),
        noise(size, given.seed),
    )
    return resize.picture_resized(answer(network, small), scene.size)


def _refined(network: CompletionNet, given: _Given, picture: Tensor, report: Report) -> Tensor:
    """Tiles at the scene's own size; what is painted already is all their colour."""
    scene = given.scene
    extent = Extent(scene.size[1], scene.size[0])
    mixed = torch.lerp(picture, given.colours[:, :3], given.colours[:, 3:])
    whole = Wanted(
        scene.picture * 2 - 1,
        scene.mask,
        given.lines(scene.size),
        torch.cat([mixed, torch.ones_like(scene.mask)], 1),
        noise(scene.size, given.seed),
    )
    views = tiles.windows(extent, TILE_PX, OVERLAP_PX)

    def part(view: Bounds) -> Tensor:
        report.check()
        mask = tiles.cut(whole.mask, view)
        if not bool(mask.any()):
            return tiles.cut(scene.picture, view)
        return answer(network, Wanted(*(tiles.cut(planes, view) for planes in vars(whole).values())))

    return tiles.blended((part(view) for view in views), views, extent, OVERLAP_PX)


@torch.inference_mode()
def answer(network: CompletionNet, wanted: Wanted) -> Tensor:
    """(B,3,H,W) in [0, 1], on the CPU; what is too small for the network is mirrored beyond its edges."""
    device = next(network.parameters()).device
    height, width = wanted.mask.shape[-2:]
    packed = resize.padded(wanted.packed(filled=network.filled), network.multiple, KNOWN_PX // 2)
    with calculation(device):
        made = network(packed.to(device, memory_format=torch.channels_last))
    return (made.float().cpu()[..., :height, :width] / 2 + 0.5).clamp(0, 1)


def noise(size: tuple[int, int], seed: int) -> Tensor:
    """(1,1,h,w), which of several answers; the same on every device."""
    return torch.randn(1, 1, *size, generator=torch.Generator().manual_seed(seed))
