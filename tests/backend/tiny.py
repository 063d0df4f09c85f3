# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny real pipelines with random weights, of the same classes as those that paint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, T2IAdapter, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

from backend.acts.region.paint_input import PaintInput
from backend.imaging.pixels import DEPTHS
from backend.weights.files.catalogue import Family, sha256
from backend.weights.runtime.base_model import BaseModel
from backend.weights.runtime.families import load_folder
from shared.acts import PaintRequest, Strengths
from shared.errors import Cancelled
from shared.geometry import Bounds, Extent
from shared.messages import PixelFormat, Surface

LETTERS = [chr(c) for c in range(ord("a"), ord("z") + 1)]
WINDOW = 16
STUDENT = "student/pytorch_lora_weights.safetensors"


class Kind(NamedTuple):
    latents: int
    inpaints: bool
    colour_channels: int
    prediction: str
    zero_snr: bool


KINDS = {
    "embedded": Kind(16, True, 4, "v_prediction", True),
    "sd15": Kind(4, False, 3, "epsilon", False),
    "sd15_inpainting": Kind(4, True, 3, "epsilon", False),
}


def write_family(folder: Path, kind: str, *, resolution: int = 64, seed: int = 0) -> Family:
    """A family in diffusers layout, with the hashes of its files."""
    torch.manual_seed(seed)
    what = KINDS[kind]
    AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        layers_per_block=1,
        latent_channels=what.latents,
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        mid_block_add_attention=False,
        scaling_factor=0.7,
    ).save_pretrained(folder / "vae")
    unet = UNet2DConditionModel(
        in_channels=2 * what.latents + 1 if what.inpaints else what.latents,
        out_channels=what.latents,
        block_out_channels=(8, 16),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=16,
        attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )
    unet.save_pretrained(folder / "unet")
    if kind == "embedded":
        write_student(unet, folder / STUDENT)
    text = CLIPTextConfig(
        vocab_size=len(LETTERS) * 2 + 2,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=WINDOW,
        bos_token_id=len(LETTERS) * 2,
        eos_token_id=len(LETTERS) * 2 + 1,
    )
    CLIPTextModel(text).save_pretrained(folder / "text_encoder")
    write_tokenizer(folder / "tokenizer")
    DDIMScheduler(
        prediction_type=what.prediction,
        rescale_betas_zero_snr=what.zero_snr,
        timestep_spacing="trailing" if what.zero_snr else "leading",
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    ).save_pretrained(folder / "scheduler")
    encoders = {"contour": 1, "detail": 1, "colour": what.colour_channels}
    for name, channels in encoders.items():
        T2IAdapter(
            in_channels=channels, channels=[8, 16], num_res_blocks=1, downscale_factor=8
        ).save_pretrained(folder / "adapters" / name)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionInpaintPipeline"}))
    files = {str(path.relative_to(folder)): sha256(path) for path in sorted(folder.rglob("*.safetensors"))}
    return Family(
        id=kind,
        title=f"tiny {kind}",
        folder=folder,
        resolution=resolution,
        steps=3,
        guidance=2.0,
        licence="CC0-1.0",
        encoders={name: f"adapters/{name}" for name in encoders},
        files=files,
        strokes_guided=kind == "embedded",
        student=STUDENT if kind == "embedded" else "",
        quick_steps=2 if kind == "embedded" else 0,
    )


def write_student(unet: UNet2DConditionModel, file: Path) -> None:
    """A LoRA on every query of the UNet's attention."""
    state: dict[str, torch.Tensor] = {}
    for name, layer in unet.named_modules():
        if name.endswith("to_q"):
            state[f"unet.{name}.lora_A.weight"] = torch.randn(2, layer.in_features)
            state[f"unet.{name}.lora_B.weight"] = torch.randn(layer.out_features, 2)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, file)


def write_tokenizer(folder: Path) -> None:
    """CLIP's byte-pair tokenizer that knows single letters only."""
    folder.mkdir(parents=True)
    words = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: place for place, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": WINDOW})
    )


def load(family: Family) -> BaseModel:
    return load_folder(family, torch.device("cpu"), torch.float32)


class Recorder:
    """A Report that remembers, and cancels after a number of checks."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.steps: list[tuple[int, int, str]] = []
        self.previews: list[tuple[int, int, int, bytes]] = []
        self.checks = 0
        self.cancel_after = cancel_after

    def progress(self, step: int, steps: int, note: str = "") -> None:
        self.steps.append((step, steps, note))

    def preview(self, step: int, width: int, height: int, bgra: bytes) -> None:
        self.previews.append((step, width, height, bgra))

    def check(self) -> None:
        self.checks += 1
        if self.cancel_after is not None and self.checks > self.cancel_after:
            raise Cancelled


def paint_input(
    extent: Extent,
    selection: Bounds,
    *,
    format: PixelFormat = "bgra_u8",
    area: Bounds | None = None,
    canvas: Extent | None = None,
    drawn: bool = True,
    image: bool = True,
    **request: object,
) -> PaintInput:
    """A gradient picture with a selection, a contour frame, a detail cross and a dab of colour inside it."""
    depth, channels = DEPTHS[format]
    full = np.iinfo(depth).max if np.dtype(depth).kind == "u" else 1
    shape = (extent.height, extent.width)
    picture = np.zeros((*shape, channels), depth)
    picture[..., 0] = (np.linspace(0, 1, extent.width)[None, :] * full).astype(depth)
    picture[..., -1] = full
    mask = np.zeros((*shape, 1), np.uint8)
    inside = np.s_[selection.y : selection.bottom, selection.x : selection.right]
    mask[inside] = 255
    layers = {name: np.zeros((*shape, channels), depth) for name in ("contour", "detail", "colours")}
    x, y = selection.x + selection.width // 2, selection.y + selection.height // 2
    layers["contour"][selection.y : selection.bottom, x, -1] = full
    layers["detail"][y, selection.x : selection.right, -1] = full
    layers["colours"][y : y + 5, x : x + 5] = full
    surface = Surface(extent, format, ())
    strokes = dict.fromkeys(layers, surface if drawn else None)
    settings: dict[str, object] = {"steps": 2, "seed": 7, "prompt": "a cup", **request}
    area = area or Bounds.of(extent)
    return PaintInput(
        request=PaintRequest(
            canvas=canvas or Extent(area.right, area.bottom),
            area=area,
            mask=Surface(extent, "grey_u8", ()),
            image=surface if image else None,
            **strokes,
            **settings,
        ),
        image=picture if image else None,
        mask=mask,
        **{name: pixels if drawn else None for name, pixels in layers.items()},
    )


__all__ = ["KINDS", "Recorder", "Strengths", "load", "paint_input", "write_family"]
