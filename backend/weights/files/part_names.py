# SPDX-License-Identifier: GPL-3.0-or-later
"""The smaller parts, told from the names and shapes of their tensors.

Autoencoders, text and image encoders, learnt words (textual inversions), T2I-Adapters and upscalers.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.weights.files.header import TensorInfo
from backend.weights.files.model_file import Base, Finding, Layout
from backend.weights.files.unet_names import EMBEDDED_LATENTS, STEM_WIDTH, guide, refused, side

Tensors = Mapping[str, TensorInfo]

VAE_WIDTH = 512
"""Channels of the decoder's first convolution in every Stable Diffusion."""
TEXT_WIDTHS: dict[int, Base] = {768: "sd15", 1024: "sd2", 1280: "sdxl", 128: "embedded"}
MOST_WORDS, MOST_TOKENS = 4, 256
"""Tensors in a textual inversion, and words that it stands for; what has more is something else."""

SHUFFLE, SHUFFLE_XL = 8, 16
"""Pixels of each side that a T2I-Adapter folds into channels (Mou et al., 2023)."""

WORDS = ("embeddings.token_embedding.weight", "token_embedding.weight")
WORD_PREFIXES = ("", "text_model.", "transformer.text_model.", "transformer.", "model.")
PICTURES = ("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight", "visual.proj")
T5 = "encoder.block.0.layer.0.SelfAttention.q.weight"

UPSCALERS = (
    "model.1.sub.0.RDB1.conv1.0.weight",
    "body.0.rdb1.conv1.weight",
    "RRDB_trunk.0.RDB1.conv1.weight",
    "layers.0.residual_group.blocks.0.norm1.weight",
    "residual_layer.0.residual_layer.0.layer.0.fn.0.weight",
    "body.0.weight",
)
"""Names that begin the common upscalers: ESRGAN in three spellings, SwinIR and HAT, OmniSR, compact ones."""

FOREIGN = {
    "image_proj.proj.weight": "It is an IP-Adapter, which is not known here.",
    "image_proj.latents": "It is an IP-Adapter, which is not known here.",
    "ip_adapter.1.to_k_ip.weight": "It is an IP-Adapter, which is not known here.",
    "down_blocks.0.motion_modules.0.temporal_transformer.norm.weight": "It moves pictures (AnimateDiff).",
}


def read_part(tensors: Tensors) -> Finding | None:
    """The part, or None where the names are of none."""
    for read in (_foreign, _vae, _tiny_vae, _adapter, _encoder, _inversion, _upscaler):
        if found := read(tensors):
            return found
    return None


def _foreign(tensors: Tensors) -> Finding | None:
    what = next((what for name, what in FOREIGN.items() if name in tensors), "")
    return refused(Finding("unknown"), what, "It can stay where it is.") if what else None


def _vae(tensors: Tensors) -> Finding | None:
    for prefix in ("", "first_stage_model.", "vae."):
        name = f"{prefix}decoder.conv_in.weight"
        if name in tensors and f"{prefix}encoder.conv_in.weight" in tensors:
            break
    else:
        return None
    shape = tensors[name].shape
    if len(shape) != 4:
        return refused(Finding("vae"), "It is an autoencoder for films.", "Use one for pictures.")
    original = f"{prefix}decoder.mid.block_1.norm1.weight" in tensors
    width, latents = shape[:2]
    found = Finding("vae", layout="original" if original else "diffusers")
    if latents == 4:
        return found
    if latents == EMBEDDED_LATENTS and width != VAE_WIDTH:
        return Finding("vae", "embedded", found.layout)
    return refused(found, f"It is made for a family with {latents} latent channels (Flux, SD 3).")


def _tiny_vae(tensors: Tensors) -> Finding | None:
    name = next((n for n in ("decoder.layers.0.weight", "1.weight") if n in tensors), "")
    whole = "encoder.layers.0.weight" in tensors
    half = name == "1.weight" and "3.conv.0.weight" in tensors
    if not name or not (whole or half) or len(tensors[name].shape) != 4:
        return None
    found = Finding("tiny_vae", layout="diffusers" if whole else "original")
    latents = tensors[name].shape[1]
    if half:
        return refused(found, "It is half of a tiny autoencoder.", "Get the one with both halves (taesd).")
    return found if latents == 4 else refused(found, f"It has {latents} latent channels (Flux, SD 3).")


def _adapter(tensors: Tensors) -> Finding | None:
    """Full adapters fold the picture into their first convolution; light ones into their first stage's."""
    for prefix in ("adapter.", ""):
        stem, light = f"{prefix}conv_in.weight", f"{prefix}body.0.in_conv.weight"
        residual = (f"{prefix}body.0.resnets.0.block1.weight", f"{prefix}body.0.block1.weight")
        inner = f"{prefix}body.0.body.0.block1.weight"
        layout: Layout = "diffusers" if residual[0] in tensors else "original"
        if stem in tensors and any(name in tensors for name in residual):
            return _full_adapter(side(tensors, stem, 0), side(tensors, stem, 1), layout)
        if light in tensors and (inner in tensors or residual[0] in tensors):
            channels = side(tensors, light, 1) // SHUFFLE**2
            guides = "colour" if channels == 3 else guide(channels)
            return Finding("t2i_adapter", "sd15", layout, guides=guides)
    return None


def _full_adapter(width: int, folded: int, layout: Layout) -> Finding:
    """By the first convolution, (width, channels x folded pixels, 3, 3)."""
    if width != STEM_WIDTH:
        channels = folded // SHUFFLE**2
        guides = "colour" if channels == 4 else guide(channels)  # three of colour and one of presence
        return Finding("t2i_adapter", "embedded", layout, guides=guides)
    xl = folded % SHUFFLE_XL**2 == 0
    channels = folded // (SHUFFLE_XL if xl else SHUFFLE) ** 2
    return Finding("t2i_adapter", "sdxl" if xl else "sd15", layout, guides=guide(channels))


def _encoder(tensors: Tensors) -> Finding | None:
    for prefix in WORD_PREFIXES:
        for name in WORDS:
            if prefix + name in tensors and len(tensors[prefix + name].shape) == 2:
                original = name == WORDS[1]
                base = TEXT_WIDTHS.get(tensors[prefix + name].shape[1], "unknown")
                return Finding("text_encoder", base, "original" if original else "diffusers")
    if T5 in tensors:
        return refused(Finding("text_encoder"), "It is a T5 text encoder, for Flux and SD 3.", "It can stay.")
    return Finding("image_encoder") if any(name in tensors for name in PICTURES) else None


def _inversion(tensors: Tensors) -> Finding | None:
    if not 0 < len(tensors) <= MOST_WORDS:
        return None
    shapes = {name: info.shape for name, info in tensors.items()}
    if any(len(shape) not in (1, 2) or shape[-1] not in TEXT_WIDTHS for shape in shapes.values()):
        return None
    pair = any(name in shapes for name in ("clip_l", "clip_g", "text_encoders_0", "text_encoders_1"))
    if len(shapes) > 1 and not pair and "emb_params" not in shapes:
        return None
    shape = shapes.get("emb_params") or shapes.get("clip_l") or next(iter(shapes.values()))
    tokens = shape[0] if len(shape) == 2 else 1
    if not 0 < tokens <= MOST_TOKENS:
        return None
    layout: Layout = "original" if pair or "emb_params" in shapes else "diffusers"
    return Finding("textual_inversion", "sdxl" if pair else TEXT_WIDTHS[shape[-1]], layout, tokens=tokens)


def _upscaler(tensors: Tensors) -> Finding | None:
    return Finding("upscaler") if any(name in tensors for name in UPSCALERS) else None
