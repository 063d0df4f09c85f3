# SPDX-License-Identifier: GPL-3.0-or-later
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

from models.networks.clip import HIGHEST_SCALE, Clip, TextHead, top_1


def tiny_clip() -> Clip:
    torch.manual_seed(0)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=50,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=1,
            max_position_embeddings=8,
            bos_token_id=48,
            eos_token_id=49,
            pad_token_id=49,
        )
    )
    image = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            image_size=32,
            patch_size=16,
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=1,
            projection_dim=16,
        )
    )
    return Clip(text, image, TextHead(32, 16)).eval()


def test_both_towers_meet_on_one_sphere() -> None:
    clip = tiny_clip()
    seen, read = (
        clip.look(torch.rand(3, 3, 33, 57)),
        clip.read(torch.tensor([[48, 5, 49, 49], [48, 6, 7, 49]])),
    )
    assert seen.shape == (3, 16)
    assert read.shape == (2, 16)
    assert torch.allclose(torch.cat([seen, read]).norm(dim=1), torch.ones(5))


def test_what_follows_the_end_of_a_caption_does_not_count() -> None:
    clip = tiny_clip()
    assert torch.equal(clip.read(torch.tensor([[48, 5, 49, 49]])), clip.read(torch.tensor([[48, 5, 49, 7]])))


def test_the_scale_has_a_ceiling() -> None:
    head = TextHead(4, 4)
    torch.nn.init.constant_(head.logit_scale, 99)
    assert head.scale == HIGHEST_SCALE


def test_top_1_counts_both_ways() -> None:
    pictures = torch.eye(4)
    assert top_1(pictures, pictures) == (1.0, 1.0)
    captions = torch.eye(4)[[0, 1, 2, 2]]
    assert top_1(pictures, captions) == (0.75, 0.75)
    assert top_1(pictures, pictures.roll(1, 0)) == (0.0, 0.0)
