# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch

from backend.adapters.attached import attached
from backend.adapters.stroke_guidance import StrokeGuidance, stroke_features
from backend.weights.runtime.base_model import BaseModel
from models.networks import sketch_fusion
from models.networks.sketch_fusion import Strengths, Strokes


def drawn(*, contour: bool = True, detail: bool = True, colour: bool = True) -> Strokes:
    strokes = Strokes(
        torch.zeros(1, 1, 64, 64),
        torch.zeros(1, 1, 64, 64),
        torch.full((1, 4, 64, 64), 0.5),
        torch.ones(1, 1, 64, 64),
    )
    strokes.colour[:, 3] = 0
    if contour:
        strokes.contour[..., 20, :] = 1
    if detail:
        strokes.detail[..., :, 20] = 1
    if colour:
        strokes.colour[..., 30:40, 30:40] = 1
    return strokes


def features(
    model: BaseModel, strokes: Strokes, strengths: Strengths | None = None
) -> list[torch.Tensor] | None:
    return stroke_features(model.encode_strokes, model.encoders, strokes, strengths or Strengths())


def answer(model: BaseModel, guidance: StrokeGuidance | None) -> torch.Tensor:
    x = torch.randn(1, 33, 8, 8, generator=torch.Generator().manual_seed(1))
    words = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode(), attached(model.unet, [guidance] if guidance else []):
        return model.unet(x, 500, encoder_hidden_states=words).sample


def test_after_detach_the_unet_is_as_before(model: BaseModel) -> None:
    before = answer(model, None)
    guidance = StrokeGuidance()
    guidance.features = features(model, drawn())
    guided = answer(model, guidance)
    assert not torch.equal(before, guided)
    assert torch.equal(answer(model, None), before)
    assert torch.equal(answer(model, guidance), guided)


@pytest.mark.parametrize(
    ("strokes", "strengths"),
    [
        (drawn(contour=False, detail=False, colour=False), Strengths()),
        (drawn(), Strengths(0, 0, 0)),
        (drawn(contour=False), Strengths(1, 0, 0)),
    ],
)
def test_no_ink_or_no_strength_is_no_guidance(
    model: BaseModel, strokes: Strokes, strengths: Strengths
) -> None:
    guidance = StrokeGuidance()
    guidance.features = features(model, strokes, strengths)
    assert guidance.features is None
    assert torch.equal(answer(model, guidance), answer(model, None))


def test_an_empty_mask_leaves_nothing(model: BaseModel) -> None:
    strokes = drawn()
    strokes.mask.zero_()
    assert features(model, strokes) is None


def test_no_detail_is_contour_only(model: BaseModel) -> None:
    both = features(model, drawn(detail=False, colour=False))
    alone = model.encode_strokes("contour", drawn().contour)
    assert both is not None
    for ours, level in zip(both, alone, strict=True):
        assert torch.equal(ours, level)


def test_the_same_as_in_training(model: BaseModel) -> None:
    strengths = Strengths(0.5, 1.5, 0.7)
    ours = features(model, drawn(), strengths)
    encoders = [
        lambda x, kind=kind: model.encode_strokes(kind, x) for kind in ("contour", "detail", "colour")
    ]
    theirs = sketch_fusion.stroke_features(*encoders, drawn(), strengths)
    assert ours is not None
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a, b)


def test_a_family_may_lack_an_encoder(model: BaseModel) -> None:
    only = stroke_features(model.encode_strokes, {"contour": None}, drawn(), Strengths())
    contour = features(model, drawn(detail=False, colour=False))
    assert only is not None
    assert contour is not None
    assert all(torch.equal(a, b) for a, b in zip(only, contour, strict=True))


def test_attaching_twice_is_a_bug(model: BaseModel) -> None:
    guidance = StrokeGuidance()
    with attached(model.unet, [guidance]), pytest.raises(RuntimeError, match="already"):
        guidance.attach(model.unet)


def test_against_none_the_negative_half_is_painted_without_strokes(model: BaseModel) -> None:
    x = torch.randn(1, 33, 8, 8, generator=torch.Generator().manual_seed(1)).expand(2, -1, -1, -1)
    words = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(2)).expand(2, -1, -1)
    guidance = StrokeGuidance(against_none=True)
    guidance.features = features(model, drawn())
    with torch.inference_mode(), attached(model.unet, [guidance]):
        pair = model.unet(x, 500, encoder_hidden_states=words).sample
    torch.testing.assert_close(pair[:1], answer(model, None), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(pair[1:], answer(model, guidance), atol=1e-5, rtol=1e-4)


def test_every_picture_of_a_batch_has_its_own_strokes(model: BaseModel) -> None:
    """Alone and together each is guided by its own; of a guided pair the first half by none."""
    one, other = features(model, drawn(detail=False)), features(model, drawn(contour=False))
    assert one is not None and other is not None
    x = torch.randn(1, 33, 8, 8, generator=torch.Generator().manual_seed(1))
    words = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(2))

    def asked(levels: list[torch.Tensor], count: int) -> torch.Tensor:
        guidance = StrokeGuidance(against_none=True)
        guidance.features = levels
        with torch.inference_mode(), attached(model.unet, [guidance]):
            each = x.expand(count, -1, -1, -1), words.expand(count, -1, -1)
            return model.unet(each[0], 500, encoder_hidden_states=each[1]).sample

    both = [torch.cat(pair) for pair in zip(one, other, strict=True)]
    together = asked(both, 4)
    for made, alone in zip(together[2:], (asked(one, 1), asked(other, 1)), strict=True):
        torch.testing.assert_close(made, alone[0], atol=1e-4, rtol=1e-3)
    plain = answer(model, None)[0]
    for made in together[:2]:
        torch.testing.assert_close(made, plain, atol=1e-4, rtol=1e-3)
