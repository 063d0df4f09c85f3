# SPDX-License-Identifier: GPL-3.0-or-later
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (diffusers states too narrow types, or none.)
"""The untrained parts of the embedded family, and the paint loop that shows what they have learnt."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from diffusers.models.adapter import T2IAdapter
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import Tensor, nn
from torch.nn.functional import interpolate
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from models.networks.sketch_fusion import Strokes, stroke_features
from models.recipes.captions import MAX_TOKENS
from models.recipes.vae import CELL_PX, LATENT_CHANNELS

CHANNELS = (96, 160, 224)
TEXT_WIDTH = 128
DEFAULT_STEPS = 20
QUICK_STEPS = 4
"""Of the student."""

DEFAULT_GUIDANCE = 1.5
"""Away from a picture without words and strokes; lines of held-out pictures were kept best at 1.5."""


def build_unet(channels: tuple[int, ...] = CHANNELS, text_width: int = TEXT_WIDTH) -> UNet2DConditionModel:
    """Make the denoiser: noisy latents, mask and kept latents in; velocity out.

    Cross-attention from the finest level on the way down, because adapter features enter there only before a
    level is halved; none on the finest level on the way up, where it would cost most.
    """
    levels = len(channels)
    return UNet2DConditionModel(
        sample_size=256 // CELL_PX,
        in_channels=2 * LATENT_CHANNELS + 1,
        out_channels=LATENT_CHANNELS,
        down_block_types=("CrossAttnDownBlock2D",) * levels,
        up_block_types=("CrossAttnUpBlock2D",) * (levels - 1) + ("UpBlock2D",),
        block_out_channels=channels,
        layers_per_block=1,
        cross_attention_dim=text_width,
        attention_head_dim=tuple(max(1, c // 32) for c in channels),
        norm_num_groups=16 if min(channels) >= 64 else 4,
    )


def build_text_encoder(tokenizer: CLIPTokenizer, width: int = TEXT_WIDTH, layers: int = 3) -> CLIPTextModel:
    """Make the text encoder for that tokenizer."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=3 * width,
            projection_dim=width,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 32),
            max_position_embeddings=MAX_TOKENS,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def retokenised(known: CLIPTextModel, words: CLIPTokenizer, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return a copy of a text encoder that reads another tokenizer's tokens.

    A token that `words` has keeps what was learnt of it; any other begins as the mean of the pieces that
    `words` splits it into.

    Args:
        known: learnt under `words`.
        words: its tokenizer.
        tokenizer: the new one.
    """
    made = build_text_encoder(tokenizer, known.config.hidden_size, known.config.num_hidden_layers)
    state, table = known.state_dict(), "embeddings.token_embedding.weight"
    name = next(key for key in state if key.endswith(table))
    old, special = state[name], set(tokenizer.all_special_tokens)
    rows = torch.empty(len(tokenizer), old.shape[1])
    vocabulary = words.get_vocab()
    for token, row in tokenizer.get_vocab().items():
        if token in vocabulary or token in special:
            rows[row] = old[vocabulary[token]]
        else:
            pieces = words(token.removesuffix("</w>"), add_special_tokens=False).input_ids
            rows[row] = old[pieces or [words.unk_token_id]].mean(0)
    made.load_state_dict(state | {name: rows})
    return made


def build_adapter(raster_channels: int, channels: tuple[int, ...] = CHANNELS) -> T2IAdapter:
    """Make the encoder of one kind of stroke."""
    return T2IAdapter(
        in_channels=raster_channels, channels=list(channels), num_res_blocks=1, downscale_factor=CELL_PX
    )


def build_scheduler() -> DDIMScheduler:
    """Make the noise schedule: cosine, ending in pure noise, read from its end backwards."""
    return DDIMScheduler(
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
        clip_sample=False,
        steps_offset=1,
    )


@dataclass(frozen=True)
class Painter:
    """Everything between strokes and latents; trained as one."""

    unet: UNet2DConditionModel
    text_encoder: CLIPTextModel
    contour: T2IAdapter
    detail: T2IAdapter
    colour: T2IAdapter

    @classmethod
    def build(cls, tokenizer: CLIPTokenizer, channels: tuple[int, ...] = CHANNELS) -> "Painter":
        """Make it untrained."""
        return cls(
            build_unet(channels),
            build_text_encoder(tokenizer),
            build_adapter(1, channels),
            build_adapter(1, channels),
            build_adapter(4, channels),
        )

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {
            "unet": self.unet,
            "text_encoder": self.text_encoder,
            "contour": self.contour,
            "detail": self.detail,
            "colour": self.colour,
        }

    def features(self, strokes: Strokes) -> list[Tensor]:
        """Encode strokes for the UNet."""
        return stroke_features(self.contour, self.detail, self.colour, strokes)

    def velocity(
        self, noisy: Tensor, time: Tensor, kept: Tensor, mask: Tensor, ids: Tensor, features: list[Tensor]
    ) -> Tensor:
        """Predict v for (B,16,h,w) latents.

        Args:
            noisy: latents at `time`.
            time: (B,) timesteps.
            kept: latents of the picture with the region set to 0.
            mask: (B,1,H,W) pixels, 1 = repaint.
            ids: (B,tokens).
            features: from `features`.
        """
        local = interpolate(mask, size=noisy.shape[-2:])
        text = self.text_encoder(ids).last_hidden_state
        return self.unet(
            torch.cat([noisy, local, kept], 1).contiguous(memory_format=torch.channels_last),
            time,
            text,
            down_intrablock_additional_residuals=list(features),
        ).sample


@torch.no_grad()
def paint_latents(
    painter: Painter,
    kept: Tensor,
    strokes: Strokes,
    ids: Tensor,
    empty_ids: Tensor,
    *,
    steps: int = DEFAULT_STEPS,
    guidance: float = DEFAULT_GUIDANCE,
    seed: int = 0,
) -> Tensor:
    """Denoise from pure noise: the plain loop, for sample grids and measures.

    Args:
        kept: (B,16,h,w) latents of the pictures with the region set to 0.
        strokes: their strokes and mask.
        ids, empty_ids: (B,tokens) of the prompts and of the empty prompt.

    Returns:
        (B,16,h,w) latents.
    """
    scheduler = build_scheduler()
    scheduler.set_timesteps(steps)
    x = torch.randn(kept.shape, generator=torch.Generator().manual_seed(seed)).to(kept.device)
    features = painter.features(strokes)
    twice = [torch.cat([level, torch.zeros_like(level)]) for level in features]
    for time in scheduler.timesteps:
        v = painter.velocity(
            torch.cat([x, x]),
            time.to(kept.device).expand(2 * len(x)),
            torch.cat([kept, kept]),
            torch.cat([strokes.mask, strokes.mask]),
            torch.cat([ids, empty_ids]),
            twice,
        ).float()
        told, untold = v.chunk(2)  # with words and strokes, without either
        x = scheduler.step(untold + guidance * (told - untold), time, x).prev_sample
    return x
