# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers and peft state too narrow types, or none.)
"""The few-step student: a LoRA that makes the painter jump to the end of its own path in two to four steps.

Latent consistency distillation with guidance folded in. A network that predicts velocity needs no boundary
terms: its clean latents, sqrt(a) x - sqrt(1 - a) v, are x itself where a is 1.

Source: Luo et al. 2023, Latent Consistency Models, algorithm 1, and LCM-LoRA. Ours: velocity instead of the
skip and output weights of equation 9, the painter's own steps as the path, the running network as target.
"""

import contextlib
from collections.abc import Generator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from peft import LoraConfig
from peft.utils.save_and_load import get_peft_model_state_dict
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from models.networks.sketch_fusion import Strokes
from models.recipes import parallel
from models.recipes.export import EMBEDDED, LORA, load_painter, ship_student
from models.recipes.family import (
    DEFAULT_GUIDANCE,
    DEFAULT_STEPS,
    QUICK_STEPS,
    Painter,
    build_scheduler,
    paint_latents,
)
from models.recipes.grids import lines_over, picture_grid
from models.recipes.latents import decode
from models.recipes.loop import Plan, Training, best_device
from models.recipes.painter import KEPT_WEIGHT, Batch, PainterRecipe, on_device
from models.recipes.remake import Folders, Report, prepare
from models.recipes.studio_cache import SHARD

RANK = 16
LAYERS = ("to_q", "to_k", "to_v", "to_out.0", "net.0.proj", "net.2", "proj_in", "proj_out", "conv1", "conv2")
"""What the LoRA changes: attention, its feed-forward, and both convolutions of every block."""

HUBER = 0.03
"""Width of the round part of the loss, in units of the latents' spread."""


def add_lora(unet: UNet2DConditionModel, rank: int = RANK) -> nn.ParameterList:
    """Put a LoRA of no effect yet on a frozen UNet and return its weights."""
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=list(LAYERS)))
    return nn.ParameterList(weight for name, weight in unet.named_parameters() if "lora_" in name)


def save_lora(unet: UNet2DConditionModel, folder: Path) -> None:
    """Write the LoRA in fp16 as diffusers' `load_lora_weights` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    state: dict[str, Tensor] = get_peft_model_state_dict(unet)
    halves = {f"unet.{name}": value.detach().cpu().half().contiguous() for name, value in state.items()}
    save_file(halves, folder / LORA, metadata={"format": "pt"})


def clean_of(x: Tensor, v: Tensor, signal: Tensor) -> Tensor:
    """Latents without noise, from noisy ones (B,16,h,w), their velocity and the share of signal."""
    return signal.sqrt() * x - (1 - signal).sqrt() * v


def noise_of(x: Tensor, v: Tensor, signal: Tensor) -> Tensor:
    """The noise in them, likewise."""
    return signal.sqrt() * v + (1 - signal).sqrt() * x


class StudentRecipe(PainterRecipe):
    """Teach a LoRA on the painter's UNet to say at every point of the path where the path ends.

    Args: as of `PainterRecipe`; the painter is the teacher, and stays as it is but for its LoRA.
    """

    def __init__(
        self, painter: Painter, *args: Any, guidance: float = DEFAULT_GUIDANCE, **options: Any
    ) -> None:
        for network in painter.networks.values():
            network.requires_grad_(False)
        self.lora = add_lora(painter.unet)
        self.guidance = guidance
        super().__init__(painter, *args, **options)
        scheduler = build_scheduler()
        scheduler.set_timesteps(DEFAULT_STEPS)
        times = scheduler.timesteps
        self.times = torch.cat([times, times.new_zeros(1)]).to(self.device)
        self.signals = torch.cat([scheduler.alphas_cumprod[times], torch.ones(1)]).to(self.device)

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"lora": self.lora}

    @contextlib.contextmanager
    def teacher(self) -> Generator[None]:
        """Run the body with the LoRA switched off."""
        self.painter.unet.disable_adapters()
        try:
            yield
        finally:
            self.painter.unet.enable_adapters()

    def loss(self, step: int, progress: float) -> Tensor:
        rng = np.random.default_rng(int(torch.randint(1 << 62, ()).item()))
        batch = self._drop(self.learnt.draw(rng, self.batch), rng, progress)
        place = torch.from_numpy(rng.permutation(DEFAULT_STEPS)).repeat(-(-self.batch // DEFAULT_STEPS))
        place = place[: self.batch].to(self.device)
        clean, strokes = batch.whole.to(self.device), on_device(batch.strokes, self.device)
        here, there = (self.signals[at].view(-1, 1, 1, 1) for at in (place, place + 1))
        noisy = here.sqrt() * clean + (1 - here).sqrt() * torch.randn_like(clean)
        with torch.autocast(self.device.type, torch.bfloat16):
            ask = partial(self._velocity, batch, strokes, self.painter.features(strokes))
            with torch.no_grad():
                with self.teacher():
                    v = ask(noisy, self.times[place], self.guidance)
                then = there.sqrt() * clean_of(noisy, v, here) + (1 - there).sqrt() * noise_of(noisy, v, here)
                target = clean_of(then, ask(then, self.times[place + 1]), there)
            made = clean_of(noisy, ask(noisy, self.times[place]), here)
        local = adaptive_avg_pool2d(strokes.mask, clean.shape[-2:])
        weight = KEPT_WEIGHT + (1 - KEPT_WEIGHT) * local
        error = ((made - target).square() + HUBER**2).sqrt() - HUBER
        return (error * weight).mean() / weight.mean()

    def _velocity(
        self,
        batch: Batch,
        strokes: Strokes,
        features: list[Tensor],
        x: Tensor,
        time: Tensor,
        guidance: float = 1.0,
    ) -> Tensor:
        """Ask the UNet once, with guidance twice as one batch."""
        kept, ids = batch.kept.to(self.device), batch.ids.to(self.device)
        if guidance == 1:
            return self.painter.velocity(x, time, kept, strokes.mask, ids, features).float()
        both = self.painter.velocity(
            torch.cat([x, x]),
            torch.cat([time, time]),
            torch.cat([kept, kept]),
            torch.cat([strokes.mask, strokes.mask]),
            torch.cat([ids, self.empty_ids.to(self.device).expand_as(ids)]),
            [torch.cat([level, torch.zeros_like(level)]) for level in features],
        )
        told, untold = both.float().chunk(2)
        return untold + guidance * (told - untold)

    def grid(self) -> Image.Image:
        """Strokes, the teacher in few steps, the student in as many, the teacher in all, the truth."""
        batch = self.shown.at([(0, i * (SHARD // 8)) for i in range(8)])
        batch.strokes.mask[:] = 1
        batch.kept[:] = self.nothing_kept.cpu()
        strokes, kept = on_device(batch.strokes, self.device), batch.kept.to(self.device)
        ids, none = batch.ids.to(self.device), self.empty_ids.expand(len(batch.ids), -1).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            with self.teacher():
                hasty = paint_latents(self.painter, kept, strokes, ids, none, steps=QUICK_STEPS)
                careful = paint_latents(self.painter, kept, strokes, ids, none)
            jumped = jump_latents(self.painter, kept, strokes, ids)
        columns = [decode(self.vae, z) for z in (hasty, jumped, careful, batch.whole.to(self.device))]
        lines = [
            lines_over(*row) for row in zip(strokes.contour, strokes.detail, strokes.colour, strict=True)
        ]
        return picture_grid([list(row) for row in zip(lines, *columns, strict=True)])


@torch.no_grad()
def jump_latents(
    painter: Painter, kept: Tensor, strokes: Strokes, ids: Tensor, *, steps: int = QUICK_STEPS, seed: int = 0
) -> Tensor:
    """Paint with the student: jump to the end, take fresh noise, jump again; one pass a step.

    Args: as of `paint_latents`.

    Source: Luo et al. 2023, algorithm 3 (multistep sampling of Song et al. 2023).
    """
    scheduler = build_scheduler()
    scheduler.set_timesteps(steps)
    dice = torch.Generator().manual_seed(seed)
    clean = torch.zeros_like(kept)
    features = painter.features(strokes)
    for time in scheduler.timesteps:
        signal = scheduler.alphas_cumprod[time]
        noise = torch.randn(kept.shape, generator=dice).to(kept.device)
        x = signal.sqrt() * clean + (1 - signal).sqrt() * noise
        v = painter.velocity(x, time.to(kept.device).expand(len(x)), kept, strokes.mask, ids, features)
        clean = clean_of(x, v.float(), signal)
    return clean


def train_student(
    root: Path,
    minutes: float,
    *,
    size: int,
    batch: int,
    threads: int,
    resume: bool,
    report: Report,
    family: Path = EMBEDDED,
    ship: bool = False,
) -> None:
    """Distil an exported family into `root/student/lora`; its encoded pictures must lie in `root`.

    Args:
        ship: Put the student into the family.
    """
    report = prepare(threads, report)
    folders = Folders(root)
    vae, painter, tokenizer = load_painter(family)
    recipe = StudentRecipe(
        painter,
        vae,
        tokenizer,
        folders.latents(size),
        folders.pictures,
        best_device(),
        batch=batch,
        guides=(folders.held_latents(size), folders.held_out),
    )
    plan = Plan(minutes=minutes, lr=1e-3, warmup=20, average=0.98, log_every=20, save_minutes=5)
    training = Training(recipe, plan, root / "student", report)
    if resume:
        training.resume()
    training.run()
    with training.averaged():
        if parallel.rank() == 0:
            save_lora(painter.unet, root / "student" / "lora")
            if ship:
                ship_student(root / "student" / "lora", family)
