# SPDX-License-Identifier: GPL-3.0-or-later
from collections.abc import Callable

import pytest
import torch
from torch import nn

from models.networks.line_extractor import LineExtractor

NARROW = (16, 16, 32, 32)


def stirred(network: nn.Module) -> nn.Module:
    """Blocks begin as the identity; trained ones are not."""
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return network


@pytest.mark.parametrize(("height", "width"), [(16, 16), (33, 17), (64, 96), (75, 48)])
def test_any_size_comes_back_as_it_went_in(height: int, width: int) -> None:
    logits = LineExtractor(NARROW, (1, 1, 1, 1))(torch.zeros(2, 3, height, width))
    assert logits.shape == (2, 2, height, width)


def test_it_fits_the_file_that_a_style_may_take() -> None:
    count = sum(weight.numel() for weight in LineExtractor().parameters())
    assert 1_000_000 <= count <= 2_000_000


def test_its_configuration_builds_it_again() -> None:
    first = stirred(LineExtractor(NARROW, (1, 2, 1, 1))).eval()
    again = LineExtractor(**first.config)
    again.load_state_dict(first.state_dict())
    pictures = torch.rand(1, 3, 40, 40)
    assert torch.equal(first(pictures), again(pictures))


def test_every_tensor_learns_and_every_colour_counts() -> None:
    network = stirred(LineExtractor(NARROW, (1, 1, 1, 1)))
    pictures = torch.rand(1, 3, 32, 32, requires_grad=True)
    network(pictures).square().mean().backward()
    assert [name for name, weight in network.named_parameters() if not weight.grad.abs().sum() > 0] == []
    assert (pictures.grad.abs().sum((0, 2, 3)) > 0).all()


def test_no_pixel_learns_of_those_far_away() -> None:
    """A pixel at the left edge must not feel one 400 px away: tiles rely on it."""
    network = stirred(LineExtractor()).eval()
    pictures = torch.rand(1, 3, 16, 512)
    other = pictures.clone()
    other[..., 480:] = 1 - other[..., 480:]
    with torch.no_grad():
        change = (network(pictures) - network(other)).abs()
    assert change[..., :80].max() == 0
    assert change[..., 480:].max() > 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: LineExtractor((16, 16), (1,)),
        lambda: LineExtractor((), ()),
        lambda: LineExtractor(NARROW, (1, 1, 1, 1))(torch.zeros(1, 4, 32, 32)),
        lambda: LineExtractor(NARROW, (1, 1, 1, 1))(torch.zeros(1, 3, 15, 32)),
    ],
)
def test_what_does_not_fit_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        make()
