# SPDX-License-Identifier: GPL-3.0-or-later
"""The job under way, as the panel shows it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Literal

from ..language import tr
from ..wire import messages
from . import settings
from .events import Thumbnail

JobPhase = Literal["reading", "sending", "queued", "loading", "running", "fetching", "cancelling"]

Act = Literal["paint", "extract", "teach"]

AGAIN: dict[Act, str] = {
    "paint": tr("Press Paint again."),
    "extract": tr("Press Extract lines again."),
    "teach": tr("Press Teach my line again."),
}
"""What to do where an act was broken off."""

TAKEN: dict[Act, str] = {
    "paint": tr("A painting is already under way."),
    "extract": tr("Lines are being extracted already."),
    "teach": tr("A line is being learnt already."),
}
"""What is said to who wants another one meanwhile."""

_PHASES: dict[messages.JobState, JobPhase] = {
    "waiting": "sending",
    "queued": "queued",
    "loading": "loading",
    "running": "running",
    "done": "fetching",
}
_WORDS: dict[JobPhase, str] = {
    "sending": tr("Sending the picture"),
    "queued": tr("Next in line"),
    "loading": tr("Loading the model"),
    "fetching": tr("Fetching the result"),
}
_DOING: dict[Act, str] = {
    "paint": tr("Painting"),
    "extract": tr("Finding the lines"),
    "teach": tr("Learning your line"),
}


@dataclass(frozen=True)
class Job:
    """
    Args:
        settings: As they were when it began.
        source: Name of the layer that lines are extracted from, or of the style that is learnt.
        fraction: 0 to 1 over all steps; None while unknown.
        note: What is happening, in words.
    """

    id: str
    phase: JobPhase
    settings: settings.Settings
    seed: int = 0
    act: Act = "paint"
    source: str = ""
    fraction: float | None = None
    note: str = ""
    seconds_left: float | None = None
    preview: Thumbnail | None = None

    def standing(self, status: messages.JobStatus) -> Job:
        """The same job as the backend says that it stands."""
        phase = _PHASES[status.state]
        note = _DOING[self.act] if phase == "running" else _WORDS[phase]
        if status.position > 0:
            one, several = tr("Waiting behind one other"), tr("Waiting behind {0} others")
            note = one if status.position == 1 else several.format(status.position)
        return replace(
            self,
            phase=phase,
            fraction=status.step / status.steps if status.steps > 0 else None,
            note=status.note or note,
            seconds_left=status.seconds_left,
        )


def reading(act: Act, chosen: settings.Settings, note: str, source: str = "") -> Job:
    """A new job, whose document is about to be read."""
    return Job(
        uuid.uuid4().hex, "reading", chosen, chosen.seed if act == "paint" else 0, act, source, note=note
    )
