# SPDX-License-Identifier: GPL-3.0-or-later
"""Models and LoRAs that were trained to paint in few steps: how many, and how they are stepped; no torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Sampler = Literal["usual", "trailing", "jump"]
"""usual: DDIM at the timesteps of the model's own schedule; trailing: DDIM from the last timestep down in
equal parts; jump: to the end of the path and back up with fresh noise."""

MOST = 16
STEPS = re.compile(r"(?<!\d)(\d{1,2})[ _-]?steps?", re.IGNORECASE)


@dataclass(frozen=True)
class FewSteps:
    """How a few-step model is used.

    Args:
        steps, guidance: Defaults; a guidance of 1 means one pass a step, without the negative prompt.
    """

    sampler: Sampler
    steps: int
    guidance: float = 1.0


METHODS: dict[str, FewSteps] = {
    r"hyper[ _-]?sd\w*.*cfg": FewSteps("trailing", 8, 5.0),
    r"hyper[ _-]?sd(?:xl|\d*)": FewSteps("trailing", 8),
    "lcm": FewSteps("jump", 6),
    "tcd": FewSteps("jump", 6),
    "dmd": FewSteps("jump", 4),
    "lightning": FewSteps("trailing", 4),
    "turbo": FewSteps("trailing", 4),
}
"""By what their names hold; the first that fits counts.

Source: Luo et al. 2023 (LCM), Zheng et al. 2024 (TCD), Yin et al. 2024 (DMD2), Ren et al. 2024 (Hyper-SD),
Lin et al. 2024 (SDXL-Lightning), Sauer et al. 2023 (Turbo).
"""


def few_steps_of(title: str, note: str = "") -> FewSteps | None:
    """What a file's name, or its maker's note, says of few steps; None where it says nothing.

    The weights do not show it, so this is the one thing that is read from a name.
    """
    said = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", f"{note} {title}").lower()
    method = next((METHODS[word] for word in METHODS if re.search(rf"(?<![a-z]){word}(?![a-z])", said)), None)
    number = STEPS.search(said)
    steps = int(number[1]) if number and 0 < int(number[1]) <= MOST else 0
    if method is None:
        return FewSteps("trailing", steps) if note and steps else None
    return FewSteps(method.sampler, steps or method.steps, method.guidance)
