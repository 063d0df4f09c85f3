# SPDX-License-Identifier: GPL-3.0-or-later
"""What the paint act costs beyond its denoising, and what the first picture of a fresh process costs."""

from __future__ import annotations

import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

from benchmarks.form import Figure, Progress, exact, interval, timing
from shared.errors import Refusal

if TYPE_CHECKING:
    from torch import Tensor

    from backend.acts.region.paint_input import PaintInput
    from backend.weights.runtime.base_model import BaseModel

EXAMPLE = "cup"
STEPS = 20
GUIDANCE = 2.0
RUNS, QUICK_RUNS = 15, 4
COLD_RUNS, QUICK_COLD_RUNS = 5, 1
POLL_S = 0.02


def run(quick: bool, seed: int, progress: Progress) -> list[Figure]:
    """The figures of the `paint` row, on the embedded family and a shipped drawing."""
    acts, loops = act_and_loop(QUICK_RUNS if quick else RUNS, seed, progress)
    ratios = [act / loop for act, loop in zip(acts, loops, strict=True)]
    cold: list[Cold] = []
    for number in range(QUICK_COLD_RUNS if quick else COLD_RUNS):
        cold.append(cold_run(seed))
        progress(f"cold start {number + 1}: {cold[-1].seconds:.1f} s, {cold[-1].peak_mib:.0f} MiB")
    return [
        interval("act_over_loop", ratios, "", of=statistics.median, seed=seed),
        timing("act_s", acts, "s"),
        timing("loop_s", loops, "s"),
        timing("cold_first_s", [one.seconds for one in cold], "s"),
        exact("peak_rss_mib", max(one.peak_mib for one in cold), "MiB"),
    ]


def act_and_loop(runs: int, seed: int, progress: Progress) -> tuple[list[float], list[float]]:
    """Seconds of the whole act and of the bare loop, in turn, so that a busy machine disturbs both."""
    from backend.acts.paint.paint import paint
    from backend.acts.report import Quiet
    from backend.weights.runtime.families import load_family

    model = load_family("embedded")
    input = drawing(seed)
    acts: list[float] = []
    loops: list[float] = []
    for number in range(runs + 1):
        start = time.perf_counter()
        paint(model, input, Quiet())
        middle = time.perf_counter()
        bare_loop(model, input)
        end = time.perf_counter()
        if number > 0:
            acts.append(middle - start)
            loops.append(end - middle)
            progress(f"run {number}: act {acts[-1]:.2f} s, bare loop {loops[-1]:.2f} s")
    return acts, loops


def drawing(seed: int) -> PaintInput:
    """A shipped drawing at half its size, which is painted in one piece, with settings of its own."""
    from backend.cli.paint import input_of, read_example

    files, prompt = read_example(EXAMPLE)
    whole = input_of(files, {"prompt": prompt, "seed": seed, "steps": STEPS, "guidance": GUIDANCE})
    return halved(whole)


def halved(input: PaintInput) -> PaintInput:
    """Every second pixel of every layer."""
    from shared.geometry import Bounds, Extent

    canvas = Extent(*(side // 2 for side in input.request.canvas))
    arrays = {name: getattr(input, name) for name in ("image", "mask", "contour", "detail", "colours")}
    surfaces = {name: getattr(input.request, name) for name in arrays}
    request = replace(
        input.request,
        canvas=canvas,
        area=Bounds.of(canvas),
        **{name: surface and replace(surface, extent=canvas) for name, surface in surfaces.items()},
    )
    smaller = {name: array if array is None else array[::2, ::2] for name, array in arrays.items()}
    return replace(input, request=request, **smaller)


def bare_loop(model: BaseModel, input: PaintInput) -> Tensor:
    """The same denoising with the same components and sizes, as a diffusers script would write it.

    It starts from tensors that are ready, and ends with the decoded tensor: no reading, no resizing, no
    matching of colours, no layer.
    """
    import torch

    from backend.acts.region.paint_plan import plan_paint
    from backend.imaging.masks import bounds_of
    from backend.weights.runtime.device import calculation
    from models.networks.sketch_fusion import Strokes, stroke_features
    from shared.geometry import Bounds

    canvas = input.request.canvas
    plan = plan_paint(bounds_of(input.mask[..., 0]).intersect(Bounds.of(canvas)), canvas, model.resolution)
    height, width = (-(-side // model.multiple) * model.multiple for side in plan.first)
    scheduler = diffusers_scheduler(model)
    scheduler.set_timesteps(STEPS)
    ones = torch.ones(1, 1, height, width)
    strokes = Strokes(ones, ones, torch.ones(1, 4, height, width), ones)
    with torch.inference_mode(), calculation(model.device):
        ids = model.tokenizer(
            [input.request.negative_prompt, input.request.prompt],
            padding="max_length",
            truncation=True,
            max_length=model.tokenizer.model_max_length,
            return_tensors="pt",
        ).input_ids
        words = model.text_encoder(ids.to(model.device)).last_hidden_state
        known = model.vae.encode(torch.zeros(1, 3, height, width, device=model.device)).latent_dist.mode()
        contour, detail, colour = (model.encoders[kind] for kind in ("contour", "detail", "colour"))
        features = [torch.cat([level] * 2) for level in stroke_features(contour, detail, colour, strokes)]
        x = torch.randn(known.shape, generator=torch.Generator().manual_seed(input.request.seed))
        mask = torch.ones_like(x[:, :1])
        for t in scheduler.timesteps:
            given = torch.cat([torch.cat([x, mask, known.float()], 1)] * 2)
            output = model.unet(
                given,
                t,
                encoder_hidden_states=words,
                down_intrablock_additional_residuals=[level.clone() for level in features],
            ).sample.float()
            without, with_words = output.chunk(2)
            x = scheduler.step(without + GUIDANCE * (with_words - without), t, x).prev_sample
        return model.vae.decode(x / model.vae.config.scaling_factor).sample


def diffusers_scheduler(model: BaseModel) -> Any:
    module = importlib.import_module("diffusers.schedulers.scheduling_ddim")
    return module.DDIMScheduler.from_config(model.schedule.config)


class Cold(NamedTuple):
    seconds: float
    peak_mib: float


def cold_run(seed: int) -> Cold:
    """Start a fresh process that paints one picture into a file, and watch it.

    Raises:
        Refusal: it failed; its own words follow.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.png"
        options = ["--example", EXAMPLE, "--steps", str(STEPS), "--seed", str(seed), "--out", str(out)]
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "paint", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "TERM": "dumb"},
        )
        peak = 0
        watched = psutil.Process(child.pid)
        while child.poll() is None:
            peak = max(peak, _resident(watched))
            time.sleep(POLL_S)
        seconds = time.perf_counter() - start
        _, said = child.communicate()
        if child.returncode != 0 or not out.exists():
            words = said.decode(errors="replace").strip()
            raise Refusal(f"The fresh process painted nothing: {words}", "Run `underdrawing doctor`.")
    return Cold(seconds, peak / (1 << 20))


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return 0
