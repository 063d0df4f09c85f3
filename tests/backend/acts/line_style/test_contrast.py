# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch

from backend.acts.line_style.contrast import fitted, shift_for, with_contrast
from models.networks.line_extractor import LineExtractor


def rows(seed: int = 0, count: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    """Clear truth with a tenth of ink, and logits that are right but soft."""
    truth = (torch.rand(count, generator=torch.Generator().manual_seed(seed)) < 0.1).float()
    return (truth - 0.5) * 2, truth


def test_soft_ink_becomes_as_much_and_as_black_as_the_true_one() -> None:
    logits, truth = rows()
    before = logits.sigmoid()
    stretch, shift = fitted(logits, truth)
    after = (stretch * logits + shift).sigmoid()
    assert abs(float(after.mean() - truth.mean())) < 1e-3 < 0.05 < abs(float(before.mean() - truth.mean()))
    only_shifted = (logits + shift_for(logits, float(truth.mean()))).sigmoid()
    assert only_shifted.square().mean() + 0.02 < after.square().mean() <= truth.square().mean()
    assert stretch > 1.5


def test_what_fits_is_left_as_it_is() -> None:
    logits = torch.randn(4000, generator=torch.Generator().manual_seed(0)) * 2
    stretch, shift = fitted(logits, logits.sigmoid())
    assert stretch == pytest.approx(1, abs=0.1) and shift == pytest.approx(0, abs=0.05)


def test_the_shift_gives_the_wanted_mean() -> None:
    logits = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    assert float((logits + shift_for(logits, 0.2)).sigmoid().mean()) == pytest.approx(0.2, abs=1e-3)


def test_each_output_gets_its_own_contrast() -> None:
    torch.manual_seed(0)
    extractor = LineExtractor((16, 16), (1, 1)).eval().requires_grad_(False)
    picture = torch.rand(3, 64, 64)
    first = extractor(picture[None] * 2 - 1)[0]
    truth = torch.zeros(2, 64, 64)
    truth[0, 10:20] = 1  # nothing in the detail: nothing to go by
    second = with_contrast(extractor, [(picture, truth)])(picture[None] * 2 - 1)[0]
    torch.testing.assert_close(second[1], first[1])
    assert float(second[0].sigmoid().mean()) == pytest.approx(float(truth[0].mean()), abs=0.01)
    order = first[0].flatten().argsort()
    assert (second[0].flatten()[order].diff() > -1e-4).all()
