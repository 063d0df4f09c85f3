# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from diffusers import DDIMScheduler

from backend.weights.files.few_steps import FewSteps, few_steps_of
from backend.weights.runtime.schedule import Schedule


@pytest.mark.parametrize(
    ("title", "few"),
    [
        ("lcm-lora-sdv1-5", FewSteps("jump", 6)),
        ("dreamshaper_8LCM", FewSteps("jump", 6)),
        ("Hyper-SD15-8steps-lora", FewSteps("trailing", 8)),
        ("Hyper-SDXL-8steps-CFG-lora", FewSteps("trailing", 8, 5.0)),
        ("sdxl_lightning_4step_lora", FewSteps("trailing", 4)),
        ("juggernautXL_Lightning", FewSteps("trailing", 4)),
        ("DMD2_sdxl_4step", FewSteps("jump", 4)),
        ("HyperRealism_v3", None),
        ("hyperlcmatic", None),
        ("ink-lines", None),
        ("100steps", None),
    ],
)
def test_names_of_few_steps(title: str, few: FewSteps | None) -> None:
    assert few_steps_of(title) == few


def test_a_makers_note_counts() -> None:
    assert few_steps_of("merge", "LCM") == FewSteps("jump", 6)
    assert few_steps_of("merge", "4 steps") == FewSteps("trailing", 4)
    assert few_steps_of("merge, 4 steps") is None


def test_trailing_timesteps_are_as_diffusers_takes_them() -> None:
    theirs = DDIMScheduler(timestep_spacing="trailing")
    ours = Schedule(DDIMScheduler(timestep_spacing="leading"))
    for steps in (1, 2, 4, 6, 8, 20):
        theirs.set_timesteps(steps)
        for sampler in ("trailing", "jump"):
            assert ours.timesteps(steps, sampler) == theirs.timesteps.tolist()
    assert ours.timesteps(4)[0] < 999
    with pytest.raises(ValueError, match="0 steps"):
        ours.timesteps(0, "jump")
