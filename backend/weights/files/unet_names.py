# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole models, UNets and ControlNets, told from the names and shapes of their tensors.

A family shows in the width of what its cross-attention reads: the text encoder's. Names come in two layouts:
the original one (`input_blocks.1.1...`) and diffusers' (`down_blocks.0.attentions.0...`).

Source: Rombach et al., 2022, and Podell et al., 2023, table 1, for the widths; the names are those of their
code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backend.weights.files.header import TensorInfo
from backend.weights.files.model_file import Base, Finding, Kind

Tensors = Mapping[str, TensorInfo]

WHOLE = "model.diffusion_model."
STEM_WIDTH = 320
"""Channels of the first convolution in Stable Diffusion 1, 2 and XL."""
WIDTHS: dict[int, Base] = {768: "sd15", 1024: "sd2", 2048: "sdxl"}
REFINER_WIDTH, REFINER_STEM = 1280, 384
EMBEDDED_WIDTH, EMBEDDED_LATENTS = 128, 16
TEXT_KEY = "attn2.to_k.weight"

TAKES_OTHER_INPUT = {
    8: "It changes whole pictures by instruction (Pix2Pix) and cannot paint a region.",
    5: "It wants a depth map (depth2img), which cannot be given here.",
}

OTHERS: tuple[tuple[Base, tuple[str, ...]], ...] = (
    ("flux", ("double_blocks.0.img_attn.qkv.weight",)),
    ("flux", ("single_transformer_blocks.0.attn.to_q.weight",)),
    ("sd3", ("joint_blocks.0.x_block.attn.qkv.weight",)),
    ("sd3", ("transformer_blocks.0.attn.add_k_proj.weight", "context_embedder.weight")),
    ("cascade", ("clip_txt_mapper.weight",)),
    ("cascade", ("clip_mapper.weight", "effnet_mapper.0.weight")),
    ("pixart", ("adaln_single.linear.weight", "pos_embed.proj.weight")),
    ("pixart", ("t_block.1.weight",)),
    ("unknown", ("double_layers.0.attn.w1q.weight",)),
    ("unknown", ("cap_embedder.1.weight",)),
    ("unknown", ("blocks.0.cross_attn.k.weight",)),
    ("unknown", ("transformer_blocks.0.attn.add_k_proj.weight",)),
)
"""Names, without prefix, that only one family has together; "unknown" for large models of no family above."""


def read_unet(tensors: Tensors, *, whole: bool = True) -> Finding | None:
    """A checkpoint or a UNet on its own; None where the names are of neither.

    Args:
        whole: Look for the other parts of a checkpoint too.
    """
    for prefix in (WHOLE, ""):
        if f"{prefix}input_blocks.0.0.weight" in tensors and f"{prefix}out.2.weight" in tensors:
            found = _original(tensors, prefix)
            return _with_parts(tensors, found) if whole and prefix else found
    if (
        "conv_in.weight" in tensors
        and "conv_out.weight" in tensors
        and "time_embedding.linear_1.weight" in tensors
    ):
        return _diffusers(tensors)
    for base, names in OTHERS:
        for prefix in (WHOLE, ""):
            if all(prefix + name in tensors for name in names):
                return Finding("checkpoint" if _has_text_encoder(tensors) else "unet", base)
    return None


def read_controlnet(tensors: Tensors) -> Finding | None:
    """A ControlNet in either layout, or one of its relatives that cannot be used."""
    for prefix in ("", "control_model."):
        hint = f"{prefix}input_hint_block.0.weight"
        if hint in tensors:
            base = _base(tensors, original_text_keys(prefix), f"{prefix}input_blocks.0.0.weight")
            return Finding("controlnet", base, "original", guides=guide(side(tensors, hint, 1)))
    if "controlnet_cond_embedding.conv_in.weight" in tensors:
        base = _base(tensors, diffusers_text_keys(), "conv_in.weight")
        channels = side(tensors, "controlnet_cond_embedding.conv_in.weight", 1)
        found = Finding("controlnet", base, "diffusers", guides=guide(channels))
        many = "task_embedding" in tensors or "control_add_embedding.linear_1.weight" in tensors
        return (
            refused(found, "It guides by many kinds at once (union), which is not known here.")
            if many
            else found
        )
    return _relative(tensors)


def guide(channels: int) -> str:
    """What a guide of that many channels can show."""
    return {1: "lines", 3: "picture"}.get(channels, f"{channels} channels")


def side(tensors: Tensors, name: str, dimension: int) -> int:
    """One side of a tensor; 0 where there is no such tensor or side."""
    shape = tensors[name].shape if name in tensors else ()
    return shape[dimension] if dimension < len(shape) else 0


def refused(finding: Finding, problem: str, remedy: str = "Use another one.") -> Finding:
    return replace(finding, problem=problem, remedy=remedy)


def original_text_keys(prefix: str) -> list[str]:
    """Where the first cross-attention can be in the original layout; XL has none at full resolution."""
    places = ("1.1", "2.1", "4.1", "7.1")
    return [f"{prefix}input_blocks.{place}.transformer_blocks.0.{TEXT_KEY}" for place in places]


def diffusers_text_keys() -> list[str]:
    return [f"down_blocks.{level}.attentions.0.transformer_blocks.0.{TEXT_KEY}" for level in range(3)]


def _original(tensors: Tensors, prefix: str) -> Finding:
    stem = f"{prefix}input_blocks.0.0.weight"
    base = _base(tensors, original_text_keys(prefix), stem)
    if f"{prefix}input_blocks.1.1.time_stack.0.attn1.to_k.weight" in tensors:
        base = "svd"
    found = Finding(
        "unet", base, "original", few_steps=_guided(tensors, f"{prefix}time_embed.cond_proj.weight")
    )
    found = _by_channels(found, side(tensors, stem, 1))
    if "v_pred" in tensors:
        found = replace(found, prediction="v_prediction")
    if "edm_mean" in tensors or "edm_vpred.sigma_max" in tensors:
        return refused(found, "It counts noise in another way (EDM), which is not known here.")
    return _full_depth(found, tensors, f"{prefix}input_blocks.8.1.transformer_blocks.9.{TEXT_KEY}")


def _diffusers(tensors: Tensors) -> Finding:
    base = _base(tensors, diffusers_text_keys(), "conv_in.weight")
    if any(
        f"down_blocks.{n}.attentions.0.temporal_transformer_blocks.0.norm1.weight" in tensors for n in (0, 1)
    ):
        base = "svd"
    few = _guided(tensors, "time_embedding.cond_proj.weight")
    found = Finding("unet", base, "diffusers", few_steps=few)
    channels, latents = side(tensors, "conv_in.weight", 1), side(tensors, "conv_out.weight", 0)
    if base == "embedded":
        return replace(found, inpaint=channels == 2 * latents + 1)
    found = _by_channels(found, channels)
    return _full_depth(found, tensors, f"down_blocks.2.attentions.1.transformer_blocks.9.{TEXT_KEY}")


def _base(tensors: Tensors, text_keys: list[str], stem: str) -> Base:
    first = tensors[stem].shape if stem in tensors else ()
    text = next((tensors[key].shape for key in text_keys if key in tensors), ())
    if len(first) != 4 or len(text) != 2:
        return "unknown"
    if (text[1], first[0]) == (REFINER_WIDTH, REFINER_STEM):
        return "sdxl_refiner"
    if first[0] == STEM_WIDTH:
        return WIDTHS.get(text[1], "unknown")
    return "embedded" if text[1] == EMBEDDED_WIDTH else "unknown"


def _by_channels(found: Finding, channels: int) -> Finding:
    if channels in TAKES_OTHER_INPUT and found.base != "svd":
        return refused(found, TAKES_OTHER_INPUT[channels])
    if channels not in (4, 9) and found.base in ("sd15", "sd2", "sdxl"):
        return refused(found, f"Its first layer takes {channels} channels, which is not known here.")
    return replace(found, inpaint=channels == 9)


def _full_depth(found: Finding, tensors: Tensors, deepest: str) -> Finding:
    if found.base != "sdxl" or deepest in tensors:
        return found
    return refused(found, "It is a shortened Stable Diffusion XL (SSD, Vega), which is not known here.")


def _guided(tensors: Tensors, name: str) -> str:
    """A UNet that is told its guidance was distilled to paint in few steps (Luo et al., 2023)."""
    return "LCM" if name in tensors else ""


def _with_parts(tensors: Tensors, unet: Finding) -> Finding:
    """A UNet among the other parts of a checkpoint, or one alone that kept their prefix."""
    text, vae = _has_text_encoder(tensors), "first_stage_model.decoder.conv_in.weight" in tensors
    if not text and not vae:
        return unet
    found = replace(unet, kind="checkpoint")
    if found.problem or (text and vae):
        return found
    lacks = "text encoder" if not text else "VAE"
    return refused(found, f"Its {lacks} was left out.", "Get the complete file.")


TEXT_ENCODERS = (
    "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight",
    "cond_stage_model.transformer.embeddings.token_embedding.weight",
    "cond_stage_model.model.token_embedding.weight",
    "conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight",
    "conditioner.embedders.0.model.token_embedding.weight",
    "conditioner.embedders.0.open_clip.model.visual.proj",
    "text_encoders.clip_l.transformer.text_model.embeddings.token_embedding.weight",
)


def _has_text_encoder(tensors: Tensors) -> bool:
    return any(name in tensors for name in TEXT_ENCODERS)


def _relative(tensors: Tensors) -> Finding | None:
    kind: Kind = "controlnet"
    if "lora_controlnet" in tensors:
        return refused(Finding(kind, "unknown", "original"), "It is a Control-LoRA, which is not known here.")
    if "controlnet_x_embedder.weight" in tensors or "controlnet_blocks.0.weight" in tensors:
        return Finding(kind, "flux", "diffusers")
    if next(iter(tensors), "").startswith("lllite_"):
        return refused(Finding(kind), "It is a ControlNet-LLLite, which is not known here.")
    return None
