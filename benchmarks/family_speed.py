# SPDX-License-Identifier: GPL-3.0-or-later
"""Large models: what our act costs beyond diffusers' own pipeline, and what SD 1.5 and XL cost on a GPU.

The weights are random: speed and memory do not depend on what a model has learnt.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.weights.files.releases import Release
from backend.weights.runtime.sd15 import SD15
from backend.weights.runtime.sdxl import SDXL
from benchmarks.form import Figure, Progress, exact, interval, timing

if TYPE_CHECKING:
    import torch

    from backend.acts.region.paint_input import PaintInput
    from backend.weights.runtime.base_model import BaseModel

RUNS, QUICK_RUNS = 15, 4
STEPS, SMALL_STEPS, LIVE_STEPS = 20, 6, 4
GUIDANCE = 4.0
SMALL_SIDE = 256
SMALL: dict[str, dict[str, Any]] = {
    "unet": {
        "in_channels": 9,
        "block_out_channels": [64, 128, 128, 128],
        "cross_attention_dim": 128,
    },
    "vae": {"block_out_channels": [32, 64, 64, 64]},
    "text_encoder": {
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
    },
}
"""SD 1.5 for inpainting, made small enough for a processor; what remains is its shape."""


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """The figures that this machine can give."""
    figures = over_pipeline(QUICK_RUNS if quick else RUNS, seed, progress)
    torch: Any = importlib.import_module("torch")
    if torch.cuda.is_available():
        for release in (SD15, SDXL):
            try:
                figures += on_gpu(release, QUICK_RUNS if quick else RUNS, seed, progress)
            except torch.OutOfMemoryError:
                progress(f"{release.title} at full size has no room on this GPU")
    return figures


def over_pipeline(runs: int, seed: int, progress: Progress) -> list[Figure]:
    """Our act over diffusers' inpainting pipeline, in turn, so that a busy machine disturbs both."""
    import torch

    from backend.acts.paint.paint import paint
    from backend.acts.report import Quiet

    device = torch.device("cpu")
    small = replace(SD15, words_width=128, resolution=SMALL_SIDE)
    model = random_model(small, SMALL, device, torch.float32, seed)
    input, pipeline = whole_canvas(SMALL_SIDE, seed, SMALL_STEPS), inpaint_pipeline(model)
    acts: list[float] = []
    theirs: list[float] = []
    for number in range(runs + 1):
        start = time.perf_counter()
        paint(model, input, Quiet())
        middle = time.perf_counter()
        run_pipeline(pipeline, model, input)
        end = time.perf_counter()
        if number > 0:
            acts.append(middle - start)
            theirs.append(end - middle)
            progress(f"run {number}: act {acts[-1]:.2f} s, pipeline {theirs[-1]:.2f} s")
    ratios = [act / pipe for act, pipe in zip(acts, theirs, strict=True)]
    return [
        interval("act_over_pipeline", ratios, of=statistics.median, seed=seed),
        timing("act_s", acts, "s"),
        timing("pipeline_s", theirs, "s"),
    ]


def on_gpu(release: Release, runs: int, seed: int, progress: Progress) -> list[Figure]:
    """Seconds of a whole painting and peak memory, at full size; SD 1.5 also in few steps."""
    import torch

    device, base, side = torch.device("cuda"), release.base, release.resolution
    progress(f"making random weights of {release.title}")
    model = random_model(release, {}, device, torch.float16, seed)
    torch.cuda.reset_peak_memory_stats(device)
    times = painted(model, whole_canvas(side, seed, STEPS), runs)
    peak = torch.cuda.max_memory_allocated(device) / 2**30
    progress(f"{release.title}: {statistics.median(times):.2f} s, {peak:.1f} GiB")
    figures = [exact(f"{base}_peak_gib", peak, "GiB"), timing(f"{base}_{side}_{STEPS}_s", times, "s")]
    if release is SD15:
        model.title = "lcm"  # few steps, and one pass for each
        live = painted(model, whole_canvas(side, seed, LIVE_STEPS, guidance=0.0), runs)
        figures.append(timing(f"{base}_live_{LIVE_STEPS}_ms", [1000 * one for one in live]))
    return figures


def painted(model: BaseModel, input: PaintInput, runs: int) -> list[float]:
    """Seconds of each act; the first, which warms up, does not count."""
    import torch

    from backend.acts.paint.paint import paint
    from backend.acts.report import Quiet

    times: list[float] = []
    for _ in range(runs + 1):
        torch.cuda.synchronize()
        start = time.perf_counter()
        paint(model, input, Quiet())
        times.append(time.perf_counter() - start)
    return times[1:]


def random_model(
    release: Release, changes: Mapping[str, Any], device: torch.device, dtype: torch.dtype, seed: int
) -> BaseModel:
    """A release's networks, or smaller ones, with random weights.

    Args:
        changes: To the shipped configurations, by part.
    """
    import torch

    from backend.weights.files.clip_tokenizer import END, clip_tokenizer
    from backend.weights.files.components import Components, component_class, scheduler_of
    from backend.weights.files.single_file import config_of
    from backend.weights.runtime.assembly import base_model
    from backend.weights.runtime.checkpoints import Companions

    def network(kind: str, part: str) -> Any:
        config = config_of(release, part) | changes.get(part, {})
        made = component_class("CLIPTextConfig")(**config) if kind.startswith("CLIP") else config
        whole = component_class(kind)(made) if made is not config else component_class(kind).from_config(made)
        return torch.nn.Module.to(whole, dtype)

    torch.random.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType] - torch's own type is partial
    second = len(release.texts) > 1
    with torch.device(device):
        parts = Components(
            vae=network("AutoencoderKL", "vae"),
            unet=network("UNet2DConditionModel", "unet"),
            text_encoder=network("CLIPTextModel", "text_encoder"),
            tokenizer=clip_tokenizer(),
            scheduler=None,
            text_encoder_2=network("CLIPTextModelWithProjection", "text_encoder_2") if second else None,
            tokenizer_2=clip_tokenizer(release.texts[1].pad or END) if second else None,
            zeros_when_empty=second,
        )
    parts = replace(parts, scheduler=scheduler_of(config_of(release, "scheduler")))
    return base_model(parts, release, Companions(), release.title, device, dtype)


def whole_canvas(side: int, seed: int, steps: int, guidance: float = GUIDANCE) -> PaintInput:
    """A grey canvas whose middle is to be painted; the piece is the whole canvas."""
    import numpy as np

    from backend.acts.region.paint_input import PaintInput
    from shared.acts import PaintRequest
    from shared.geometry import Bounds, Extent
    from shared.messages import Surface

    canvas = Extent(side, side)
    mask = np.zeros((side, side, 1), np.uint8)
    mask[side // 8 : -side // 8, side // 8 : -side // 8] = 255
    image = np.full((side, side, 4), 128, np.uint8)
    image[..., 3] = 255
    request = PaintRequest(
        canvas=canvas,
        area=Bounds.of(canvas),
        mask=Surface(canvas, "grey_u8", ()),
        image=Surface(canvas, "bgra_u8", ()),
        prompt="a red cup on a table",
        seed=seed,
        steps=steps,
        guidance=guidance,
    )
    return PaintInput(request, image, mask, None, None, None)


def inpaint_pipeline(model: BaseModel) -> Any:
    """diffusers' inpainting pipeline of the same components."""
    module: Any = importlib.import_module(
        "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_inpaint"
    )
    schedulers: Any = importlib.import_module("diffusers.schedulers.scheduling_ddim")
    pipeline = module.StableDiffusionInpaintPipeline(
        vae=model.vae,
        text_encoder=model.text_encoder,
        tokenizer=model.tokenizer,
        unet=model.unet,
        scheduler=schedulers.DDIMScheduler.from_config(model.schedule.config),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def run_pipeline(pipeline: Any, model: BaseModel, input: PaintInput) -> None:
    """The same painting by diffusers alone, from and to pictures."""
    import torch
    from PIL import Image

    from backend.weights.runtime.device import calculation

    request = input.request
    if input.image is None:
        raise ValueError("there is no picture to paint in")
    with torch.inference_mode(), calculation(model.device):
        pipeline(
            request.prompt,
            image=Image.fromarray(input.image[..., 2::-1].copy()),
            mask_image=Image.fromarray(input.mask[..., 0]),
            height=request.canvas.height,
            width=request.canvas.width,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance,
            strength=1.0,
            generator=torch.Generator().manual_seed(request.seed),
        )
