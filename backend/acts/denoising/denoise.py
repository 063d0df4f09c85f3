# SPDX-License-Identifier: GPL-3.0-or-later
"""The denoising loop, in the open: one scene from noise (or from an earlier picture) to a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from backend.acts.denoising.moment import AfterStep, Moment
from backend.acts.report import Report
from backend.adapters.attached import Adapter, attached
from backend.adapters.control_guidance import ControlGuidance, Hint, control_hints
from backend.adapters.lora import LoraPart
from backend.adapters.stroke_guidance import StrokeGuidance, stroke_features
from backend.imaging import tiles
from backend.imaging.scene import Scene
from backend.weights.files.few_steps import Sampler
from backend.weights.runtime.base_model import BaseModel, Context, PromptEmbedding
from backend.weights.runtime.schedule import position_noise
from models.networks.sketch_fusion import Strengths
from shared.geometry import Bounds, Extent

REFINE_SHARE = 0.35
"""Share of the path that a pass over an earlier picture goes again: new detail, but no new content. See
docs/decisions/larger-pictures-are-refined.md."""

OVERLAP_SHARE = 4
"""Tiles overlap by this part of their edge."""

VAE_EDGE_SHARE = 2
"""The autoencoder takes this many painting tiles' edges in one piece: it needs less memory than the UNet."""

MOST_STEPS = 150
PREVIEWS = 8
PREVIEW_EDGE_PX = 256


@dataclass
class Job:
    """What stays the same through all passes of one act, and how far they are.

    Attributes:
        edge: Side of a painting tile, in pixels of the scene.
        words, negative: Encoded; without `negative` there is no classifier-free guidance.
        loras: What bends the UNet.
        jumps: A few-step student is among them: from each step it goes to the end, and needs no guidance.
        sampler: Which timesteps are taken.
        adapters: Further ones that bend the UNet for this act, attached last.
        moment: Where the painting is, for adapters and callbacks.
        after_step: Called in turn with the latents of the whole scene after each step; each gives the
            latents to go on with.
        total: Denoising steps of all passes and tiles together, for the progress bar.
    """

    model: BaseModel
    report: Report
    edge: int
    seed: int
    steps: int
    guidance: float
    words: PromptEmbedding
    negative: PromptEmbedding | None
    strengths: Strengths
    loras: Sequence[LoraPart] = ()
    jumps: bool = False
    sampler: Sampler = "usual"
    adapters: Sequence[Adapter[nn.Module]] = ()
    moment: Moment = field(default_factory=Moment)
    after_step: Sequence[AfterStep] = ()
    total: int = 0
    done: int = field(default=0, init=False)

    def views(self, extent: Extent) -> tuple[Bounds, ...]:
        """Tiles of a scene of latents: as few as their size allows, and then as small as these can be."""
        cell = self.model.multiple // self.model.latent_factor
        edge = max(tiles.least_edge(side, self._latent_edge, self.overlap, cell) for side in extent)
        return tiles.windows(extent, edge, self.overlap)

    def timesteps(self, share: float = 1.0) -> list[int]:
        """The last part of the path, all of it for 1: for a few-step student a smaller part is one jump.

        Source: Meng et al. 2022, SDEdit: the share is its strength.
        """
        schedule = self.model.schedule
        if share < 1 and self.jumps:
            return [max(0, round(share * int(schedule.config.num_train_timesteps)) - 1)]
        whole = schedule.timesteps(self.steps, self.sampler)
        return whole[-max(1, round(len(whole) * share)) :] if share < 1 else whole

    @property
    def overlap(self) -> int:
        return self._latent_edge // OVERLAP_SHARE

    @property
    def _latent_edge(self) -> int:
        model = self.model
        return max(2, self.edge // model.multiple) * model.multiple // model.latent_factor

    def ticked(self, note: str) -> None:
        """One UNet call is done."""
        self.done += 1
        self.report.progress(self.done, self.total, note)


def latent_extent(job: Job, scene: Scene) -> Extent:
    height, width = scene.size
    return Extent(width // job.model.latent_factor, height // job.model.latent_factor)


def pass_steps(job: Job, scene: Scene, share: float = 1.0) -> int:
    """UNet calls that `denoised` will make for a scene."""
    return len(job.timesteps(share)) * len(job.views(latent_extent(job, scene)))


def denoised(
    job: Job, scene: Scene, note: str, earlier: Tensor | None = None, share: float = REFINE_SHARE
) -> Tensor:
    """Paint the masked part of a scene.

    Args:
        scene: Sides are multiples of the model's `multiple`.
        earlier: (1,3,H,W) in [0, 1], a picture to start from; None to start from noise.
        share: Of the path that is gone again over an earlier picture, 0 to 1.

    Returns:
        (1,3,H,W) in [0, 1].
    """
    model = job.model
    scene = scene.on_grid(model.latent_factor)
    extent = latent_extent(job, scene)
    views = job.views(extent)
    mask = scene.mask[..., :: model.latent_factor, :: model.latent_factor].to(model.device)
    known = encoded(job, scene.known_picture() if model.inpaints else scene.picture * 2 - 1)
    noise = position_noise(job.seed, model.latent_channels, extent.height, extent.width).to(model.device)
    timesteps = job.timesteps(share if earlier is not None else 1.0)
    x = noise
    if earlier is not None:
        x = model.schedule.noised(encoded(job, earlier * 2 - 1), noise, timesteps[0])
    guides = [view_guides(job, scene, view) for view in views]
    contexts = [
        Context(job.words, job.negative, tiles.cut(mask, view), tiles.cut(known, view)) for view in views
    ]
    guidance, control = StrokeGuidance(against_none=model.strokes_guided), ControlGuidance(model.place)
    moment = job.moment
    moment.steps, moment.tiles = len(timesteps), len(views)
    with attached(model.unet, [guidance, control, *job.loras, *job.adapters]):
        for index, t in enumerate(timesteps):
            outputs: list[Tensor] = []
            then = timesteps[index + 1] if index + 1 < len(timesteps) else None
            moment.index, moment.t, moment.then = index, t, then
            control.share = moment.share
            for tile, (view, context, guide) in enumerate(zip(views, contexts, guides, strict=True)):
                job.report.check()
                moment.tile = tile
                guidance.features, control.hints = guide
                outputs.append(model.denoise(tiles.cut(x, view), t, context, job.guidance))
                job.ticked(note)
            output = tiles.blended(outputs, views, extent, job.overlap)
            if job.jumps:
                x, clean = model.schedule.jump(x, output, t, then, fresh_noise(job, index, x))
            else:
                x, clean = model.schedule.step(x, output, t, then)
            if not model.inpaints:
                x = torch.lerp(model.schedule.noised(known, noise, then), x, mask)
            for changed in job.after_step:
                x = changed(moment, x, clean)
            if then is not None and index % max(1, len(timesteps) // PREVIEWS) == 0:
                show(job, clean)
    return decoded(job, x)


def fresh_noise(job: Job, index: int, x: Tensor) -> Tensor:
    """Noise of its own for every jump, the same again for the same seed."""
    seed = (job.seed * MOST_STEPS + index + 1) % 2**63
    return position_noise(seed, *x.shape[1:]).to(x.device)


def view_guides(job: Job, scene: Scene, view: Bounds) -> tuple[list[Tensor] | None, list[Hint]]:
    """Features of the strokes in one tile, and hints for ControlNets, in the scene's own pixels."""
    model, factor = job.model, job.model.latent_factor
    tile = scene.cut(Bounds(*(factor * side for side in view)))
    strokes = tile.strokes()
    features = stroke_features(model.encode_strokes, model.encoders, strokes, job.strengths)
    return features, control_hints(model.controls, strokes, tile.picture, job.strengths)


def encoded(job: Job, picture: Tensor) -> Tensor:
    """Latents of a picture in [-1, 1] of any size."""
    edge, overlap = _vae_tiles(job)
    scale = 1 / job.model.latent_factor
    return tiles.in_tiles(_checked(job, job.model.encode), picture, edge=edge, overlap=overlap, scale=scale)


def decoded(job: Job, latents: Tensor) -> Tensor:
    """Picture in [0, 1] of latents of any size."""
    factor = job.model.latent_factor
    edge, overlap = (side // factor for side in _vae_tiles(job))
    decode = _checked(job, job.model.decode)
    picture = tiles.in_tiles(decode, latents, edge=edge, overlap=overlap, scale=factor)
    for note in job.model.take_notes():
        job.report.progress(job.done, job.total, note)
    return picture


def _checked(job: Job, work: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The same work, with a look before each tile whether it is still wanted."""

    def checked(tile: Tensor) -> Tensor:
        job.report.check()
        return work(tile)

    return checked


def _vae_tiles(job: Job) -> tuple[int, int]:
    factor = job.model.latent_factor
    edge = min(VAE_EDGE_SHARE * job.edge, job.model.autoencoder.largest_edge_px())
    edge = max(2 * factor, edge // factor * factor)
    return edge, edge // (4 * factor) * factor


def show(job: Job, clean: Tensor) -> None:
    """Send a rough preview, made without the decoder."""
    rgb = job.model.rgb_of(clean)
    scale = min(PREVIEW_EDGE_PX / max(rgb.shape[-2:]), job.model.latent_factor)
    size = [max(1, round(side * scale)) for side in rgb.shape[-2:]]
    rgb = interpolate(rgb, size, mode="bilinear", align_corners=False)[0]
    bgra = torch.cat([rgb.flip(0), torch.ones_like(rgb[:1])]).permute(1, 2, 0)
    data = np.ascontiguousarray((bgra * 255).round().to(torch.uint8).numpy()).tobytes()
    job.report.preview(job.done, size[1], size[0], data)
