# SPDX-License-Identifier: GPL-3.0-or-later
"""The painting under way, as the panel shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..wire import messages
from . import settings
from .events import Thumbnail

JobPhase = Literal["reading", "sending", "queued", "loading", "running", "fetching", "cancelling"]

_SHOWN: dict[messages.JobState, tuple[JobPhase, str]] = {
    "waiting": ("sending", "Sending the picture"),
    "queued": ("queued", "Next in line"),
    "loading": ("loading", "Loading the model"),
    "running": ("running", "Painting"),
    "done": ("fetching", "Fetching the painting"),
}


@dataclass(frozen=True)
class Job:
    """
    Args:
        fraction: 0 to 1 over all denoising steps; None while unknown.
        note: What is happening, in words.
    """

    id: str
    phase: JobPhase
    settings: settings.Settings
    seed: int
    fraction: float | None = None
    note: str = ""
    seconds_left: float | None = None
    preview: Thumbnail | None = None

    def standing(self, status: messages.JobStatus) -> Job:
        """The same job as the backend says that it stands."""
        phase, note = _SHOWN[status.state]
        if status.position > 0:
            note = f"Waiting behind {status.position} other painting{'s' if status.position > 1 else ''}"
        return replace(
            self,
            phase=phase,
            fraction=status.step / status.steps if status.steps > 0 else None,
            note=status.note or note,
            seconds_left=status.seconds_left,
        )
