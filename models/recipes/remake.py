# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""The stages of making the family, each resumable, all in one folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import nn
from transformers import CLIPTokenizer

from models.recipes import parallel
from models.recipes.captions import learn_tokenizer
from models.recipes.checkpoint import load_checkpoint
from models.recipes.export import EMBEDDED, export_family, write_catalogue
from models.recipes.family import Painter
from models.recipes.latents import LatentCache
from models.recipes.loop import Plan, Training, best_device
from models.recipes.painter import PainterRecipe
from models.recipes.studio import Sample, render
from models.recipes.studio_cache import SHARD, StudioCache
from models.recipes.vae import VaeRecipe, build_vae, images_at, set_scale

SCALED_BY = range(64)
"""Pictures that the latents' spread is measured on: always the same, so that it never changes."""

Report = Callable[[str], None]
SIZES = (128, 256)
"""The painter learns at the first size and is finished at the second."""

BATCHES = (24, 8)
"""Pictures per step and process at each size."""

ENCODED_SHARDS: dict[int, int | None] = {128: 40, 256: None}
"""Shards of pictures that are encoded at each size; None for all: few pictures seen often are learnt by heart."""


@dataclass(frozen=True)
class Folders:
    """Where each stage keeps what it makes."""

    root: Path

    @property
    def pictures(self) -> StudioCache:
        return StudioCache(self.root / "studio")

    @property
    def held_out(self) -> StudioCache:
        return StudioCache(self.root / "held_out")

    def latents(self, size: int) -> LatentCache:
        return LatentCache(self.root / f"latents-{size}", size)

    def held_latents(self, size: int) -> LatentCache:
        return LatentCache(self.root / f"held-latents-{size}", size)


def _held_out(seed: int, size: int) -> Sample:
    return render(seed, size, "held_out")


def render_pictures(root: Path, count: int, report: Report) -> None:
    """Render the training pictures and one shard of held-out ones; processes share the work."""
    folders = Folders(root)
    me, all_of_us = parallel.rank(), parallel.world()
    folders.held_out.fill(SHARD, _held_out, worker=me, workers=all_of_us, report=report)
    folders.pictures.fill(count, render, worker=me, workers=all_of_us, report=report)
    parallel.barrier()


def _prepare(threads: int, report: Report) -> Report:
    parallel.join()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    return report if parallel.rank() == 0 else lambda line: None


def restore_mean(network: nn.Module, name: str, checkpoint: Path) -> None:
    """Load the averaged weights of one network of a checkpoint."""
    tensors, _ = load_checkpoint(checkpoint)
    prefix = f"mean.{name}."
    network.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})


def train_vae(root: Path, minutes: float, *, threads: int, resume: bool, report: Report) -> None:
    """Train the autoencoder; rendered pictures must be there, more may come meanwhile."""
    report = _prepare(threads, report)
    recipe = VaeRecipe(build_vae(), Folders(root).pictures, best_device())
    training = Training(recipe, Plan(minutes=minutes, lr=3e-3), root / "vae", report)
    if resume:
        training.resume()
    training.run()


def trained_vae(root: Path) -> AutoencoderKL:
    """The averaged autoencoder with its scaling factor, frozen.

    Raises:
        FileNotFoundError: it was not trained yet.
    """
    vae = build_vae()
    restore_mean(vae, "vae", root / "vae" / "checkpoint")
    vae.requires_grad_(False).eval().to(best_device(), memory_format=torch.channels_last)
    set_scale(vae, images_at(Folders(root).pictures.open(), SCALED_BY).to(best_device()))
    return vae


def tokenizer_of(root: Path) -> CLIPTokenizer:
    """The tokenizer of this training; learnt from the captions when first asked for."""
    folder = root / "tokenizer"
    if not (folder / "tokenizer.json").exists() and parallel.rank() == 0:
        learn_tokenizer((caption for caption, _ in Folders(root).pictures.open().texts), folder)
    parallel.barrier()
    return CLIPTokenizer.from_pretrained(folder)


def encode_pictures(root: Path, size: int, vae: AutoencoderKL, report: Report) -> None:
    """Encode whatever is rendered and not yet encoded; processes share the work."""
    folders = Folders(root)
    me, all_of_us = parallel.rank(), parallel.world()
    folders.held_latents(size).fill(folders.held_out, vae, worker=me, workers=all_of_us, report=report)
    folders.latents(size).fill(
        folders.pictures, vae, shards=ENCODED_SHARDS[size], worker=me, workers=all_of_us, report=report
    )
    parallel.barrier()


def train_painter(
    root: Path, minutes: float, *, size: int, batch: int, threads: int, resume: bool, report: Report
) -> None:
    """Train the painter at one size; beyond the first size it starts from what the size before gave."""
    report = _prepare(threads, report)
    vae, tokenizer, folders = trained_vae(root), tokenizer_of(root), Folders(root)
    encode_pictures(root, size, vae, report)
    painter = Painter.build(tokenizer)
    recipe = PainterRecipe(
        painter,
        vae,
        tokenizer,
        folders.latents(size),
        folders.pictures,
        best_device(),
        batch=batch,
        guides=(folders.held_latents(size), folders.held_out),
    )
    plan = Plan(minutes=minutes, lr=2e-3 if size == SIZES[0] else 1.5e-3, average=0.995, save_minutes=5)
    training = Training(recipe, plan, root / f"painter-{size}", report)
    before = SIZES.index(size) - 1
    if resume:
        training.resume()
    elif before >= 0:
        training.start_from(root / f"painter-{SIZES[before]}" / "checkpoint")
    training.run()


def trained_painter(root: Path, tokenizer: CLIPTokenizer) -> tuple[Painter, int]:
    """The averaged painter of the largest size that was trained, and that size.

    Raises:
        FileNotFoundError: none was trained yet.
    """
    for size in reversed(SIZES):
        checkpoint = root / f"painter-{size}" / "checkpoint"
        if checkpoint.exists():
            painter = Painter.build(tokenizer)
            networks: Mapping[str, nn.Module] = painter.networks
            for name, network in networks.items():
                restore_mean(network, name, checkpoint)
            return painter, size
    raise FileNotFoundError(f"no painter was trained in {root}")


def export_trained(root: Path, to: Path | None, report: Report) -> None:
    """Export the averaged networks; into the repository also its catalogue entry."""
    tokenizer = tokenizer_of(root)
    painter, size = trained_painter(root, tokenizer)
    export_family(to or EMBEDDED, trained_vae(root).cpu(), painter, tokenizer, resolution=size)
    if to is None:
        write_catalogue(resolution=size)
    report(f"exported the family for {size} px to {to or EMBEDDED}")


def remake(
    root: Path,
    minutes: float,
    *,
    count: int,
    threads: int,
    resume: bool,
    report: Report,
    to: Path | None = None,
) -> None:
    """Run every stage in turn; a third of the time for the autoencoder, a third at each painter size."""
    report = _prepare(threads, report)
    render_pictures(root, count, report)
    third = minutes / 3
    train_vae(root, third, threads=threads, resume=_begun(root, "vae", resume), report=report)
    parallel.barrier()
    for size, batch in zip(SIZES, BATCHES, strict=True):
        begun = _begun(root, f"painter-{size}", resume)
        train_painter(root, third, size=size, batch=batch, threads=threads, resume=begun, report=report)
        parallel.barrier()
    if parallel.rank() == 0:
        export_trained(root, to, report)
    parallel.leave()


def _begun(root: Path, stage: str, resume: bool) -> bool:
    return resume and (root / stage / "checkpoint").exists()
