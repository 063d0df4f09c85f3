# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import torch
from diffusers import DDIMScheduler

from backend.weights.runtime.schedule import Schedule, position_noise


@pytest.mark.parametrize(
    ("prediction", "zero_snr"),
    [  # at the end of a schedule of noise alone, noise that is told again says nothing of the picture
        ("v_prediction", False),
        ("v_prediction", True),
        ("sample", False),
        ("sample", True),
        ("epsilon", False),
    ],
)
def test_steps_as_diffusers_does(prediction: str, zero_snr: bool) -> None:
    config = {
        "prediction_type": prediction,
        "rescale_betas_zero_snr": zero_snr,
        "timestep_spacing": "trailing" if zero_snr else "leading",
        "clip_sample": False,
    }
    theirs, ours = DDIMScheduler(**config), Schedule(DDIMScheduler(**config))
    timesteps = ours.timesteps(20)
    theirs.set_timesteps(20)
    assert timesteps == theirs.timesteps.tolist()
    x = y = position_noise(0, 4, 8, 8)
    for t, then in zip(timesteps, [*timesteps[1:], None], strict=True):
        output = torch.tanh(x.flip(-1)) * 0.5
        x, clean = ours.step(x, output, t, then)
        step = theirs.step(output, t, y)
        y = step.prev_sample
        torch.testing.assert_close(clean, step.pred_original_sample, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(x, y, atol=1e-4, rtol=1e-4)


def test_noise_at_both_ends() -> None:
    schedule = Schedule(DDIMScheduler(rescale_betas_zero_snr=True, timestep_spacing="trailing"))
    clean, noise = torch.ones(1), torch.full((1,), 5.0)
    assert schedule.noised(clean, noise, 999).item() == pytest.approx(5, abs=1e-3)
    assert schedule.noised(clean, noise, None).item() == pytest.approx(1, abs=1e-6)


def test_noise_is_of_the_seed() -> None:
    assert torch.equal(position_noise(3, 4, 5, 6), position_noise(3, 4, 5, 6))
    assert not torch.equal(position_noise(3, 4, 5, 6), position_noise(4, 4, 5, 6))


def test_unknown_prediction_is_refused() -> None:
    with pytest.raises(ValueError, match="flow"):
        Schedule(DDIMScheduler(prediction_type="flow"))


def test_a_jump_ends_at_what_is_predicted_and_starts_from_fresh_noise() -> None:
    schedule = Schedule(DDIMScheduler(prediction_type="sample", beta_schedule="squaredcos_cap_v2"))
    x, told, noise = torch.randn(1, 4, 2, 2), torch.randn(1, 4, 2, 2), torch.randn(1, 4, 2, 2)
    onward, clean = schedule.jump(x, told, 800, 400, noise)
    assert torch.equal(clean, told)
    assert torch.equal(onward, schedule.noised(told, noise, 400))
    last, clean = schedule.jump(x, told, 400, None, noise)
    assert torch.allclose(last, clean, atol=1e-2)


def test_the_path_is_walked_up_again_as_it_was_walked_down() -> None:
    """Inverting a step gives the latents before it, where the network's answer is the same."""
    schedule = Schedule(DDIMScheduler(prediction_type="v_prediction"))
    x, output = torch.randn(2, 1, 4, 3, 3, generator=torch.Generator().manual_seed(0)).double()
    lower, clean = schedule.step(x, output, 700, 300)
    epsilon = (lower - schedule.noised(clean, torch.zeros_like(clean), 300)) / (
        schedule.noised(torch.zeros_like(clean), torch.ones_like(clean), 300)
    )
    signal, noise = (float(schedule.noised(*pair, 300)) for pair in _units())
    again, _ = schedule.step(lower, signal * epsilon - noise * clean, 300, 700)
    torch.testing.assert_close(again, x)


def _units() -> tuple[tuple[torch.Tensor, torch.Tensor], ...]:
    one, none = torch.ones(()).double(), torch.zeros(()).double()
    return (one, none), (none, one)
