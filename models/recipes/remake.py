# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""The stages of making the family, each resumable, all in one folder."""

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

from models.networks.clip import Clip
from models.recipes import parallel
from models.recipes.captions import learn_tokenizer
from models.recipes.checkpoint import load_checkpoint, restore_mean, save_checkpoint
from models.recipes.clip import CHOICES, ClipRecipe, build_clip
from models.recipes.export import EMBEDDED, export_family, load_painter, load_towers, write_catalogue
from models.recipes.family import Painter, build_text_encoder, retokenised
from models.recipes.folders import Folders
from models.recipes.line_pictures import LinePictures
from models.recipes.loop import Plan, Training, best_device
from models.recipes.painter import PainterRecipe
from models.recipes.presets import preset_of
from models.recipes.studio import Sample, render
from models.recipes.studio_cache import SHARD, Renderer, StudioCache
from models.recipes.vae import VaeRecipe, build_vae, images_at, set_scale

SCALED_BY = range(64)
"""Pictures that the latents' spread is measured on: always the same, so that it never changes."""

SCALE = "scaling_factor"
"""Where a checkpoint of the autoencoder keeps the spread it was exported with."""

Report = Callable[[str], None]
SIZES = (128, 256)
"""The painter learns at the first size and is finished at the second."""

KNOWN_SHARE = 0.1
"""Share of the rate for a text tower that begins with what a painter knows."""


def _held_out(seed: int, size: int) -> Sample:
    return render(seed, size, "held_out")


def _from(first: int, seed: int, size: int) -> Sample:
    return render(first + seed, size)


def render_pictures(root: Path, count: int, report: Report, *, workers: int = 1, first: int = 0) -> None:
    """Render the training pictures and one shard of held-out ones; processes share the work.

    Args:
        workers: processes that this one starts for it.
        first: seed of the first picture; a training that goes on elsewhere takes others than it has seen.
    """
    folders = Folders(root)
    _fill(folders.held_out, SHARD, _held_out, 1, report)
    _fill(folders.pictures, count, partial(_from, first), workers, report)
    parallel.barrier()


def _fill(cache: StudioCache, count: int, draw: Renderer, workers: int, report: Report) -> None:
    first, all_of_us = parallel.rank() * workers, parallel.world() * workers
    if workers == 1:
        cache.fill(count, draw, worker=first, workers=all_of_us, report=report)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        parts = [
            pool.submit(cache.fill, count, draw, worker=first + i, workers=all_of_us) for i in range(workers)
        ]
        for part in parts:
            part.result()


def prepare(threads: int, report: Report) -> Report:
    """Join the other processes and set the threads of this one; only the first reports."""
    parallel.join()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    return report if parallel.rank() == 0 else lambda line: None


def train_vae(
    root: Path,
    minutes: float,
    *,
    threads: int,
    resume: bool,
    report: Report,
    start: Path | None = None,
    rate: float = 3e-3,
) -> None:
    """Train the autoencoder; rendered pictures must be there, more may come meanwhile.

    Where `train extractor` has rendered scenes with the surfaces of photographs, it learns from them, too.

    Args:
        start: Exported family whose autoencoder it begins with; None for a new one.
        rate: Peak rate of learning.
    """
    report, preset = prepare(threads, report), preset_of(root)
    vae = build_vae(preset.vae)
    if start is not None:
        vae.load_state_dict(load_painter(start)[0].state_dict())
    scenes = LinePictures(root / "line-pictures")
    recipe = VaeRecipe(
        vae,
        Folders(root).pictures,
        best_device(),
        batch=preset.crops,
        crop_px=preset.crop_px,
        surfaces=scenes.open() if scenes.folder.exists() else (),
    )
    training = Training(recipe, Plan(minutes=minutes, lr=rate), root / "vae", report)
    if resume:
        training.resume()
    training.run()


def trained_vae(root: Path) -> AutoencoderKL:
    """The averaged autoencoder with its scaling factor, frozen.

    Raises:
        FileNotFoundError: it was not trained yet.
    """
    vae = build_vae(preset_of(root).vae)
    restore_mean(vae, "vae", root / "vae" / "checkpoint")
    vae.requires_grad_(False).eval().to(best_device(), memory_format=torch.channels_last)
    _, kept = load_checkpoint(root / "vae" / "checkpoint")
    if SCALE in kept:
        vae.register_to_config(scaling_factor=kept[SCALE])
    else:
        set_scale(vae, images_at(Folders(root).pictures.open(), SCALED_BY).to(best_device()))
    return vae


def take_up(root: Path, family: Path, report: Report) -> None:
    """Begin a training with an exported family: its autoencoder, painter and CLIP, as if trained here.

    The next `train painter` starts from it, with a new budget. Where pictures are rendered the tokenizer is
    learnt from their captions, and what was learnt of the family's own tokens is carried over.

    Raises:
        FileExistsError: a training was begun here.
    """
    if Folders(root).begun.exists() or (root / "vae" / "checkpoint").exists():
        raise FileExistsError(f"a training was begun in {root}")
    vae, painter, words = load_painter(family)
    if Folders(root).pictures.folder.exists():
        text = retokenised(painter.text_encoder, words, tokenizer_of(root))
        painter = replace(painter, text_encoder=text)
    else:
        words.save_pretrained(root / "tokenizer")
    means = {f"mean.vae.{name}": value for name, value in vae.state_dict().items()}
    begun = {"step": 0.0, "seconds": 0.0}
    save_checkpoint(root / "vae" / "checkpoint", means, begun | {SCALE: vae.config["scaling_factor"]})
    means = {
        f"mean.{name}.{key}": value
        for name, network in painter.networks.items()
        for key, value in network.state_dict().items()
    }
    if (clip := load_towers(family)) is not None:
        means |= {
            f"mean.{name}.{key}": value
            for name, network in clip.items()
            for key, value in network.state_dict().items()
        }
    save_checkpoint(Folders(root).begun, means, begun)
    report(f"took up {family} in {root}")


def tokenizer_of(root: Path) -> CLIPTokenizer:
    """The tokenizer of this training; learnt from the captions when first asked for."""
    folder = root / "tokenizer"
    if not (folder / "tokenizer.json").exists() and parallel.rank() == 0:
        learn_tokenizer(Folders(root).pictures.every_caption(), folder)
    parallel.barrier()
    return CLIPTokenizer.from_pretrained(folder)


def train_clip(
    root: Path,
    minutes: float,
    *,
    start: Path | None,
    threads: int,
    resume: bool,
    report: Report,
    under_painter: bool = False,
) -> None:
    """Train CLIP on rendered pictures; from now on the painter is trained under its text tower.

    Args:
        start: folder of a text encoder to begin with, learnt slowly so that a painter trained under it can
            follow; None for a new one.
        under_painter: the text tower is that of the painter trained here, and stays as it is; the image
            tower begins with that of a family that was taken up.
    """
    report = prepare(threads, report)
    folders, tokenizer, preset = Folders(root), tokenizer_of(root), preset_of(root)
    text = build_text_encoder(tokenizer)
    if start is not None:
        text = CLIPTextModel.from_pretrained(start, dtype=torch.float32)
    recipe = ClipRecipe(
        build_clip(text, preset.clip_width, preset.clip_layers),
        tokenizer,
        folders.pictures.open(),
        folders.held_out.open(),
        best_device(),
        batch=preset.captions,
    )
    shares = {} if start is None else {"text_encoder": KNOWN_SHARE}
    training = Training(
        recipe,
        Plan(minutes=minutes, lr=2e-3, warmup=40, average=0.99, log_every=20, shares=shares),
        root / "clip",
        report,
    )
    if resume:
        training.resume()
    elif under_painter and Folders(root).begun.exists():
        training.start_from(Folders(root).begun, ("image_encoder", "head"))
    if under_painter:
        painter, _ = trained_painter(root, tokenizer)
        training.freeze("text_encoder", painter.text_encoder.state_dict())
    training.run()
    with training.averaged():
        found, named = recipe.retrieval()
    report(f"clip_top1_of_{CHOICES} caption to picture {found:.2f}, picture to caption {named:.2f}")


def trained_clip(root: Path, tokenizer: CLIPTokenizer) -> Clip:
    """The averaged CLIP, frozen.

    Raises:
        FileNotFoundError: it was not trained yet.
    """
    preset = preset_of(root)
    clip = build_clip(build_text_encoder(tokenizer), preset.clip_width, preset.clip_layers)
    for name in ("text_encoder", "image_encoder", "head"):
        restore_mean(getattr(clip, name), name, root / "clip" / "checkpoint")
    return clip.requires_grad_(False).eval()


def encode_pictures(root: Path, size: int, vae: AutoencoderKL, report: Report) -> None:
    """Encode whatever is rendered and not yet encoded; processes share the work."""
    folders = Folders(root)
    me, all_of_us = parallel.rank(), parallel.world()
    folders.held_latents(size).fill(folders.held_out, vae, worker=me, workers=all_of_us, report=report)
    shards = preset_of(root).encoded[size]
    folders.latents(size).fill(
        folders.pictures, vae, shards=shards, worker=me, workers=all_of_us, report=report
    )
    parallel.barrier()


def train_painter(
    root: Path,
    minutes: float,
    *,
    size: int,
    batch: int | None,
    threads: int,
    resume: bool,
    report: Report,
    rate: float | None = None,
) -> None:
    """Train the painter at one size, from what the size before gave, or from a family that was taken up.

    `batch` pictures per step and process, None for those of the preset; `rate` of learning likewise.
    Where a CLIP was trained its text tower takes the text encoder's place and is frozen.
    """
    report = prepare(threads, report)
    vae, tokenizer, folders = trained_vae(root), tokenizer_of(root), Folders(root)
    encode_pictures(root, size, vae, report)
    painter = Painter.build(tokenizer, preset_of(root).unet)
    recipe = PainterRecipe(
        painter,
        vae,
        tokenizer,
        folders.latents(size),
        folders.pictures,
        best_device(),
        batch=batch or preset_of(root).batches[size],
        guides=(folders.held_latents(size), folders.held_out),
    )
    usual = 2e-3 if size == SIZES[0] else 1.5e-3
    plan = Plan(minutes=minutes, lr=rate or usual, average=0.995, save_minutes=5)
    training = Training(recipe, plan, root / f"painter-{size}", report)
    smaller = root / f"painter-{SIZES[0]}" / "checkpoint"
    if resume:
        training.resume()
    elif size != SIZES[0] and smaller.exists():
        training.start_from(smaller)
    elif Folders(root).begun.exists():
        training.start_from(Folders(root).begun)
    elif size != SIZES[0]:
        raise FileNotFoundError(f"no painter was trained at {SIZES[0]} px in {root}, and no family taken up")
    if (root / "clip" / "checkpoint").exists():
        training.freeze("text_encoder", trained_clip(root, tokenizer).text_encoder.state_dict())
        report("the text tower of CLIP is in place and frozen")
    training.run()


def trained_painter(root: Path, tokenizer: CLIPTokenizer) -> tuple[Painter, int]:
    """The averaged painter of the largest size that was trained, and that size.

    Raises:
        FileNotFoundError: none was trained yet.
    """
    trained = [(size, root / f"painter-{size}" / "checkpoint") for size in reversed(SIZES)]
    for size, checkpoint in (*trained, (SIZES[-1], Folders(root).begun)):
        if checkpoint.exists():
            painter = Painter.build(tokenizer, preset_of(root).unet)
            networks: Mapping[str, nn.Module] = painter.networks
            for name, network in networks.items():
                restore_mean(network, name, checkpoint)
            return painter, size
    raise FileNotFoundError(f"no painter was trained in {root}")


def export_trained(root: Path, to: Path | None, report: Report) -> None:
    """Export the averaged networks; into the repository also its catalogue entry."""
    tokenizer = tokenizer_of(root)
    painter, size = trained_painter(root, tokenizer)
    clip = trained_clip(root, tokenizer) if (root / "clip" / "checkpoint").exists() else None
    export_family(to or EMBEDDED, trained_vae(root).cpu(), painter, tokenizer, resolution=size, clip=clip)
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
    workers: int = 1,
) -> None:
    """Run every stage in turn, each with its share of the time."""
    report = prepare(threads, report)
    render_pictures(root, count, report, workers=workers)
    shares = preset_of(root).shares
    begun = partial(_begun, root, resume)
    train_vae(root, minutes * shares["vae"], threads=threads, resume=begun("vae"), report=report)
    parallel.barrier()
    train_clip(
        root, minutes * shares["clip"], start=None, threads=threads, resume=begun("clip"), report=report
    )
    parallel.barrier()
    for size in SIZES:
        stage = f"painter-{size}"
        train_painter(
            root,
            minutes * shares[stage],
            size=size,
            batch=None,
            threads=threads,
            resume=begun(stage),
            report=report,
        )
        parallel.barrier()
    if parallel.rank() == 0:
        export_trained(root, to, report)
    parallel.leave()


def _begun(root: Path, resume: bool, stage: str) -> bool:
    return resume and (root / stage / "checkpoint").exists()
