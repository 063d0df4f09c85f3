# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
import torch
from diffusers import T2IAdapter

from models.networks.sketch_fusion import Strengths, Strokes, fuse, ink_gate, stroke_features


def adapter(channels: int) -> T2IAdapter:
    torch.manual_seed(channels)
    return T2IAdapter(in_channels=channels, channels=[8, 16], num_res_blocks=1, downscale_factor=8)


def strokes(batch: int = 2) -> Strokes:
    colour = torch.full((batch, 4, 64, 32), 0.5)
    colour[:, 3] = 0
    empty = torch.zeros(batch, 1, 64, 32)
    return Strokes(empty, empty.clone(), colour, torch.ones(batch, 1, 64, 32))


def features(drawn: Strokes, strengths: Strengths | None = None) -> list[torch.Tensor]:
    with torch.no_grad():
        return stroke_features(adapter(1), adapter(1), adapter(4), drawn, strengths)


def test_no_ink_gives_exact_zeros() -> None:
    for level in features(strokes()):
        assert torch.count_nonzero(level) == 0


def test_gate_is_per_picture_and_leaves_the_other_untouched() -> None:
    drawn = strokes()
    drawn.contour[1, 0, 20:24, 4:30] = 1
    for level in features(drawn):
        assert torch.count_nonzero(level[0]) == 0
        assert torch.count_nonzero(level[1]) > 0


def test_strokes_outside_the_mask_do_not_count() -> None:
    drawn = strokes()
    drawn.mask[:, :, 32:] = 0
    drawn.contour[:, :, 40:50] = 1
    drawn.colour[:, :, 40:50] = 1
    for level in features(drawn):
        assert torch.count_nonzero(level) == 0


def test_an_empty_part_adds_nothing_to_another() -> None:
    drawn = strokes()
    drawn.contour[:, 0, 20:24, 4:30] = 1
    with torch.no_grad():
        alone = adapter(1)(drawn.contour)
    for ours, level in zip(features(drawn), alone, strict=True):
        assert torch.equal(ours, level)


def test_strength_scales_and_zero_switches_off() -> None:
    drawn = strokes()
    drawn.contour[:, 0, 20:24, 4:30] = 1
    full, half, off = (features(drawn, Strengths(contour=w)) for w in (1.0, 0.5, 0.0))
    for a, b, c in zip(full, half, off, strict=True):
        torch.testing.assert_close(a * 0.5, b)
        assert torch.count_nonzero(c) == 0


def test_detail_is_weighed_by_the_mask() -> None:
    ones = [torch.ones(1, 3, 4, 4)]
    zeros = [torch.zeros(1, 3, 4, 4)]
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., :20] = 1
    on = torch.ones(1, 1, 1, 1, dtype=torch.bool)
    (out,) = fuse(zeros, ones, zeros, mask, Strengths(), (on, on, on))
    assert out[0, 0, 0].tolist() == [1.0, 1.0, 0.5, 0.0]


def test_colour_gate_looks_at_coverage_only() -> None:
    colour = torch.full((1, 4, 8, 8), 0.5)
    colour[:, 3] = 0
    assert not ink_gate(colour).item()
    colour[0, 3, 0, 0] = 1
    assert ink_gate(colour).item()


def test_levels_must_agree() -> None:
    on = torch.ones(1, 1, 1, 1, dtype=torch.bool)
    level = torch.ones(1, 3, 4, 4)
    with pytest.raises(ValueError, match="levels"):
        fuse([level], [level, level], [level], torch.ones(1, 1, 32, 32), Strengths(), (on, on, on))
