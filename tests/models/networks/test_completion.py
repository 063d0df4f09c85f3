# SPDX-License-Identifier: GPL-3.0-or-later
"""Nine channels in, a picture of any size out, and nothing leaks through the mask."""

import pytest
import torch

from models.networks.completion import CHANNELS, CompletionNet, Wanted


def tiny() -> CompletionNet:
    torch.manual_seed(0)
    net = CompletionNet((8, 16), (1, 1))
    for weight in net.parameters():
        if weight.ndim > 1 and not weight.any():
            torch.nn.init.normal_(weight, std=0.05)
    return net


def wanted(height: int = 20, width: int = 28) -> Wanted:
    torch.manual_seed(1)
    mask = torch.zeros(1, 1, height, width)
    mask[..., 4:12, 6:20] = 1
    colours = torch.rand(1, 4, height, width)
    colours[:, 3:] = (colours[:, 3:] > 0.5).float()
    picture = torch.rand(1, 3, height, width) * 2 - 1
    return Wanted(picture, mask, torch.rand_like(mask), colours, torch.randn_like(mask))


def test_channels_are_packed_in_their_order() -> None:
    given = wanted()
    packed = given.packed(filled=False)
    assert packed.shape == (1, CHANNELS, 20, 28)
    inside, outside = given.mask[0, 0] > 0, given.mask[0, 0] == 0
    assert (packed[0, :3, inside] == 0).all()
    assert torch.equal(given.packed()[:, 3:], packed[:, 3:])
    assert torch.equal(packed[0, :3, outside], given.picture[0, :, outside])
    assert (packed[0, 3:, outside] == 0).all()
    assert torch.equal(packed[0, 3, inside], given.lines[0, 0, inside])
    bare = inside & (given.colours[0, 3] == 0)
    assert (packed[0, 4:7, bare] == 0).all()
    laid = inside & (given.colours[0, 3] == 1)
    assert torch.allclose(packed[0, 4:7, laid], given.colours[0, :3, laid] * 2 - 1)
    assert torch.equal(packed[0, 7], given.mask[0, 0])
    assert torch.equal(packed[0, 8, inside], given.noise[0, 0, inside])


def test_what_is_hidden_does_not_leak() -> None:
    given = wanted()
    other = Wanted(
        torch.where(given.mask > 0, -given.picture, given.picture),
        given.mask,
        torch.where(given.mask > 0, given.lines, 1 - given.lines),
        torch.where(given.mask > 0, given.colours, 1 - given.colours),
        given.noise,
    )
    assert torch.equal(given.packed(), other.packed())
    assert torch.equal(given.packed(filled=False), other.packed(filled=False))


def test_the_hole_is_filled_from_its_rim_and_its_strokes() -> None:
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., 8:24, 8:24] = 1
    picture = torch.full((1, 3, 32, 32), -0.6)
    picture[..., 16:] = 0.2
    colours = torch.zeros(1, 4, 32, 32)
    filled = Wanted(picture, mask, mask * 0, colours, mask * 0).packed()[0, 0]
    assert filled[16, 9].item() == pytest.approx(-0.6, abs=0.2)
    assert filled[16, 22].item() == pytest.approx(0.2, abs=0.2)
    colours[..., 14:18, 14:18] = torch.tensor([1.0, 1.0, 1.0, 1.0])[:, None, None]
    dabbed = Wanted(picture, mask, mask * 0, colours, mask * 0).packed()[0, 0]
    assert dabbed[15, 15].item() == 1
    assert dabbed[11, 15] > filled[11, 15] + 0.1
    lines = mask * 0
    lines[..., 13, :] = 1
    walled = Wanted(picture, mask, lines, colours, mask * 0).packed()[0, 0]
    assert walled[11, 15] < dabbed[11, 15] - 0.1
    nothing = Wanted(picture, torch.ones_like(mask), mask * 0, colours * 0, mask * 0).packed()
    assert (nothing[:, :3] == 0).all()


def test_an_untrained_network_changes_little_of_what_it_was_given() -> None:
    torch.manual_seed(2)
    packed = wanted().packed()
    with torch.no_grad():
        change = CompletionNet((8, 16), (1, 1))(packed) - packed[:, :3]
    assert 0 < change.abs().mean() < 0.1


@pytest.mark.parametrize("size", [(16, 16), (33, 18), (5, 47)])
def test_any_size_comes_back(size: tuple[int, int]) -> None:
    with torch.no_grad():
        assert tiny()(torch.randn(2, CHANNELS, *size)).shape == (2, 3, *size)


def test_every_channel_counts_and_every_weight_learns() -> None:
    net = tiny()
    x = torch.randn(1, CHANNELS, 16, 16, requires_grad=True)
    net(x).square().mean().backward()
    assert (x.grad.abs().amax((0, 2, 3)) > 0).all()
    assert all(weight.grad is not None and weight.grad.any() for weight in net.parameters())


def test_it_is_small() -> None:
    assert sum(weight.numel() for weight in CompletionNet().parameters()) <= 3_000_000


def test_bad_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        tiny()(torch.zeros(1, 8, 16, 16))
    with pytest.raises(ValueError, match="depths"):
        CompletionNet((8, 16), (1,))
