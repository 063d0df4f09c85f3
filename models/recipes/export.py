# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""From trained networks to the files that ship: half precision, diffusers layout, a catalogue entry."""

import hashlib
import os
import re
import shutil
from pathlib import Path

import torch
from diffusers.models.adapter import T2IAdapter
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_inpaint import (
    StableDiffusionInpaintPipeline,
)
from safetensors.torch import save_file
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer
from transformers.utils import logging

from backend.weights.runtime.clip import TEXT_HEAD, load_clip_folder
from backend.weights.runtime.completion import COMPLETION
from backend.weights.runtime.line_extractor import EXTRACTOR
from models.networks.clip import Clip
from models.recipes.family import DEFAULT_GUIDANCE, DEFAULT_STEPS, QUICK_STEPS, Painter, build_scheduler

EMBEDDED = Path(__file__).parents[1] / "embedded"
CATALOGUE = Path(__file__).parents[1] / "catalogue.toml"
ADAPTERS = ("contour", "detail", "colour")
STUDENT, LORA = "student", "pytorch_lora_weights.safetensors"
"""Where a family keeps its few-step student, under the name that diffusers' `load_lora_weights` looks for."""

SET_LIMIT_BYTES = 80 << 20


def export_family(
    folder: Path,
    vae: AutoencoderKL,
    painter: Painter,
    tokenizer: CLIPTokenizer,
    *,
    resolution: int = 256,
    clip: Clip | None = None,
) -> None:
    """Write every component in fp16 where `StableDiffusionInpaintPipeline.from_pretrained` finds it.

    Args:
        folder: gets model_index.json and one folder per component; files of older exports are replaced.
        vae: with its scaling factor set.
        painter: with the weights that are to ship; converted to fp16 in place.
        tokenizer: of the painter's text encoder.
        resolution: side in pixels that the family was trained for.
        clip: whose text tower the painter was trained under; its image tower and projection are added.

    Raises:
        ValueError: the set is larger than `SET_LIMIT_BYTES`, or the text encoder is not CLIP's.
    """
    if clip is not None and not _equal(painter.text_encoder, clip.text_encoder):
        raise ValueError("the painter was not trained under the text tower of this CLIP")
    logging.disable_progress_bar()
    shutil.rmtree(folder / STUDENT, ignore_errors=True)  # it was taught by another painter
    painter.unet.register_to_config(sample_size=resolution // 8)
    vae.register_to_config(sample_size=resolution)
    image_encoder = None if clip is None else clip.image_encoder.half()
    for network in (vae, *painter.networks.values()):
        network.half().to(memory_format=torch.contiguous_format)
    pipeline = StableDiffusionInpaintPipeline(
        vae=vae,
        text_encoder=painter.text_encoder,
        tokenizer=tokenizer,
        unet=painter.unet,
        scheduler=build_scheduler(),
        safety_checker=None,  # pyright: ignore[reportArgumentType]
        feature_extractor=None,  # pyright: ignore[reportArgumentType]
        image_encoder=image_encoder,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    for name in ADAPTERS:
        painter.networks[name].save_pretrained(folder / "adapters" / name)  # pyright: ignore[reportCallIssue]
    if clip is not None:
        head = {name: value.half().contiguous() for name, value in clip.head.state_dict().items()}
        (folder / TEXT_HEAD).parent.mkdir(exist_ok=True)
        save_file(head, folder / TEXT_HEAD)
    for config in folder.rglob("*.json"):
        _without_paths(config)
    for weights in folder.rglob("*.safetensors"):
        weights.chmod(0o644)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    if size > SET_LIMIT_BYTES:
        raise ValueError(f"the family takes {size >> 20} MiB, more than {SET_LIMIT_BYTES >> 20}")


def _equal(one: nn.Module, other: nn.Module) -> bool:
    there = other.state_dict()
    return all(torch.equal(value.cpu(), there[name].cpu()) for name, value in one.state_dict().items())


def _without_paths(config: Path) -> None:
    """Take out the folders of the training machine, which diffusers and transformers write down."""
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'\n\s*"(_name_or_path|name_or_path)": "[^"]*",?', "", text), encoding="utf-8")


def load_painter(folder: Path) -> tuple[AutoencoderKL, Painter, CLIPTokenizer]:
    """Read an exported family back, in fp32."""
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    painter = Painter(
        UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32),
        CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32),
        *(
            T2IAdapter.from_pretrained(folder / "adapters" / name, torch_dtype=torch.float32)
            for name in ADAPTERS
        ),
    )
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32)
    return vae, painter, CLIPTokenizer.from_pretrained(folder / "tokenizer")


def load_towers(folder: Path) -> dict[str, nn.Module] | None:
    """Image tower and projection of an exported family's CLIP, by their names in training; None without."""
    if not (folder / TEXT_HEAD).is_file():
        return None
    clip = load_clip_folder(folder, torch.device("cpu")).clip
    return {"image_encoder": clip.image_encoder, "head": clip.head}


def ship_student(lora: Path, family: Path) -> None:
    """Put a student into the family whose painter taught it, and into the catalogue if it is the shipped one.

    Args:
        lora: Folder with `LORA`.
    """
    (family / STUDENT).mkdir(exist_ok=True)
    shutil.copyfile(lora / LORA, family / STUDENT / LORA)
    if family.resolve() == EMBEDDED:
        write_catalogue()


def write_catalogue(
    folder: Path = EMBEDDED,
    catalogue: Path = CATALOGUE,
    *,
    resolution: int = 256,
    extractor: Path = EXTRACTOR,
    completion: Path = COMPLETION,
) -> None:
    """List the family, the line extractor and the completion network, with the SHA-256 of their files."""
    quick = [f'student = "{STUDENT}/{LORA}"', f"quick_steps = {QUICK_STEPS}"]
    lines = [
        "# Written by `underdrawing train export`.",
        "",
        "[families.embedded]",
        'title = "Embedded"',
        f'path = "{_from(catalogue, folder)}"',
        f"resolution = {resolution}",
        f"steps = {DEFAULT_STEPS}",
        f"guidance = {DEFAULT_GUIDANCE}",
        "strokes_guided = true",
        *(quick if (folder / STUDENT / LORA).exists() else []),
        'licence = "CC0-1.0"',
        "",
        "[families.embedded.adapters]",
        *(f'{name} = "adapters/{name}"' for name in ADAPTERS),
        "",
        "[families.embedded.files]",
    ]
    lines += _digests(folder)
    for name, place in (("extractor", extractor), ("completion", completion)):
        if digests := _digests(place):
            lines += ["", f"[{name}]", f'path = "{_from(catalogue, place)}"', 'licence = "CC0-1.0"']
            lines += ["", f"[{name}.files]", *digests]
    catalogue.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _from(catalogue: Path, folder: Path) -> str:
    return Path(os.path.relpath(folder, catalogue.parent)).as_posix()


def _digests(folder: Path) -> list[str]:
    """One line for each weight file in the folder."""
    return [
        f'"{file.relative_to(folder).as_posix()}" = "{hashlib.sha256(file.read_bytes()).hexdigest()}"'
        for file in sorted(folder.rglob("*.safetensors"))
    ]
