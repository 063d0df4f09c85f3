# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from backend.acts.line_style.losses import (
    PARTS,
    StyleLosses,
    VaeLpips,
    across,
    apart,
    divergence,
    drawing_of,
    load_eye,
    load_vae_lpips,
    reconstruction,
    similarity,
    within,
)
from backend.weights.runtime.base_model import BaseModel

PX = 32


def eye() -> nn.Module:
    """A small random image encoder, frozen."""
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 4, 4), nn.GELU(), nn.Conv2d(8, 8, 4, 4), nn.Flatten())
    return nn.Sequential(*layers).requires_grad_(False)


@pytest.fixture
def looks(model: BaseModel) -> VaeLpips:
    return VaeLpips(model.vae)


def ink(seed: int) -> Tensor:
    return torch.rand(1, 2, PX, PX, generator=torch.Generator().manual_seed(seed))


def picture(seed: int) -> Tensor:
    return torch.rand(1, 3, PX, PX, generator=torch.Generator().manual_seed(seed))


def test_both_inks_make_one_drawing_on_white() -> None:
    assert torch.equal(drawing_of(torch.zeros(1, 2, 4, 4)), torch.ones(1, 3, 4, 4))
    for channel in range(2):
        one = torch.zeros(1, 2, 4, 4)
        one[:, channel, 1, 2] = 1
        drawn = drawing_of(one)
        assert bool((drawn[..., 1, 2] == 0).all()) and float(drawn.sum()) == 45


def test_all_losses_are_zero_where_nothing_is_missing(looks: VaeLpips) -> None:
    truth, source, encoder = ink(0), picture(1), eye()
    assert float(reconstruction(truth, truth, looks)) == pytest.approx(0, abs=1e-5)
    seen, drawn = encoder(source), encoder(drawing_of(truth))
    assert float(similarity(drawn, drawn)) == pytest.approx(0, abs=1e-4)
    # a sample that is the example itself, drawn as the artist drew it
    assert float(across(seen, drawn, seen, drawn)) == pytest.approx(0, abs=1e-6)
    assert float(within(seen, drawn, seen, drawn)) == 0
    terms = StyleLosses(encoder, looks)(source, truth, truth, source, truth)
    assert all(float(term) == pytest.approx(0, abs=1e-4) for term in terms.values())


def test_all_losses_are_above_zero_elsewhere_and_lead_somewhere(looks: VaeLpips) -> None:
    drawn, other = ink(3).requires_grad_(), ink(4).requires_grad_()
    losses = StyleLosses(eye(), looks)
    terms = losses(picture(1), ink(0), drawn, picture(2), other)
    assert tuple(terms) == PARTS
    for name, term in terms.items():
        for given in (drawn, other):
            given.grad = None
        term.backward(retain_graph=True)
        led = drawn if name in ("rec", "sim") else other
        assert float(term.detach()) > 0
        assert led.grad is not None and bool(led.grad.isfinite().all()) and float(led.grad.abs().sum()) > 0, (
            name
        )


def test_weights_are_the_papers() -> None:
    truth, drawn = ink(0), ink(1)
    nothing = reconstruction(drawn, truth, lambda a, b: torch.zeros(()))
    others = 10 * float(divergence(drawn, truth))
    assert float(nothing) == pytest.approx(30 * float((drawn - truth).abs().mean()) + others)
    assert float(divergence(drawn, drawn)) == 0 and others > 0
    assert bool(divergence(torch.zeros(1), torch.ones(1)).isfinite())
    looks_only = reconstruction(truth, truth, lambda a, b: torch.ones(()))
    assert float(looks_only) == 15
    up = torch.tensor([[0.0, 2.0]])
    assert float(similarity(up, -up)) == pytest.approx(60)
    assert float(across(up, 0 * up, up, 2 * up)) == pytest.approx(2)


def test_only_the_parts_that_are_asked_for(looks: VaeLpips) -> None:
    alone = StyleLosses(eye(), looks, {"rec"})
    assert not alone.needs_sample
    assert set(alone(picture(1), ink(0), ink(1), None, None)) == {"rec"}
    two = StyleLosses(eye(), looks, {"sim", "within"})
    assert set(two(picture(1), ink(0), ink(1), picture(2), ink(2))) == {"sim", "within"}
    with pytest.raises(ValueError, match="ask for a sample"):
        two(picture(1), ink(0), ink(1), None, None)
    with pytest.raises(ValueError, match="colour"):
        StyleLosses(eye(), looks, {"colour"})


def test_directions() -> None:
    a = torch.tensor([[1.0, 0.0]])
    assert float(apart(a, 5 * a)) == pytest.approx(0)
    assert float(apart(a, -a)) == pytest.approx(2)
    assert float(apart(a, torch.tensor([[0.0, 1.0]]))) == pytest.approx(1)
    nowhere = torch.zeros(1, 2, requires_grad=True)
    apart(nowhere, a).backward()
    assert nowhere.grad is not None and bool(nowhere.grad.isfinite().all())


def test_the_stand_in_for_lpips(looks: VaeLpips) -> None:
    a, b = picture(0), picture(1)
    assert float(looks(a, a)) == 0
    assert float(looks(a, b)) == pytest.approx(float(looks(b, a))) and float(looks(a, b)) > 0
    assert float(looks(a, (a + 0.02 * b).clamp(0, 1))) < float(looks(a, b))
    features = looks.features(a)
    assert len(features) == 4
    for level in features:
        torch.testing.assert_close(level.norm(dim=1), torch.ones_like(level[:, 0]), atol=1e-3, rtol=0)
    assert float(looks.between(features, looks.features(b))) == float(looks(a, b))


@pytest.mark.weights
def test_the_embedded_encoders_see_pictures_in_their_own_range() -> None:
    from backend.weights.runtime.clip import load_clip

    encoder, known = load_eye(), load_clip()
    given = torch.rand(1, 3, 150, 128, generator=torch.Generator().manual_seed(0)).requires_grad_()
    seen = encoder(given)
    torch.testing.assert_close(seen.detach(), known.look(given.detach()), atol=1e-4, rtol=0)
    seen.sum().backward()
    assert given.grad is not None and float(given.grad.abs().sum()) > 0
    looks = load_vae_lpips()
    blank, lines = torch.zeros(1, 2, 64, 64), torch.zeros(1, 2, 64, 64)
    lines[..., 30:32] = 1
    moved = lines.roll(1, -1)
    near, far = looks(drawing_of(lines), drawing_of(moved)), looks(drawing_of(lines), drawing_of(blank))
    assert 0 < float(near) < float(far)
